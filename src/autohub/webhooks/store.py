"""Every statement about webhooks and what is sent to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import category, event, idea, webhook, webhook_delivery
from autohub.db.statements import Statement, bind
from autohub.events.model import Event
from autohub.kit.query import Page
from autohub.webhooks.model import Delivery, Due, Webhook

_QUEUED = webhook_delivery.c.state == "queued"
_WAITING = (
    select(func.count())
    .select_from(webhook_delivery)
    .where(webhook_delivery.c.webhook_id == webhook.c.webhook_id, _QUEUED)
    .scalar_subquery()
    .label("waiting")
)


def list_webhooks(
    db: Reading, *, user_id: int | None, with_installation: bool, page: Page
) -> tuple[list[Webhook], int]:
    """Somebody's own, and those of the installation, the oldest first."""
    mine = webhook.c.owner_user_id == user_id if user_id is not None else sa.false()
    seen = sa.or_(mine, webhook.c.owner_user_id.is_(None)) if with_installation else mine
    total = db.scalar(select(func.count()).select_from(webhook).where(seen))
    query = select(webhook, _WAITING).where(seen).order_by(webhook.c.webhook_id)
    return [_to_webhook(row) for row in db.rows(query.limit(page.limit).offset(page.offset))], total


def count_of(db: Reading, owner_user_id: int | None) -> int:
    own = webhook.c.owner_user_id
    mine = own.is_(None) if owner_user_id is None else own == owner_user_id
    return int(db.scalar(select(func.count()).select_from(webhook).where(mine)))


def count_by_state(db: Reading) -> dict[str, int]:
    """How many there are in each state."""
    query = select(webhook.c.state, func.count().label("n")).group_by(webhook.c.state)
    return {row.state: row.n for row in db.rows(query)}


def find_webhook(db: Reading, webhook_id: int) -> Webhook | None:
    row = db.row(select(webhook, _WAITING).where(webhook.c.webhook_id == webhook_id))
    return _to_webhook(row) if row else None


def get_row(db: Reading, webhook_id: int) -> Row | None:
    """All of it, with what is sealed."""
    return db.row(select(webhook).where(webhook.c.webhook_id == webhook_id))


