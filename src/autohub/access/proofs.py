"""Proving again who one is, in a browser in which one is signed in already: by a second factor for
who has one, else by the password."""

from collections.abc import Callable
from typing import Any, NamedTuple

from autohub.access import attempts, credential_store, factor_store, factors, passkeys, store
from autohub.access import sessions as own
from autohub.access.attempts import Attempt, TooManyTries
from autohub.access.authentication import Installation
from autohub.access.factors import Answer, WrongFactor
from autohub.access.model import Caller, ProofNeeded
from autohub.db.engine import Database, Reading
from autohub.kit.errors import Unauthenticated

PASSWORD, CODE = "proof_password", "proof_code"
ANSWER, STATE = "proof_passkey", "proof_state"


class Ways(NamedTuple):
    """How somebody can prove who they are; `passkey` is what the browser is asked, where there is
    one."""

    by_password: bool
    by_code: bool
    passkey: passkeys.Request | None


def is_sent(get: Callable[[str], str]) -> bool:
    """Whether a form brings a proof."""
    return any(get(name) for name in (PASSWORD, CODE, ANSWER))


def list_ways(
    db: Reading, caller: Caller, *, base_url: str, installation: Installation, now: int
) -> Ways:
    user_id = caller.user_id or 0
    kinds = {factor.kind for factor in factor_store.list_factors(db, user_id)}
    asked = None
    if factors.PASSKEY in kinds:
        asked = passkeys.request_answer(
            db, user_id, base_url=base_url, installation=installation, now=now
        )
    return Ways(not kinds, bool(kinds), asked)


def prove(
    database: Database,
    caller: Caller,
    get: Callable[[str], str],
    *,
    client: str,
    base_url: str,
    installation: Installation,
    now: int,
) -> None:
    """Counts for a while as having proved it, if what `get` finds in a form is the caller's. Raises
    ProofNeeded."""
    with database.reading() as db:
        person = store.get_account(db, caller.user_id or 0)
        has_factor = bool(factor_store.list_factors(db, caller.user_id or 0))
    session_id = caller.session_id
    if person is None or session_id is None:
        raise Unauthenticated("Please sign in.")
    attempt = Attempt(
        email=person.user_email, client=client, door=caller.door, user_id=person.user_id, now=now
    )
    field = CODE if has_factor else PASSWORD
    try:
        if has_factor:
            answer = Answer(get(CODE), get(ANSWER), get(STATE))
            factors.check_factor(
                database, attempt, answer, base_url=base_url, installation=installation
            )
        else:
            _check_password(database, attempt, person, get(PASSWORD), installation)
    except (TooManyTries, WrongFactor) as error:
        raise ProofNeeded({field: [error.message]}) from error
    database.write(
        lambda db: credential_store.mark_proved(
            db, session_id, with_second_factor=has_factor, now=now
        )
    )


def _check_password(
    database: Database, attempt: Attempt, person: Any, password: str, installation: Installation
) -> None:
    if not attempts.checked(
        database,
        attempt,
        secret=installation.secret,
        is_right=lambda: own.check_password(person.password_hash, password),
    ):
        raise ProofNeeded({PASSWORD: ["is not your password."]})
