"""Every statement behind the dashboards; each looks only at ideas that the reader may see, in
the categories of the filter."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller, Right
from autohub.db.engine import Reading
from autohub.db.schema import (
    category,
    idea,
    idea_cost,
    idea_history,
    idea_plan,
    phase_status,
    robot_run,
    user_account,
)
from autohub.ideas.model import LIVE_PHASE
from autohub.ideas.visibility_store import below, visible


class Scope(NamedTuple):
    """Whose ideas: those that `caller` may see on dashboards, below `category_ids` if any are
    named; from `since` to `until`."""

    caller: Caller
    category_ids: Sequence[int]
    since: int
    until: int


def visible_ideas(db: Reading, scope: Scope) -> sa.ColumnElement[bool]:
    where = [visible(db, scope.caller)]
    reach = scope.caller.reach(Right.VIEW_DASHBOARDS)
    if reach is not None:
        where.append(idea.c.category_id.in_(below(db, reach)))
    if scope.category_ids:
        where.append(idea.c.category_id.in_(below(db, scope.category_ids)))
    return sa.and_(*where)


def count_by_phase_and_category(db: Reading, scope: Scope) -> list[tuple[int, int, int, float]]:
    """Phase, category, how many ideas are there now, and the hours a year that they promise."""
    hours = func.coalesce(func.sum(idea.c.process_estimated_benefit_score), 0.0)
    joined = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
    query = (
        select(phase_status.c.phase_id, idea.c.category_id, func.count(), hours)
        .select_from(joined)
        .where(visible_ideas(db, scope))
    )
    rows = db.rows(query.group_by(phase_status.c.phase_id, idea.c.category_id))
    return [(int(phase), int(place), int(n), float(h)) for phase, place, n, h in map(tuple, rows)]


def top_categories(db: Reading) -> dict[int, tuple[int, str]]:
    """Each category's topmost one: its id and name."""
    rows = {row.category_id: row for row in db.rows(select(category))}
    found = {}
    for category_id, row in rows.items():
        top = int(row.path.partition("/")[0])
        found[category_id] = (top, rows[top].category_name)
    return found


def list_events(db: Reading, scope: Scope, *, decided: Sequence[int]) -> list[tuple[int, str]]:
    """When ideas came in (in), were decided (out), and went live (live), within the period."""
    joined = idea_history.join(idea, idea.c.process_id == idea_history.c.process_id).join(
        phase_status, phase_status.c.phase_status_id == idea_history.c.to_status_id
    )
    kind = sa.case(
        (idea_history.c.from_status_id.is_(None), "in"),
        (idea_history.c.to_status_id.in_(decided), "out"),
        (phase_status.c.phase_id == LIVE_PHASE, "live"),
    )
    within = (idea_history.c.at_epoch >= scope.since, idea_history.c.at_epoch <= scope.until)
    query = (
        select(idea_history.c.at_epoch, kind.label("kind"))
        .select_from(joined)
        .where(visible_ideas(db, scope), *within, kind.is_not(None))
    )
    return [(int(at), str(what)) for at, what in map(tuple, db.rows(query))]


def list_phase_durations(db: Reading, scope: Scope) -> list[tuple[int, int]]:
    """For each time that an idea left a phase within the period: the phase, and how long it was
    in it, in milliseconds."""
    joined = idea_history.join(
        phase_status, phase_status.c.phase_status_id == idea_history.c.to_status_id
    )
    before = func.lag(phase_status.c.phase_id).over(
        partition_by=idea_history.c.process_id, order_by=idea_history.c.history_id
    )
    moves = (
        select(
            idea_history.c.process_id,
            idea_history.c.history_id,
            idea_history.c.at_epoch,
            phase_status.c.phase_id,
            before.label("before"),
        )
        .select_from(joined)
        .subquery()
    )
    left = (
        func.lead(moves.c.at_epoch)
        .over(partition_by=moves.c.process_id, order_by=moves.c.history_id)
        .label("left_epoch")
    )
    entered = sa.or_(moves.c.before.is_(None), moves.c.before != moves.c.phase_id)
    stays = (
        select(moves.c.process_id, moves.c.phase_id, moves.c.at_epoch, left)
        .where(entered)
        .subquery()
    )
    within = (stays.c.left_epoch >= scope.since, stays.c.left_epoch <= scope.until)
    mine = stays.join(idea, idea.c.process_id == stays.c.process_id)
    query = (
        select(stays.c.phase_id, stays.c.left_epoch - stays.c.at_epoch)
        .select_from(mine)
        .where(visible_ideas(db, scope), *within)
    )
    return [(int(phase), int(took)) for phase, took in map(tuple, db.rows(query))]


