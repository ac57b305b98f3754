"""Passwords that were forgotten or are changed. A reset link is derived, never stored, and works
once: it is signed over the password that it replaces."""

from typing import Any

from autohub.access import attempts, credential_store, factors, passkeys, sessions, store
from autohub.access.attempts import Attempt
from autohub.access.authentication import Installation
from autohub.access.factors import Answer
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.audit.model import Actor
from autohub.db import outbox
from autohub.db.engine import Database, Reading, Writing
from autohub.kit.clock import HOUR
from autohub.kit.errors import Invalid, NotFound, Unauthenticated
from autohub.kit.seal import same, sign
from autohub.kit.sealing import Keys
from autohub.kit.text import email_key
from autohub.notifications import service as notices
from autohub.settings import Settings
from autohub.web.reader import Reader

MAIL = "password reset"
LINK_HOURS = 2


class ResetLinkExpired(NotFound):
    def __init__(self) -> None:
        super().__init__(
            "This link does not work: it was used already, or it has expired. Ask for a new one."
        )


def check_sign_in(
    database: Database,
    *,
    email: str,
    password: str,
    address: str,
    installation: Installation,
    now: int,
) -> int:
    """Whose address and password these are; `address` is where the browser is. Raises
    Unauthenticated, the same for an unknown address and a wrong password, and TooManyTries."""
    with database.reading() as db:
        found = sessions.find_sign_in(db, email)
    attempt = Attempt(
        email=email, client=address, door="page", user_id=found[0] if found else None, now=now
    )
    hashed, typed = found[1] if found else None, password[: sessions.MAX_PASSWORD]
    if (
        not attempts.checked(
            database,
            attempt,
            secret=installation.secret,
            is_right=lambda: sessions.check_password(hashed, typed),
        )
        or found is None
    ):
        raise sessions.wrong_credentials()
    return found[0]


def make_ticket(db: Reading, user_id: int, *, installation: Installation, now: int) -> str | None:
    """For a person with a second factor, what tells that their password was right; None for
    another, whose session may begin."""
    person = store.get_account(db, user_id)
    if person is None or not factors.list_factors(db, user_id):
        return None
    return factors.make_ticket(person, keys=installation.keys, now=now)


def check_second_factor(
    database: Database,
    ticket: str,
    answer: Answer,
    *,
    address: str,
    base_url: str,
    installation: Installation,
    now: int,
) -> int:
    """Who may come in: the person of the ticket, who answered with a second factor of theirs.
    Raises Unauthenticated, WrongFactor, TooManyTries."""
    user_id, fingerprint = factors.open_ticket(ticket, keys=installation.keys, now=now)
    with database.reading() as db:
        person = store.get_account(db, user_id)
    if person is None or not factors.is_same_person(person, fingerprint):
        raise Unauthenticated("That took too long. Sign in again.")
    attempt = Attempt(
        email=person.user_email, client=address, door="page", user_id=user_id, now=now
    )
    factors.check_factor(database, attempt, answer, base_url=base_url, installation=installation)
    return user_id


def check_passkey(
    database: Database, answer: Answer, *, base_url: str, installation: Installation, now: int
) -> int:
    """Whose passkey it is, which checked its holder and needs no password. Raises
    Unauthenticated."""
    user_id = None
    if passkeys.is_alone(answer.state, installation=installation):
        user_id = passkeys.check_answer(
            database,
            answer.passkey,
            answer.state,
            base_url=base_url,
            installation=installation,
            now=now,
        )
    if user_id is None:
        raise Unauthenticated("This passkey is not known here.")
    return user_id


def open_browser_session(
    db: Writing,
    user_id: int,
    *,
    hours: int,
    client: str,
    reader: Reader,
    installation: Installation,
    now: int,
    has_second_factor: bool = False,
) -> str:
    """A session of an active person in a browser; returns its access token. Mails come as the
    person reads there."""
    notices.save_reader(db, user_id, reader.tag, reader.zone.key)
    seconds = hours * 3600
    made = sessions.open_session(
        db,
        user_id=user_id,
        door="password",
        seconds=seconds,
        installation=installation,
        now=now,
        client=client,
        through="page",
        has_second_factor=has_second_factor,
    )
    return str(made["access_token"])


def ask_reset(db: Writing, email: str, *, now: int) -> None:
    """Has a link mailed to an active person of this address. For any other the same rows are
    written, whose mail is cancelled: neither the answer nor its time tells who is a member."""
    found = store.find_active_account(db, email_key=email_key(email.strip()))
    user_id = found.user_id if found else None
    outbox.enqueue(
        db, kind=MAIL, payload={"expires": now + LINK_HOURS * HOUR}, user_id=user_id, now=now
    )
    who = Actor(user_id, None, "page")
    audit.record(db, who, "ask for password reset", "user", user_id, now=now)


