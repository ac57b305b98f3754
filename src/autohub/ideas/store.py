"""Every statement about ideas: what a caller may see, lists, single ones, and what they are made
of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.db.schema import (
    collaborator_role,
    idea,
    idea_application,
    idea_collaborator,
    idea_document,
    idea_editor,
    idea_search,
    idea_search_pending,
    idea_tag,
    phase_status,
    user_account,
)
from autohub.db.search import Search
from autohub.db.similar import find_similar
from autohub.db.sorting import directed
from autohub.db.stamps import kept
from autohub.db.statements import Statement, among, bind
from autohub.flows.model import Task
from autohub.ideas.model import SCORES, Idea
from autohub.ideas.record import IdeaDocument
from autohub.ideas.visibility_store import Deleted, Sight, below, seen, sight_of, visible
from autohub.kit.query import Page
from autohub.kit.text import fold

SEARCH = Search(
    idea, idea.c.process_id, idea_search, idea_search_pending, names=idea.c.process_uuid
)
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
PLAIN = (
    "process_id",
    "process_uuid",
    "process_name",
    "process_description",
    "process_submission_type",
    "idea_flow_id",
    "category_id",
    "phase_status_id",
    "status_epoch",
    "submitter_user_id",
    "owner_user_id",
    "process_created_epoch",
    "process_updated_epoch",
    "category_other_text",
    "process_is_deleted",
    "process_priority",
    "process_num_votes",
    "process_num_documents",
    "import_key",
    "import_hash",
    "change_of_process_id",
)


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
    has_scores: bool = (
        False  # an ease of implementation and a benefit, which place it in the decision chart
    )


def statuses_that_wait(*tasks: Task) -> sa.Select[Any]:
    """The ids of the statuses in which ideas wait for one of `tasks`."""
    return select(phase_status.c.phase_status_id).where(phase_status.c.waits_for.in_(tasks))


def can_see(db: Reading, caller: Caller, process_id: int) -> bool:
    sight, values = sight_of(caller)
    return db.row(_seen_idea(sight), values | {"process_id": process_id}) is not None


@lru_cache
def _seen_idea(sight: Sight) -> Statement:
    mine = (idea.c.process_id == bind("process_id"), seen(sight))
    return Statement(select(idea.c.process_id).where(*mine))


# --- lists ---


def list_ideas(
    db: Reading, caller: Caller, filters: Filters, page: Page, *, sort: tuple[str | None, bool]
) -> tuple[Sequence[int], int]:
    """The ids on one page, and how many ideas there are in all."""
    where = [visible(db, caller, deleted=filters.deleted), *conditions(db, filters)]
    query = (
        select(idea.c.process_id)
        .where(*where)
        .order_by(*_order(sort))
        .limit(page.limit + 1)
        .offset(page.offset)
    )
    ids = db.numbers(query)
    if len(ids) <= page.limit and (ids or not page.offset):
        return ids, page.offset + len(ids)  # the last page, which tells how many there are
    return ids[: page.limit], int(db.scalar(select(func.count()).select_from(idea).where(*where)))


def list_first_ideas(
    db: Reading, caller: Caller, filters: Filters, limit: int, *, sort: tuple[str | None, bool]
) -> Sequence[int]:
    """The ids that a list begins with, where nobody asks how many there are."""
    where = [visible(db, caller), *conditions(db, filters)]
    return db.numbers(select(idea.c.process_id).where(*where).order_by(*_order(sort)).limit(limit))


def conditions(db: Reading, wanted: Filters) -> Iterator[sa.ColumnElement[bool]]:
    """What `wanted` says of an idea; visibility apart."""
    if wanted.after_id is not None:
        yield idea.c.process_id > wanted.after_id
    if wanted.text:
        yield SEARCH.matching(db, wanted.text)
    if wanted.category_ids:
        yield idea.c.category_id.in_(below(db, wanted.category_ids))
    if wanted.phase_ids:
        yield idea.c.phase_status_id.in_(
            select(phase_status.c.phase_status_id).where(
                db.one_of(phase_status.c.phase_id, wanted.phase_ids)
            )
        )
    if wanted.waits_for:
        yield idea.c.phase_status_id.in_(statuses_that_wait(*wanted.waits_for))
    for column, values in (
        (idea.c.phase_status_id, wanted.status_ids),
        (idea.c.process_submission_type, wanted.submission_types),
        (idea.c.owner_user_id, wanted.owner_ids),
        (idea.c.submitter_user_id, wanted.submitter_ids),
        (idea.c.change_of_process_id, wanted.change_of_ids),
    ):
        if values:
            yield db.one_of(column, values)
    if wanted.business_units:
        units = db.one_of(
            user_account.c.user_business_unit_key, [fold(unit) for unit in wanted.business_units]
        )
        yield idea.c.submitter_user_id.in_(select(user_account.c.user_id).where(units))
    if wanted.application_ids:
        yield _has_linked_row(
            idea_application,
            db.one_of(idea_application.c.application_id, wanted.application_ids),
            wanted,
        )
    if wanted.tags:
        yield _has_linked_row(
            idea_tag, db.one_of(idea_tag.c.tag_key, [fold(tag) for tag in wanted.tags]), wanted
        )
    if wanted.has_scores:
        yield idea.c.process_ease_of_implementation_score.is_not(None)
        yield idea.c.process_estimated_benefit_score.is_not(None)
    for column, (since, until) in (
        (idea.c.process_created_epoch, wanted.created),
        (idea.c.process_updated_epoch, wanted.updated),
    ):
        if since is not None:
            yield column >= since
        if until is not None:
            yield column <= until


def _has_linked_row(
    table: sa.Table, condition: sa.ColumnElement[bool], wanted: Filters
) -> sa.ColumnElement[bool]:
    """Ideas that have such a row in `table`. Beside a search each found idea is looked up,
    because a list of all that have the row may be as long as the table."""
    if wanted.text:
        return sa.exists().where(table.c.process_id == idea.c.process_id, condition)
    return idea.c.process_id.in_(select(table.c.process_id).where(condition))


def _order(sort: tuple[str | None, bool]) -> list[Any]:
    """Ideas without a value come last in both directions; ties are broken by id."""
    field, down = sort
    column = SORTS[field or "process_id"]
    if column is idea.c.process_id:
        return [column.desc() if down else column]
    return [directed(column, down), idea.c.process_id]


def load_documents(db: Reading, ids: Sequence[int]) -> list[IdeaDocument]:
    """The stored documents of these ideas, in this order."""
    sql = f"SELECT process_id, marked, document FROM idea_document WHERE process_id {db.driver_in}"
    found = {
        process_id: IdeaDocument(marked, plain)
        for process_id, marked, plain in db.driver_bytes(sql, (db.driver_list(ids),))
    }
    return [found[process_id] for process_id in ids if process_id in found]


def find_visible_document(db: Reading, caller: Caller, process_id: int) -> IdeaDocument | None:
    """The stored document of an idea that the caller may see."""
    sight, values = sight_of(caller)
    row = db.row(_seen_document(sight), values | {"process_id": process_id})
    return None if row is None else IdeaDocument(bytes(row.marked), bytes(row.document))


@lru_cache
def _seen_document(sight: Sight) -> Statement:
    joined = idea.join(idea_document, idea_document.c.process_id == idea.c.process_id)
    query = select(idea_document.c.marked, idea_document.c.document).select_from(joined)
    return Statement(query.where(idea.c.process_id == bind("process_id"), seen(sight)))


def list_stamp(db: Reading) -> str:
    """Differs whenever something that a list shows may have changed, and comes from the same
    snapshot as the list itself.

    Every change leaves an audit row, and SQLite has one writer, so the last row tells. On
    PostgreSQL writers overlap, and a row with a lower id may become visible later; while any
    transaction is under way, the snapshot itself is part of the stamp.
    """
    if db.is_sqlite:
        return str(db.driver_rows("SELECT max(audit_id) FROM audit")[0][0])
    columns = "SELECT (SELECT max(audit_id) FROM audit), pg_current_snapshot()::text"
    last, snapshot = db.driver_rows(columns)[0]
    oldest, newest, running = snapshot.split(":")
    return str(last) if oldest == newest and not running else f"{last} {snapshot}"


# --- single ideas ---


def load_ideas(
    db: Reading, ids: Sequence[int], *, lock: bool = False, bare: bool = False
) -> dict[int, Idea]:
    """Ideas whole, but for their scores, which follow from the answers; deleted ones too. `lock`
    keeps them as they are; `bare` ones have their columns and seats alone, and must not be
    stored."""
    if not ids:
        return {}
    bound = (db.driver_list(ids),)
    sql = (
        f"SELECT {', '.join(PLAIN)} FROM idea WHERE process_id "
        f"{db.driver_in}{db.driver_lock if lock else ''}"
    )
    found = {
        row[0]: Idea(**dict(zip(PLAIN, row, strict=True))) for row in db.driver_rows(sql, bound)
    }
    for item in found.values():
        item.tags, item.seats, item.applications = [], [], []
    seats = (
        "SELECT process_id, user_id, collaborator_role_id FROM idea_collaborator WHERE "
        f"process_id {db.driver_in} ORDER BY 1, 2, 3"
    )
    for process_id, user_id, role_id in db.driver_rows(seats, bound):
        found[process_id].seats.append((user_id, role_id))
    if bare:
        return found
    sql = (
        "SELECT process_id, answers, assessed, extras FROM idea_document WHERE process_id "
        f"{db.driver_in}"
    )
    for process_id, answers, assessed, extras in db.driver_bytes(sql, bound):
        item = found[process_id]
        item.answers, item.assessed, item.extras = (
            msgspec.json.decode(raw) for raw in (answers, assessed, extras)
        )
    for process_id, tag in db.driver_rows(
        f"SELECT process_id, tag FROM idea_tag WHERE process_id {db.driver_in} ORDER BY tag_order",
        bound,
    ):
        found[process_id].tags.append(tag)
    used = (
        f"SELECT process_id, application_id FROM idea_application WHERE process_id {db.driver_in} "
        "ORDER BY 1, 2"
    )
    for process_id, application_id in db.driver_rows(used, bound):
        found[process_id].applications.append(application_id)
    return found


def find_taken_names(
    db: Reading, caller: Caller, keys: Sequence[str], *, other_than: int = 0
) -> dict[str, int]:
    """Visible ideas that have one of these names, by name key."""
    sight, values = sight_of(caller)
    rows = db.rows(_taken_names(sight), values | {"keys": keys, "other_than": other_than})
    return {row.process_name_key: row.process_id for row in rows}


@lru_cache
def _taken_names(sight: Sight) -> Statement:
    return Statement(
        select(idea.c.process_name_key, idea.c.process_id).where(
            among(idea.c.process_name_key, "keys"),
            idea.c.process_id != bind("other_than"),
            seen(sight),
        )
    )


def list_of_user(db: Reading, user_id: int) -> list[int]:
    """The ideas that this person submitted, owns or has a seat on, deleted ones too."""
    seats = select(idea_collaborator.c.process_id).where(idea_collaborator.c.user_id == user_id)
    mine = sa.or_(
        idea.c.submitter_user_id == user_id,
        idea.c.owner_user_id == user_id,
        idea.c.process_id.in_(seats),
    )
    return list(db.scalars(select(idea.c.process_id).where(mine).order_by(idea.c.process_id)))


def ids_by_import_key(db: Reading, keys: Sequence[str]) -> dict[str, int]:
    """Ideas by the key of the row that they were imported from, and by their uuid, which exports
    give as the key of all others."""
    found: dict[str, int] = {}
    for column in (idea.c.process_uuid, idea.c.import_key):
        rows = db.rows(
            select(column.label("key"), idea.c.process_id).where(db.one_of(column, keys))
        )
        found |= {row.key: row.process_id for row in rows}
    return found


def ids_after(
    db: Reading,
    process_id: int,
    *,
    limit: int,
    category_ids: Iterable[int] | None = None,
    idea_flow_id: int | None = None,
) -> Sequence[int]:
    """The next ids above one, those that are not deleted; for walks over all ideas in parts."""
    where = [idea.c.process_id > process_id, idea.c.process_is_deleted == 0]
    if idea_flow_id is not None:
        where.append(idea.c.idea_flow_id == idea_flow_id)
    if category_ids is not None:
        where.append(idea.c.category_id.in_(below(db, category_ids)))
    return db.scalars(
        select(idea.c.process_id).where(*where).order_by(idea.c.process_id).limit(limit)
    )


@kept("flows")
def get_phase_of_status(db: Reading, phase_status_id: int) -> int:
    return int(
        db.scalar(
            select(phase_status.c.phase_id).where(phase_status.c.phase_status_id == phase_status_id)
        )
    )


def list_edit_parts(db: Reading, process_id: int, user_id: int) -> set[str]:
    """The parts of an idea that a collaborator was given to edit."""
    mine = (idea_editor.c.process_id == process_id, idea_editor.c.user_id == user_id)
    return set(db.scalars(select(idea_editor.c.part).where(*mine)))


def insert_default_roles(db: Writing, roles: Iterable[tuple[int, str, int]]) -> bool:
    """Adds the collaborator roles that every installation has; False when there are some
    already."""
    if db.row(select(collaborator_role.c.role_id).limit(1)) is not None:
        return False
    columns = ("role_id", "role_name", "role_name_key", "role_is_permanent")
    db.insert_many(
        collaborator_role,
        columns,
        [(role_id, name, fold(name), permanent) for role_id, name, permanent in roles],
    )
    return True


def find_similar_ideas(
    db: Reading, caller: Caller, name: str, text: str, *, limit: int
) -> list[int]:
    """Ideas that share the most telling pieces with a folded name and text; candidates to be
    looked at closely."""
    seen = visible(db, caller)
    fresh = (
        select(idea_search_pending.c.process_id)
        .order_by(idea_search_pending.c.process_id.desc())
        .limit(limit)
    )
    found = db.numbers(select(idea.c.process_id).where(seen, idea.c.process_id.in_(fresh)))
    likely = find_similar(
        db, SEARCH, "idea_gram", idea.c.process_name_key, name, text, limit=4 * limit
    )
    there = set(
        db.numbers(select(idea.c.process_id).where(seen, db.one_of(idea.c.process_id, likely)))
    )
    return [
        *found,
        *[process_id for process_id in likely if process_id in there and process_id not in found][
            :limit
        ],
    ]


def names_and_descriptions(db: Reading, ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Names and descriptions by id."""
    query = select(idea.c.process_id, idea.c.process_name, idea.c.process_description).where(
        db.one_of(idea.c.process_id, ids)
    )
    return {row.process_id: (row.process_name, row.process_description) for row in db.rows(query)}
