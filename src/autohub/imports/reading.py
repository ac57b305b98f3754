"""Lines of a table out of a file's bytes, whatever its format."""

from collections.abc import Iterator
from typing import Any

from autohub.imports import cells
from autohub.kit import tabular
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import parse

Lines = Iterator[tuple[int, dict[str, str]]]


def lines(raw: bytes, kind: str) -> tuple[list[str], Lines]:
    """The headings, and every row with its number as a person counts. Raises Invalid for what cannot be read."""
    if kind in ("ndjson", "json"):
        records = [_record(number, line) for number, line in enumerate(tabular.json_lines(raw, kind), start=1)]
        names = list(dict.fromkeys(name for _, record in records for name in record))
        return names, iter(records)
    source = tabular.xlsx_rows(raw) if kind == "xlsx" else tabular.csv_rows(tabular.decode(raw))
    first = next(source, [])
    names = tabular.headings(iter([first]), repeats=True)
    return names, ((number, row) for number, row in tabular.table(_again(first, source), repeats=True))


def _again(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest


def _record(number: int, raw: bytes) -> tuple[int, dict[str, str]]:
    try:
        value = parse(raw, lines=True)
    except Invalid as error:
        raise Invalid(f"Line {number}: {error.message}", details=error.details) from None
    if not isinstance(value, dict):
        raise Invalid(f"Line {number} is no JSON object.")
    return number, {str(name): _text(item) for name, item in value.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return cells.joined(_text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(int(value)) if isinstance(value, bool) else str(value)