def reset_link(
    db: Reading, user_id: int, expires: int, *, settings: Settings, secret: str, now: int
) -> tuple[Any, str] | None:
    """The person's account and the link to mail; None when the person is not active any more or
    the time is over."""
    found = store.get_account(db, user_id)
    if found is None or not _is_active(found) or expires <= now:
        return None
    return (
        found,
        f"{settings.base_url}/reset/{user_id}-{expires}-{_signature(secret, found, expires)}",
    )


def resolve_reset_link(db: Reading, token: str, *, keys: Keys, now: int) -> int:
    """Whose password a reset link may set. Raises ResetLinkExpired."""
    user_id, _, rest = token.partition("-")
    expires, _, signature = rest.partition("-")
    if (
        not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (user_id, expires))
        or int(expires) <= now
    ):
        raise ResetLinkExpired
    found = store.get_account(db, int(user_id))
    if (
        found is None
        or not _is_active(found)
        or not any(same(signature, _signature(s, found, int(expires))) for s in keys.secrets)
    ):
        raise ResetLinkExpired
    return int(user_id)


def reset_password(db: Writing, token: str, *, password_hash: str, keys: Keys, now: int) -> int:
    """Sets the password and ends every session and every token of the person: whoever had the old
    password may have made some. Raises ResetLinkExpired."""
    user_id = resolve_reset_link(db, token, keys=keys, now=now)
    credential_store.end_tokens(db, user_id)
    _set_password(
        db,
        Caller(kind="automation-cloud", user_id=user_id, door="page"),
        user_id,
        password_hash,
        keep=None,
        now=now,
    )
    return user_id


def change_password(db: Writing, caller: Caller, *, password_hash: str, now: int) -> None:
    """Sets the caller's own password and ends their other sessions; the old one was checked."""
    if caller.user_id is not None:
        _set_password(db, caller, caller.user_id, password_hash, keep=caller.session_id, now=now)


def check_current(
    database: Database, caller: Caller, password: str, *, address: str, secret: str, now: int
) -> None:
    """Raises Invalid unless `password` is the caller's, TooManyTries."""
    with database.reading() as db:
        found = store.get_account(db, caller.user_id or 0)
    if found is None:
        raise Unauthenticated("Please sign in.")
    attempt = Attempt(
        email=found.user_email, client=address, door=caller.door, user_id=found.user_id, now=now
    )
    if not attempts.checked(
        database,
        attempt,
        secret=secret,
        is_right=lambda: sessions.check_password(found.password_hash, password),
    ):
        raise Invalid(
            "The password was not changed.", details={"current": ["is not your present password."]}
        )


def names_of(db: Reading, user_id: int) -> list[str]:
    """What a person is called, which makes a bad password."""
    found = store.get_account(db, user_id)
    facts = ("user_email", "user_first_name", "user_last_name")
    return [getattr(found, name) or "" for name in facts] if found is not None else []


def end_other_sessions(db: Writing, caller: Caller, *, now: int) -> int:
    """Ends all of the caller's sessions but this one; returns how many."""
    if caller.user_id is None:
        raise Unauthenticated("Please sign in.")
    ended = credential_store.end_sessions(db, caller.user_id, keep=caller.session_id, now=now)
    audit.record(
        db,
        actor(caller),
        "end other sessions",
        "user",
        caller.user_id,
        now=now,
        after={"ended": ended},
    )
    return ended


def _set_password(
    db: Writing, caller: Caller, user_id: int, password_hash: str, *, keep: int | None, now: int
) -> None:
    credential_store.set_password(db, user_id, password_hash)
    credential_store.end_sessions(db, user_id, keep=keep, now=now)
    notices.notify_account(db, caller, "password changed", [user_id], now=now)
    audit.record(db, actor(caller), "change password", "user", user_id, now=now)


def _is_active(row: object) -> bool:
    facts = (
        getattr(row, name) for name in ("user_invite_status", "user_is_active", "trashed_epoch")
    )
    return tuple(facts) == (3, 1, None)


def _signature(secret: str, row: object, expires: int) -> str:
    """Over what a link may not outlive: the password, the credentials, and the mailbox it went
    to."""
    facts = (
        getattr(row, name)
        for name in ("user_id", "user_email", "password_hash", "credential_generation")
    )
    return sign(secret, "password reset", expires, *facts)
