"""Lines of a table out of a file's bytes, whatever its format."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from autohub.imports.suggesting import is_known
from autohub.kit import cells, tabular, workbook
from autohub.kit.encodings import Raw
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import parse
from autohub.kit.sentences import say
from autohub.kit.tablefile import FOUND, Choice, TableFile

Lines = Iterable[tuple[int, dict[str, str]]]
"""Rows that can be gone through more than once."""


class ReadTable(NamedTuple):
    """What a file holds: every row has its number as a person counts; `note` is what must be said
    of how it was read, if anything."""

    headings: list[str]
    lines: Lines
    note: str = ""


def read_table(raw: Raw, kind: str, choice: Choice = FOUND) -> ReadTable:
    """Raises Invalid for what cannot be read."""
    if kind in ("ndjson", "json"):
        records = [
            _record(number, line)
            for number, line in enumerate(tabular.json_lines(raw[:], kind), start=1)
        ]
        return ReadTable(
            list(dict.fromkeys(name for _, record in records for name in record)), records
        )
    file = open_table(raw, choice)
    return ReadTable(file.headings, file, file.note)


def open_table(raw: Raw, choice: Choice = FOUND, *, asks: bool = True) -> TableFile:
    """A workbook or CSV in which two columns may have one heading. Raises Invalid."""
    return TableFile(raw, is_known, choice, repeats=True, asks=asks)


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