def live_since(db: Reading, scope: Scope) -> list[tuple[int, float]]:
    """For each live automation since when it is live, and the hours a year that were planned."""
    first = select(
        idea_history.c.process_id, func.min(idea_history.c.at_epoch).label("since")
    ).join(
        phase_status,
        sa.and_(
            phase_status.c.phase_status_id == idea_history.c.to_status_id,
            phase_status.c.phase_id == LIVE_PHASE,
        ),
    )
    began = first.group_by(idea_history.c.process_id).subquery()
    joined = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id).join(
        began, began.c.process_id == idea.c.process_id
    )
    query = select(began.c.since, idea.c.process_estimated_benefit_score).select_from(joined)
    query = query.where(visible_ideas(db, scope), phase_status.c.phase_id == LIVE_PHASE)
    return [(int(since), float(hours or 0)) for since, hours in map(tuple, db.rows(query))]


def list_runs(db: Reading, scope: Scope) -> list[tuple[int, float]]:
    """When robots ran within the period, and the hours that they saved."""
    within = (robot_run.c.started_epoch >= scope.since, robot_run.c.started_epoch <= scope.until)
    query = select(robot_run.c.started_epoch, robot_run.c.minutes_saved).join(
        idea, idea.c.process_id == robot_run.c.process_id
    )
    return [
        (int(at), float(minutes) / 60)
        for at, minutes in map(tuple, db.rows(query.where(visible_ideas(db, scope), *within)))
    ]


def count_participation(db: Reading, scope: Scope, *, limit: int) -> list[tuple[str, int, int]]:
    """Business units by how many ideas they handed in within the period: the unit, its ideas,
    and the people behind them."""
    unit = func.coalesce(func.nullif(user_account.c.user_business_unit, ""), "–")
    within = (
        idea.c.process_created_epoch >= scope.since,
        idea.c.process_created_epoch <= scope.until,
    )
    people = func.count(sa.distinct(idea.c.submitter_user_id))
    query = select(unit, func.count(), people).join(
        user_account, user_account.c.user_id == idea.c.submitter_user_id
    )
    query = (
        query.where(visible_ideas(db, scope), *within)
        .group_by(unit)
        .order_by(func.count().desc(), unit)
        .limit(limit)
    )
    return [(str(name), int(n), int(who)) for name, n, who in map(tuple, db.rows(query))]


def sum_costs(db: Reading, scope: Scope) -> list[tuple[int, str, str | None, float]]:
    """Category, kind (one_time or running, a year's), currency, and what the ideas there cost:
    their costs, and the effort of their plans, as an idea's own analysis counts it."""
    spent = select(
        idea_cost.c.process_id,
        idea_cost.c.kind,
        idea_cost.c.currency,
        (idea_cost.c.quantity * idea_cost.c.unit_price),
    )
    effort = select(
        idea_plan.c.process_id,
        sa.literal("one_time"),
        idea_plan.c.currency,
        idea_plan.c.person_days * idea_plan.c.day_rate,
    )
    all_ = sa.union_all(spent, effort).subquery().alias("all_")
    process_id, kind, currency, amount = all_.c
    query = select(idea.c.category_id, kind, currency, func.sum(amount)).join(
        idea, idea.c.process_id == process_id
    )
    query = query.where(visible_ideas(db, scope), amount.is_not(None)).group_by(
        idea.c.category_id, kind, currency
    )
    return [
        (int(place), str(what), in_, float(sum_))
        for place, what, in_, sum_ in map(tuple, db.rows(query))
    ]
