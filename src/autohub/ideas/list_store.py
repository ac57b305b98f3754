"""Lists of ideas: what they ask for, and in which order."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.audit.store import current_state
from autohub.db.engine import Reading
from autohub.db.schema import idea, idea_application, idea_tag, phase_status, user_account
from autohub.db.search import Shape
from autohub.db.sorting import directed
from autohub.db.statements import Statement, among, bind, unindexed
from autohub.db.totals import keep_total
from autohub.flows.model import StatusId, Task
from autohub.ideas.model import SCORES, name_key
from autohub.ideas.store import SEARCH
from autohub.ideas.visibility_store import Deleted, Sight, below_listed, seen, sight_of
from autohub.kit.query import Page
from autohub.kit.text import fold, like_pattern

SORTS = {
    "process_id": idea.c.process_id,
    "process_name": idea.c.process_name_key,
    "process_submission_type": idea.c.process_submission_type,
    "process_phase_status_id": idea.c.phase_status_id,
    "phase_status_id": idea.c.phase_status_id,
    "process_created_epoch": idea.c.process_created_epoch,
    "process_updated_epoch": idea.c.process_updated_epoch,
    "process_status_epoch": idea.c.status_epoch,
    "process_num_votes": idea.c.process_num_votes,
    "process_priority": idea.c.process_priority,
    **{name: idea.c[name] for name in SCORES},
}
Sort = tuple[str | None, bool]
"""The field of SORTS, by id unless there is one, and whether downwards."""


class Filters(NamedTuple):
    """What GET /automations asks for (contract 4.2); empty means any. Moments are in
    milliseconds, bounds inclusive."""

    text: str | None = None
    deleted: Deleted = ""
    after_id: int | None = None
    category_ids: Sequence[int] = ()
    phase_ids: Sequence[int] = ()
    status_ids: Sequence[int] = ()
    waits_for: Sequence[Task] = ()
    submission_types: Sequence[int] = ()
    business_units: Sequence[str] = ()
    application_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    owner_ids: Sequence[int] = ()
    submitter_ids: Sequence[int] = ()
    change_of_ids: Sequence[int] = ()
    created: tuple[int | None, int | None] = (None, None)
    updated: tuple[int | None, int | None] = (None, None)
    name_holds: str = ""  # a text that the name itself holds
    not_retired: bool = False  # without automations that were live and are archived
    has_scores: bool = (
        False  # an ease of implementation and a benefit, which place it in the decision chart
    )


class Asked(NamedTuple):
    """What filters ask for, their values apart: lists that ask alike are one statement."""

    search: Shape | None
    listed: tuple[str, ...]  # names of _LISTED
    bounds: tuple[str, ...]  # names of _BOUNDS
    waits_for: tuple[Task, ...]
    has_scores: bool
    not_retired: bool


_LISTED = {
    "category_ids": idea.c.category_id,
    "phase_ids": idea.c.phase_status_id,
    "status_ids": idea.c.phase_status_id,
    "submission_types": idea.c.process_submission_type,
    "owner_ids": idea.c.owner_user_id,
    "submitter_ids": idea.c.submitter_user_id,
    "change_of_ids": idea.c.change_of_process_id,
    "business_units": idea.c.submitter_user_id,
    "application_ids": idea.c.process_id,
    "tags": idea.c.process_id,
}
_BOUNDS = {
    "name_holds": idea.c.process_name_key.like(bind("name_holds"), escape="\\"),
    "after_id": idea.c.process_id > bind("after_id"),
    "created_since": idea.c.process_created_epoch >= bind("created_since"),
    "created_until": idea.c.process_created_epoch <= bind("created_until"),
    "updated_since": idea.c.process_updated_epoch >= bind("updated_since"),
    "updated_until": idea.c.process_updated_epoch <= bind("updated_until"),
}


def list_ideas(
    db: Reading, caller: Caller, filters: Filters, page: Page, *, sort: Sort
) -> tuple[Sequence[int], int]:
    """The ids on one page, and how many ideas there are in all."""
    sight, asked, values = read_filters(db, caller, filters)
    window = {"most": page.limit + 1, "offset": page.offset}
    ids = db.scalars(_page(sight, asked, sort), values | window)
    if len(ids) <= page.limit and (ids or not page.offset):
        return ids, page.offset + len(ids)  # the last page, which tells how many there are
    total = keep_total(
        db,
        current_state(db),
        ("ideas", sight, repr(filters), repr(sight_of(caller)[1])),
        lambda: int(db.scalar(_total(sight, asked), values)),
    )
    return ids[: page.limit], total


def list_first_ideas(
    db: Reading, caller: Caller, filters: Filters, limit: int, *, sort: Sort
) -> Sequence[int]:
    """The ids that a list begins with, where nobody asks how many there are."""
    sight, asked, values = read_filters(db, caller, filters)
    return db.scalars(_page(sight, asked, sort), values | {"most": limit, "offset": 0})


def read_filters(
    db: Reading, caller: Caller, filters: Filters
) -> tuple[Sight, Asked, dict[str, Any]]:
    """What `conditions` are made of, and the values that they are run with."""
    sight, values = sight_of(caller, deleted=filters.deleted)
    search = None
    if filters.text:
        search, found = SEARCH.read(db, filters.text)
        values |= found
    given = {name: getattr(filters, name) for name in _LISTED if getattr(filters, name)}
    for name in {"business_units", "tags"} & given.keys():
        given[name] = [fold(value) for value in given[name]]
    name = name_key(filters.name_holds)
    limits = {
        "name_holds": f"%{like_pattern(name)}%" if name else None,
        "after_id": filters.after_id,
        "created_since": filters.created[0],
        "created_until": filters.created[1],
        "updated_since": filters.updated[0],
        "updated_until": filters.updated[1],
    }
    bounds = {name: value for name, value in limits.items() if value is not None}
    asked = Asked(
        search=search,
        listed=tuple(given),
        bounds=tuple(bounds),
        waits_for=tuple(filters.waits_for),
        has_scores=filters.has_scores,
        not_retired=filters.not_retired,
    )
    return sight, asked, values | given | bounds


def conditions(sight: Sight, asked: Asked) -> list[sa.ColumnElement[bool]]:
    """Ideas that are seen and asked for; for constants."""
    return [seen(sight), *_conditions(asked)]


def _conditions(asked: Asked) -> Iterator[sa.ColumnElement[bool]]:
    for name in asked.bounds:
        yield _BOUNDS[name]
    if asked.search is not None:
        yield SEARCH.condition(asked.search)
    for name in asked.listed:
        yield _is_among(name, asked.search)
    if asked.waits_for:
        yield idea.c.phase_status_id.in_(statuses_that_wait(*asked.waits_for))
    if asked.not_retired:
        yield idea.c.phase_status_id != int(StatusId.LIVE_ARCHIVED)
    if asked.has_scores:
        yield idea.c.process_ease_of_implementation_score.is_not(None)
        yield idea.c.process_estimated_benefit_score.is_not(None)


_COARSE = ("phase_ids", "status_ids", "submission_types")
"""What many ideas share. Where common words are looked for in the order of the list, an index of
these would fetch far too many rows, and sort them."""


def _is_among(name: str, search: Shape | None) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[Any] = _LISTED[name]
    beside_search = search is not None
    if name in _COARSE and search is not None and search.source == "scan":
        column = unindexed(column)
    if name == "category_ids":
        return column.in_(below_listed(name))
    if name == "phase_ids":
        phases = among(phase_status.c.phase_id, name)
        return column.in_(select(phase_status.c.phase_status_id).where(phases))
    if name == "business_units":
        units = among(user_account.c.user_business_unit_key, name)
        return column.in_(select(user_account.c.user_id).where(units))
    if name == "application_ids":
        held = among(idea_application.c.application_id, name)
        return _has_linked_row(idea_application, held, beside_search)
    if name == "tags":
        return _has_linked_row(idea_tag, among(idea_tag.c.tag_key, name), beside_search)
    return among(column, name)


def _has_linked_row(
    table: sa.Table, condition: sa.ColumnElement[bool], beside_search: bool
) -> sa.ColumnElement[bool]:
    """Ideas that have such a row in `table`. Beside a search each found idea is looked up,
    because a list of all that have the row may be as long as the table."""
    if beside_search:
        return sa.exists().where(table.c.process_id == idea.c.process_id, condition)
    return idea.c.process_id.in_(select(table.c.process_id).where(condition))


def statuses_that_wait(*tasks: Task) -> sa.Select[Any]:
    """The ids of the statuses in which ideas wait for one of `tasks`."""
    return select(phase_status.c.phase_status_id).where(phase_status.c.waits_for.in_(tasks))


@lru_cache(maxsize=1000)
def _page(sight: Sight, asked: Asked, sort: Sort) -> Statement:
    query = select(idea.c.process_id).where(*conditions(sight, asked)).order_by(*_order(sort))
    return Statement(query.limit(bind("most", sa.BigInteger)).offset(bind("offset", sa.BigInteger)))


@lru_cache(maxsize=1000)
def _total(sight: Sight, asked: Asked) -> Statement:
    return Statement(select(func.count()).select_from(idea).where(*conditions(sight, asked)))


def _order(sort: Sort) -> list[Any]:
    """Ideas without a value come last in both directions; ties are broken by id."""
    field, down = sort
    column = SORTS[field or "process_id"]
    if column is idea.c.process_id:
        return [column.desc() if down else column]
    return [directed(column, down), idea.c.process_id]
