"""Every statement about notices."""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.access.model import ACCOUNT_OWNER, SYSTEM_ADMIN, Right
from autohub.access.store import ACTIVE
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    category,
    idea,
    idea_follow,
    notice_off,
    notification,
    notification_off,
    outbox,
    person_reader,
    phase,
    phase_status,
    role_permission,
    user_account,
    user_email_alias,
    user_role,
)
from autohub.db.stamps import keep
from autohub.db.statements import Statement, bind
from autohub.kit.query import Page
from autohub.notifications.model import Notification, Spread

KIND, ACCOUNT_KIND = "notice", "account notice"


def recipients_of(
    db: Reading, notice: str, user_ids: Iterable[int], *, here: bool = False
) -> set[int]:
    """Those of these people who are active and did not turn the notice off: by mail, or in the
    hub."""
    table = _off(here)
    off = select(table.c.user_id).where(table.c.notice == notice)
    query = select(user_account.c.user_id).where(
        db.one_of(user_account.c.user_id, user_ids), ACTIVE, user_account.c.user_id.not_in(off)
    )
    return set(db.numbers(query))


def enqueue_mails(
    db: Writing,
    notice: str,
    process_id: int,
    user_ids: Iterable[int],
    reason: str | None,
    *,
    now: int,
) -> None:
    payload = msgspec.json.encode(
        {"notice": notice, "process_id": process_id, "reason": reason}
    ).decode()
    columns = ("kind", "payload", "user_id", "created_epoch", "due_epoch")
    db.insert_many(
        outbox, columns, [(KIND, payload, user_id, now, now) for user_id in sorted(user_ids)]
    )


def users_refusing(db: Reading, notice: str, user_ids: Iterable[int]) -> set[int]:
    """Those of these people who turned a mail off, whether they are active or not."""
    query = select(notice_off.c.user_id).where(
        notice_off.c.notice == notice, db.one_of(notice_off.c.user_id, user_ids)
    )
    return set(db.numbers(query))


def enqueue_account_mails(
    db: Writing, what: str, user_ids: Iterable[int], *, to_former: bool, now: int
) -> None:
    """Queues mails about people's accounts. Addresses stay out of the outbox, so that an erasure
    leaves none there."""
    payload = msgspec.json.encode({"what": what, "to_former": to_former}).decode()
    columns = ("kind", "payload", "user_id", "created_epoch", "due_epoch")
    db.insert_many(
        outbox,
        columns,
        [(ACCOUNT_KIND, payload, user_id, now, now) for user_id in sorted(user_ids)],
    )


def get_account_facts(db: Reading, user_id: int, *, former: bool) -> Row | None:
    """Where a mail about an account goes, and to whom; None when the person was erased, or never
    had another address."""
    where = (user_account.c.user_id == user_id, user_account.c.erased_epoch.is_(None))
    if not former:
        return db.row(
            select(user_account.c.user_email, user_account.c.user_first_name).where(*where)
        )
    joined = user_account.join(
        user_email_alias, user_email_alias.c.user_id == user_account.c.user_id
    )
    query = (
        select(user_email_alias.c.user_email, user_account.c.user_first_name)
        .select_from(joined)
        .where(*where)
    )
    return db.row(query.order_by(user_email_alias.c.created_epoch.desc()).limit(1))


_FOLLOWERS = Statement(
    select(idea_follow.c.user_id).where(idea_follow.c.process_id == bind("process_id"))
)


def has_followers(db: Reading, process_id: int) -> bool:
    return db.row(_FOLLOWERS, {"process_id": process_id}) is not None


def list_people_to_tell(db: Reading, spread: Spread) -> dict[str, set[int]]:
    """By notice: those who review the idea, if it still waits for them, and its other followers."""
    facts = db.row(_PLACE, {"process_id": spread.process_id})
    if facts is None:
        return {}
    people: dict[str, set[int]] = {}
    passed_over = set(spread.passed_over)
    if spread.asks and facts.phase_status_id == spread.status_id:
        chain = [int(part) for part in facts.path.split("/") if part]
        people["review asked"] = _list_reviewers(db, chain) - passed_over
    if spread.moved:
        followers = set(db.scalars(_FOLLOWERS, {"process_id": spread.process_id}))
        asked = people.get("review asked", set())
        people["status changed"] = followers - asked - passed_over
    return people


_PLACE = Statement(
    select(idea.c.phase_status_id, category.c.path)
    .join(category, category.c.category_id == idea.c.category_id)
    .where(idea.c.process_id == bind("process_id"), idea.c.process_is_deleted == 0)
)


@keep("flows")
def waits_for_review(db: Reading, phase_status_id: int) -> bool:
    """Whether ideas in a status wait for those who review."""
    query = select(phase_status.c.waits_for).where(
        phase_status.c.phase_status_id == phase_status_id
    )
    return bool(db.scalar(query) == "review")


def _list_reviewers(db: Reading, chain: Sequence[int]) -> set[int]:
    """The people whose own roles, administrators' apart, let them review ideas of a category
    with this chain."""
    may = select(role_permission.c.role_id).where(
        role_permission.c.permission == Right.REVIEW_IDEAS.value,
        role_permission.c.only_where_assigned == 0,
        role_permission.c.role_id.not_in((ACCOUNT_OWNER, SYSTEM_ADMIN)),
    )
    where = (user_role.c.role_id.in_(may), db.one_of(user_role.c.category_id, [0, *chain]))
    return set(db.numbers(select(user_role.c.user_id).where(*where).distinct()))


