"""Every statement about tokens, sessions and passwords."""

import os
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, literal, select

from autohub.access.store import ACTIVE, held_by
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    open_api_token,
    session,
    user_account,
)
from autohub.db.statements import Statement, bind
from autohub.kit.query import Page

_owner = open_api_token.outerjoin(user_account, user_account.c.user_id == open_api_token.c.user_id)

_works = sa.or_(
    open_api_token.c.user_id.is_(None),
    sa.and_(ACTIVE, user_account.c.credential_generation == open_api_token.c.credential_generation),
)

_token_columns = (
    open_api_token,
    user_account.c.user_email,
    sa.case(
        (sa.and_(open_api_token.c.token_is_active == 1, _works), literal(1)), else_=literal(0)
    ).label("works"),
)


_TOKEN_OF_HASH = Statement(
    select(*_token_columns, held_by(open_api_token.c.user_id))
    .select_from(_owner)
    .where(open_api_token.c.token_hash == bind("hash"))
)
_OPEN_SESSION = Statement(
    select(session, held_by(session.c.user_id))
    .select_from(session.join(user_account, user_account.c.user_id == session.c.user_id))
    .where(
        session.c.session_id == bind("session_id"),
        session.c.ended_epoch.is_(None),
        session.c.expires_epoch > bind("now"),
        session.c.seen_epoch > bind("seen_after"),
        session.c.credential_generation == user_account.c.credential_generation,
        ACTIVE,
    )
)


def find_token(db: Reading, token_hash: bytes) -> Row | None:
    """The token, with `works`: whether it and its person are active and it was made since the
    person's last deactivation; and `held`, for access.store.read_grants."""
    return db.row(_TOKEN_OF_HASH, {"hash": token_hash})


def get_token(db: Reading, token_id: int) -> Row | None:
    return db.row(
        select(*_token_columns).select_from(_owner).where(open_api_token.c.token_id == token_id)
    )


def list_tokens(db: Reading, page: Page, *, user_id: int | None) -> tuple[list[Row], int]:
    """One page of tokens by id; `user_id` None gives everyone's and the tenant-level ones."""
    where = sa.true() if user_id is None else open_api_token.c.user_id == user_id
    total = db.scalar(select(func.count()).select_from(open_api_token).where(where))
    query = (
        select(*_token_columns).select_from(_owner).where(where).order_by(open_api_token.c.token_id)
    )
    return list(db.rows(query.limit(page.limit).offset(page.offset))), total


def list_tokens_of_kind(db: Reading, kind: str) -> list[Row]:
    """Those that work."""
    query = select(open_api_token).where(
        open_api_token.c.token_kind == kind, open_api_token.c.token_is_active == 1
    )
    return list(db.rows(query))


def add_token(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(open_api_token, values)


def change_token(db: Writing, token_id: int, values: Mapping[str, Any]) -> None:
    db.change(
        open_api_token.update().where(open_api_token.c.token_id == token_id).values(dict(values))
    )


def end_tokens(db: Writing, user_id: int) -> int:
    """Ends all of a person's tokens for good, their hashes overwritten, and returns how many of
    them worked until now."""
    same_generation = open_api_token.c.credential_generation == user_account.c.credential_generation
    works = sa.and_(open_api_token.c.token_is_active == 1, same_generation)
    joined = open_api_token.join(user_account, user_account.c.user_id == open_api_token.c.user_id)
    query = select(open_api_token.c.token_id, sa.case((works, 1), else_=0).label("works"))
    theirs = db.rows(query.select_from(joined).where(open_api_token.c.user_id == user_id))
    ended = [(0, os.urandom(32), row.token_id) for row in theirs]
    db.update_many(open_api_token, "token_id", ("token_is_active", "token_hash"), ended)
    return sum(row.works for row in theirs)


def mark_tokens_used(db: Writing, used: Mapping[int, int]) -> None:
    """Notes when tokens were last used; keys are token ids, values epochs."""
    db.many(
        "UPDATE open_api_token SET last_used_epoch = ? WHERE token_id = ?",
        [(at, token_id) for token_id, at in used.items()],
    )


def add_session(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(session, values)


def list_sessions(db: Reading, user_id: int, *, now: int, seen_after: int) -> list[Row]:
    """A person's open sessions, newest first."""
    joined = session.join(user_account, user_account.c.user_id == session.c.user_id)
    open_ = sa.and_(
        session.c.user_id == user_id,
        session.c.ended_epoch.is_(None),
        session.c.expires_epoch > now,
        session.c.seen_epoch > seen_after,
        session.c.credential_generation == user_account.c.credential_generation,
    )
    return list(
        db.rows(
            select(session).select_from(joined).where(open_).order_by(session.c.session_id.desc())
        )
    )


def find_open_session(db: Reading, session_id: int, *, now: int, seen_after: int) -> Row | None:
    """The session, if it has not ended, was used lately, and its person is active and was not
    deactivated since; with `held`, for access.store.read_grants."""
    return db.row(_OPEN_SESSION, {"session_id": session_id, "now": now, "seen_after": seen_after})


def mark_sessions_seen(db: Writing, seen: Mapping[int, int]) -> None:
    """Notes when sessions were last used; keys are their ids, values epochs."""
    db.many(
        "UPDATE session SET seen_epoch = ? WHERE session_id = ?",
        [(at, session_id) for session_id, at in seen.items()],
    )


def mark_proved(
    db: Writing, session_id: int, *, with_second_factor: bool = False, now: int
) -> None:
    """Notes that the session's person has just proved who they are."""
    values = {"proved_epoch": now} | ({"has_second_factor": 1} if with_second_factor else {})
    db.change(session.update().where(session.c.session_id == session_id).values(values))


def end_session(db: Writing, session_id: int, *, user_id: int, now: int) -> bool:
    """False when the person has no such open session."""
    mine = sa.and_(
        session.c.session_id == session_id,
        session.c.user_id == user_id,
        session.c.ended_epoch.is_(None),
    )
    return db.change(session.update().where(mine).values(ended_epoch=now)) > 0


def end_sessions(db: Writing, user_id: int, *, keep: int | None, now: int) -> int:
    """Ends all of a person's open sessions but `keep`; returns how many they were."""
    mine = sa.and_(
        session.c.user_id == user_id, session.c.ended_epoch.is_(None), session.c.expires_epoch > now
    )
    if keep is not None:
        mine = sa.and_(mine, session.c.session_id != keep)
    return db.change(session.update().where(mine).values(ended_epoch=now))


def delete_ended_sessions(db: Writing, *, before: int, limit: int) -> int:
    """Takes away sessions that ended, or whose time was over, before that moment."""
    over = sa.or_(session.c.ended_epoch < before, session.c.expires_epoch < before)
    return db.delete_some(session, over, limit=limit)


def set_password(db: Writing, user_id: int, password_hash: str) -> None:
    db.change(
        user_account.update()
        .where(user_account.c.user_id == user_id)
        .values(password_hash=password_hash)
    )
