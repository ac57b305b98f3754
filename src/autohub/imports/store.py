"""Every statement about what tables said of ideas."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    idea_cost,
    idea_history,
    idea_import,
    idea_plan,
    import_mapping,
    import_run,
    phase_status,
    robot_run,
)

_decoder = msgspec.json.Decoder(dict[str, tuple[str, str]])
Said = dict[str, tuple[str, str]]
"""By field: fingerprints of what the table said when it was imported last, and of what that made
of the idea."""


def find_mapping(db: Reading, headings_key: str) -> tuple[str, int] | None:
    """The mapping that such a table had last, as JSON, and when that was."""
    row = db.row(select(import_mapping).where(import_mapping.c.headings_key == headings_key))
    return None if row is None else (row.mapping, row.updated_epoch)


def keep_mapping(db: Writing, headings_key: str, mapping: str, *, now: int) -> None:
    db.change(import_mapping.delete().where(import_mapping.c.headings_key == headings_key))
    values = {"headings_key": headings_key, "mapping": mapping, "updated_epoch": now}
    db.change(import_mapping.insert().values(**values))


def insert_run(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(import_run, values)


def get_run(db: Reading, run_id: int, user_id: int | None = None) -> Row | None:
    """The run; with `user_id` only if that person started it."""
    where = [import_run.c.run_id == run_id]
    if user_id is not None:
        where.append(import_run.c.user_id == user_id)
    return db.row(select(import_run).where(*where))


def list_runs(db: Reading, user_id: int, *, limit: int) -> list[Row]:
    """A person's runs, newest first."""
    query = select(import_run).where(import_run.c.user_id == user_id)
    return list(db.rows(query.order_by(import_run.c.run_id.desc()).limit(limit)))


def update_run(db: Writing, run_id: int, values: Mapping[str, Any]) -> None:
    db.change(import_run.update().where(import_run.c.run_id == run_id).values(dict(values)))


def delete_old_runs(db: Writing, *, before: int, limit: int) -> int:
    """Takes away runs, with their reports, to which nothing happened since that moment."""
    idle = import_run.c.state.not_in(("queued", "running", "stopping"))
    return db.delete_some(import_run, idle & (import_run.c.updated_epoch < before), limit=limit)


def delete_runs_of_user(db: Writing, user_id: int) -> None:
    """Drops what a person started: for an erasure."""
    db.change(import_run.delete().where(import_run.c.user_id == user_id))


def said_of(db: Reading, ids: Sequence[int]) -> dict[int, Said]:
    """What was said of these ideas; those of which nothing is known are left out."""
    sql = f"SELECT process_id, said FROM idea_import WHERE process_id {db.driver_in}"
    return {
        process_id: _decoder.decode(raw)
        for process_id, raw in db.driver_rows(sql, (db.driver_list(ids),))
    }


def keep_said(db: Writing, said: Mapping[int, Said]) -> None:
    """Puts what was said in the place of what was known."""
    ids = list(said)
    db.change(idea_import.delete().where(db.one_of(idea_import.c.process_id, ids)))
    rows = [(process_id, msgspec.json.encode(said[process_id]).decode()) for process_id in ids]
    db.insert_many(idea_import, ("process_id", "said"), rows)


def first_entries(db: Reading, ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """When each idea came into each phase for the first time, by idea and phase."""
    joined = idea_history.join(
        phase_status, phase_status.c.phase_status_id == idea_history.c.to_status_id
    )
    query = (
        select(
            idea_history.c.process_id,
            phase_status.c.phase_id,
            func.min(idea_history.c.at_epoch).label("at_epoch"),
        )
        .select_from(joined)
        .where(db.one_of(idea_history.c.process_id, ids))
        .group_by(idea_history.c.process_id, phase_status.c.phase_id)
    )
    return {(row.process_id, row.phase_id): int(row.at_epoch) for row in db.rows(query)}


def sum_hours_saved(db: Reading, ids: Sequence[int]) -> dict[int, float]:
    """The hours that robots saved so far, by idea."""
    minutes = func.sum(robot_run.c.minutes_saved).label("minutes")
    query = select(robot_run.c.process_id, minutes).where(db.one_of(robot_run.c.process_id, ids))
    rows = db.rows(query.group_by(robot_run.c.process_id))
    return {row.process_id: float(row.minutes) / 60 for row in rows}


def sum_costs(db: Reading, ids: Sequence[int]) -> dict[int, list[tuple[str, str | None, float]]]:
    """By idea: kind (one_time or running, a year's), currency and amount of its costs and of its
    plan's effort, as its own analysis counts them."""
    spent = select(
        idea_cost.c.process_id,
        idea_cost.c.kind,
        idea_cost.c.currency,
        (idea_cost.c.quantity * idea_cost.c.unit_price).label("amount"),
    )
    effort = select(
        idea_plan.c.process_id,
        sa.literal("one_time"),
        idea_plan.c.currency,
        idea_plan.c.person_days * idea_plan.c.day_rate,
    )
    each = sa.union_all(spent, effort).subquery()
    query = (
        select(each.c.process_id, each.c.kind, each.c.currency, func.sum(each.c.amount).label("n"))
        .where(db.one_of(each.c.process_id, ids), each.c.amount.is_not(None))
        .group_by(each.c.process_id, each.c.kind, each.c.currency)
    )
    found: dict[int, list[tuple[str, str | None, float]]] = {}
    for row in db.rows(query):
        found.setdefault(row.process_id, []).append((row.kind, row.currency, float(row.n)))
    return found
