"""Signing in and out, registering, the forgotten password, and one's own account."""

from typing import Any

from autohub.access import sessions
from autohub.access.model import ANY_RIGHT
from autohub.access.routes import PUBLIC
from autohub.account import service
from autohub.account.agents import browser_of
from autohub.db.engine import Reading
from autohub.invitations import service as invitations
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.locales import known_locale, known_zone, often, zones
from autohub.kit.seal import same, sign
from autohub.notices import service as notices
from autohub.notices.model import ACCOUNT_ABOUT, ACCOUNT_CHANGED, WORDS, Choice
from autohub.users import service as users
from autohub.users.model import NewUser
from autohub.users.registration import FIRST
from autohub.web.pages import LINK_HEADERS, Page
from autohub.web.reader import languages
from autohub.web.views import ChunkVisit, ReadVisit, See, Views, Visit, WriteVisit

views = Views()
HOME = "/explore"
LOOKS = ("auto", "light", "dark")


@views("GET", "/", rights=ANY_RIGHT)
def home(_: ReadVisit) -> See:
    return See(HOME)


def _next(visit: Visit[Any]) -> str:
    """Where to go after signing in: a page of this hub, whatever the address says."""
    wanted = visit.form.get("next") or dict(visit.pairs).get("next", "")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours and not wanted.startswith("/sign-") else HOME


# --- signing in and out ---


def sign_in_form(visit: ReadVisit) -> Page | See:
    if visit.me is not None:
        return See(_next(visit))
    return visit.page("sign-in.html", next=_next(visit))


views("GET", "/sign-in", rights=PUBLIC)(sign_in_form)


@views("POST", "/sign-in", rights=PUBLIC, transaction="chunks", again=sign_in_form, sign_in=True)
def sign_in(visit: ChunkVisit) -> See:
    token = service.sign_in(
        visit.db,
        email=visit.form.get("user_email"),
        password=visit.form.get("password"),
        hours=visit.settings.session_hours,
        client=visit.agent,
        reader=visit.reader,
        installation=visit.installation,
        now=visit.now,
    )
    return See(_next(visit), cookies={"session": token})


@views("POST", "/sign-out", rights=ANY_RIGHT)
def sign_out(visit: WriteVisit) -> See:
    if visit.caller.session_id is not None:
        sessions.end(visit.db, visit.caller, visit.caller.session_id, now=visit.now)
    return See("/sign-in", visit.reader("You are signed out."), {"session": None})


# --- a forgotten password ---


def forgotten_form(visit: ReadVisit) -> Page:
    return visit.page("forgotten.html", asked=False, mails=visit.settings.smtp_url is not None)


views("GET", "/forgotten", rights=PUBLIC)(forgotten_form)


@views("POST", "/forgotten", rights=PUBLIC, transaction="write", again=forgotten_form, sign_in=True)
def forgotten(visit: WriteVisit) -> Page:
    email = visit.form.get("user_email")
    if not email or len(email) > 64:
        raise Invalid(visit.reader("Nothing was sent."), details={"user_email": [visit.reader("is required.")]})
    service.ask_reset(visit.db, email, now=visit.now)
    return visit.page("forgotten.html", asked=True, mails=visit.settings.smtp_url is not None)


def reset_form(visit: ReadVisit) -> Page:
    service.behind_link(visit.db, visit.path["token"], secret=visit.installation.secret, now=visit.now)
    return _for_link(visit.page("reset.html"))


views("GET", "/reset/{token}", rights=PUBLIC)(reset_form)


@views("POST", "/reset/{token}", rights=PUBLIC, transaction="chunks", again=reset_form, sign_in=True)
def reset(visit: ChunkVisit) -> See:
    token, secret = visit.path["token"], visit.installation.secret
    with visit.db.reading() as db:  # hashing costs; a made-up link does not get that far
        service.behind_link(db, token, secret=secret, now=visit.now)
    hashed = sessions.hash_password(visit.form.get("password"))
    user_id = visit.db.write(lambda db: service.reset(db, token, password_hash=hashed, secret=secret, now=visit.now))
    return _entered(
        visit,
        user_id,
        visit.reader(
            "Your password is changed. Your other sessions and all your tokens have ended; make new tokens for scripts that go on."
        ),
    )


def _entered(visit: ChunkVisit, user_id: int, said: str) -> See:
    """Signs a person in who has just proved who they are."""
    token = visit.db.write(
        lambda db: service.opened(
            db,
            user_id,
            hours=visit.settings.session_hours,
            client=visit.agent,
            reader=visit.reader,
            installation=visit.installation,
            now=visit.now,
        )
    )
    return See(HOME, said, {"session": token})


def _for_link(shown: Page) -> Page:
    return shown._replace(headers=LINK_HEADERS)


# --- registering ---


def registration_form(visit: ReadVisit) -> Page:
    """The form behind an invitation's link, or behind the first person's. Raises LinkDead."""
    token, secret = visit.path["token"], visit.installation.secret
    if token.startswith(FIRST):
        _check_first(visit, visit.db)
        return _for_link(visit.page("register.html", first=True, person=None))
    person = invitations.behind_link(visit.db, token, secret=secret, now=visit.now)
    return _for_link(visit.page("register.html", first=False, person=person))


