"""Every statement behind the pipeline's views and its board."""

from collections.abc import Iterable

from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.db.schema import idea, phase, phase_status
from autohub.ideas.store import Filters, conditions
from autohub.ideas.visibility_store import visible

_placed = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(
    phase, phase.c.phase_id == phase_status.c.phase_id
)


def count_by_status(db: Reading, caller: Caller) -> dict[int, int]:
    """How many ideas that the caller may see have each status."""
    query = (
        select(idea.c.phase_status_id, func.count().label("n"))
        .where(visible(db, caller))
        .group_by(idea.c.phase_status_id)
    )
    return {row.phase_status_id: row.n for row in db.rows(query)}


def first_ideas_of_phases(
    db: Reading, caller: Caller, filters: Filters, phase_ids: Iterable[int], *, limit: int
) -> dict[int, list[int]]:
    """The first ideas of each phase, those that promise most first."""
    where = [
        visible(db, caller),
        *conditions(db, filters),
        db.one_of(phase.c.phase_id, list(phase_ids)),
    ]
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
    query = (
        select(ranked.c.phase_id, ranked.c.process_id)
        .where(ranked.c.place <= limit)
        .order_by(ranked.c.phase_id, ranked.c.place)
    )
    found: dict[int, list[int]] = {}
    for phase_id, process_id in map(tuple, db.rows(query)):
        found.setdefault(phase_id, []).append(process_id)
    return found
