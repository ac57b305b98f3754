"""Two databases behind one door: transactions, and everything in which SQLite and PostgreSQL
differ."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from autohub.db.connections import (
    READER_CACHE_MB,
    WRITER_CACHE_MB,
    create_postgresql_engine,
    create_sqlite_engine,
    database_url,
)
from autohub.db.deferred import DeferredChanges
from autohub.db.faults import is_busy, may_be_repeated, told
from autohub.db.reading import STAMPED, Query, Reading, Row
from autohub.db.schema import metadata
from autohub.db.statements import Statement
from autohub.db.turns import Turns
from autohub.kit import private
from autohub.kit.errors import Unavailable

FEW = 20
"""How many rows are inserted by a statement, which need not go alone, and not by COPY."""


T = TypeVar("T")
__all__ = ["FEW", "Database", "Reading", "Row", "Writing"]


def _places(count: int) -> str:
    return ", ".join("?" * count)


class Writing(Reading):
    """A transaction that may change rows. It is committed by whoever opened it, never by a
    service."""

    is_snapshot = False  # PostgreSQL's writers see at each statement what others committed

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self._deferred = DeferredChanges()

    def flush(self) -> None:
        """Sends what was deferred; whatever is run next does so by itself."""
        if self._deferred:
            super()._run(*self._deferred.take())

    def _run(self, sql: str, values: Any, *, binary: bool = False, many: bool = False) -> Any:
        self.flush()
        return super()._run(sql, values, binary=binary, many=many)

    def _execute(self, query: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        self.flush()
        return super()._execute(query, values)

    def driver_stream(self, sql: str, *, at_once: int = 2000) -> Iterator[tuple[Any, ...]]:
        self.flush()
        return super().driver_stream(sql, at_once=at_once)

    def change_later(self, sql: str, values: tuple[Any, ...]) -> None:
        """Raw INSERT, UPDATE or DELETE with `?`, whose result nobody waits for: on PostgreSQL it
        may be sent with others, before anything else is run."""
        if self.is_sqlite:
            self._run(sql, values)
            return
        sql = self.driver_sql(sql)
        if not self._deferred.takes(sql, values):
            self.flush()
        if self._deferred.add(sql, values) in STAMPED:
            self._stamps = None

    def savepoint(self, what: str) -> None:
        """SAVEPOINT, ROLLBACK TO or RELEASE with a name."""
        self._run(what, ())

    def change(
        self,
        query: Query,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> int:
        """Runs an INSERT, UPDATE or DELETE and returns how many rows it touched."""
        if isinstance(query, Statement):
            compiled = query.compiled(self.dialect)
            given = cast("Mapping[str, Any]", values or {})
            return int(self._run(compiled.sql, compiled.values(given)).rowcount)
        return self._execute(query, values).rowcount

    def insert(self, table: sa.Table, values: Mapping[str, Any]) -> int:
        """Inserts one row and returns its id (0 for a table without one)."""
        key = list(table.primary_key)
        sql = f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({_places(len(values))})"
        row = tuple(values.values())
        has_id = len(key) == 1 and isinstance(key[0].type, sa.Integer)
        if self.is_sqlite:
            last = self._run(sql, row).lastrowid
            return int(last) if has_id else 0
        if not has_id:
            self._run(self.driver_sql(sql), row)
            return 0
        return int(self.driver_rows(f"{sql} RETURNING {key[0].name}", row)[0][0])

    def add(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        """`insert` for a row whose id nobody asks for."""
        sql = f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({_places(len(values))})"
        self.change_later(sql, tuple(values.values()))

    def update(self, table: sa.Table, row_id: int, values: Mapping[str, Any]) -> None:
        """Sets columns of the row with this id."""
        key = next(iter(table.primary_key)).name
        names = ", ".join(f"{name} = ?" for name in values)
        self.change_later(
            f"UPDATE {table.name} SET {names} WHERE {key} = ?", (*values.values(), row_id)
        )

    def driver_change(self, sql: str, values: tuple[Any, ...]) -> None:
        """Runs raw SQL with `?` once."""
        self._run(self.driver_sql(sql), values)

    def many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Raw SQL with `?`, run for each of `rows`."""
        if rows:
            self._run(self.driver_sql(sql), rows, many=True)

    def insert_many(
        self, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Inserts many rows the fastest way the database has: executemany on SQLite, COPY on
        PostgreSQL; a few with what else is deferred."""
        if self.is_sqlite or len(rows) > FEW:
            self.insert_stream(table, columns, rows)
        elif rows:
            row = f"({_places(len(columns))})"
            places = ", ".join([row] * len(rows))
            self.change_later(
                f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {places}",
                tuple(value for one in rows for value in one),
            )

    def insert_stream(
        self, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        """`insert_many` for as many rows as there may be, in one statement, so that they may refer
        to each other in any order."""
        names = ", ".join(columns)
        if self.is_sqlite:
            sql = f"INSERT INTO {table.name} ({names}) VALUES ({_places(len(columns))})"
            self._run(sql, rows, many=True)
        else:
            self._copy(f"{table.name} ({names})", rows)

    def update_many(
        self, table: sa.Table, key: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Sets `columns` where `key` is; each row holds the columns' values, then the key's."""
        if not rows:
            return
        if self.is_sqlite or len(rows) < 50:
            sql = f"UPDATE {table.name} SET {', '.join(f'{c} = ?' for c in columns)}"
            sql += f" WHERE {key} = ?"
            if len(rows) == 1:
                self.change_later(sql, rows[0])
            else:
                self.many(sql, rows)
            return
        names = ", ".join([*columns, key])
        self._run(
            f"CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT {names} FROM {table.name} LIMIT 0",
            (),
        )
        self._copy(f"changed ({names})", rows)
        assignments = ", ".join(f"{c} = changed.{c}" for c in columns)
        self._run(
            f"UPDATE {table.name} SET {assignments} FROM changed WHERE {table.name}.{key} = "
            f"changed.{key}",
            (),
        )
        self._run("DROP TABLE changed", ())

    def _copy(self, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self.flush()
        statement = f"COPY {target} FROM STDIN"
        driver = self.dialect.loaded_dbapi
        with self._driver.cursor() as cursor:
            try:
                with cursor.copy(statement) as copy:
                    for row in rows:
                        copy.write_row(row)
            except driver.Error as error:
                raise self._wrapped(error, statement, cursor) from error

    def insert_new(self, table: sa.Table, values: Mapping[str, Any]) -> bool:
        """Inserts a row unless its key is there already; False when it was. Waits for a writer
        of the same key."""
        sql = f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({_places(len(values))})"
        row = tuple(values.values())
        return bool(self.driver_rows(f"{sql} ON CONFLICT DO NOTHING RETURNING 1", row))

    def delete_some(self, table: sa.Table, condition: sa.ColumnElement[bool], *, limit: int) -> int:
        """Deletes up to `limit` rows that meet a condition, the first of them by id; returns how
        many they were. What is swept leaves others their turn."""
        key = next(iter(table.primary_key))
        some = sa.select(key).where(condition).order_by(key).limit(limit)
        ids = self.scalars(some)
        return self.change(table.delete().where(self.one_of(key, ids))) if ids else 0

    def reserve_ids(self, table: sa.Table, count: int) -> Sequence[int]:
        """`count` fresh ids of `table`, rising; they are used up even if no row comes of them."""
        column = next(iter(table.primary_key.columns)).name
        if self.is_sqlite:
            last = self.driver_rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
            first = (last[0][0] if last else 0) + 1
            return range(first, first + count)
        sequence = f"pg_get_serial_sequence('{table.name}', '{column}')"
        return [
            row[0]
            for row in self.driver_rows(
                f"SELECT nextval({sequence}) FROM generate_series(1, ?)", (count,)
            )
        ]

    def lock_row(self, table: str, row_id: int) -> None:
        """Waits until no other transaction changes this row of `table`; it stays as it is until
        this one ends."""
        if not self.is_sqlite:  # SQLite has one writer anyway
            key = next(iter(metadata.tables[table].primary_key)).name
            self.driver_rows(f"SELECT {key} FROM {table} WHERE {key} = ? FOR UPDATE", (row_id,))

    def lock_table_briefly(self, table: str) -> None:
        """Waits a moment until nobody writes to `table`, and keeps it so until this transaction
        ends. Raises what `told` makes Unavailable."""
        if not self.is_sqlite:  # SQLite has one writer anyway
            self._run("SET LOCAL lock_timeout = 50", ())
            self._run(f"LOCK TABLE {table} IN SHARE MODE", ())

    def take_time(self) -> None:
        """Lifts the limits of time until this transaction ends: it changes the database's form."""
        if not self.is_sqlite:
            self.connection.execute(
                sa.text("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            )

    def lock(self, name: str) -> None:
        """Waits until no other transaction holds the lock `name`; it is held until this one
        ends."""
        if not self.is_sqlite:  # SQLite has one writer anyway
            self.driver_rows("SELECT pg_advisory_xact_lock(hashtext(?))", (name,))


class Database:
    """One database, for the life of the process."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._last_write = 0.0
        if self.is_sqlite:
            file = Path(self.url.database or "")
            private.make_folder(file.parent)
            private.make_file(file)
            self._reader = create_sqlite_engine(self.url, size=16, cache_mb=READER_CACHE_MB)
            self._writer = create_sqlite_engine(self.url, size=1, cache_mb=WRITER_CACHE_MB)
            self._turns = Turns(self._writer, Writing)
            self._checker = create_sqlite_engine(self.url, size=1, cache_mb=1, wait=0)
        else:
            self._writer = create_postgresql_engine(self.url, size=16, overflow=8)
            self._reader = self._writer
            self._checker = create_postgresql_engine(self.url, size=1, overflow=0)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Raises Unavailable when the database cannot be reached."""
        with told(), self._reader.connect() as connection, connection.begin():
            yield Reading(connection).begun()

    @contextmanager
    def checking(self) -> Iterator[Reading]:
        """As `reading`, on a connection that serves nothing else: whether the hub is ready is
        not a question of how busy it is."""
        with told(), self._checker.connect() as connection, connection.begin():
            yield Reading(connection).begun()

    def try_write(self, work: Callable[[Writing], object]) -> None:
        """Commits `work` on the connection of `checking`, to see whether writing works; another
        writer at work shows that it does."""
        try:
            with self._checker.begin() as connection:
                db = Writing(connection).begun()
                work(db)
                db.flush()
        except sa.exc.DBAPIError as error:
            if not is_busy(error):
                with told():
                    raise

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Commits when the block ends well, rolls everything back when it does not.

        Raises Unavailable when the database cannot be reached or other writers do not make room in
        time.
        """
        if self.is_sqlite:
            with told(), self._turns.alone() as db:
                yield db
            return
        with told(), self._writer.begin() as connection:
            db = Writing(connection).begun()
            yield db
            db.flush()
        self._last_write = time.monotonic()

    @property
    def last_write(self) -> float:
        """time.monotonic() of this process's last commit."""
        return self._turns.last_commit if self.is_sqlite else self._last_write

    def write(self, work: Callable[[Writing], T], *, shared: bool = False) -> T:
        """Runs `work` in a transaction of its own and commits it. When another writer made the
        same row at the same time, or the two waited for each other, it is run again, and sees
        what the other one wrote. `shared` is for short work: its commit may be one with others'."""
        for attempt in range(3):
            try:
                if shared and self.is_sqlite:
                    with told():
                        return self._turns.shared(work)
                with self.writing() as db:
                    return work(db)
            except sa.exc.DBAPIError as error:
                if not may_be_repeated(error) or (
                    attempt == 2 and isinstance(error, sa.exc.IntegrityError)
                ):
                    raise
                if attempt == 2:
                    raise Unavailable(
                        "Other writers change the same rows; try again in a moment."
                    ) from error
        raise AssertionError  # the loop returns or raises

    def outside_transactions(self, sql: str) -> None:
        """Runs what PostgreSQL does in no transaction, such as VACUUM, for as long as it takes."""
        with (
            told(),
            self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            connection.detach()  # it keeps its longer limit, and is closed
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(sql)

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()
        self._checker.dispose()
