"""Who is told of what. The mails go out by the worker; imports and the command line tell nobody."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from autohub.access.model import Caller
from autohub.db import outbox
from autohub.db.engine import Database, Reading, Writing
from autohub.db.outbox import Job
from autohub.kit.errors import Forbidden
from autohub.kit.query import Page
from autohub.notifications import model, store
from autohub.notifications.model import AccountNotice, NoticeChoice, Notification, Spread

SPREAD, SPREAD_AT_ONCE = "spread notices", 200
"""The kind of job that tells many, and how many of them in one transaction."""


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
    """Mails people what was done with their account. What may be a takeover (model.TAKEOVER) is
    told to everybody, of another address at the former one too (`to_former`). The rest as they
    want it."""
    is_takeover = what in model.TAKEOVER
    wanted = {user_id for user_id in user_ids if is_takeover or user_id != caller.user_id}
    if what == "address changed":
        wanted.discard(caller.user_id or 0)
    if not wanted or caller.door in ("cli", "import"):
        return
    if not is_takeover:
        wanted -= store.users_refusing(db, model.ACCOUNT_CHANGED, wanted)
    store.enqueue_account_mails(db, what, wanted, to_former=to_former, now=now)


def notify_submitted(
    db: Writing, caller: Caller, process_id: int, status_id: int, *, now: int
) -> None:
    """Asks those who review ideas there, if that is what the idea waits for."""
    if store.waits_for_review(db, status_id):
        _tell_many(db, caller, process_id, status_id, asks=True, now=now)


def notify_moved(
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
    """Tells submitter and owner what a move means for them, asks those who review where the idea
    begins to wait for them, and tells followers that there was one."""
    told: set[int | None] = set()
    asks = False
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
    else:
        asks = store.waits_for_review(db, status_id) and not store.waits_for_review(db, before)
    if asks or store.has_followers(db, process_id):
        _tell_many(db, caller, process_id, status_id, asks=asks, told=told, moved=True, now=now)


def _tell_many(
    db: Writing,
    caller: Caller,
    process_id: int,
    status_id: int,
    *,
    asks: bool,
    now: int,
    told: Iterable[int | None] = (),
    moved: bool = False,
) -> None:
    """Leaves it to the worker to tell as many people as there may be: a call takes as long for a
    hundred thousand of them as for five. `asks` those who review, tells followers of what was
    `moved`; whoever was `told` already is not told again."""
    if caller.door in ("cli", "import"):
        return
    passed_over = {user_id for user_id in (*told, caller.user_id) if user_id is not None}
    spread = Spread(
        process_id=process_id,
        status_id=status_id,
        asks=asks,
        moved=moved,
        passed_over=sorted(passed_over),
        actor_user_id=caller.user_id,
        at=now,
    )
    outbox.enqueue(db, kind=SPREAD, payload=msgspec.to_builtins(spread), now=now)


def spread_notices(database: Database, job: Job) -> None:
    """Does a job of `_tell_many`, some people in each transaction, which notes whom it told last:
    whoever takes the job over goes on from there."""
    spread = msgspec.convert(job.payload, Spread)
    with database.reading() as db:
        people = store.list_people_to_tell(db, spread)
    left = sorted(
        (user_id, notice)
        for notice, user_ids in people.items()
        for user_id in user_ids
        if user_id > spread.after
    )
    for first in range(0, len(left), SPREAD_AT_ONCE):
        some = left[first : first + SPREAD_AT_ONCE]
        database.write(lambda db, some=some: _tell_some(db, job, spread, some))  # type: ignore[misc]


def _tell_some(db: Writing, job: Job, spread: Spread, some: Sequence[tuple[int, str]]) -> None:
    for notice in sorted({notice for _, notice in some}):
        user_ids = {user_id for user_id, theirs in some if theirs == notice}
        mailed = store.recipients_of(db, notice, user_ids)
        store.enqueue_mails(db, notice, spread.process_id, mailed, None, now=spread.at)
        store.insert_notifications(
            db,
            notice,
            spread.process_id,
            store.recipients_of(db, notice, user_ids, here=True),
            actor_user_id=spread.actor_user_id,
            reason=None,
            now=spread.at,
        )
    outbox.rewrite(db, msgspec.structs.replace(job, payload=job.payload | {"after": some[-1][0]}))


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
