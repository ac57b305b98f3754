"""Every statement about drafts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import idea_draft
from autohub.kit.query import Page


def list_drafts(db: Reading, user_id: int, page: Page) -> tuple[Sequence[Row], int]:
    """A person's drafts, the last changed first, and how many there are."""
    mine = idea_draft.c.user_id == user_id
    total = db.scalar(select(func.count()).select_from(idea_draft).where(mine))
    query = (
        select(idea_draft)
        .where(mine)
        .order_by(idea_draft.c.updated_epoch.desc(), idea_draft.c.draft_id.desc())
    )
    return db.rows(query.limit(page.limit).offset(page.offset)), total


def get_draft(db: Reading, user_id: int, draft_id: int) -> Row | None:
    return db.row(
        select(idea_draft).where(idea_draft.c.draft_id == draft_id, idea_draft.c.user_id == user_id)
    )


def save_draft(
    db: Writing,
    draft_id: int | None,
    user_id: int,
    idea_flow_id: int,
    user_inputs: dict[str, Any],
    *,
    now: int,
) -> int:
    """Adds (None) or changes a draft, and returns its id."""
    values = {
        "idea_flow_id": idea_flow_id,
        "user_inputs": msgspec.json.encode(user_inputs),
        "updated_epoch": now,
    }
    if draft_id is None:
        return db.insert(idea_draft, values | {"user_id": user_id, "created_epoch": now})
    db.change(idea_draft.update().where(idea_draft.c.draft_id == draft_id).values(**values))
    return draft_id


def delete_draft(db: Writing, draft_id: int) -> None:
    db.change(idea_draft.delete().where(idea_draft.c.draft_id == draft_id))


def delete_drafts_of(db: Writing, user_id: int) -> None:
    db.change(idea_draft.delete().where(idea_draft.c.user_id == user_id))
