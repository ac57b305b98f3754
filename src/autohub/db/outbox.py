"""What must happen later: rows written in the business transaction, drained by workers that take
leases."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import outbox
from autohub.kit.clock import HOUR, MINUTE

LEASE = 3 * MINUTE
"""How long a job stays with a worker that is not heard of; one that lives renews it much more
often."""
BACKOFF = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR)
"""The pauses after the first, second, … failure; after the last one the row has failed for good."""
POSTPONED = MINUTE
"""For how long what a job needs is left alone when it is away."""


class Job(msgspec.Struct):
    outbox_id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    user_id: int | None = None


def enqueue(
    db: Writing, *, kind: str, payload: dict[str, Any], now: int, user_id: int | None = None
) -> None:
    """Queues one job. The payload must hold no secret; it says where to find
    what is needed."""
    values = {
        "kind": kind,
        "payload": msgspec.json.encode(payload).decode(),
        "user_id": user_id,
        "created_epoch": now,
        "due_epoch": now,
    }
    db.add(outbox, values)


def lease(db: Writing, *, kinds: Sequence[str], now: int) -> Job | None:
    """Takes the job that has been due the longest for LEASE; another worker takes over one that is
    not reported back in time.

    One at a time: nobody holds jobs that wait for the one before them.
    """
    due = (
        select(
            outbox.c.outbox_id, outbox.c.kind, outbox.c.payload, outbox.c.attempts, outbox.c.user_id
        )
        .where(_is_due(kinds, now))
        .order_by(outbox.c.due_epoch, outbox.c.outbox_id)
        .limit(1)
    )
    if not db.is_sqlite:
        due = due.with_for_update(skip_locked=True)
    row = db.row(due)
    if row is None:
        return None
    renew(db, [row.outbox_id], now=now)
    return Job(
        outbox_id=row.outbox_id,
        kind=row.kind,
        payload=msgspec.json.decode(row.payload),
        attempts=row.attempts,
        user_id=row.user_id,
    )


def renew(db: Writing, outbox_ids: Sequence[int], *, now: int) -> None:
    """Keeps jobs that take longer than LEASE from being taken over."""
    held = outbox.update().where(outbox.c.outbox_id.in_(outbox_ids), outbox.c.state == "queued")
    db.change(held.values(leased_until_epoch=now + LEASE))


def rewrite(db: Writing, job: Job) -> None:
    """Notes how far a job has come, which goes on from there when its worker dies."""
    db.change(_row(job.outbox_id).values(payload=msgspec.json.encode(job.payload).decode()))


def is_due(db: Reading, *, kinds: Sequence[str], now: int) -> bool:
    """Whether any job of these kinds waits for a worker; asked by reading, so that an idle
    worker never takes the writers' turn."""
    return bool(db.scalar(select(sa.exists().where(_is_due(kinds, now)))))


def _is_free(kinds: Sequence[str], now: int) -> sa.ColumnElement[bool]:
    until = outbox.c.leased_until_epoch
    # beyond any lease: the clock was set back since
    free = sa.or_(until.is_(None), until < now, until > now + LEASE)
    return sa.and_(outbox.c.state == "queued", outbox.c.kind.in_(kinds), free)


def _is_due(kinds: Sequence[str], now: int) -> sa.ColumnElement[bool]:
    due = outbox.c.due_epoch
    has_come = sa.or_(due <= now, due > now + BACKOFF[-1])  # the latter by a clock that was wrong
    return sa.and_(_is_free(kinds, now), has_come)


def is_stale(db: Reading, *, kinds: Sequence[str], before: int, now: int) -> bool:
    """Whether a job of these kinds that was put before that moment still waits."""
    return bool(
        db.scalar(select(sa.exists().where(_is_free(kinds, now), outbox.c.created_epoch < before)))
    )


def cancel_stale(db: Writing, *, kinds: Sequence[str], before: int, now: int) -> int:
    """Cancels the jobs of these kinds that were put before that moment and wait still; returns
    how many that were."""
    stale = outbox.update().where(_is_free(kinds, now), outbox.c.created_epoch < before)
    return db.change(stale.values(state="cancelled", done_epoch=now, leased_until_epoch=None))


def mark_done(db: Writing, outbox_id: int, *, now: int, state: str = "sent") -> None:
    db.change(
        _row(outbox_id).values(
            state=state, done_epoch=now, leased_until_epoch=None, last_error=None
        )
    )


def mark_failed(db: Writing, job: Job, *, error: str, now: int, for_good: bool = False) -> None:
    """Puts the job back with a pause, or gives it up when it may not be tried again."""
    values: dict[str, Any] = {
        "attempts": job.attempts + 1,
        "last_error": error[:500],
        "leased_until_epoch": None,
    }
    if for_good or job.attempts >= len(BACKOFF):
        values |= {"state": "failed", "done_epoch": now}
    else:
        values["due_epoch"] = now + BACKOFF[job.attempts]
    db.change(_row(job.outbox_id).values(values))


def postpone(db: Writing, job: Job, *, error: str, now: int) -> None:
    """Puts the job back for POSTPONED; that is no attempt, because it was nothing about this
    job."""
    db.change(
        _row(job.outbox_id).values(
            due_epoch=now + POSTPONED, last_error=error[:500], leased_until_epoch=None
        )
    )


def delete_done(db: Writing, *, before: int, limit: int) -> int:
    """Takes away jobs that were done, given up or cancelled before that moment."""
    done = sa.and_(outbox.c.state != "queued", outbox.c.done_epoch < before)
    return db.delete_some(outbox, done, limit=limit)


def _row(outbox_id: int) -> sa.Update:
    return outbox.update().where(outbox.c.outbox_id == outbox_id, outbox.c.state == "queued")


def get_trouble(db: Reading) -> str | None:
    """Why the job that was tried last, of those that wait, could not be done."""
    waits = sa.and_(outbox.c.state == "queued", outbox.c.last_error.is_not(None))
    latest = select(outbox.c.last_error).where(waits).order_by(outbox.c.due_epoch.desc())
    trouble: str | None = db.scalar(latest.limit(1))
    return trouble


def get_longest_wait(db: Reading, *, now: int) -> int:
    """For how many milliseconds the job that has waited the longest has been due."""
    first = db.scalar(select(sa.func.min(outbox.c.due_epoch)).where(outbox.c.state == "queued"))
    return max(0, now - first) if first is not None else 0


def count_by_state(db: Reading) -> dict[str, int]:
    """How many jobs are in each state."""
    return {
        row.state: row.n
        for row in db.rows(
            select(outbox.c.state, sa.func.count().label("n")).group_by(outbox.c.state)
        )
    }
