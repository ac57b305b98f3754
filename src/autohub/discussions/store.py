"""Every statement about votes, follows and comments."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import idea_comment, idea_follow, idea_vote, user_account
from autohub.kit.query import Page

_TABLES = {"vote": idea_vote, "follow": idea_follow}


def has_mark(db: Reading, what: str, process_id: int, user_id: int) -> bool:
    """Whether a person voted for an idea, or follows it."""
    table = _TABLES[what]
    return (
        db.row(
            select(table.c.process_id).where(
                table.c.process_id == process_id, table.c.user_id == user_id
            )
        )
        is not None
    )


def add_mark(db: Writing, what: str, process_id: int, user_id: int, *, now: int) -> bool:
    """False when it was there already."""
    return db.insert_new(
        _TABLES[what], {"process_id": process_id, "user_id": user_id, "created_epoch": now}
    )


def remove_mark(db: Writing, what: str, process_id: int, user_id: int) -> bool:
    """False when it was not there."""
    table = _TABLES[what]
    return (
        db.change(
            table.delete().where(table.c.process_id == process_id, table.c.user_id == user_id)
        )
        > 0
    )


def unfollow_all(db: Writing, user_id: int) -> None:
    db.change(idea_follow.delete().where(idea_follow.c.user_id == user_id))


def count_marks(db: Reading, what: str, process_id: int) -> int:
    table = _TABLES[what]
    return int(
        db.scalar(select(func.count()).select_from(table).where(table.c.process_id == process_id))
    )


def list_followed(db: Reading, user_id: int) -> list[int]:
    """The ideas that a person follows, the last first."""
    query = select(idea_follow.c.process_id).where(idea_follow.c.user_id == user_id)
    return list(
        db.scalars(
            query.order_by(idea_follow.c.created_epoch.desc(), idea_follow.c.process_id.desc())
        )
    )


def list_comments(db: Reading, process_id: int, page: Page) -> tuple[Sequence[Row], int]:
    """One page, oldest first, with the authors' names of today, and how many there are in all."""
    mine = idea_comment.c.process_id == process_id
    total = db.scalar(select(func.count()).select_from(idea_comment).where(mine))
    return db.rows(
        _with_author()
        .where(mine)
        .order_by(idea_comment.c.comment_id)
        .limit(page.limit)
        .offset(page.offset)
    ), total


def get_comment(db: Reading, process_id: int, comment_id: int) -> Row | None:
    return db.row(
        _with_author().where(
            idea_comment.c.process_id == process_id, idea_comment.c.comment_id == comment_id
        )
    )


def _with_author() -> sa.Select[Any]:
    names = (
        user_account.c.user_email,
        user_account.c.user_first_name,
        user_account.c.user_last_name,
    )
    joined = idea_comment.outerjoin(user_account, user_account.c.user_id == idea_comment.c.user_id)
    return select(idea_comment, *names).select_from(joined)


def insert_comment(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(idea_comment, values)


def update_comment(db: Writing, comment_id: int, values: Mapping[str, Any]) -> None:
    db.change(
        idea_comment.update().where(idea_comment.c.comment_id == comment_id).values(dict(values))
    )
