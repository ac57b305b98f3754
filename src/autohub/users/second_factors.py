"""A person's second factors, as they change them, and as an administrator takes them away. People
are told by mail of each change."""

import msgspec

from autohub.access import credential_store, factor_store, factors, granting, passkeys, store
from autohub.access.authentication import Installation
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.audit.model import Action
from autohub.db.engine import Reading, Row, Writing
from autohub.kit.errors import NotFound, Unauthenticated
from autohub.notifications import service as notices


class Added(msgspec.Struct):
    """What came of a new second factor: the codes for when it is lost, with the first one."""

    recovery_codes: list[str]


def begin_totp(
    db: Reading, caller: Caller, *, begun: str, installation: Installation, now: int
) -> factors.Setup:
    person = _person(db, caller)
    return factors.begin_totp(
        person.user_id, person.user_email, "autohub", keys=installation.keys, now=now, begun=begun
    )


def add_totp(
    db: Writing,
    caller: Caller,
    *,
    sealed: str,
    code: str,
    name: str,
    installation: Installation,
    now: int,
) -> Added:
    """Adds an app, whose first code is right. Raises Invalid, ProofNeeded."""
    caller.need_proof()
    user_id, keys = _person(db, caller).user_id, installation.keys
    secret = factors.open_setup(sealed, user_id, keys=keys, now=now)
    first = not factors.list_factors(db, user_id)
    factor_id = factors.add_totp(db, user_id, secret, code, name, keys=keys, now=now)
    return _added(db, caller, user_id, factor_id, factors.TOTP, first=first, now=now)


def request_passkey(
    db: Reading, caller: Caller, *, base_url: str, installation: Installation, now: int
) -> passkeys.Request:
    return passkeys.request_new(
        db, _person(db, caller), base_url=base_url, installation=installation, now=now
    )


def add_passkey(
    db: Writing,
    caller: Caller,
    answer: str,
    state: str,
    name: str,
    *,
    base_url: str,
    installation: Installation,
    now: int,
) -> Added:
    """Adds what the browser made. Raises Invalid, ProofNeeded."""
    caller.need_proof()
    user_id = _person(db, caller).user_id
    first = not factors.list_factors(db, user_id)
    factor_id = passkeys.add_passkey(
        db,
        user_id,
        answer,
        state,
        name[: factors.LONGEST_NAME],
        base_url=base_url,
        installation=installation,
        now=now,
    )
    return _added(db, caller, user_id, factor_id, factors.PASSKEY, first=first, now=now)


def _added(
    db: Writing,
    caller: Caller,
    user_id: int,
    factor_id: int,
    kind: str,
    *,
    first: bool,
    now: int,
) -> Added:
    """With the first one, sessions that began without end."""
    if caller.session_id is not None:
        credential_store.mark_proved(db, caller.session_id, with_second_factor=True, now=now)
    if first:
        credential_store.end_sessions(db, user_id, keep=caller.session_id, now=now)
    facts = {"factor_id": factor_id, "kind": kind}
    _note(db, caller, user_id, "add second factor", facts, now=now)
    return Added(factors.renew_recovery_codes(db, user_id) if first else [])


def remove_factor(db: Writing, caller: Caller, factor_id: int, *, now: int) -> None:
    """Takes one of the caller's own away; with the last one their recovery codes go. Raises
    NotFound, ProofNeeded."""
    caller.need_proof()
    user_id = _person(db, caller).user_id
    if not factor_store.delete_factor(db, user_id, factor_id):
        raise NotFound("You have no such second factor.")
    if not factors.list_factors(db, user_id):
        factor_store.delete_factors(db, user_id)
    _note(db, caller, user_id, "remove second factor", {"factor_id": factor_id}, now=now)


def renew_codes(db: Writing, caller: Caller, *, now: int) -> list[str]:
    """New recovery codes for the caller; those before end. Raises NotFound, ProofNeeded."""
    caller.need_proof()
    user_id = _person(db, caller).user_id
    if not factors.list_factors(db, user_id):
        raise NotFound("You have no second factor.")
    codes = factors.renew_recovery_codes(db, user_id)
    _note(db, caller, user_id, "renew recovery codes", {}, now=now)
    return codes


def reset_factors(db: Writing, caller: Caller, user_id: int, *, now: int) -> int:
    """Takes all second factors of somebody who lost them away, and ends their sessions; returns how
    many they were. Raises NotFound, Outranked, ProofNeeded."""
    if store.get_account(db, user_id) is None:
        raise NotFound("There is no such person.")
    granting.check_peer(db, caller, user_id)
    caller.need_proof()
    taken = factor_store.delete_factors(db, user_id)
    credential_store.end_sessions(db, user_id, keep=caller.session_id, now=now)
    _note(db, caller, user_id, "reset second factors", {"taken": taken}, now=now)
    return taken


def list_factors(db: Reading, caller: Caller) -> tuple[list[Row], int]:
    """The caller's own, and how many recovery codes are left."""
    user_id = caller.user_id or 0
    return factors.list_factors(db, user_id), factor_store.count_recovery_codes(db, user_id)


def _note(
    db: Writing, caller: Caller, user_id: int, action: Action, facts: dict[str, object], *, now: int
) -> None:
    audit.record(db, actor(caller), action, "user", user_id, now=now, after=facts)
    notices.notify_account(db, caller, "second factor changed", [user_id], now=now)


def _person(db: Reading, caller: Caller) -> Row:
    found = store.get_account(db, caller.user_id or 0)
    if found is None:
        raise Unauthenticated("Please sign in.")
    return found
