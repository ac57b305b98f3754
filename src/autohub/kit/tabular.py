"""Tables from files: CSV of any separator and encoding, XLSX, NDJSON and JSON, in and out."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from autohub.kit import numbers
from autohub.kit.encodings import Text
from autohub.kit.errors import Invalid
from autohub.kit.headings import HEAD
from autohub.kit.jsonbody import elements
from autohub.kit.sentences import encode, say
from autohub.kit.text import clean, repeated, shorten

FORMATS = ("csv", "tsv", "xlsx", "ndjson", "json")
SEPARATORS = ",;\t|"
XLSX_TOO_LONG = -2
"""What the writer answers for a text above 32,767 characters, which it leaves out."""
_HEAD = 1 << 16
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | date | None
"""What a table holds; moments are in UTC and without a zone, as spreadsheets know them."""

EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number."""
SAMPLE, NARROW, WIDE = 200, 8, 60
"""The rows by which columns get their width, and the least and the most of it, in characters."""


def format_of(path: Path) -> str:
    """The format by the file's ending. Raises Invalid naming those that are known."""
    ending = path.suffix.lower().lstrip(".").replace("jsonl", "ndjson")
    if ending not in FORMATS:
        raise Invalid(
            say(
                "{name} is of no known kind; the ending must be one of {formats}.",
                name=path.name,
                formats=", ".join(FORMATS),
            )
        )
    return ending


def csv_rows(text: Text) -> Iterator[list[str]]:
    """The rows of CSV, whatever its separator; line breaks in quotes belong to their cell. A first
    line such as `sep=;`, which spreadsheets write, says the separator and is an empty row."""
    csv.field_size_limit(10_000_000)
    with text.open() as lines:
        head = lines.read(_HEAD)
    told = _SEPARATOR_LINE.match(head)
    separator = told[1] if told else _find_separator(head)
    try:
        with text.open() as lines:
            if told:
                lines.readline()
                yield []
            yield from csv.reader(lines, delimiter=separator, strict=True)
    except csv.Error as error:
        raise Invalid(
            say(
                "The file cannot be read as CSV: {error}. Check that every quote that "
                "opens also closes.",
                error=error,
            )
        ) from None