views("GET", "/register/{token}", rights=PUBLIC)(registration_form)


@views("POST", "/register/{token}", rights=PUBLIC, transaction="chunks", again=registration_form, sign_in=True)
def register(visit: ChunkVisit) -> See:
    token, secret = visit.path["token"], visit.installation.secret
    with visit.db.reading() as db:
        if token.startswith(FIRST):
            _check_first(visit, db)
        else:
            invitations.behind_link(db, token, secret=secret, now=visit.now)
    faults: dict[str, list[str]] = {}
    hashed, row = "", None
    try:
        hashed = sessions.hash_password(visit.form.get("password"))
    except Invalid as error:
        faults |= error.details
    if token.startswith(FIRST):
        names = ("user_first_name", "user_last_name", "user_email")
        try:
            row = fit({name: visit.form.get(name) for name in names}, NewUser)
        except Invalid as error:
            faults |= error.details
    if faults:
        raise Invalid(visit.reader("You are not registered yet."), details=faults)
    if row is not None:
        new, settings = row, visit.settings
        user_id = visit.db.write(lambda db: users.first_person(db, new, password_hash=hashed, settings=settings, now=visit.now))
    else:
        user_id = visit.db.write(lambda db: users.register(db, token, password_hash=hashed, secret=secret, now=visit.now))
    return _entered(visit, user_id, visit.reader("You are registered. Welcome."))


def _check_first(visit: Visit[Any], db: Reading) -> None:
    genuine = sign(visit.installation.secret, "first person", visit.installation.tenant_id)
    if not same(visit.path["token"].removeprefix(FIRST), genuine) or not users.lacks_administrator(db):
        raise invitations.LinkDead


# --- one's own account ---


def account(visit: ReadVisit) -> Page:
    found = [
        row | {"browser": browser_of(row["session_client"], visit.reader)} for row in sessions.mine(visit.db, visit.caller, now=visit.now)
    ]
    person = users.one(visit.db, visit.caller.user_id or 0)
    chosen = notices.choice(visit.db, visit.caller)
    return visit.page(
        "account.html",
        sessions=found,
        person=person,
        notices=[*((name, words.about, True) for name, words in WORDS.items()), (ACCOUNT_CHANGED, ACCOUNT_ABOUT, False)],
        off=chosen.off,
        off_here=chosen.off_here,
        languages=languages(),
        often=often(),
        zones=zones(),
        look=visit.cookies.get("theme", "auto"),
    )


views("GET", "/account", rights=ANY_RIGHT)(account)


@views("POST", "/account/password", rights=ANY_RIGHT, transaction="chunks", again=account, sign_in=True)
def change_password(visit: ChunkVisit) -> See:
    with visit.db.reading() as db:
        service.check_current(db, visit.caller, visit.form.get("current"))
    hashed = sessions.hash_password(visit.form.get("password"))
    visit.db.write(lambda db: service.change_password(db, visit.caller, password_hash=hashed, now=visit.now))
    return See("/account", visit.reader("Your password is changed, and your other sessions have ended."))


@views("POST", "/account/sessions/end", rights=ANY_RIGHT, again=account)
def end_session(visit: WriteVisit) -> See:
    if visit.form.flag("others"):
        service.end_others(visit.db, visit.caller, now=visit.now)
        return See("/account", visit.reader("All your other sessions have ended."))
    sessions.end(visit.db, visit.caller, visit.form.number("session_id") or 0, now=visit.now)
    return See("/account", visit.reader("That session has ended."))


@views("POST", "/account/notices", rights=ANY_RIGHT, again=account)
def choose_notices(visit: WriteVisit) -> See:
    wanted, here = visit.form.all("mail"), visit.form.all("here")
    off: Any = [name for name in (*WORDS, ACCOUNT_CHANGED) if name not in wanted]
    off_here: Any = [name for name in WORDS if name not in here]
    notices.choose(visit.db, visit.caller, Choice(off, off_here))
    return See("/account", visit.reader("Your choice of notices is kept."))


@views("POST", "/account/look", rights=ANY_RIGHT, again=account)
def choose_look(visit: WriteVisit) -> See:
    look, locale, zone = visit.form.get("theme"), visit.form.get("locale"), visit.form.get("zone")
    faults: dict[str, list[str]] = {}
    if locale and known_locale(locale) is None:
        faults["locale"] = [visit.reader("is not known; it would be one such as en-GB or de-DE.")]
    if zone and known_zone(zone) is None:
        faults["zone"] = [visit.reader("is not known; it would be one such as Europe/Berlin.")]
    if faults:
        raise Invalid(visit.reader("The hub looks as before."), details=faults)
    if visit.caller.user_id is not None:
        notices.keep_reader(visit.db, visit.caller.user_id, locale or visit.reader.tag, zone or visit.reader.zone.key)
    cookies = {"theme": look if look in ("light", "dark") else None, "locale": locale or None, "zone": zone or None}
    return See("/account", visit.reader("This browser shows the hub as you like it, and mails come in its language."), cookies)


@views("POST", "/account/theme", rights=ANY_RIGHT, transaction="read")
def switch_theme(visit: ReadVisit) -> See:
    """The switch in the menu; the page has changed already."""
    look = visit.form.get("theme")
    return See("", cookies={"theme": look if look in LOOKS else None})
