"""Every statement about records that came from another hub."""

from collections.abc import Iterable

from sqlalchemy import select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import move_in_run, moved_record
from autohub.move_in.model import KnownRecord


def load_known(
    db: Reading, source: str, kind: str, their_ids: Iterable[str]
) -> dict[str, KnownRecord]:
    """By the id there."""
    query = select(moved_record).where(
        moved_record.c.source == source,
        moved_record.c.kind == kind,
        db.one_of(moved_record.c.their_id, list(their_ids)),
    )
    return {
        row.their_id: KnownRecord(
            our_id=row.our_id, theirs=row.theirs, ours=row.ours, seen_epoch=row.seen_epoch
        )
        for row in db.rows(query)
    }


def keep_known(db: Writing, source: str, kind: str, records: dict[str, KnownRecord]) -> None:
    """Puts these in the place of what was known of them."""
    db.change(
        moved_record.delete().where(
            moved_record.c.source == source,
            moved_record.c.kind == kind,
            db.one_of(moved_record.c.their_id, list(records)),
        )
    )
    names = ("source", "kind", "their_id", "our_id", "theirs", "ours", "seen_epoch")
    rows = [(source, kind, their_id, *record) for their_id, record in records.items()]
    db.insert_many(moved_record, names, rows)


def forget_user(db: Writing, user_id: int) -> None:
    """Drops what is known of where a person came from: for an erasure."""
    db.change(
        moved_record.delete().where(moved_record.c.kind == "user", moved_record.c.our_id == user_id)
    )


def begin_run(db: Writing, source: str, *, now: int) -> int:
    """When the run began that is open for this hub: now, unless one was broken off."""
    row = db.row(select(move_in_run).where(move_in_run.c.source == source))
    if row is not None and row.finished_epoch is None:
        return int(row.started_epoch)
    db.change(move_in_run.delete().where(move_in_run.c.source == source))
    db.insert(move_in_run, {"source": source, "started_epoch": now, "finished_epoch": None})
    return now


def finish_run(db: Writing, source: str, *, now: int) -> None:
    db.change(move_in_run.update().where(move_in_run.c.source == source).values(finished_epoch=now))
