"""Who is told of what. The mails go out by the worker; imports and the command line tell nobody."""

from collections.abc import Iterable, Sequence
from typing import Any

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Forbidden
from autohub.kit.query import Page
from autohub.notifications import model, store
from autohub.notifications.model import AccountNotice, NoticeChoice, Notification


def notify(
    db: Writing,
    caller: Caller,
    notice: str,
    process_id: int,
    user_ids: Iterable[int | None],
    *,
    now: int,
    reason: str | None = None,
) -> None:
    """Tells each of these people who is active, but for the caller, in the hub and by mail, as
    they want it."""
    wanted = {user_id for user_id in user_ids if user_id is not None and user_id != caller.user_id}
    if not wanted or caller.door in ("cli", "import"):
        return
    if mailed := store.recipients_of(db, notice, wanted):
        store.enqueue_mails(db, notice, process_id, mailed, reason, now=now)
    if told := store.recipients_of(db, notice, wanted, here=True):
        store.insert_notifications(
            db, notice, process_id, told, actor_user_id=caller.user_id, reason=reason, now=now
        )


def notify_account(
    db: Writing,
    caller: Caller,
    what: AccountNotice,
    user_ids: Iterable[int],
    *,
    now: int,
    to_former: bool = False,
) -> None:
    """Mails people what was done with their account. That their address is another one is told
    to everybody, at the former address too (`to_former`): it is how one learns that an account
    was taken over. The rest as they want it."""
    wanted = {user_id for user_id in user_ids if user_id != caller.user_id}
    if not wanted or caller.door in ("cli", "import"):
        return
    if what != "address changed":
        wanted -= store.users_refusing(db, model.ACCOUNT_CHANGED, wanted)
    store.enqueue_account_mails(db, what, wanted, to_former=to_former, now=now)


def notify_submitted(
    db: Writing, caller: Caller, process_id: int, status_id: int, chain: Sequence[int], *, now: int
) -> None:
    """Asks those who review ideas there, if that is what the idea waits for."""
    if caller.door not in ("cli", "import") and store.waits_for_review(db, status_id):
        notify(db, caller, "review asked", process_id, store.list_reviewers(db, chain), now=now)


def notify_moved(
    db: Writing,
    caller: Caller,
    process_id: int,
    status_id: int,
    chain: Sequence[int],
    *,
    before: int,
    submitter: int | None,
    owner: int | None,
    reason: str | None,
    now: int,
) -> None:
    """Tells submitter and owner what a move means for them, asks those who review where the idea
    begins to wait for them, and tells followers that there was one."""
    told: set[int | None] = set()
    if status_id in model.REJECTED:
        notify(db, caller, "rejected", process_id, [submitter], now=now, reason=reason)
        told = {submitter}
    elif status_id == model.DUPLICATE:
        notify(db, caller, "duplicate", process_id, [submitter], now=now, reason=reason)
        told = {submitter}
    elif before == model.AWAITING_REVIEW and status_id in model.APPROVED:
        notify(db, caller, "approved", process_id, [submitter], now=now)
        notify(db, caller, "assessment asked", process_id, [owner], now=now)
        told = {submitter, owner}
    elif caller.door not in ("cli", "import") and (
        store.waits_for_review(db, status_id) and not store.waits_for_review(db, before)
    ):
        told = set(store.list_reviewers(db, chain))
        notify(db, caller, "review asked", process_id, told, now=now)
    notify(
        db,
        caller,
        "status changed",
        process_id,
        store.list_followers(db, process_id) - told,
        now=now,
    )


def get_choice(db: Reading, caller: Caller) -> NoticeChoice:
    mine = _person(caller)
    mailed, shown = (store.list_switched_off(db, mine, here=here) for here in (False, True))
    return NoticeChoice(mailed, shown)  # type: ignore[arg-type]


def set_choice(db: Writing, caller: Caller, wanted: NoticeChoice) -> NoticeChoice:
    store.set_switched_off(db, _person(caller), wanted.off)
    store.set_switched_off(db, _person(caller), wanted.off_here, here=True)
    return get_choice(db, caller)


def save_reader(db: Writing, user_id: int, locale: str, zone: str) -> None:
    """Notes the locale and the time zone in which a person gets mails from now on."""
    if store.get_reader(db, user_id) != (locale, zone):
        store.set_reader(db, user_id, locale, zone)


def list_notifications(
    db: Reading, caller: Caller, page: Page, seen: Any
) -> tuple[list[Notification], int]:
    """What the caller was told in the hub, newest first; `seen` says which ideas they may see
    now (ideas.store.visible)."""
    return store.list_notifications(db, _person(caller), page, seen)


def count_unread(db: Reading, caller: Caller, seen: Any) -> int:
    return store.count_unread(db, _person(caller), seen)


def mark_read(db: Writing, caller: Caller, notification_id: int | None, *, now: int) -> None:
    """Marks one of the caller's notifications as read, or all of them."""
    store.mark_read(db, _person(caller), notification_id, now=now)


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id
