"""Exact counts that cost the same at any size; see the table `tally`."""

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import tally
from autohub.db.statements import Statement, bind


def add_delta(db: Writing, name: str, delta: int) -> None:
    if delta:
        db.add(tally, {"name": name, "delta": delta})


def count(db: Reading, name: str) -> int:
    return int(db.scalar(_SUM, {"name": name}))


_SUM = Statement(
    select(func.coalesce(func.sum(tally.c.delta), 0)).where(tally.c.name == bind("name"))
)


def compact_rows(db: Writing, *, above: int = 100) -> None:
    """Replaces the rows by one per name. Two workers at once are safe: each sums only the rows
    that it deleted itself."""
    if (db.scalar(select(func.count()).select_from(tally)) or 0) <= above:
        return
    sums: dict[str, int] = {}
    for row in db.rows(sa.delete(tally).returning(tally.c.name, tally.c.delta)):
        sums[row.name] = sums.get(row.name, 0) + row.delta
    for name, total in sums.items():
        add_delta(db, name, total)
