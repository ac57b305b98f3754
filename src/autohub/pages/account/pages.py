"""Signing in and out, registering, the forgotten password, and one's own account."""

from typing import Any

from autohub.access import sessions
from autohub.access.model import ANY_RIGHT
from autohub.db.engine import Reading
from autohub.invitations import service as invitations
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.locales import known_locale, known_zone, often, zones
from autohub.kit.seal import same, sign
from autohub.notifications import service as notices
from autohub.notifications.model import ACCOUNT_ABOUT, ACCOUNT_CHANGED, WORDS, NoticeChoice
from autohub.pages.account.agents import browser_of
from autohub.pages.account.sign_in import HOME, begin_session
from autohub.users import passwords as service
from autohub.users import service as users
from autohub.users.model import NewUser
from autohub.users.registration import FIRST
from autohub.web.page_requests import (
    ChunkedPageRequest,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import LINK_HEADERS, RenderedPage
from autohub.web.reader import languages
from autohub.web.routes import PUBLIC

routes = PageRoutes()
LOOKS = ("auto", "light", "dark")


@routes("GET", "/", rights=ANY_RIGHT)
def redirect_home(_: ReadPageRequest) -> Redirect:
    return Redirect(HOME)


# --- signing in and out ---


@routes("POST", "/sign-out", rights=ANY_RIGHT, before_second_factor=True)
def sign_out(request: WritePageRequest) -> Redirect:
    if request.caller.session_id is not None:
        sessions.end_own_session(
            request.db, request.caller, request.caller.session_id, now=request.now
        )
    return Redirect("/sign-in", request.reader("You are signed out."), {"session": None})


# --- a forgotten password ---


def show_forgotten_form(request: ReadPageRequest) -> RenderedPage:
    return request.page("forgotten.html", asked=False, mails=request.settings.smtp_url is not None)


routes("GET", "/forgotten", rights=PUBLIC)(show_forgotten_form)


@routes(
    "POST",
    "/forgotten",
    rights=PUBLIC,
    transaction="write",
    on_error=show_forgotten_form,
    sign_in=True,
)
def request_reset(request: WritePageRequest) -> RenderedPage:
    email = request.form.get("user_email")
    if not email or len(email) > 64:
        raise Invalid(
            request.reader("Nothing was sent."),
            details={"user_email": [request.reader("is required.")]},
        )
    service.ask_reset(request.db, email, now=request.now)
    return request.page("forgotten.html", asked=True, mails=request.settings.smtp_url is not None)


def show_reset_form(request: ReadPageRequest) -> RenderedPage:
    service.resolve_reset_link(
        request.db, request.path["token"], keys=request.installation.keys, now=request.now
    )
    return _without_referrer(request.page("reset.html"))


routes("GET", "/reset/{token}", rights=PUBLIC)(show_reset_form)


@routes(
    "POST",
    "/reset/{token}",
    rights=PUBLIC,
    transaction="per_chunk",
    on_error=show_reset_form,
    sign_in=True,
)
def reset_password(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    token, keys = request.path["token"], request.installation.keys
    with request.db.reading() as db:  # hashing costs; a made-up link does not get that far
        user_id = service.resolve_reset_link(db, token, keys=keys, now=request.now)
        own = service.names_of(db, user_id)
    hashed = sessions.hash_password(request.form.get("password"), own)
    user_id = request.db.write(
        lambda db: service.reset_password(
            db, token, password_hash=hashed, keys=keys, now=request.now
        )
    )
    return begin_session(
        request,
        user_id,
        request.reader(
            "Your password is changed. Your other sessions and all your tokens have ended; make "
            "new tokens for scripts that go on."
        ),
    )


def _without_referrer(shown: RenderedPage) -> RenderedPage:
    return shown._replace(headers=LINK_HEADERS)


# --- registering ---


def show_registration_form(request: ReadPageRequest) -> RenderedPage:
    """The form behind an invitation's link, or behind the first person's. Raises LinkDead."""
    token, keys = request.path["token"], request.installation.keys
    if token.startswith(FIRST):
        _check_first(request, request.db)
        return _without_referrer(request.page("register.html", first=True, person=None))
    person = invitations.resolve_link(request.db, token, keys=keys, now=request.now)
    return _without_referrer(request.page("register.html", first=False, person=person))


routes("GET", "/register/{token}", rights=PUBLIC)(show_registration_form)


@routes(
    "POST",
    "/register/{token}",
    rights=PUBLIC,
    transaction="per_chunk",
    on_error=show_registration_form,
    sign_in=True,
)
def register(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    token, keys = request.path["token"], request.installation.keys
    with request.db.reading() as db:
        if token.startswith(FIRST):
            _check_first(request, db)
            own = [request.form.get("user_email"), request.form.get("user_last_name")]
        else:
            person = invitations.resolve_link(db, token, keys=keys, now=request.now)
            own = [person.user_email, person.user_first_name]
    faults: dict[str, list[str]] = {}
    hashed, row = "", None
    try:
        hashed = sessions.hash_password(request.form.get("password"), own)
    except Invalid as error:
        faults |= error.details
    if token.startswith(FIRST):
        names = ("user_first_name", "user_last_name", "user_email")
        try:
            row = coerce({name: request.form.get(name) for name in names}, NewUser)
        except Invalid as error:
            faults |= error.details
    if faults:
        raise Invalid(request.reader("You are not registered yet."), details=faults)
    if row is not None:
        new, settings = row, request.settings
        user_id = request.db.write(
            lambda db: users.register_first_user(
                db, new, password_hash=hashed, settings=settings, now=request.now
            )
        )
    else:
        user_id = request.db.write(
            lambda db: users.complete_registration(
                db, token, password_hash=hashed, keys=keys, now=request.now
            )
        )
    return begin_session(request, user_id, request.reader("You are registered. Welcome."))


def _check_first(request: PageRequest[Any], db: Reading) -> None:
    sent, mine = request.path["token"].removeprefix(FIRST), request.installation
    is_genuine = any(
        same(sent, sign(secret, "first person", mine.tenant_id)) for secret in mine.keys.secrets
    )
    if not is_genuine or not users.lacks_administrator(db):
        raise invitations.InvitationLinkExpired


# --- one's own account ---


def show_account(request: ReadPageRequest) -> RenderedPage:
    found = [
        row | {"browser": browser_of(row["session_client"], request.reader)}
        for row in sessions.list_own_sessions(
            request.db,
            request.caller,
            idle_minutes=request.settings.session_idle_minutes,
            now=request.now,
        )
    ]
    person = users.get_user(request.db, request.caller.user_id or 0)
    chosen = notices.get_choice(request.db, request.caller)
    return request.page(
        "account.html",
        sessions=found,
        person=person,
        notices=[
            *((name, words.about, True) for name, words in WORDS.items()),
            (ACCOUNT_CHANGED, ACCOUNT_ABOUT, False),
        ],
        off=chosen.off,
        off_here=chosen.off_here,
        languages=languages(),
        often=often(),
        zones=zones(),
        look=request.cookies.get("theme", "auto"),
    )


routes("GET", "/account", rights=ANY_RIGHT)(show_account)


@routes(
    "POST",
    "/account/password",
    rights=ANY_RIGHT,
    transaction="per_chunk",
    on_error=show_account,
    sign_in=True,
)
def change_password(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    service.check_current(
        request.db,
        request.caller,
        request.form.get("current"),
        address=request.client,
        secret=request.installation.secret,
        now=request.now,
    )
    with request.db.reading() as db:
        own = service.names_of(db, request.caller.user_id or 0)
    hashed = sessions.hash_password(request.form.get("password"), own)
    request.db.write(
        lambda db: service.change_password(
            db, request.caller, password_hash=hashed, now=request.now
        )
    )
    return begin_session(
        request,
        request.caller.user_id or 0,
        request.reader("Your password is changed, and your other sessions have ended."),
        to="/account",
        has_second_factor=request.caller.has_second_factor,
    )


@routes("POST", "/account/sessions/end", rights=ANY_RIGHT, on_error=show_account)
def end_session(request: WritePageRequest) -> Redirect:
    if request.form.flag("others"):
        service.end_other_sessions(request.db, request.caller, now=request.now)
        return Redirect("/account", request.reader("All your other sessions have ended."))
    sessions.end_own_session(
        request.db, request.caller, request.form.number("session_id") or 0, now=request.now
    )
    return Redirect("/account", request.reader("That session has ended."))


@routes("POST", "/account/notices", rights=ANY_RIGHT, on_error=show_account)
def choose_notices(request: WritePageRequest) -> Redirect:
    wanted, here = request.form.all("mail"), request.form.all("here")
    off: Any = [name for name in (*WORDS, ACCOUNT_CHANGED) if name not in wanted]
    off_here: Any = [name for name in WORDS if name not in here]
    notices.set_choice(request.db, request.caller, NoticeChoice(off, off_here))
    return Redirect("/account", request.reader("Your choice of notices is kept."))


@routes("POST", "/account/look", rights=ANY_RIGHT, on_error=show_account)
def choose_look(request: WritePageRequest) -> Redirect:
    look, locale, zone = (
        request.form.get("theme"),
        request.form.get("locale"),
        request.form.get("zone"),
    )
    faults: dict[str, list[str]] = {}
    if locale and known_locale(locale) is None:
        faults["locale"] = [request.reader("is not known; it would be one such as en-GB or de-DE.")]
    if zone and known_zone(zone) is None:
        faults["zone"] = [request.reader("is not known; it would be one such as Europe/Berlin.")]
    if faults:
        raise Invalid(request.reader("The hub looks as before."), details=faults)
    if request.caller.user_id is not None:
        notices.save_reader(
            request.db,
            request.caller.user_id,
            locale or request.reader.tag,
            zone or request.reader.zone.key,
        )
    cookies = {
        "theme": look if look in ("light", "dark") else None,
        "locale": locale or None,
        "zone": zone or None,
    }
    return Redirect(
        "/account",
        request.reader(
            "This browser shows the hub as you like it, and mails come in its language."
        ),
        cookies,
    )


@routes("POST", "/account/theme", rights=ANY_RIGHT, transaction="read")
def switch_theme(request: ReadPageRequest) -> Redirect:
    """The switch in the menu; the page has changed already."""
    look = request.form.get("theme")
    return Redirect("", cookies={"theme": look if look in LOOKS else None})
