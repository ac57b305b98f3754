"""What a caller may see of ideas, as a condition (contract 1.3)."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import select

from autohub.access.model import Caller, Right
from autohub.db.engine import Reading
from autohub.db.schema import category, idea, idea_collaborator, phase_status
from autohub.db.statements import among, bind
from autohub.ideas.model import LIVE_PHASE

Deleted = Literal["", "include", "only"]
_Listed = Callable[[sa.ColumnElement[Any], str], sa.ColumnElement[bool]]


class Sight(NamedTuple):
    """In which ways somebody sees ideas; there are few, and `seen` is one condition for each."""

    deleted: Deleted
    ideas: Literal["all", "some", "none"]
    automations: Literal["all", "some", "none"]
    own: bool


def sight_of(caller: Caller, *, deleted: Deleted = "") -> tuple[Sight, dict[str, Any]]:
    """The caller's ways, and the values that `seen` is run with."""
    ideas, automations = caller.reach(Right.VIEW_IDEA), caller.reach(Right.VIEW_AUTOMATION)
    if ideas is None:
        return Sight(deleted, "all", "none", own=False), {}
    live: Literal["all", "some", "none"] = "some" if automations else "none"
    if automations is None:
        live = "all"
    elif not automations - ideas:
        live = "none"
    sight = Sight(deleted, "some" if ideas else "none", live, own=caller.user_id is not None)
    return sight, {
        "seen_ideas": sorted(ideas),
        "seen_automations": sorted(automations or ()),
        "seer": caller.user_id,
    }


@lru_cache
def seen(sight: Sight) -> sa.ColumnElement[bool]:
    """Ideas that are not deleted (unless `deleted` says otherwise), in the categories that the
    caller's roles reach, or their own: submitted, owned, or with a seat. For constants."""
    return _seen(sight, among, bind("seer"))


def visible(db: Reading, caller: Caller, *, deleted: Deleted = "") -> sa.ColumnElement[bool]:
    """`seen`, for statements that are put together as they are needed."""
    sight, values = sight_of(caller, deleted=deleted)
    return _seen(
        sight, lambda column, name: db.one_of(column, values[name]), sa.literal(caller.user_id)
    )


def costs_visible(db: Reading, caller: Caller) -> sa.ColumnElement[bool]:
    """Of visible ideas those of whose costs the caller may know: by a role on their category, or
    by one that holds where assigned (`ideas.rights.may_on_idea`)."""
    reach, assigned = caller.reach(Right.VIEW_CBA), caller.assigned_reach(Right.VIEW_CBA)
    if reach is None:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if reach:
        ways.append(idea.c.category_id.in_(below(db, reach)))
    if caller.user_id is not None and (assigned is None or assigned):
        mine = caller.user_id
        seats = select(idea_collaborator.c.process_id).where(idea_collaborator.c.user_id == mine)
        is_assigned = sa.or_(
            idea.c.submitter_user_id == mine,
            idea.c.owner_user_id == mine,
            idea.c.process_id.in_(seats),
        )
        within = sa.true() if assigned is None else idea.c.category_id.in_(below(db, assigned))
        ways.append(sa.and_(is_assigned, within))
    return sa.or_(sa.false(), *ways)


def _seen(sight: Sight, listed: _Listed, seer: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    alive: sa.ColumnElement[bool] = idea.c.process_is_deleted == int(sight.deleted == "only")
    alive = sa.true() if sight.deleted == "include" else alive
    if sight.ideas == "all":
        return alive
    ways: list[sa.ColumnElement[bool]] = []
    if sight.ideas == "some":
        ways.append(idea.c.category_id.in_(_below(lambda top: listed(top, "seen_ideas"))))
    if sight.automations == "all":
        ways.append(_live())
    elif sight.automations == "some":
        reached = idea.c.category_id.in_(_below(lambda top: listed(top, "seen_automations")))
        ways.append(sa.and_(_live(), reached))
    if sight.own:
        seats = select(idea_collaborator.c.process_id).where(idea_collaborator.c.user_id == seer)
        ways += [
            idea.c.submitter_user_id == seer,
            idea.c.owner_user_id == seer,
            idea.c.process_id.in_(seats),
        ]
    return sa.and_(alive, sa.or_(*ways))


def _live() -> sa.ColumnElement[bool]:
    return idea.c.phase_status_id.in_(
        select(phase_status.c.phase_status_id).where(phase_status.c.phase_id == LIVE_PHASE)
    )


def below(db: Reading, category_ids: Iterable[int]) -> sa.Select[Any]:
    """The ids of these categories and of all under them."""
    return _below(lambda top: db.one_of(top, category_ids))


def below_listed(name: str) -> sa.Select[Any]:
    """The same for categories that come as the list `name` when the statement is run."""
    return _below(lambda top: among(top, name))


def _below(chosen: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]]) -> sa.Select[Any]:
    top, under = category.alias(), category.alias()
    return select(under.c.category_id).join(
        top, sa.and_(under.c.path.like(top.c.path + "%"), chosen(top.c.category_id))
    )
