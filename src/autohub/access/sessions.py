"""Sign-in and sessions. Passwords are hashed and compared outside the transaction, because that
takes long by design."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import argon2

from autohub.access import credential_store, store
from autohub.access.authentication import CALLS, PAGES, Installation, access_token
from autohub.access.common_passwords import find_password_fault
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.audit.model import Actor
from autohub.db.engine import Reading, Writing
from autohub.kit.clock import MINUTE, SECOND
from autohub.kit.errors import Invalid, NotFound, Unauthenticated
from autohub.kit.sentences import say
from autohub.kit.text import email_key

_hasher = argon2.PasswordHasher()
MIN_PASSWORD, MAX_PASSWORD = 10, 200


def hash_password(password: str, own: Iterable[str] = ()) -> str:
    """Argon2id. Raises Invalid for one that is too short, too long, or guessed first; `own` are the
    names and addresses of whose it is."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            "Choose another password.",
            details={
                "password": [
                    say(
                        "must have {min_password} to {max_password} characters.",
                        min_password=MIN_PASSWORD,
                        max_password=MAX_PASSWORD,
                    )
                ]
            },
        )
    if fault := find_password_fault(password, own):
        raise Invalid("Choose another password.", details={"password": [fault]})
    return _hasher.hash(password)


@cache
def _dummy_hash() -> str:
    """Stands for the password of an account that does not exist. Made once, when first needed."""
    return _hasher.hash("nobody has this password")


def check_password(password_hash: str | None, password: str) -> bool:
    """Takes equally long for an account that does not exist (None), so that the time tells
    nothing."""
    dummy = _dummy_hash()  # for every account: making it must not tell that one is unknown
    try:
        return _hasher.verify(password_hash or dummy, password) and password_hash is not None
    except argon2.exceptions.VerifyMismatchError:
        return False


def find_sign_in(db: Reading, email: str) -> tuple[int, str | None] | None:
    """The account that may sign in with this address and its password's hash; None when there is
    none."""
    found = store.find_active_account(db, email_key=email_key(email.strip()))
    return (found.user_id, found.password_hash) if found else None


def wrong_credentials() -> Unauthenticated:
    """The same answer for an unknown address and for a wrong password."""
    return Unauthenticated("The e-mail address or the password is not right.")


def open_session(
    db: Writing,
    *,
    user_id: int,
    door: str,
    seconds: int,
    installation: Installation,
    now: int,
    client: str | None = None,
    through: str = "api",
    has_second_factor: bool = False,
) -> dict[str, Any]:
    """Starts a session of an active person and returns its access token; `client` is what a
    browser calls itself, `through` the door as the audit names it. Raises Unauthenticated when
    they are active no more."""
    person = store.get_account(db, user_id)
    if (
        person is None
        or person.user_invite_status != 3
        or person.user_is_active != 1
        or person.trashed_epoch is not None
    ):
        raise wrong_credentials()
    expires = now + seconds * SECOND
    grants, _ = store.list_grants(db, user_id)
    values = {
        "user_id": user_id,
        "credential_generation": person.credential_generation,
        "door": door,
        "created_epoch": now,
        "expires_epoch": expires,
        "client": client,
        "seen_epoch": now,
        "proved_epoch": now,
        "has_second_factor": int(has_second_factor),
        "is_powerful": int(Caller(kind="", grants=tuple(grants)).is_powerful),
    }
    session_id = credential_store.add_session(db, values)
    who = Actor(user_id, None, "cli" if door == "cli" else through)
    audit.record(
        db,
        who,
        "open session",
        "session",
        session_id,
        now=now,
        after={"user_id": user_id, "session_expires_epoch": expires},
    )
    token = access_token(
        installation=installation,
        user_id=user_id,
        session_id=session_id,
        now=now,
        expires=expires,
        kind=PAGES if through == "page" else CALLS,
    )
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "session_id": session_id,
    }


def list_own_sessions(
    db: Reading, caller: Caller, *, idle_minutes: int, now: int
) -> list[dict[str, Any]]:
    """The caller's open sessions."""
    if caller.user_id is None:
        return []
    return [
        {
            "session_id": row.session_id,
            "session_door": row.door,
            "session_created_epoch": row.created_epoch,
            "session_expires_epoch": row.expires_epoch,
            "session_client": row.client,
            "session_is_this": int(row.session_id == caller.session_id),
        }
        for row in credential_store.list_sessions(
            db, caller.user_id, now=now, seen_after=now - idle_minutes * MINUTE
        )
    ]


def replace_session(db: Writing, caller: Caller, session_id: int, *, now: int) -> None:
    """Ends the session in whose place another one began, unless it has ended already."""
    if caller.user_id is not None and credential_store.end_session(
        db, session_id, user_id=caller.user_id, now=now
    ):
        audit.record(db, actor(caller), "end session", "session", session_id, now=now)


def end_own_session(db: Writing, caller: Caller, session_id: int, *, now: int) -> None:
    """Ends one of the caller's sessions. Raises NotFound."""
    if caller.user_id is None or not credential_store.end_session(
        db, session_id, user_id=caller.user_id, now=now
    ):
        raise NotFound(
            say(
                "You have no open session {session_id}; GET /sessions lists them.",
                session_id=session_id,
            )
        )
    audit.record(db, actor(caller), "end session", "session", session_id, now=now)
