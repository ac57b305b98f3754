"""Entries are only ever added. What they say of a person is sealed with that person's own key."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.audit.model import Action, Actor, Entry
from autohub.db.engine import Reading, Writing
from autohub.db.schema import audit, user_account
from autohub.db.statements import Statement, bind
from autohub.kit.query import Page
from autohub.kit.seal import seal, unseal

COLUMNS = (
    "at_epoch",
    "door",
    "actor_user_id",
    "actor_token_id",
    "action",
    "object_type",
    "object_id",
    "open_changes",
    "changes",
)
OPEN = ("user_is_active", "user_invite_status", "user_roles", "ended")
"""What an entry about a person says that stays readable when the person is erased: who was given
which rights must be told after that too."""
_encode = msgspec.json.Encoder().encode


_PERSON_KEY = Statement(
    select(user_account.c.person_key).where(user_account.c.user_id == bind("user_id"))
)


def current_state(db: Reading) -> str:
    """Differs whenever something that a list shows may have changed, and comes from the same
    snapshot as the list itself.

    Every change leaves an entry, and SQLite has one writer, so the last entry tells. On
    PostgreSQL writers overlap, and an entry with a lower id may become visible later; while any
    transaction is under way, the snapshot itself is part of the state.
    """
    if not db.is_snapshot:
        return _read_state(db)
    if db.state is None:
        db.state = _read_state(db)
    return db.state


def _read_state(db: Reading) -> str:
    if db.is_sqlite:
        return str(db.driver_rows("SELECT max(audit_id) FROM audit")[0][0])
    columns = "SELECT (SELECT max(audit_id) FROM audit), pg_current_snapshot()::text"
    last, snapshot = db.driver_rows(columns)[0]
    oldest, newest, running = snapshot.split(":")
    return str(last) if oldest == newest and not running else f"{last} {snapshot}"


def record(
    db: Writing,
    actor: Actor,
    action: Action,
    object_type: str,
    object_id: int | None,
    *,
    now: int,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds one entry; it stands or falls with the change, being in the same transaction."""
    key = None
    if object_type == "user":
        key = db.scalar(_PERSON_KEY, {"user_id": object_id})
    db.add(
        audit,
        dict(
            zip(
                COLUMNS,
                build_entry(
                    actor,
                    action,
                    object_type,
                    object_id,
                    now=now,
                    before=before,
                    after=after,
                    key=key,
                ),
                strict=True,
            )
        ),
    )


def build_entry(
    actor: Actor,
    action: Action,
    object_type: str,
    object_id: int | None,
    *,
    now: int,
    before: Any,
    after: Any,
    key: bytes | None,
) -> tuple[Any, ...]:
    """One entry as COLUMNS; `key` seals what it says of a person."""
    changes, open_ = _encode({"before": before, "after": after}), None
    if key is not None:
        changes = seal(key, changes)
        open_ = _encode({"before": _open(before), "after": _open(after)}).decode()
    who = (actor.door, actor.user_id, actor.token_id)
    return (now, *who, action, object_type, object_id, open_, changes)


def _open(facts: Any) -> dict[str, Any] | None:
    """Of a person's facts those that are no secret of theirs."""
    if facts is None:
        return None
    if isinstance(facts, dict):
        return {name: facts[name] for name in OPEN if name in facts}
    return {name: getattr(facts, name) for name in OPEN if hasattr(facts, name)}


def add_many(db: Writing, rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds many entries made by `row`."""
    db.insert_many(audit, COLUMNS, rows)


def list_entries(
    db: Reading,
    page: Page,
    *,
    object_type: str | None = None,
    object_id: int | None = None,
    actor_user_id: int | None = None,
    action: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> tuple[list[Entry], int]:
    """One page, newest first, and how many there are in all; `since` and `until` are inclusive."""
    wanted = {
        audit.c.object_type: object_type,
        audit.c.object_id: object_id,
        audit.c.actor_user_id: actor_user_id,
        audit.c.action: action,
    }
    where = [column == value for column, value in wanted.items() if value is not None]
    if since is not None:
        where.append(audit.c.at_epoch >= since)
    if until is not None:
        where.append(audit.c.at_epoch <= until)
    total = db.scalar(select(func.count()).select_from(audit).where(*where))
    person = user_account.c.person_key
    joined = audit.outerjoin(
        user_account,
        sa.and_(audit.c.object_type == "user", user_account.c.user_id == audit.c.object_id),
    )
    query = (
        select(audit, person)
        .select_from(joined)
        .where(*where)
        .order_by(audit.c.audit_id.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_to_entry(found) for found in db.rows(query)], total


def find_last_actor(db: Reading, action: str, object_type: str, object_id: int) -> int | None:
    """Who did this last to it, by user_id; None for the system, a tenant-level token, or nobody."""
    query = (
        select(audit.c.actor_user_id)
        .where(
            audit.c.action == action,
            audit.c.object_type == object_type,
            audit.c.object_id == object_id,
        )
        .order_by(audit.c.audit_id.desc())
        .limit(1)
    )
    row = db.row(query)
    return None if row is None else row.actor_user_id


def _to_entry(found: Any) -> Entry:
    raw = unseal(found.person_key, found.changes) if found.object_type == "user" else found.changes
    open_ = found.open_changes or b'{"before":null,"after":null}'
    changes = msgspec.json.decode(raw or open_)
    return Entry(
        audit_id=found.audit_id,
        at_epoch=found.at_epoch,
        door=found.door,
        actor_user_id=found.actor_user_id,
        actor_token_id=found.actor_token_id,
        action=found.action,
        object_type=found.object_type,
        object_id=found.object_id,
        before=changes["before"],
        after=changes["after"],
    )
