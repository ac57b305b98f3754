"""Signing on with an account of another system: there and back."""

from autohub.kit.errors import HubError, Unauthenticated
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.pages.account.sign_in import next_page
from autohub.sign_on import service
from autohub.sign_on.model import BACK, read_person
from autohub.sign_on.protocol import CLIENTS
from autohub.users.passwords import open_browser_session
from autohub.web.page_requests import ChunkedPageRequest, PageRoutes, Redirect
from autohub.web.routes import PUBLIC

routes = PageRoutes()
COOKIE = "signon"


@routes("GET", "/sign-in/with/{provider}", rights=PUBLIC, transaction="per_chunk", sign_in=True)
def leave(request: ChunkedPageRequest) -> Redirect:
    """Leads to the provider."""
    with request.db.reading() as db:
        provider = service.get_active_provider(db, request.id)
    attempt = service.begin(provider, next_=next_page(request), now=request.now)
    client = CLIENTS.get(request.settings, provider.issuer)
    try:
        url = client.authorization_url(provider, attempt, request.settings.base_url + BACK)
    except HubError as error:
        return Redirect("/sign-in", _describe_error(error))
    sealed = service.seal_attempt(attempt, request.installation.keys)
    return Redirect(url, cookies={COOKIE: sealed})


@routes("GET", BACK, rights=PUBLIC, transaction="per_chunk", sign_in=True)
def come_back(request: ChunkedPageRequest) -> Redirect:
    """Opens a session for whom the provider vouches."""
    try:
        return _sign_on(request)
    except HubError as error:
        return Redirect("/sign-in", _describe_error(error), {COOKIE: None})


def _sign_on(request: ChunkedPageRequest) -> Redirect:
    sent, keys = dict(request.pairs), request.installation.keys
    attempt = service.open_attempt(
        request.cookies.get(COOKIE, ""), sent.get("state", ""), keys=keys, now=request.now
    )
    if "error" in sent or not sent.get("code"):
        text = say(
            "The sign-on failed: the provider says “{error}”. Try again.",
            error=shorten(sent.get("error", "nothing")),
        )
        raise Unauthenticated(text)
    with request.db.reading() as db:
        provider = service.get_active_provider(db, attempt.provider_id)
    client = CLIENTS.get(request.settings, provider.issuer)
    secret = service.open_secret(provider, keys)
    back = request.settings.base_url + BACK
    claims = client.redeem(provider, secret, attempt, sent["code"], back)
    person = read_person(claims, provider)
    user_id = request.db.write(lambda db: service.find_account(db, person, now=request.now))
    service.follow_groups(request.db, user_id, person, now=request.now)
    token = request.db.write(
        lambda db: open_browser_session(
            db,
            user_id,
            hours=request.settings.session_hours,
            client=request.agent,
            reader=request.reader,
            installation=request.installation,
            now=request.now,
            has_second_factor=True,  # the provider asks its people as it sees fit
        )
    )
    return Redirect(attempt.next, cookies={"session": token, COOKIE: None})


@routes("POST", "/sign-in/logout/{provider}", rights=PUBLIC, transaction="per_chunk")
def log_out(request: ChunkedPageRequest) -> Redirect:
    """Ends the sessions of a person who signed out at the provider, which calls this itself
    (OpenID Connect Back-Channel Logout)."""
    with request.db.reading() as db:
        provider = service.get_active_provider(db, request.id)
    client = CLIENTS.get(request.settings, provider.issuer)
    subject = client.check_logout(provider, request.form.get("logout_token"))
    request.db.write(lambda db: service.end_sessions(db, provider.issuer, subject, now=request.now))
    return Redirect("")


def _describe_error(error: HubError) -> str:
    """What the person reads; why a provider cannot be reached is the administrators'."""
    if isinstance(error, Unauthenticated):
        return error.message
    return "The sign-on does not work now. Sign in with your password, or tell an administrator."
