"""Lines of a table out of a file's bytes, whatever its format."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from autohub.imports.mapping import is_known
from autohub.kit import cells, tabular, workbook
from autohub.kit.errors import Invalid
from autohub.kit.headings import count_above
from autohub.kit.jsonbody import parse
from autohub.kit.sentences import say

Lines = Iterable[tuple[int, dict[str, str]]]
"""Rows that can be gone through more than once."""


def read_lines(raw: bytes, kind: str) -> tuple[list[str], Lines]:
    """The headings, whatever stands above them, and every row with its number as a person counts.
    Raises Invalid for what cannot be read."""
    if kind in ("ndjson", "json"):
        records = [
            _record(number, line)
            for number, line in enumerate(tabular.json_lines(raw, kind), start=1)
        ]
        return list(dict.fromkeys(name for _, record in records for name in record)), records
    rows = _Rows(raw, kind)
    return tabular.headings(islice(rows.cells(), rows.above, None), repeats=True), rows


class _Rows:
    """The rows of a table, read anew each time: a large one is never held as rows."""

    def __init__(self, raw: bytes, kind: str) -> None:
        self._sheet = list(workbook.read_rows(raw, is_known)) if kind == "xlsx" else None
        self._text = "" if kind == "xlsx" else tabular.decode(raw)
        self.above = count_above(self.cells(), is_known)

    def cells(self) -> Iterator[list[str]]:
        return iter(self._sheet) if self._sheet is not None else tabular.csv_rows(self._text)

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        return tabular.table(self.cells(), above=self.above, repeats=True)


def _record(number: int, raw: bytes) -> tuple[int, dict[str, str]]:
    try:
        value = parse(raw, lines=True)
    except Invalid as error:
        message = say("Line {number}: {message}", number=number, message=error.message)
        raise Invalid(message, details=error.details) from None
    if not isinstance(value, dict):
        raise Invalid(say("Line {number} is no JSON object.", number=number))
    return number, {str(name): _text(item) for name, item in value.items()}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return cells.join_cells(_text(item) for item in value)
    return workbook.cell_text(value)
