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


def can_see(db: Reading, caller: Caller, process_id: int, *, lock: bool = False) -> bool:
    """`lock` keeps the idea as it is until the transaction ends."""
    sight, values = sight_of(caller)
    return db.row(_seen_idea(sight, lock), values | {"process_id": process_id}) is not None


@lru_cache
def _seen_idea(sight: Sight, lock: bool) -> Statement:
    query = select(idea.c.process_id).where(idea.c.process_id == bind("process_id"), seen(sight))
    return Statement(query.with_for_update(of=idea) if lock else query)


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
    if lock and db.driver_lock:  # what is read afterwards is what the writer before left
        where = f"process_id {db.driver_in} ORDER BY process_id"
        db.driver_rows(f"SELECT process_id FROM idea WHERE {where}{db.driver_lock}", bound)
    found: dict[int, Idea] = {}
    for *facts, seats, tags, used, answers, assessed, extras in db.driver_bytes(
        _load_sql(db.is_sqlite, bare), bound
    ):
        item = Idea(**dict(zip(PLAIN, facts, strict=True)))
        item.seats = sorted(_decode_pairs(seats))
        item.tags = [tag for _, tag in sorted(_decode_tags(tags))]
        item.applications = sorted(_decode_ids(used))
        if not bare:
            item.answers, item.assessed, item.extras = (
                msgspec.json.decode(raw) for raw in (answers, assessed, extras)
            )
        found[item.process_id] = item
    return found


_decode_pairs = msgspec.json.Decoder(list[tuple[int, int]]).decode
_decode_tags = msgspec.json.Decoder(list[tuple[int, str]]).decode
_decode_ids = msgspec.json.Decoder(list[int]).decode


@lru_cache
def _load_sql(is_sqlite: bool, bare: bool) -> str:
    """One statement for all that ideas are made of."""
    collect, pair, listed = (
        ("json_group_array", "json_array", "IN (SELECT value FROM json_each(?))")
        if is_sqlite
        else ("json_agg", "json_build_array", "= ANY(?)")
    )

    def linked(table: str, what: str) -> str:
        mine = f"SELECT {collect}({what}) FROM {table} WHERE process_id = idea.process_id"
        return f"coalesce(CAST(({mine}) AS TEXT), '[]')"

    columns = [
        *(f"idea.{name}" for name in PLAIN),
        linked("idea_collaborator", f"{pair}(user_id, collaborator_role_id)"),
        "'[]'" if bare else linked("idea_tag", f"{pair}(tag_order, tag)"),
        "'[]'" if bare else linked("idea_application", "application_id"),
        *(
            "NULL" if bare else f"idea_document.{name}"
            for name in ("answers", "assessed", "extras")
        ),
    ]
    joined = "" if bare else " JOIN idea_document ON idea_document.process_id = idea.process_id"
    return f"SELECT {', '.join(columns)} FROM idea{joined} WHERE idea.process_id {listed}"


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
