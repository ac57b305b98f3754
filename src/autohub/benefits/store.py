"""Every statement about plans, costs, prices, rates and runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.benefits.model import Cost, Inputs, PlanRow, Price
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    cost_setting,
    currency_rate,
    idea_benefit,
    idea_cost,
    idea_plan,
    robot_run,
    vendor_price,
)
from autohub.kit.query import Page

_PLAN = (
    "phase_id",
    "baseline_start",
    "baseline_end",
    "actual_start",
    "actual_end",
    "new_estimate_end",
    "person_days",
    "day_rate",
    "currency",
)
_COST = ("kind", "cost_type", "cost_name", "quantity", "unit_price", "currency")
RUN = (
    "process_id",
    "started_epoch",
    "runs",
    "failed",
    "minutes_saved",
    "cost_saved",
    "currency",
    "run_key",
)


# --- cost setup ---


def get_settings(db: Reading) -> dict[str, str]:
    return {row.name: row.value for row in db.rows(select(cost_setting))}


def set_setting(db: Writing, name: str, value: str) -> None:
    db.change(cost_setting.delete().where(cost_setting.c.name == name))
    db.insert(cost_setting, {"name": name, "value": value})


def list_rates(db: Reading) -> dict[str, list[tuple[int, float]]]:
    """By currency, in the order of time."""
    found: dict[str, list[tuple[int, float]]] = {}
    for row in db.rows(
        select(currency_rate).order_by(currency_rate.c.currency, currency_rate.c.valid_from_epoch)
    ):
        found.setdefault(row.currency, []).append((row.valid_from_epoch, row.rate))
    return found


def set_rate(db: Writing, currency: str, valid_from_epoch: int, rate: float) -> None:
    mine = (
        currency_rate.c.currency == currency,
        currency_rate.c.valid_from_epoch == valid_from_epoch,
    )
    db.change(currency_rate.delete().where(*mine))
    db.insert(
        currency_rate, {"currency": currency, "valid_from_epoch": valid_from_epoch, "rate": rate}
    )


def list_prices(db: Reading) -> dict[int, Price]:
    return {
        row.price_id: Price(**row._mapping)
        for row in db.rows(select(vendor_price).order_by(vendor_price.c.price_id))
    }


def insert_price(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(vendor_price, values)


def delete_price(db: Writing, price_id: int) -> None:
    db.change(vendor_price.delete().where(vendor_price.c.price_id == price_id))


def has_money(db: Reading) -> bool:
    """Whether any amount is kept in some currency."""
    tables = (currency_rate, idea_cost, vendor_price)
    return any(
        db.row(select(sa.literal(1)).select_from(table).limit(1)) is not None for table in tables
    )


# --- one idea ---


def get_plan(db: Reading, process_id: int) -> list[PlanRow]:
    rows = db.rows(
        select(*(idea_plan.c[name] for name in _PLAN))
        .where(idea_plan.c.process_id == process_id)
        .order_by(idea_plan.c.phase_id)
    )
    return [PlanRow(**row._mapping) for row in rows]


def set_plan(db: Writing, process_id: int, rows: Sequence[PlanRow]) -> None:
    db.change(idea_plan.delete().where(idea_plan.c.process_id == process_id))
    db.insert_many(
        idea_plan,
        ("process_id", *_PLAN),
        [(process_id, *(getattr(row, name) for name in _PLAN)) for row in rows],
    )


def list_costs(db: Reading, process_id: int) -> list[Cost]:
    query = (
        select(*(idea_cost.c[name] for name in _COST))
        .where(idea_cost.c.process_id == process_id)
        .order_by(idea_cost.c.cost_id)
    )
    return [Cost(**row._mapping) for row in db.rows(query)]


def set_costs(db: Writing, process_id: int, rows: Sequence[Cost]) -> None:
    db.change(idea_cost.delete().where(idea_cost.c.process_id == process_id))
    db.insert_many(
        idea_cost,
        ("process_id", *_COST),
        [(process_id, *(getattr(row, name) for name in _COST)) for row in rows],
    )


def get_inputs(db: Reading, process_id: int) -> tuple[Inputs, bool]:
    """What was decided for an idea, and whether its baseline is set."""
    row = db.row(select(idea_benefit).where(idea_benefit.c.process_id == process_id))
    return (
        (msgspec.json.decode(row.inputs, type=Inputs), bool(row.baseline_is_set))
        if row is not None
        else (Inputs(), False)
    )


def set_inputs(
    db: Writing, process_id: int, wanted: Inputs, *, baseline: Sequence[PlanRow] | None, now: int
) -> None:
    """Stores what was decided; a `baseline` is kept as it is now, None leaves it as it was."""
    values: dict[str, Any] = {"inputs": msgspec.json.encode(wanted), "updated_epoch": now}
    if baseline is not None:
        values |= {"baseline_is_set": 1, "baseline": msgspec.json.encode(baseline)}
    if not db.insert_new(idea_benefit, {"process_id": process_id, **values}):
        db.change(
            idea_benefit.update().where(idea_benefit.c.process_id == process_id).values(**values)
        )


# --- runs ---


def save_runs(db: Writing, process_id: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds runs, each as RUN; those whose key is there already take the place of the old ones."""
    keys = [row[-1] for row in rows if row[-1] is not None]
    if keys:
        db.change(
            robot_run.delete().where(
                robot_run.c.process_id == process_id, db.one_of(robot_run.c.run_key, keys)
            )
        )
    db.insert_many(robot_run, RUN, rows)


def list_runs(db: Reading, process_id: int, page: Page) -> tuple[Sequence[Row], int]:
    """One page, by time, and how many there are in all."""
    mine = robot_run.c.process_id == process_id
    total = db.scalar(select(func.count()).select_from(robot_run).where(mine))
    query = select(robot_run).where(mine).order_by(robot_run.c.started_epoch, robot_run.c.run_id)
    return db.rows(query.limit(page.limit).offset(page.offset)), total


def list_all_runs(db: Reading, process_id: int) -> Sequence[Any]:
    """(started_epoch, runs, failed, minutes_saved, cost_saved, currency) of every run, by time."""
    sql = (
        "SELECT started_epoch, runs, failed, minutes_saved, cost_saved, currency FROM robot_run "
        "WHERE process_id = ? ORDER BY started_epoch"
    )
    return db.driver_rows(sql, (process_id,))