def get_mail_facts(db: Reading, user_id: int, process_id: int) -> Row | None:
    """What a mail says of person and idea; None when the person is not active any more or the
    idea is gone."""
    joined = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(
        phase
    )
    person = (
        select(user_account.c.user_email, user_account.c.user_first_name)
        .where(user_account.c.user_id == user_id, ACTIVE)
        .subquery()
    )
    query = select(
        idea.c.process_name, phase.c.phase_name, phase_status.c.phase_status_name, person
    ).select_from(joined.join(person, sa.true()))
    return db.row(query.where(idea.c.process_id == process_id, idea.c.process_is_deleted == 0))


def _off(here: bool) -> sa.Table:
    return notification_off if here else notice_off


def list_switched_off(db: Reading, user_id: int, *, here: bool = False) -> list[str]:
    table = _off(here)
    return list(
        db.scalars(
            select(table.c.notice).where(table.c.user_id == user_id).order_by(table.c.notice)
        )
    )


def set_switched_off(
    db: Writing, user_id: int, notices: Iterable[str], *, here: bool = False
) -> None:
    table = _off(here)
    db.change(table.delete().where(table.c.user_id == user_id))
    db.insert_many(
        table, ("user_id", "notice"), [(user_id, notice) for notice in sorted(set(notices))]
    )


# --- in the hub ---


def insert_notifications(
    db: Writing,
    notice: str,
    process_id: int,
    user_ids: Iterable[int],
    *,
    actor_user_id: int | None,
    reason: str | None,
    now: int,
) -> None:
    columns = ("user_id", "notice", "process_id", "actor_user_id", "reason", "created_epoch")
    db.insert_many(
        notification,
        columns,
        [(user_id, notice, process_id, actor_user_id, reason, now) for user_id in sorted(user_ids)],
    )


def delete_old(db: Writing, *, before: int, limit: int) -> int:
    """Takes away what people were told in the hub before that moment, read or not."""
    return db.delete_some(notification, notification.c.created_epoch < before, limit=limit)


def list_notifications(
    db: Reading, user_id: int, page: Page, seen: sa.ColumnElement[bool]
) -> tuple[list[Notification], int]:
    """One page of what a person was told about ideas that they may see now, newest first."""
    actor = user_account.alias()
    joined = (
        notification.join(idea, idea.c.process_id == notification.c.process_id)
        .join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
        .join(phase, phase.c.phase_id == phase_status.c.phase_id)
        .outerjoin(actor, actor.c.user_id == notification.c.actor_user_id)
    )
    where = (notification.c.user_id == user_id, seen)
    total = db.scalar(select(sa.func.count()).select_from(joined).where(*where))
    columns = (
        notification.c.notification_id,
        notification.c.notice,
        notification.c.process_id,
        idea.c.process_name,
        phase.c.phase_name,
        phase_status.c.phase_status_name,
        actor.c.user_first_name.label("actor_first_name"),
        actor.c.user_last_name.label("actor_last_name"),
        notification.c.reason,
        notification.c.created_epoch,
        notification.c.read_epoch,
    )
    query = (
        select(*columns)
        .select_from(joined)
        .where(*where)
        .order_by(notification.c.notification_id.desc())
    )
    return [
        Notification(**row._mapping) for row in db.rows(query.limit(page.limit).offset(page.offset))
    ], int(total)


def count_unread(db: Reading, user_id: int, seen: sa.ColumnElement[bool]) -> int:
    joined = notification.join(idea, idea.c.process_id == notification.c.process_id)
    where = (notification.c.user_id == user_id, notification.c.read_epoch.is_(None), seen)
    return int(db.scalar(select(sa.func.count()).select_from(joined).where(*where)))


def mark_read(db: Writing, user_id: int, notification_id: int | None, *, now: int) -> None:
    where = [notification.c.user_id == user_id, notification.c.read_epoch.is_(None)]
    if notification_id is not None:
        where.append(notification.c.notification_id == notification_id)
    db.change(notification.update().where(*where).values(read_epoch=now))


def delete_of_user(db: Writing, user_id: int) -> None:
    """Drops what a person was told, and how they read it: for an erasure."""
    db.change(notification.delete().where(notification.c.user_id == user_id))
    db.change(person_reader.delete().where(person_reader.c.user_id == user_id))


# --- in which language ---


def get_reader(db: Reading, user_id: int) -> tuple[str, str] | None:
    """A person's locale and time zone; None for one who never signed in to the pages."""
    row = db.row(
        select(person_reader.c.locale, person_reader.c.zone).where(
            person_reader.c.user_id == user_id
        )
    )
    return None if row is None else (row.locale, row.zone)


def set_reader(db: Writing, user_id: int, locale: str, zone: str) -> None:
    db.change(person_reader.delete().where(person_reader.c.user_id == user_id))
    db.insert_many(person_reader, ("user_id", "locale", "zone"), [(user_id, locale, zone)])
