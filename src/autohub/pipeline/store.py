"""Every statement behind the lists of ideas, and the views that people save."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.db.engine import Row as AnyRow
from autohub.db.schema import idea, phase, phase_status, saved_view, user_account
from autohub.ideas.store import Filters, conditions, visible
from autohub.pipeline.model import Row

_owner, _submitter = user_account.alias("owner"), user_account.alias("submitter")
_COLUMNS = (
    idea.c.process_id,
    idea.c.process_name,
    idea.c.category_id,
    phase.c.phase_id,
    phase.c.phase_name,
    phase.c.phase_target_days,
    idea.c.phase_status_id,
    phase_status.c.phase_status_name,
    idea.c.status_epoch,
    idea.c.process_submission_type,
    idea.c.process_created_epoch,
    idea.c.process_updated_epoch,
    idea.c.process_priority,
    idea.c.process_num_votes,
    idea.c.owner_user_id,
    _owner.c.user_first_name,
    _owner.c.user_last_name,
    idea.c.submitter_user_id,
    _submitter.c.user_first_name,
    _submitter.c.user_last_name,
    idea.c.process_overall_gauge_score,
    idea.c.process_automation_score,
    idea.c.process_ease_of_implementation_score,
    idea.c.process_estimated_benefit_score,
)
_placed = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(
    phase, phase.c.phase_id == phase_status.c.phase_id
)
_named = _placed.outerjoin(_owner, _owner.c.user_id == idea.c.owner_user_id).outerjoin(
    _submitter, _submitter.c.user_id == idea.c.submitter_user_id
)


def rows(db: Reading, ids: Sequence[int]) -> list[Row]:
    """What a list shows of these ideas, in this order."""
    if not ids:
        return []
    found = {row[0]: Row(*tuple(row)) for row in db.rows(select(*_COLUMNS).select_from(_named).where(db.one_of(idea.c.process_id, ids)))}
    return [found[process_id] for process_id in ids if process_id in found]


def counts(db: Reading, caller: Caller) -> dict[int, int]:
    """How many ideas that the caller may see have each status."""
    query = select(idea.c.phase_status_id, func.count().label("n")).where(visible(db, caller)).group_by(idea.c.phase_status_id)
    return {row.phase_status_id: row.n for row in db.rows(query)}


def by_phase(db: Reading, caller: Caller, filters: Filters) -> dict[int, tuple[int, float]]:
    """How many ideas are in each phase, and the hours a year that they promise together."""
    where = [visible(db, caller), *conditions(db, filters)]
    hours = func.coalesce(func.sum(idea.c.process_estimated_benefit_score), 0.0).label("hours")
    grouped = select(idea.c.phase_status_id, func.count().label("n"), hours).where(*where).group_by(idea.c.phase_status_id).subquery()
    joined = grouped.join(phase_status, phase_status.c.phase_status_id == grouped.c.phase_status_id)
    found: dict[int, tuple[int, float]] = {}
    for phase_id, n, total in map(tuple, db.rows(select(phase_status.c.phase_id, grouped.c.n, grouped.c.hours).select_from(joined))):
        before = found.get(phase_id, (0, 0.0))
        found[phase_id] = (before[0] + int(n), before[1] + float(total))
    return found


def first_of_phase(db: Reading, caller: Caller, filters: Filters, phase_ids: Iterable[int], *, limit: int) -> dict[int, list[int]]:
    """The first ideas of each phase, those that promise most first."""
    where = [visible(db, caller), *conditions(db, filters), db.one_of(phase.c.phase_id, list(phase_ids))]
    benefit = func.coalesce(idea.c.process_estimated_benefit_score, -1.0)
    place = func.row_number().over(partition_by=phase.c.phase_id, order_by=(benefit.desc(), idea.c.process_id)).label("place")
    ranked = select(phase.c.phase_id, idea.c.process_id, place).select_from(_placed).where(*where).subquery()
    query = select(ranked.c.phase_id, ranked.c.process_id).where(ranked.c.place <= limit).order_by(ranked.c.phase_id, ranked.c.place)
    found: dict[int, list[int]] = {}
    for phase_id, process_id in map(tuple, db.rows(query)):
        found.setdefault(phase_id, []).append(process_id)
    return found


def names(db: Reading, user_ids: Iterable[int]) -> dict[int, str]:
    """Full names by id; erased people have none."""
    query = select(user_account.c.user_id, user_account.c.user_first_name, user_account.c.user_last_name).where(
        db.one_of(user_account.c.user_id, list(user_ids)), user_account.c.erased_epoch.is_(None)
    )
    return {row.user_id: f"{row.user_first_name} {row.user_last_name}" for row in db.rows(query)}


# --- saved views ---


def saved(db: Reading, user_id: int, page: str) -> Sequence[AnyRow]:
    where = (saved_view.c.user_id == user_id, saved_view.c.page == page)
    return db.rows(select(saved_view).where(*where).order_by(saved_view.c.view_name))


def save(db: Writing, user_id: int, page: str, name: str, query: str, *, now: int) -> None:
    """Keeps a view; one of the same name is replaced."""
    drop(db, user_id, page, name)
    values: dict[str, Any] = {"user_id": user_id, "page": page, "view_name": name, "query": query, "created_epoch": now}
    db.insert(saved_view, values)


def drop(db: Writing, user_id: int, page: str, name: str) -> None:
    where = (saved_view.c.user_id == user_id, saved_view.c.page == page, saved_view.c.view_name == name)
    db.change(saved_view.delete().where(sa.and_(*where)))


def forget(db: Writing, user_id: int) -> None:
    """Drops what a person saved: for an erasure."""
    db.change(saved_view.delete().where(saved_view.c.user_id == user_id))