def insert_webhook(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(webhook, values)


def update_webhook(db: Writing, webhook_id: int, values: Mapping[str, Any]) -> None:
    db.update(webhook, webhook_id, values)


def delete_webhook(db: Writing, webhook_id: int) -> None:
    mine = webhook_delivery.c.webhook_id == webhook_id
    db.change(webhook_delivery.delete().where(mine))
    db.change(webhook.delete().where(webhook.c.webhook_id == webhook_id))


def delete_webhooks_of(db: Writing, user_id: int) -> None:
    """Those of somebody who is erased."""
    mine = select(webhook.c.webhook_id).where(webhook.c.owner_user_id == user_id)
    for webhook_id in db.scalars(mine):
        delete_webhook(db, webhook_id)


def list_open_webhooks(db: Reading) -> list[Webhook]:
    """Those for which events are kept: on, or paused until somebody looks."""
    is_open = webhook.c.state.in_(("on", "paused"))
    return [
        _to_webhook(row)
        for row in db.rows(select(webhook, sa.literal(0).label("waiting")).where(is_open))
    ]


def category_paths_of(db: Reading, process_ids: Iterable[int]) -> dict[int, set[int]]:
    """The categories under which ideas are filed, up to the top."""
    query = (
        select(idea.c.process_id, category.c.path)
        .select_from(idea.join(category, category.c.category_id == idea.c.category_id))
        .where(db.one_of(idea.c.process_id, set(process_ids)))
    )
    return {
        row.process_id: {int(part) for part in row.path.split("/") if part.isdigit()}
        for row in db.rows(query)
    }


def insert_deliveries(db: Writing, pairs: Sequence[tuple[int, Event]], *, now: int) -> None:
    columns = (
        "webhook_id",
        "event_id",
        "order_key",
        "state",
        "created_epoch",
        "due_epoch",
    )
    rows = [
        (webhook_id, each.event_id, each.order_key, "queued", now, now)
        for webhook_id, each in pairs
    ]
    db.insert_many(webhook_delivery, columns, rows)


# --- whose turn it is ---


def _heads(webhook_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Queued deliveries with none before them of the same webhook about the same thing."""
    before = webhook_delivery.alias()
    earlier = select(before.c.delivery_id).where(
        before.c.webhook_id == webhook_delivery.c.webhook_id,
        before.c.order_key == webhook_delivery.c.order_key,
        before.c.event_id < webhook_delivery.c.event_id,
        before.c.state == "queued",
    )
    return sa.and_(webhook_delivery.c.webhook_id == webhook_id, _QUEUED, ~sa.exists(earlier))


_NOW = bind("now", sa.BigInteger())
_READY = Statement(
    select(webhook.c.webhook_id).where(
        webhook.c.state == "on",
        webhook.c.waits_until_epoch <= _NOW,
        webhook.c.leased_until_epoch <= _NOW,
        sa.exists(
            select(webhook_delivery.c.delivery_id).where(
                _heads(webhook.c.webhook_id), webhook_delivery.c.due_epoch <= _NOW
            )
        ),
    )
)
_DUE = Statement(
    select(webhook_delivery.c.delivery_id, webhook_delivery.c.event_id, webhook_delivery.c.attempts)
    .where(
        _heads(bind("webhook_id")),
        webhook_delivery.c.due_epoch <= _NOW,
    )
    .order_by(webhook_delivery.c.event_id)
    .limit(bind("limit", sa.Integer()))
)


def list_ready(db: Reading, *, now: int) -> list[int]:
    """Webhooks to which something can be sent now, and with which nobody is busy."""
    return [int(each) for each in db.scalars(_READY, {"now": now})]


def lease(db: Writing, webhook_id: int, *, now: int, until: int) -> bool:
    """Takes a webhook for one worker; False when another one was quicker."""
    free = sa.and_(webhook.c.webhook_id == webhook_id, webhook.c.leased_until_epoch <= now)
    return db.change(webhook.update().where(free).values(leased_until_epoch=until)) > 0


def release(db: Writing, webhook_id: int) -> None:
    db.update(webhook, webhook_id, {"leased_until_epoch": 0})


def list_due(db: Reading, webhook_id: int, *, limit: int, now: int) -> list[Due]:
    """Whose turn it is, the oldest first; of each subject one."""
    values = {"webhook_id": webhook_id, "limit": limit, "now": now}
    return [
        Due(delivery_id=row.delivery_id, event_id=row.event_id, attempts=row.attempts)
        for row in db.rows(_DUE, values)
    ]


def update_deliveries(db: Writing, rows: Sequence[tuple[Any, ...]]) -> None:
    """Sets state, attempts, status, error, due and done of deliveries, whose id stands last."""
    columns = ("state", "attempts", "status", "error", "due_epoch", "done_epoch")
    db.update_many(webhook_delivery, "delivery_id", columns, rows)


def skip_queued(db: Writing, webhook_id: int, *, now: int) -> None:
    """What waits for a webhook that wants no more is not sent."""
    mine = sa.and_(webhook_delivery.c.webhook_id == webhook_id, _QUEUED)
    db.change(webhook_delivery.update().where(mine).values(state="skipped", done_epoch=now))


def requeue(
    db: Writing,
    webhook_id: int,
    *,
    delivery_ids: Sequence[int] = (),
    since: int | None = None,
    only_failed: bool = False,
    now: int,
) -> int:
    """Puts deliveries that are done with back into the queue; returns how many."""
    which = [webhook_delivery.c.webhook_id == webhook_id, ~_QUEUED]
    if only_failed:
        which.append(webhook_delivery.c.state == "failed")
    if since is None:
        which.append(db.one_of(webhook_delivery.c.delivery_id, delivery_ids))
    else:
        which.append(webhook_delivery.c.created_epoch >= since)
    anew = {"state": "queued", "attempts": 0, "due_epoch": now, "done_epoch": None}
    return db.change(webhook_delivery.update().where(*which).values(anew))


# --- the log ---


def list_deliveries(
    db: Reading, webhook_id: int, page: Page, *, state: str | None = None
) -> tuple[list[Delivery], int]:
    """The last first, and how many there are."""
    which = [webhook_delivery.c.webhook_id == webhook_id]
    if state:
        which.append(webhook_delivery.c.state == state)
    total = db.scalar(select(func.count()).select_from(webhook_delivery).where(*which))
    joined = webhook_delivery.outerjoin(event, event.c.event_id == webhook_delivery.c.event_id)
    query = (
        select(webhook_delivery, event.c.event_type)
        .select_from(joined)
        .where(*which)
        .order_by(webhook_delivery.c.delivery_id.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_to_delivery(row) for row in db.rows(query)], total


def delete_old(db: Writing, *, before: int, limit: int) -> int:
    """Forgets deliveries that were done with before that moment."""
    old = sa.and_(~_QUEUED, webhook_delivery.c.done_epoch < before)
    return db.delete_some(webhook_delivery, old, limit=limit)


def _to_webhook(row: Row) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        webhook_name=row.webhook_name,
        owner_user_id=row.owner_user_id,
        host=row.host,
        body_format=row.body_format,
        event_types=msgspec.json.decode(row.event_types),
        category_ids=msgspec.json.decode(row.category_ids),
        state=row.state,
        last_error=row.last_error,
        delivered_epoch=row.delivered_epoch,
        waiting=row.waiting,
        created_epoch=row.created_epoch,
    )


def _to_delivery(row: Row) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        event_id=row.event_id,
        event_type=row.event_type or "",
        subject=row.order_key,
        state=row.state,
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        created_epoch=row.created_epoch,
        due_epoch=row.due_epoch,
        done_epoch=row.done_epoch,
    )
