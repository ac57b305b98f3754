"""Who is told of what. The mails go out by the worker; imports and the command line tell nobody."""

from collections.abc import Iterable, Sequence

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Forbidden
from autohub.notices import model, store
from autohub.notices.model import Choice


def tell(
    db: Writing, caller: Caller, notice: str, process_id: int, user_ids: Iterable[int | None], *, now: int, reason: str | None = None
) -> None:
    """Queues a mail to each of these people who is active and wants it, but for the caller."""
    wanted = {user_id for user_id in user_ids if user_id is not None and user_id != caller.user_id}
    if wanted and caller.door not in ("cli", "import") and (chosen := store.wanting(db, notice, wanted)):
        store.put(db, notice, process_id, chosen, reason, now=now)


def submitted(db: Writing, caller: Caller, process_id: int, status_id: int, chain: Sequence[int], *, now: int) -> None:
    """Asks those who review ideas there."""
    if status_id == model.AWAITING_REVIEW and caller.door not in ("cli", "import"):
        tell(db, caller, "review asked", process_id, store.reviewers(db, chain), now=now)


def moved(
    db: Writing,
    caller: Caller,
    process_id: int,
    status_id: int,
    *,
    before: int,
    submitter: int | None,
    owner: int | None,
    reason: str | None,
    now: int,
) -> None:
    """Tells submitter and owner what a move means for them, and followers that there was one."""
    told: set[int | None] = set()
    if status_id in model.REJECTED:
        tell(db, caller, "rejected", process_id, [submitter], now=now, reason=reason)
        told = {submitter}
    elif status_id == model.DUPLICATE:
        tell(db, caller, "duplicate", process_id, [submitter], now=now, reason=reason)
        told = {submitter}
    elif before == model.AWAITING_REVIEW and status_id in model.APPROVED:
        tell(db, caller, "approved", process_id, [submitter], now=now)
        tell(db, caller, "assessment asked", process_id, [owner], now=now)
        told = {submitter, owner}
    tell(db, caller, "status changed", process_id, store.followers(db, process_id) - told, now=now)


def choice(db: Reading, caller: Caller) -> Choice:
    return Choice(store.off(db, _person(caller)))  # type: ignore[arg-type]


def choose(db: Writing, caller: Caller, wanted: Choice) -> Choice:
    store.set_off(db, _person(caller), wanted.off)
    return choice(db, caller)


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id
