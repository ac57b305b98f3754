"""Every statement about events."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import audit, event
from autohub.db.statements import Statement, bind
from autohub.events.model import Event

_COLUMNS = (
    "event_id",
    "event_type",
    "at_epoch",
    "audit_id",
    "object_type",
    "object_id",
    "actor_user_id",
)
_IS_PENDING = Statement(select(audit.c.audit_id).where(audit.c.is_pending == 1).limit(1))
_PENDING = Statement(
    select(
        audit.c.audit_id,
        audit.c.at_epoch,
        audit.c.actor_user_id,
        audit.c.action,
        audit.c.object_type,
        audit.c.object_id,
    )
    .where(audit.c.is_pending == 1)
    .order_by(audit.c.audit_id)
    .limit(bind("limit", sa.Integer()))
)
_CHANGES = Statement(select(audit.c.changes).where(audit.c.audit_id == bind("audit_id")))


def has_pending(db: Reading) -> bool:
    """Whether entries of the audit wait to be told."""
    return db.row(_IS_PENDING) is not None


def list_pending(db: Writing, limit: int) -> Sequence[Row]:
    """Entries that wait, in their order. One worker at a time publishes, so that ids of events
    become visible in their order."""
    db.lock("events")
    return db.rows(_PENDING, {"limit": limit})


def settle(db: Writing, audit_ids: Sequence[int]) -> None:
    """Entries that wait no more."""
    mine = db.one_of(audit.c.audit_id, audit_ids)
    db.change(audit.update().where(mine).values(is_pending=0))


def insert_events(db: Writing, facts: Sequence[tuple[Any, ...]]) -> list[Event]:
    """Stores events, given as all of their columns but the id, and returns them."""
    ids = db.reserve_ids(event, len(facts))
    rows = [(event_id, *fact) for event_id, fact in zip(ids, facts, strict=True)]
    db.insert_many(event, _COLUMNS, rows)
    return [Event(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def list_events(db: Reading, *, after: int, limit: int, types: Sequence[str] = ()) -> list[Event]:
    """Events behind one, in their order."""
    query = select(event).where(event.c.event_id > after)
    if types:
        query = query.where(db.one_of(event.c.event_type, types))
    return [_to_event(row) for row in db.rows(query.order_by(event.c.event_id).limit(limit))]


def load_events(db: Reading, ids: Sequence[int]) -> dict[int, Event]:
    found = db.rows(select(event).where(db.one_of(event.c.event_id, ids)))
    return {row.event_id: _to_event(row) for row in found}


def get_changes(db: Reading, audit_id: int) -> dict[str, Any]:
    """What the audit's entry says was changed; nothing once the entry was deleted."""
    row = db.row(_CHANGES, {"audit_id": audit_id})
    if row is None or row.changes is None:
        return {}
    found = msgspec.json.decode(bytes(row.changes))
    return found if isinstance(found, dict) else {}


def delete_old(db: Writing, *, before: int, limit: int) -> int:
    """Forgets events from before that moment."""
    return db.delete_some(event, event.c.at_epoch < before, limit=limit)


def _to_event(row: Row) -> Event:
    return Event(**{name: getattr(row, name) for name in _COLUMNS})
