"""How connections to each database are made, and what bounds them."""

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

WAIT_SECONDS = 5
"""How long a writer waits for its turn before the caller is told to come back."""

READER_CACHE_MB = 8

WRITER_CACHE_MB = 32
"""SQLite's page caches: one for each of up to 32 readers, and the writer's."""

POSTGRESQL_LIMITS = {
    "lock_timeout": f"{WAIT_SECONDS}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
}

CONNECTION_LIMITS = {
    "connect_timeout": WAIT_SECONDS,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""libpq's parameters, in seconds but for tcp_user_timeout; the database's address overrides each
of them."""


def database_url(url: str) -> URL:
    """The driver-qualified form. Raises ValueError for a scheme that is neither sqlite nor
    postgresql."""
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise ValueError(
            "must be an address such as sqlite:///hub.db or postgresql://user@host/name"
        ) from None
    except ValueError:
        raise ValueError("has a port that is no number, or a sign that must be %-encoded") from None
    drivers = {
        "sqlite": "sqlite+pysqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    backend = parsed.drivername.partition("+")[0]
    if backend not in drivers:
        raise ValueError(f"must start with sqlite: or postgresql:, not “{backend}:”")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ValueError(
            "must name a file, as sqlite:///hub.db does; a database in memory would be another "
            "one for every connection"
        )
    return parsed.set(drivername=drivers[backend])


def database_file(url: str) -> Path | None:
    """Where SQLite's file is; None for PostgreSQL."""
    parsed = database_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def create_postgresql_engine(url: URL, *, size: int, overflow: int) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=WAIT_SECONDS,
        pool_recycle=1800,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # Reading.begun says BEGIN, and asks for stamps with it
        connect_args={
            name: value for name, value in CONNECTION_LIMITS.items() if name not in url.query
        },
    )
    options = str(url.query.get("options", ""))
    limits = {name: value for name, value in POSTGRESQL_LIMITS.items() if name not in options}
    settings = ", ".join(
        f"set_config('{name}', '{value}', false)" for name, value in limits.items()
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:
        if settings:
            raw.execute(f"SELECT {settings}")
            raw.commit()

    return engine


def create_sqlite_engine(
    url: URL, *, size: int, cache_mb: int, wait: float = WAIT_SECONDS
) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=size,
        max_overflow=0 if size == 1 else size,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
        connect_args={
            "check_same_thread": False,
            "timeout": wait,
            "isolation_level": None,
            "cached_statements": 256,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{cache_mb * 1024}",
            "secure_delete=FAST",
        ):
            raw.execute(f"PRAGMA {pragma}").close()

    return engine
