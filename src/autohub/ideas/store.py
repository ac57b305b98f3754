"""Every statement about ideas: what a caller may see, lists, single ones, and what they are made
of."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.db.schema import (
    collaborator_role,
    idea,
    idea_collaborator,
    idea_document,
    idea_editor,
    idea_search,
    idea_search_pending,
    phase_status,
)
from autohub.db.search import Search
from autohub.db.similar import find_similar
from autohub.db.stamps import keep
from autohub.db.statements import Statement, among, bind
from autohub.ideas.model import Idea
from autohub.ideas.record import IdeaDocument
from autohub.ideas.visibility_store import Sight, below, seen, sight_of, visible
from autohub.kit.text import fold

SEARCH = Search(
    idea, idea.c.process_id, idea_search, idea_search_pending, names=idea.c.process_uuid
)
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


def can_see(db: Reading, caller: Caller, process_id: int) -> bool:
    sight, values = sight_of(caller)
    return db.row(_seen_idea(sight), values | {"process_id": process_id}) is not None


@lru_cache
def _seen_idea(sight: Sight) -> Statement:
    mine = (idea.c.process_id == bind("process_id"), seen(sight))
    return Statement(select(idea.c.process_id).where(*mine))


# --- documents ---


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


@keep("flows")
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
