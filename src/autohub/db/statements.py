"""Statements that are put together once, when a store is imported, and run on the driver's cursor.

Building a statement and looking its text up takes SQLAlchemy twenty times as long as the database
takes to run it. So what a store asks often is a constant, `Statement(select(…))`, with `bind(name)`
where a value comes later and `among(column, name)` where a list does.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


def bind(name: str, type_: Any = None) -> sa.BindParameter[Any]:
    """A value that comes when the statement is run; `type_` where it is compared with nothing
    that has one."""
    return sa.bindparam(name, None, type_=type_)


class _Listed(sa.types.TypeDecorator[Any]):
    """A list as one bound value: an array, or JSON where there are none."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        is_array = dialect.name == "postgresql"
        return dialect.type_descriptor(sa.ARRAY(self.item) if is_array else sa.Text())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class among(sa.ColumnElement[bool]):
    """`column IN` a list that comes when the statement is run, as one value, so that no length
    meets the limit of bound values and every length is the same statement."""

    inherit_cache = True
    type: Any = sa.types.NullType()  # a Boolean would be compared with 1 on SQLite
    _traverse_internals: Any = (
        ("column", sa.sql.visitors.InternalTraversal.dp_clauseelement),
        ("listed", sa.sql.visitors.InternalTraversal.dp_clauseelement),
    )

    def __init__(
        self, column: sa.ColumnElement[Any], name: str, values: Sequence[Any] | None = None
    ) -> None:
        """`values` for a statement that is put together as it is needed."""
        self.column = column
        is_later = values is None
        self.listed = sa.bindparam(name, values, type_=_Listed(column.type), unique=not is_later)

    @property
    def name(self) -> str:
        return str(self.listed.key)


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: Any, **more: Any) -> str:
    column, listed = (compiler.process(part, **more) for part in (element.column, element.listed))
    return f"{column} IN (SELECT value FROM json_each({listed}))"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: Any, **more: Any) -> str:
    column, listed = (compiler.process(part, **more) for part in (element.column, element.listed))
    return f"{column} = ANY({listed})"


class unindexed(sa.ColumnElement[Any]):
    """A column for whose index SQLite is not to reach; PostgreSQL knows how many rows it has."""

    inherit_cache = True
    _traverse_internals: Any = (("column", sa.sql.visitors.InternalTraversal.dp_clauseelement),)

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self.column, self.type = column, column.type


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: unindexed, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.column, **more)}"


@compiles(unindexed)
def _unindexed(element: unindexed, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.column, **more))


class rows_as_json(sa.sql.functions.FunctionElement[str]):
    """All rows of a subquery as one text, a JSON array of arrays in any order: what belongs to a
    row comes with it, and takes no statement of its own."""

    inherit_cache = True
    type = sa.Text()
    name = "rows_as_json"


@compiles(rows_as_json, "sqlite")
def _rows_as_json_sqlite(element: rows_as_json, compiler: Any, **more: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **more)}))"


@compiles(rows_as_json, "postgresql")
def _rows_as_json_postgresql(element: rows_as_json, compiler: Any, **more: Any) -> str:
    row = f"json_build_array({compiler.process(element.clauses, **more)})"
    return f"coalesce(CAST(json_agg({row}) AS TEXT), '[]')"


class Statement:
    """A statement as a constant. Raises TypeError, when it is first run, for a column whose values
    SQLAlchemy would convert: such a statement is run as it is, without this."""

    def __init__(self, core: sa.Executable) -> None:
        self.core = core
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: sa.Dialect) -> "Compiled":
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = Compiled(self.core, dialect)
        return found


class Compiled:
    """A statement's text for one database, and how its values and rows are handed over."""

    def __init__(self, core: sa.Executable, dialect: sa.Dialect) -> None:
        compiled: Any = core.compile(  # type: ignore[attr-defined]
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.sql: str = str(compiled)
        later = {name for parameter, name in compiled.bind_names.items() if not parameter.unique}
        self._fixed = {name: value for name, value in compiled.params.items() if name not in later}
        self._order = list(compiled.positiontup) if dialect.name == "sqlite" else None
        lists = (
            part.name
            for part in sa.sql.visitors.iterate(cast(Any, core))
            if isinstance(part, among)
        )
        self._lists = frozenset(lists)  # one may stand in several places
        columns = compiled._result_columns
        for column in columns:
            if isinstance(column.type, sa.Float):
                continue  # both drivers hand floats over as they are
            if column.type.dialect_impl(dialect).result_processor(dialect, None) is not None:
                raise TypeError(f"{column.keyname} needs a conversion: {core}")
        names = [column.keyname for column in columns]
        make: Any = namedtuple
        self.make_row: Callable[..., Any] = make("Row", names, rename=True)._make

    def values(self, given: Mapping[str, Any]) -> Any:
        """What the driver binds."""
        values = {**self._fixed, **given}
        for name in self._lists:
            listed = list(values[name])
            values[name] = listed if self._order is None else json.dumps(listed)
        if self._order is None:
            return values
        return [values[name] for name in self._order]
