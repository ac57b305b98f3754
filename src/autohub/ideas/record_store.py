"""Every statement that writes ideas and their history."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    idea,
    idea_application,
    idea_collaborator,
    idea_document,
    idea_history,
    idea_tag,
    user_account,
)
from autohub.ideas.model import SCORES, Idea, name_key
from autohub.ideas.record import IdeaDocument, text_of
from autohub.ideas.store import PLAIN, SEARCH
from autohub.kit.text import find_words, fold, search_form

_ENCODED = ("answers", "assessed", "extras", "marked", "document")

_DERIVED = ("process_name_key", "search_text", *SCORES)


def reserve_ids(db: Writing, count: int) -> Sequence[int]:
    return db.reserve_ids(idea, count)


def insert_ideas(db: Writing, ideas: Sequence[tuple[Idea, IdeaDocument]]) -> None:
    """Stores new ideas, whose ids are reserved, with their documents."""
    db.insert_many(
        idea, (*PLAIN, *_DERIVED), [(*_plain(item), *_derived(item)) for item, _ in ideas]
    )
    db.insert_many(
        idea_document,
        ("process_id", *_ENCODED),
        [(item.process_id, *_encoded(item), *document) for item, document in ideas],
    )
    _insert_lists(db, [item for item, _ in ideas])
    SEARCH.mark_new(db, [item.process_id for item, _ in ideas])


def update_ideas(
    db: Writing,
    ideas: Sequence[tuple[Idea, IdeaDocument]],
    *,
    lists: bool = True,
    texts: bool = True,
) -> None:
    """Stores ideas anew; without `lists` their tags, seats and applications are as they were,
    without `texts` name and description."""
    items = [item for item, _ in ideas]
    ids = [item.process_id for item in items]
    db.update_many(
        idea,
        "process_id",
        (*PLAIN[1:], *_DERIVED),
        [(*_plain(item)[1:], *_derived(item), item.process_id) for item in items],
    )
    db.update_many(
        idea_document,
        "process_id",
        _ENCODED,
        [(*_encoded(item), *document, item.process_id) for item, document in ideas],
    )
    if lists:
        for table in (idea_tag, idea_collaborator, idea_application):
            mine = f"DELETE FROM {table.name} WHERE process_id {db.driver_in}"
            db.change_later(mine, (db.driver_list(ids),))
        _insert_lists(db, items)
    if texts:
        SEARCH.again(db, ids)


def _plain(item: Idea) -> tuple[Any, ...]:
    return tuple([getattr(item, name) for name in PLAIN])


def searched_text(name: str, description: str) -> str:
    """What searches look through: the name, once more without its punctuation where it has any,
    and the description."""
    words = " ".join(find_words(name))
    return " ".join([name, *([words] if words != name else []), description])


def _derived(item: Idea) -> tuple[Any, ...]:
    search = search_form(searched_text(item.process_name, text_of(item.process_description)))
    return name_key(item.process_name), search, *(item.scores.get(name) for name in SCORES)


def _encoded(item: Idea) -> tuple[bytes, bytes, bytes]:
    return (
        msgspec.json.encode(item.answers),
        msgspec.json.encode(item.assessed),
        msgspec.json.encode(item.extras),
    )


def _insert_lists(db: Writing, items: Sequence[Idea]) -> None:
    tags = [
        (item.process_id, fold(tag), tag, order)
        for item in items
        for order, tag in enumerate(item.tags)
    ]
    db.insert_many(idea_tag, ("process_id", "tag_key", "tag", "tag_order"), tags)
    seats = [
        (item.process_id, user_id, role_id) for item in items for user_id, role_id in item.seats
    ]
    db.insert_many(idea_collaborator, ("process_id", "user_id", "collaborator_role_id"), seats)
    used = [
        (item.process_id, application_id) for item in items for application_id in item.applications
    ]
    db.insert_many(idea_application, ("process_id", "application_id"), used)


HISTORY = (
    "process_id",
    "at_epoch",
    "user_id",
    "door",
    "from_status_id",
    "to_status_id",
    "reason",
    "forced",
)


def insert_history(db: Writing, rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds moves, each as HISTORY."""
    db.insert_many(idea_history, HISTORY, rows)


def replace_history(db: Writing, process_id: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Puts moves, each as HISTORY, in the place of all that an idea made."""
    db.change(idea_history.delete().where(idea_history.c.process_id == process_id))
    insert_history(db, rows)


def list_history(db: Reading, process_id: int) -> Sequence[Row]:
    """An idea's moves, oldest first, with the mover's address."""
    joined = idea_history.outerjoin(user_account, user_account.c.user_id == idea_history.c.user_id)
    query = (
        select(idea_history, user_account.c.user_email)
        .select_from(joined)
        .where(idea_history.c.process_id == process_id)
    )
    return db.rows(query.order_by(idea_history.c.history_id))


def find_seated(db: Reading, user_id: int | None, ids: Sequence[int]) -> set[int]:
    """Those of these ideas on which the person has a seat."""
    where = (
        idea_collaborator.c.user_id == user_id,
        db.one_of(idea_collaborator.c.process_id, ids),
    )
    return set(db.numbers(select(idea_collaborator.c.process_id).where(*where).distinct()))
