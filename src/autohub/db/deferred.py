"""Changes that nobody waits for are sent to PostgreSQL together: each round trip takes longer than
the database takes to insert a row."""

import re
from typing import Any

MOST_STATEMENTS, MOST_VALUES = 16, 2000
_TARGET = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


class DeferredChanges:
    """INSERT, UPDATE and DELETE statements, with `%s` for values, that become one. All of its
    parts see the tables as they were before it, so none may speak of a table that another one
    changes."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []
        self._tables: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._statements)

    def takes(self, sql: str, values: tuple[Any, ...]) -> bool:
        """Whether this one may still join; if not, the others go first."""
        if len(self._statements) >= MOST_STATEMENTS:
            return False
        if len(self._values) + len(values) > MOST_VALUES:
            return False
        return not any(re.search(rf"\b{table}\b", sql) for table in self._tables)

    def add(self, sql: str, values: tuple[Any, ...]) -> str:
        """Returns the table that it changes."""
        target = _TARGET.match(sql)
        assert target, sql
        self._statements.append(sql)
        self._values += values
        self._tables.add(target[1])
        return target[1]

    def take(self) -> tuple[str, list[Any]]:
        """The one statement of all that waited, and its values; nothing waits any more."""
        *others, last = self._statements
        parts = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(others))
        values = self._values
        self.__init__()  # type: ignore[misc]
        return (f"WITH {parts} {last}" if parts else last), values
