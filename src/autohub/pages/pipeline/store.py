"""Every statement behind the pipeline's views and its board."""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.db.schema import idea, phase, phase_status
from autohub.db.statements import Statement, among, bind
from autohub.ideas.list_store import Asked, Filters, conditions, read_filters
from autohub.ideas.visibility_store import Sight

_placed = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(
    phase, phase.c.phase_id == phase_status.c.phase_id
)


def count_by_status(db: Reading, caller: Caller, filters: Filters) -> dict[int, int]:
    """How many of the ideas that the filters hold have each status."""
    sight, asked, values = read_filters(db, caller, filters)
    return {row.phase_status_id: row.n for row in db.rows(_counts(sight, asked), values)}


@lru_cache
def _counts(sight: Sight, asked: Asked) -> Statement:
    counted = select(idea.c.phase_status_id, func.count().label("n"))
    return Statement(counted.where(*conditions(sight, asked)).group_by(idea.c.phase_status_id))


def first_ideas_of_phases(
    db: Reading, caller: Caller, filters: Filters, phase_ids: Iterable[int], *, limit: int
) -> dict[int, list[int]]:
    """The first ideas of each phase, those that promise most first."""
    sight, asked, values = read_filters(db, caller, filters)
    values |= {"shown_phases": list(phase_ids), "most": limit}
    found: dict[int, list[int]] = {}
    for phase_id, process_id in map(tuple, db.rows(_first(sight, asked), values)):
        found.setdefault(phase_id, []).append(process_id)
    return found


@lru_cache
def _first(sight: Sight, asked: Asked) -> Statement:
    where = [*conditions(sight, asked), among(phase.c.phase_id, "shown_phases")]
    benefit = func.coalesce(idea.c.process_estimated_benefit_score, -1.0)
    place = (
        func.row_number()
        .over(partition_by=phase.c.phase_id, order_by=(benefit.desc(), idea.c.process_id))
        .label("place")
    )
    ranked = (
        select(phase.c.phase_id, idea.c.process_id, place)
        .select_from(_placed)
        .where(*where)
        .subquery()
    )
    return Statement(
        select(ranked.c.phase_id, ranked.c.process_id)
        .where(ranked.c.place <= bind("most"))
        .order_by(ranked.c.phase_id, ranked.c.place)
    )
