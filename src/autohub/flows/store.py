"""Every statement about phases, statuses and flows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import category_flow, flow_transition, idea, idea_flow, phase, phase_status
from autohub.db.stamps import keep
from autohub.flows.model import Status, Transition


def has_defaults(db: Reading) -> bool:
    return db.row(select(phase.c.phase_id).limit(1)) is not None


def insert_defaults(
    db: Writing, phases: Iterable[Sequence[Any]], statuses: Iterable[Sequence[Any]]
) -> None:
    names = ("phase_id", "phase_key", "phase_name", "phase_order", "phase_target_days")
    db.insert_many(phase, names, [tuple(row) for row in phases])
    db.insert_many(
        phase_status,
        ("phase_status_id", "phase_id", "phase_status_key", "phase_status_name", "waits_for"),
        [tuple(row) for row in statuses],
    )


@keep("flows")
def all_statuses(db: Reading) -> dict[int, Status]:
    """All statuses by id, in the order of their phases."""
    columns = (
        phase_status.c.phase_status_id,
        phase_status.c.phase_status_key,
        phase_status.c.phase_status_name,
        phase.c.phase_id,
        phase.c.phase_key,
        phase.c.phase_name,
        phase_status.c.waits_for,
    )
    joined = phase_status.join(phase, phase.c.phase_id == phase_status.c.phase_id)
    rows = db.rows(
        select(*columns)
        .select_from(joined)
        .order_by(phase.c.phase_order, phase_status.c.phase_status_id)
    )
    return {row.phase_status_id: Status(**row._mapping) for row in rows}


@keep("flows")
def list_phases(db: Reading) -> Sequence[Row]:
    return db.rows(select(phase).order_by(phase.c.phase_order, phase.c.phase_id))


def insert_phase(db: Writing, values: Mapping[str, Any]) -> None:
    db.insert(phase, values)


def update_phase(db: Writing, phase_id: int, values: Mapping[str, Any]) -> None:
    db.change(phase.update().where(phase.c.phase_id == phase_id).values(dict(values)))


def insert_status(db: Writing, values: Mapping[str, Any]) -> None:
    db.insert(phase_status, values)


@keep("flows")
def list_flows(db: Reading) -> Sequence[Row]:
    return db.rows(select(idea_flow).order_by(idea_flow.c.idea_flow_id))


def get_flow(db: Reading, idea_flow_id: int) -> Row | None:
    return db.row(select(idea_flow).where(idea_flow.c.idea_flow_id == idea_flow_id))


def find_flow_id(db: Reading, name_key: str) -> int | None:
    found: int | None = db.scalar(
        select(idea_flow.c.idea_flow_id).where(idea_flow.c.idea_flow_name_key == name_key)
    )
    return found


def list_transitions(db: Reading, flow_ids: Sequence[int]) -> dict[int, list[Transition]]:
    """The moves of each flow, by where they start and lead."""
    found: dict[int, list[Transition]] = {}
    query = (
        select(flow_transition)
        .where(db.one_of(flow_transition.c.idea_flow_id, flow_ids))
        .order_by(*flow_transition.primary_key)
    )
    for row in db.rows(query):
        found.setdefault(row.idea_flow_id, []).append(
            Transition(row.from_status_id, row.to_status_id, row.permission)
        )
    return found


def save_flow(
    db: Writing, idea_flow_id: int | None, values: Mapping[str, Any], moves: Iterable[Transition]
) -> int:
    """Adds (None) or replaces a flow with its moves, and returns its id."""
    if idea_flow_id is None:
        idea_flow_id = db.insert(idea_flow, values)
    else:
        db.change(
            idea_flow.update().where(idea_flow.c.idea_flow_id == idea_flow_id).values(dict(values))
        )
        db.change(flow_transition.delete().where(flow_transition.c.idea_flow_id == idea_flow_id))
    columns = ("idea_flow_id", "from_status_id", "to_status_id", "permission")
    db.insert_many(
        flow_transition,
        columns,
        [(idea_flow_id, m.from_status_id, m.to_status_id, str(m.permission)) for m in moves],
    )
    return idea_flow_id


def delete_flow(db: Writing, idea_flow_id: int) -> None:
    for table in (flow_transition, idea_flow):
        db.change(table.delete().where(table.c.idea_flow_id == idea_flow_id))


def categories_of(db: Reading, idea_flow_id: int) -> Sequence[int]:
    """The categories that name this flow as theirs."""
    query = select(category_flow.c.category_id).where(category_flow.c.idea_flow_id == idea_flow_id)
    return db.scalars(query.order_by(category_flow.c.category_id))


def count_ideas_in(db: Reading, idea_flow_id: int) -> int:
    """How many ideas are in this flow."""
    return int(
        db.scalar(select(func.count()).select_from(idea).where(idea.c.idea_flow_id == idea_flow_id))
    )


def statuses_in_use(db: Reading, idea_flow_id: int) -> set[int]:
    """The statuses that ideas of this flow have."""
    return set(
        db.scalars(
            select(idea.c.phase_status_id).where(idea.c.idea_flow_id == idea_flow_id).distinct()
        )
    )


def list_category_flows(db: Reading, category_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """The flow that each of these categories names for itself, by category and type."""
    rows = db.rows(
        select(category_flow).where(db.one_of(category_flow.c.category_id, category_ids))
    )
    return {(row.category_id, row.submission_type): row.idea_flow_id for row in rows}


def set_category_flow(
    db: Writing, category_id: int, submission_type: int, idea_flow_id: int | None
) -> None:
    mine = (
        category_flow.c.category_id == category_id,
        category_flow.c.submission_type == submission_type,
    )
    db.change(category_flow.delete().where(*mine))
    if idea_flow_id is not None:
        db.insert(
            category_flow,
            {
                "category_id": category_id,
                "submission_type": submission_type,
                "idea_flow_id": idea_flow_id,
            },
        )
