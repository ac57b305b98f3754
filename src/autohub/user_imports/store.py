"""Every statement about files of users on their way in."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import user_sync


def insert_import(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(user_sync, values)


def get_import(db: Reading, sync_id: int, user_id: int | None = None) -> Row | None:
    """The file; with `user_id` only if that person brought it."""
    where = [user_sync.c.sync_id == sync_id]
    if user_id is not None:
        where.append(user_sync.c.user_id == user_id)
    return db.row(select(user_sync).where(*where))


def list_latest(db: Reading, user_id: int, *, limit: int) -> list[Row]:
    """A person's files, newest first."""
    return list(
        db.rows(
            select(user_sync)
            .where(user_sync.c.user_id == user_id)
            .order_by(user_sync.c.sync_id.desc())
            .limit(limit)
        )
    )


def update_import(db: Writing, sync_id: int, values: Mapping[str, Any]) -> None:
    db.change(user_sync.update().where(user_sync.c.sync_id == sync_id).values(dict(values)))


def delete_old(db: Writing, *, before: int, limit: int) -> int:
    """Takes away files, with their reports, to which nothing happened since that moment."""
    idle = user_sync.c.state.not_in(("queued", "running", "stopping"))
    return db.delete_some(user_sync, idle & (user_sync.c.updated_epoch < before), limit=limit)


def delete_of_user(db: Writing, user_id: int) -> None:
    """Drops the files that a person brought, whose bytes are swept later: for an erasure."""
    db.change(user_sync.delete().where(user_sync.c.user_id == user_id))
