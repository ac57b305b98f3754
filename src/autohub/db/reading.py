"""A transaction that reads, and in what SQLite and PostgreSQL differ there."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Self, cast

import sqlalchemy as sa

from autohub.db.statements import Statement, among

JOINED_FROM = 100
"""From how many values on PostgreSQL joins with them: `= ANY` of texts in a collation compares
every row with every value."""


Row = sa.Row[Any]

_WAITS = ("FOR UPDATE", "pg_advisory")
"""What waits for other writers; afterwards there may be what they committed."""

TABLES: dict[str, tuple[str, ...]] = {
    "assessments": ("assessment_version", "category_assessment"),
    "categories": ("category",),
    "collaborator roles": ("collaborator_role",),
    "flows": ("phase", "phase_status", "idea_flow", "flow_transition", "category_flow"),
    "roles": ("role", "role_permission"),
}
"""The tables whose changes renew each stamp."""
STAMPED = frozenset(table for tables in TABLES.values() for table in tables)

Query = sa.Executable | Statement
"""What is run: a constant of a store, or a statement that is put together as it is needed."""


class Reading:
    """A transaction that sees one snapshot and changes nothing."""

    is_snapshot = True

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.is_sqlite = self.dialect.name == "sqlite"
        self._driver: Any = connection.connection.driver_connection
        self._stamps: dict[str, int] | None = None
        self.state: str | None = None  # what audit.store.current_state found in this snapshot

    def begun(self) -> Self:
        """Itself, in a transaction."""
        if self.is_sqlite:
            self._run("BEGIN" if self.is_snapshot else "BEGIN IMMEDIATE", ())
            return self
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if self.is_snapshot else "BEGIN"
        try:
            cursor = self._run(f"{begin}; SELECT name, at FROM stamp", None)
        except sa.exc.ProgrammingError:  # nothing was migrated yet
            self._run("ROLLBACK", None)
            self._run(begin, None)
            return self
        cursor.nextset()
        self._stamps = dict(cursor.fetchall())
        return self

    def rows(self, query: Query, values: Mapping[str, Any] | None = None) -> Sequence[Row]:
        if isinstance(query, Statement):
            compiled = query.compiled(self.dialect)
            found = self._run(compiled.sql, compiled.values(values or {})).fetchall()
            return [compiled.make_row(row) for row in found]
        return self._execute(query, values).all()

    def row(self, query: Query, values: Mapping[str, Any] | None = None) -> Row | None:
        """The first row, None when there is none."""
        if isinstance(query, Statement):
            compiled = query.compiled(self.dialect)
            found = self._run(compiled.sql, compiled.values(values or {})).fetchone()
            return None if found is None else compiled.make_row(found)
        return self._execute(query, values).first()

    def scalar(self, query: Query, values: Mapping[str, Any] | None = None) -> Any:
        if isinstance(query, Statement):
            row = self.row(query, values)
            return None if row is None else row[0]
        return self._execute(query, values).scalar()

    def scalars(self, query: Query, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        if isinstance(query, Statement):
            compiled = query.compiled(self.dialect)
            cursor = self._run(compiled.sql, compiled.values(values or {}))
            return [row[0] for row in cursor.fetchall()]
        return self._execute(query, values).scalars().all()

    def stamps(self, *, anew: bool = False) -> dict[str, int]:
        """The stamp of each noun in this transaction (db/stamps.py)."""
        if self._stamps is None or (anew and not self.is_snapshot):
            self._stamps = dict(self.driver_rows("SELECT name, at FROM stamp"))
        return self._stamps

    def numbers(self, query: sa.Executable) -> list[int]:
        """The one column of many rows, without what SQLAlchemy does for each of them."""
        return [row[0] for row in self._execute(query).cursor.fetchall()]

    def _execute(self, query: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        if not (self.is_snapshot and query.is_select):
            self._stamps = None
        return self.connection.execute(query, values)

    def _run(self, sql: str, values: Any, *, binary: bool = False, many: bool = False) -> Any:
        """Runs SQL on the driver's cursor, whose errors come wrapped as SQLAlchemy wraps them."""
        if not sql.startswith("SELECT") or any(word in sql for word in _WAITS):
            self._stamps = None
        cursor = self._driver.cursor(binary=True) if binary else self._driver.cursor()
        driver = self.dialect.loaded_dbapi
        try:
            (cursor.executemany if many else cursor.execute)(sql, values)
        except driver.Error as error:
            raise self._wrapped(error, sql, cursor) from error
        return cursor

    def _wrapped(self, error: Any, sql: str, cursor: Any) -> sa.exc.DBAPIError:
        driver: Any = self.dialect.loaded_dbapi
        is_gone = self.dialect.is_disconnect(error, self._driver, cursor)
        if is_gone:
            self.connection.invalidate(error)
        return cast(
            "sa.exc.DBAPIError",
            sa.exc.DBAPIError.instance(
                sql,
                None,
                error,
                driver.Error,
                hide_parameters=True,
                connection_invalidated=is_gone,
                dialect=self.dialect,
            ),
        )

    def one_of(
        self, column: sa.ColumnElement[Any], values: Iterable[Any]
    ) -> sa.ColumnElement[bool]:
        """`column IN values` as a single bound value, so that no length meets the bind limit."""
        wanted = list(values)
        if len(wanted) < 2:  # the commonest case, and much the quickest to put together
            return column == wanted[0] if wanted else sa.false()
        if self.is_sqlite or len(wanted) <= JOINED_FROM:
            return among(column, "listed", wanted)
        bound = sa.bindparam(None, wanted, type_=sa.ARRAY(column.type), unique=True)
        return column.in_(sa.select(sa.func.unnest(bound)))

    def driver_rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Rows of raw SQL with `?` for a bound value: the shortest way to many rows."""
        return list(self._run(self.driver_sql(sql), values).fetchall())

    def driver_bytes(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        """`driver_rows` for columns of bytes, which PostgreSQL else sends as twice as many
        hexadecimal digits."""
        if self.is_sqlite:
            return self.driver_rows(sql, values)
        return list(self._run(self.driver_sql(sql), values, binary=True).fetchall())

    def driver_stream(self, sql: str, *, at_once: int = 2000) -> Iterator[tuple[Any, ...]]:
        """`driver_rows` for as many rows as there may be, `at_once` of them in memory."""
        if self.is_sqlite:
            cursor = self._run(sql, ())
        else:
            cursor = self._driver.cursor(name="stream", binary=True)
            cursor.itersize = at_once
            try:
                cursor.execute(sql)
            except self.dialect.loaded_dbapi.Error as error:
                raise self._wrapped(error, sql, cursor) from error
        with closing(cursor):
            while rows := cursor.fetchmany(at_once):
                yield from rows

    @property
    def driver_in(self) -> str:
        """`column …`: in a list bound as one value, which `driver_list` makes."""
        return "IN (SELECT value FROM json_each(?))" if self.is_sqlite else "= ANY(?)"

    def driver_list(self, values: Sequence[Any]) -> Any:
        return json.dumps(list(values)) if self.is_sqlite else list(values)

    @property
    def driver_lock(self) -> str:
        """Put behind a SELECT: its rows stay as they are until this transaction ends; SQLite has
        one writer anyway."""
        return "" if self.is_sqlite else " FOR UPDATE"

    def driver_sql(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("%", "%%").replace("?", "%s")
