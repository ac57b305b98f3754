"""What the databases' errors mean: come back in a moment, or broken."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from autohub.kit.errors import Unavailable
from autohub.kit.faults import code_of

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, "55P03")
"""Another writer is at work: SQLite's result codes, and PostgreSQL's lock_not_available."""
IN_EACH_OTHERS_WAY = ("40001", "40P01")
"""Two writers of PostgreSQL, of which one must begin anew: serialization_failure,
deadlock_detected."""
AWAY = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, "57014", "53300", "25P03")
"""The file cannot be opened; a statement took too long, there are too many connections, a
transaction was idle too long."""
AWAY_CLASSES = ("08", "57P")
"""PostgreSQL's connection exceptions and the ends that an operator makes (its documentation,
appendix A)."""

Broken = sa.exc.DBAPIError
"""What a database refuses for another reason than that it is away or busy."""


@contextmanager
def told() -> Iterator[None]:
    """Turns 'the database is away or busy' into Unavailable; what is broken stays what it is, so
    that it is found."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Unavailable(
            "All connections to the database are in use; try again in a moment."
        ) from error
    except sa.exc.DBAPIError as error:
        code = code_of(error.orig) if error.orig else None
        if code in IN_EACH_OTHERS_WAY:
            raise  # `Database.write` runs the work again
        if code in BUSY:
            raise Unavailable("The database is busy writing; try again in a moment.") from error
        if error.connection_invalidated or _is_away(error, code):
            raise Unavailable(
                "The database cannot be reached or takes too long; try again in a moment."
            ) from error
        raise


def is_busy(error: sa.exc.DBAPIError) -> bool:
    """Whether another writer is at work."""
    return error.orig is not None and code_of(error.orig) in BUSY


def is_mistake(error: sa.exc.DBAPIError) -> bool:
    """Whether the statement was wrong, not the database."""
    return isinstance(error, sa.exc.ProgrammingError | sa.exc.IntegrityError)


def may_be_repeated(error: sa.exc.DBAPIError) -> bool:
    """Whether the same work may do better now: it met another writer of the same row."""
    return isinstance(error, sa.exc.IntegrityError) or (
        error.orig is not None and code_of(error.orig) in IN_EACH_OTHERS_WAY
    )


def _is_away(error: sa.exc.DBAPIError, code: int | str | None) -> bool:
    if code is None:  # psycopg knows no SQLSTATE of a connection that never came to be
        return isinstance(error, sa.exc.OperationalError)
    return code in AWAY or (isinstance(code, str) and code.startswith(AWAY_CLASSES))
