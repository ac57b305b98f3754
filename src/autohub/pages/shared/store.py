"""What lists of ideas show, and how many there are in each phase."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.db.schema import idea, phase, phase_status, user_account
from autohub.db.statements import Statement
from autohub.ideas.list_store import Asked, Filters, conditions, read_filters
from autohub.ideas.visibility_store import Sight
from autohub.pages.shared.model import IdeaRow

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
    _owner.c.user_first_name.label("owner_first_name"),
    _owner.c.user_last_name.label("owner_last_name"),
    _owner.c.user_is_active.label("owner_is_active"),
    _owner.c.trashed_epoch.label("owner_trashed_epoch"),
    idea.c.submitter_user_id,
    _submitter.c.user_first_name.label("submitter_first_name"),
    _submitter.c.user_last_name.label("submitter_last_name"),
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


def load_rows(db: Reading, ids: Sequence[int]) -> list[IdeaRow]:
    """What a list shows of these ideas, in this order."""
    if not ids:
        return []
    found = {
        row.process_id: IdeaRow(**row._mapping)
        for row in db.rows(
            select(*_COLUMNS).select_from(_named).where(db.one_of(idea.c.process_id, ids))
        )
    }
    return [found[process_id] for process_id in ids if process_id in found]


def sum_by_phase(db: Reading, caller: Caller, filters: Filters) -> dict[int, tuple[int, float]]:
    """How many ideas are in each phase, and the hours a year that they promise together."""
    sight, asked, values = read_filters(db, caller, filters)
    rows = db.rows(_sums(sight, asked), values)
    found: dict[int, tuple[int, float]] = {}
    for phase_id, n, total in map(tuple, rows):
        before = found.get(phase_id, (0, 0.0))
        found[phase_id] = (before[0] + int(n), before[1] + float(total))
    return found


@lru_cache
def _sums(sight: Sight, asked: Asked) -> Statement:
    hours = func.coalesce(func.sum(idea.c.process_estimated_benefit_score), 0.0).label("hours")
    grouped = (
        select(idea.c.phase_status_id, func.count().label("n"), hours)
        .where(*conditions(sight, asked))
        .group_by(idea.c.phase_status_id)
        .subquery()
    )
    joined = grouped.join(phase_status, phase_status.c.phase_status_id == grouped.c.phase_status_id)
    columns = (phase_status.c.phase_id, grouped.c.n, grouped.c.hours)
    return Statement(select(*columns).select_from(joined))
