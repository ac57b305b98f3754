"""How many ideas there are in each phase."""

from functools import lru_cache

from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.db.schema import idea, phase_status
from autohub.db.statements import Statement
from autohub.ideas.list_store import Asked, Filters, conditions, read_filters
from autohub.ideas.visibility_store import Sight


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
