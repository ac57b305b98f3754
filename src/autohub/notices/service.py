"""Who is told of what. The mails go out by the worker; imports and the command line tell nobody."""

from collections.abc import Iterable, Sequence

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Forbidden
from autohub.kit.query import Page
from autohub.notices import model, store
from autohub.notices.model import AccountNotice, Choice, Notification


def tell(
    db: Writing, caller: Caller, notice: str, process_id: int, user_ids: Iterable[int | None], *, now: int, reason: str | None = None
) -> None:
    """Tells each of these people who is active, but for the caller, in the hub and by mail, as they want it."""
    wanted = {user_id for user_id in user_ids if user_id is not None and user_id != caller.user_id}
    if not wanted or caller.door in ("cli", "import"):
        return
    if mailed := store.wanting(db, notice, wanted):
        store.put(db, notice, process_id, mailed, reason, now=now)
    if told := store.wanting(db, notice, wanted, here=True):
        store.show(db, notice, process_id, told, actor_user_id=caller.user_id, reason=reason, now=now)


def tell_account(db: Writing, caller: Caller, what: AccountNotice, user_ids: Iterable[int], *, now: int, to_former: bool = False) -> None:
    """Mails people what was done with their account. That their address is another one is told to everybody, at the former address
    too (`to_former`): it is how one learns that an account was taken over. The rest as they want it."""
    wanted = {user_id for user_id in user_ids if user_id != caller.user_id}
    if not wanted or caller.door in ("cli", "import"):
        return
    if what != "address changed":
        wanted -= store.refusing(db, model.ACCOUNT_CHANGED, wanted)
    store.put_account(db, what, wanted, to_former=to_former, now=now)


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
    mine = _person(caller)
    return Choice(store.off(db, mine), store.off(db, mine, here=True))  # type: ignore[arg-type]


def choose(db: Writing, caller: Caller, wanted: Choice) -> Choice:
    store.set_off(db, _person(caller), wanted.off)
    store.set_off(db, _person(caller), wanted.off_here, here=True)
    return choice(db, caller)


def keep_reader(db: Writing, user_id: int, locale: str, zone: str) -> None:
    """Notes the locale and the time zone in which a person gets mails from now on."""
    if store.reader(db, user_id) != (locale, zone):
        store.set_reader(db, user_id, locale, zone)


def shown(db: Reading, caller: Caller, page: Page) -> tuple[list[Notification], int]:
    """What the caller was told in the hub, newest first."""
    return store.notifications(db, _person(caller), page)


def unread(db: Reading, caller: Caller) -> int:
    return store.unread(db, _person(caller))


def mark_read(db: Writing, caller: Caller, notification_id: int | None, *, now: int) -> None:
    """Marks one of the caller's notifications as read, or all of them."""
    store.mark_read(db, _person(caller), notification_id, now=now)


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id
