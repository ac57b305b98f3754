"""Every statement of backups: whole tables out and in, whatever is in them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from autohub.db.engine import Reading, Writing
from autohub.db.schema import metadata
from autohub.ideas.store import SEARCH as IDEAS
from autohub.users.store import SEARCH as USERS

MADE_ANEW = {"stamp", USERS.pending.name, IDEAS.pending.name}
"""What restoring makes again: stamps, and the marks of what is not in the search index."""


def tables() -> list[sa.Table]:
    """What a backup holds, each table after those that it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in MADE_ANEW]


def columns_of(table: sa.Table) -> tuple[list[str], list[str]]:
    """A table's columns, and those that hold bytes."""
    names = [str(column.name) for column in table.columns]
    return names, [str(c.name) for c in table.columns if isinstance(c.type, sa.LargeBinary)]


def stream_rows(db: Reading, table: sa.Table) -> Iterator[tuple[Any, ...]]:
    """All rows by their key, a few at a time in memory."""
    names = ", ".join(columns_of(table)[0])
    order = ", ".join(column.name for column in table.primary_key)
    return db.driver_stream(f"SELECT {names} FROM {table.name} ORDER BY {order}")


def blob_keys(db: Reading) -> list[str]:
    """The keys of all files that any row names."""
    found: set[str] = set()
    for table in tables():
        if "blob_key" in table.columns:
            sql = f"SELECT blob_key FROM {table.name} WHERE blob_key IS NOT NULL"
            found.update(key for (key,) in db.driver_rows(sql))
    return sorted(found)


def last_ids(db: Reading) -> dict[str, int]:
    """The last id that each table gave out, whether its row is still there or not."""
    if db.is_sqlite:
        known = {table.name for table in tables()}
        rows = db.driver_rows("SELECT name, seq FROM sqlite_sequence")
        return {name: int(seq) for name, seq in sorted(rows) if name in known and seq}
    found = {}
    for table in tables():
        if sequence := _sequence(db, table.name):
            ((last, is_called),) = db.driver_rows(f"SELECT last_value, is_called FROM {sequence}")
            found[table.name] = int(last) if is_called else int(last) - 1
    return {name: last for name, last in sorted(found.items()) if last > 0}


def set_last_ids(db: Writing, wanted: dict[str, int]) -> None:
    for name, last in wanted.items():
        if db.is_sqlite:
            db.driver_change("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            db.driver_change("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))
        elif sequence := _sequence(db, name):
            db.driver_rows("SELECT setval(?, ?)", (sequence, last))


def _sequence(db: Reading, table: str) -> str | None:
    key = next(iter(metadata.tables[table].primary_key)).name
    if not isinstance(metadata.tables[table].c[key].type, sa.Integer):
        return None
    found: str | None = db.driver_rows("SELECT pg_get_serial_sequence(?, ?)", (table, key))[0][0]
    return found


def empty_tables(db: Writing) -> None:
    """Takes away what migrations laid down, and puts off checking what rows refer to."""
    if db.is_sqlite:
        db.driver_change("PRAGMA defer_foreign_keys = ON", ())
    for table in reversed(tables()):
        db.driver_change(f"DELETE FROM {table.name}", ())


def insert_rows(
    db: Writing, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    db.insert_stream(metadata.tables[table], columns, rows)


def mark_for_search(db: Writing) -> None:
    """Lets the worker write the search indexes anew."""
    for search in (USERS, IDEAS):
        key = search.id.name
        db.driver_change(f"DELETE FROM {search.pending.name}", ())
        db.driver_change(
            f"INSERT INTO {search.pending.name} ({key}) SELECT {key} FROM {search.source.name}",
            (),
        )