def _find_separator(text: str) -> str:
    """The separator by which most of the first rows have equally many cells, more than one."""

    def rate(separator: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        widths = Counter(len(row) for row in islice(lines, HEAD) if len(row) > 1)
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    return max(SEPARATORS, key=rate)


def table(
    rows: Iterable[Sequence[str]], *, above: int = 0, repeats: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows under their headings, which `above` rows stand before, each with its number in the
    table (the first after the headings of a table that begins with them is 2).

    Empty rows are passed over; what a row holds beyond the headings comes under the key ''.
    `repeats` and what is raised: as `headings`.
    """
    lines = islice(rows, above, None)
    names = headings(lines, repeats=repeats)
    for number, cells in enumerate(lines, start=above + 2):
        if any(cell.strip() for cell in cells):
            extra = [cell for cell in cells[len(names) :] if cell.strip()]
            found: dict[str, str] = {}
            for name, cell in zip(names, cells, strict=False):
                found.setdefault(name, cell)
            yield number, found | ({"": "|".join(extra)} if extra else {})


def headings(rows: Iterator[Sequence[str]], *, repeats: bool = False) -> list[str]:
    """The headings in the first of `rows`. Raises Invalid when there are none, or one stands
    twice and may not (`repeats`: it may, and the second one is called 'Heading (2)')."""
    names = [clean(name) for name in next(rows, [])]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Invalid("The file is empty; the first row must name the columns.")
    if not repeats and (twice := repeated(filter(None, names))):
        raise Invalid(
            say(
                "The column {twice} stands twice; each heading must be there once.",
                twice=", ".join(map(shorten, twice[:10])),
            )
        )
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if name and seen[name] > 1:
            names[index] = f"{name} ({seen[name]})"
    return names


def json_lines(raw: bytes, kind: str) -> Iterator[bytes]:
    """The values of an NDJSON or JSON file, each still encoded."""
    if kind == "json":
        return elements(raw.removeprefix(codecs.BOM_UTF8))
    return (line for line in io.BytesIO(raw.removeprefix(codecs.BOM_UTF8)) if line.strip())


# --- writing ---


def safe_cell(text: str) -> str:
    """`text` such that a spreadsheet shows it and never runs it: a quote is put before what would
    start a formula.

    `plain_cell` takes it away again, so that import(export(x)) == x.
    """
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def plain_cell(text: str) -> str:
    """Undoes `safe_cell`, and leaves every other text as it is."""
    return (
        text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA_STARTS, "'")) else text
    )


def write(path: Path, kind: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Writes a table as csv, tsv or xlsx and returns how many rows it has. A workbook gets real
    numbers and dates, columns wide enough for the first rows, and headings that stay in sight."""
    if kind == "xlsx":
        return _write_workbook(path, headings, iter(rows))
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_row = row_writer(file, "\t" if kind == "tsv" else ",")
        write_row(headings)
        for row in rows:
            count += 1
            write_row([_plain_text(cell) for cell in row])
    return count


def row_writer(file: TextIO, separator: str = ",") -> Callable[[Sequence[Any]], object]:
    """Writes rows of CSV. A row with a semicolon is quoted whole: where that separates cells, what
    stands behind it would else be a cell of its own, and perhaps a formula."""
    plain, quoted = (
        csv.writer(file, delimiter=separator, lineterminator="\r\n", quoting=quoting)
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
    )

    def write_row(cells: Sequence[Any]) -> object:
        is_split = any(isinstance(cell, str) and ";" in cell for cell in cells)
        return (quoted if is_split else plain).writerow(cells)

    return write_row


def _plain_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe_cell(cell)
    if isinstance(cell, float):
        return numbers.write(cell)
    if isinstance(cell, date):
        return _moment(cell)
    return "" if cell is None else str(cell)


def _moment(day: date) -> str:
    """'2024-01-31', and '2024-01-31T09:30:00Z' for a moment, which is in UTC."""
    if isinstance(day, datetime):
        return day.isoformat(timespec="milliseconds" if day.microsecond else "seconds")[:23] + "Z"
    return day.isoformat()


def _write_workbook(path: Path, headings: Sequence[str], rows: Iterator[Sequence[Cell]]) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("autohub")
        sheet.freeze_panes(1, 0)
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        first = list(islice(rows, SAMPLE))
        for column, heading in enumerate(headings):
            cells = [_plain_text(row[column]) for row in first if column < len(row)]
            widest = max(map(len, [heading, *cells]))
            sheet.set_column(column, column, min(max(widest + 2, NARROW), WIDE))
        sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
        count = 0
        for count, row in enumerate(chain(first, rows), start=1):
            for column, cell in enumerate(row):
                if _write_cell(sheet, count, column, cell, formats) == XLSX_TOO_LONG:
                    raise Invalid(
                        say(
                            "Row {count}, {headings}: the text is too long for a "
                            "workbook; write csv instead.",
                            count=count + 1,
                            headings=headings[column],
                        )
                    )
    return count


def _write_cell(
    sheet: Any, row: int, column: int, cell: Cell, formats: dict[type[date], Any]
) -> int:
    if cell is None:
        return 0
    if isinstance(cell, date):
        return int(sheet.write_datetime(row, column, cell, formats[type(cell)]))
    if isinstance(cell, int | float) and abs(cell) < EXACT:
        return int(sheet.write_number(row, column, cell))
    return int(sheet.write_string(row, column, str(cell)))


def write_json(path: Path, kind: str, records: Iterable[Any]) -> int:
    """Writes records as ndjson or a json array and returns how many they are."""
    count = 0
    with path.open("wb") as file:
        file.write(b"[\n" if kind == "json" else b"")
        for count, record in enumerate(records, start=1):
            file.write(
                (b",\n" if count > 1 and kind == "json" else b"")
                + encode(record)
                + (b"" if kind == "json" else b"\n")
            )
        file.write(b"\n]\n" if kind == "json" else b"")
    return count
