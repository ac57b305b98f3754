"""What rarely changes is kept in memory under a stamp: a random number per noun, which the
database itself renews in the transaction that changes one of the noun's tables. A value that was
read under the stamp that a transaction sees is what the transaction would read."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from autohub.db.engine import Reading, Writing
from autohub.db.reading import TABLES
from autohub.db.schema import metadata, stamp

P = ParamSpec("P")
T = TypeVar("T")
__all__ = ["TABLES", "install", "keep"]

KEPT_AT_MOST = 10_000
"""How many answers of one function are kept; all are dropped when there would be more."""


def keep(
    *nouns: str,
) -> Callable[[Callable[Concatenate[Reading, P], T]], Callable[Concatenate[Reading, P], T]]:
    """Keeps what a function reads, by its arguments, until one of `nouns` changes. It may read
    nothing but the tables of these, and nobody may change what it returned."""

    def decorate(
        read: Callable[Concatenate[Reading, P], T],
    ) -> Callable[Concatenate[Reading, P], T]:
        found: dict[Any, T] = {}

        def reading(db: Reading, /, *args: P.args, **more: P.kwargs) -> T:
            stamps = db.stamps()
            if not all(noun in stamps for noun in nouns):
                return read(db, *args, **more)
            key = (*(stamps[noun] for noun in nouns), args, tuple(sorted(more.items())))
            if key in found:
                return found[key]
            value = read(db, *args, **more)
            if db.stamps(anew=True) == stamps:  # PostgreSQL's writers see what others commit
                if len(found) >= KEPT_AT_MOST:
                    found.clear()
                found[key] = value
            return value

        update_wrapper(reading, read)
        return reading

    return decorate


def install(db: Writing) -> None:
    """Gives every noun its stamp, and every table of one the triggers that renew it, unless they
    are there. What changes a table's form may have taken them away."""
    there = set(db.scalars(sa.select(stamp.c.name)))
    new = "random()" if db.is_sqlite else _RANDOM
    for noun, tables in TABLES.items():
        if noun not in there:
            db.driver_change(f"INSERT INTO stamp (name, at) VALUES (?, {new})", (noun,))
        for table in tables:
            assert table in metadata.tables, table
            (_trigger_sqlite if db.is_sqlite else _trigger_postgresql)(db, noun, table)


_RANDOM = "floor(random() * 9007199254740991)::bigint"


def _trigger_sqlite(db: Writing, noun: str, table: str) -> None:
    for event in ("INSERT", "UPDATE", "DELETE"):
        db.driver_change(
            f"CREATE TRIGGER IF NOT EXISTS stamp_{table}_{event.lower()} AFTER {event} ON {table} "
            f"BEGIN UPDATE stamp SET at = random() WHERE name = '{noun}'; END",
            (),
        )


def _trigger_postgresql(db: Writing, noun: str, table: str) -> None:
    name = f"stamp_{table}"
    db.driver_change(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"UPDATE stamp SET at = {_RANDOM} WHERE name = '{noun}'; RETURN NULL; END $$",
        (),
    )
    db.driver_change(
        f"CREATE OR REPLACE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        (),
    )
