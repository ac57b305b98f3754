"""Every statement about saved views."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import saved_view


def list_saved_views(db: Reading, user_id: int, page: str) -> Sequence[Row]:
    where = (saved_view.c.user_id == user_id, saved_view.c.page == page)
    return db.rows(select(saved_view).where(*where).order_by(saved_view.c.view_name))


def save_view(db: Writing, user_id: int, page: str, name: str, query: str, *, now: int) -> None:
    """Keeps a view; one of the same name is replaced."""
    delete_view(db, user_id, page, name)
    values: dict[str, Any] = {
        "user_id": user_id,
        "page": page,
        "view_name": name,
        "query": query,
        "created_epoch": now,
    }
    db.insert(saved_view, values)


def delete_view(db: Writing, user_id: int, page: str, name: str) -> None:
    where = (
        saved_view.c.user_id == user_id,
        saved_view.c.page == page,
        saved_view.c.view_name == name,
    )
    db.change(saved_view.delete().where(sa.and_(*where)))


def delete_views_of(db: Writing, user_id: int) -> None:
    """Drops what a person saved: for an erasure."""
    db.change(saved_view.delete().where(saved_view.c.user_id == user_id))
