"""Every statement about notices."""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.access.model import ACCOUNT_OWNER, SYSTEM_ADMIN, Right
from autohub.access.store import ACTIVE
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import idea, idea_follow, notice_off, outbox, phase, phase_status, role_permission, user_account, user_role

KIND = "notice"


def wanting(db: Reading, notice: str, user_ids: Iterable[int]) -> set[int]:
    """Those of these people who are active and did not turn the notice off."""
    off = select(notice_off.c.user_id).where(notice_off.c.notice == notice)
    query = select(user_account.c.user_id).where(db.one_of(user_account.c.user_id, user_ids), ACTIVE, user_account.c.user_id.not_in(off))
    return set(db.numbers(query))


def put(db: Writing, notice: str, process_id: int, user_ids: Iterable[int], reason: str | None, *, now: int) -> None:
    payload = msgspec.json.encode({"notice": notice, "process_id": process_id, "reason": reason}).decode()
    columns = ("kind", "payload", "user_id", "created_epoch", "due_epoch")
    db.insert_many(outbox, columns, [(KIND, payload, user_id, now, now) for user_id in sorted(user_ids)])


def followers(db: Reading, process_id: int) -> set[int]:
    return set(db.numbers(select(idea_follow.c.user_id).where(idea_follow.c.process_id == process_id)))


def reviewers(db: Reading, chain: Sequence[int]) -> set[int]:
    """The people whose own roles, administrators' apart, let them review ideas of a category with this chain."""
    may = select(role_permission.c.role_id).where(
        role_permission.c.permission == Right.REVIEW_IDEAS.value,
        role_permission.c.only_where_assigned == 0,
        role_permission.c.role_id.not_in((ACCOUNT_OWNER, SYSTEM_ADMIN)),
    )
    where = (user_role.c.role_id.in_(may), db.one_of(user_role.c.category_id, [0, *chain]))
    return set(db.numbers(select(user_role.c.user_id).where(*where).distinct()))


def facts(db: Reading, user_id: int, process_id: int) -> Row | None:
    """What a mail says of person and idea; None when the person is not active any more or the idea is gone."""
    joined = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(phase)
    status = (phase.c.phase_name + " – " + phase_status.c.phase_status_name).label("status")
    person = select(user_account.c.user_email, user_account.c.user_first_name).where(user_account.c.user_id == user_id, ACTIVE).subquery()
    query = select(idea.c.process_name, status, person).select_from(joined.join(person, sa.true()))
    return db.row(query.where(idea.c.process_id == process_id, idea.c.process_is_deleted == 0))


def off(db: Reading, user_id: int) -> list[str]:
    return list(db.scalars(select(notice_off.c.notice).where(notice_off.c.user_id == user_id).order_by(notice_off.c.notice)))


def set_off(db: Writing, user_id: int, notices: Iterable[str]) -> None:
    db.change(notice_off.delete().where(notice_off.c.user_id == user_id))
    db.insert_many(notice_off, ("user_id", "notice"), [(user_id, notice) for notice in sorted(set(notices))])
