"""Proving again who one is, in a browser in which one is signed in already."""

from autohub.access import attempts, credential_store, sessions, store
from autohub.access.attempts import Attempt, TooManyTries
from autohub.access.authentication import Installation
from autohub.access.model import Caller, ProofNeeded
from autohub.db.engine import Database
from autohub.kit.errors import Unauthenticated

PASSWORD = "proof_password"  # noqa: S105 - the name of a field


def prove(
    database: Database,
    caller: Caller,
    password: str,
    *,
    client: str,
    installation: Installation,
    now: int,
) -> None:
    """Counts for a while as having proved it, if `password` is the caller's. Raises
    ProofNeeded."""
    with database.reading() as db:
        person = store.get_account(db, caller.user_id or 0)
    session_id = caller.session_id
    if person is None or session_id is None:
        raise Unauthenticated("Please sign in.")
    attempt = Attempt(
        email=person.user_email,
        client=client,
        door=caller.door,
        user_id=person.user_id,
        now=now,
    )
    try:
        is_right = attempts.checked(
            database,
            attempt,
            secret=installation.secret,
            is_right=lambda: sessions.check_password(person.password_hash, password),
        )
    except TooManyTries as error:
        raise ProofNeeded({PASSWORD: [error.message]}) from error
    if not is_right:
        raise ProofNeeded({PASSWORD: ["is not your password."]})
    database.write(lambda db: credential_store.mark_proved(db, session_id, now=now))
