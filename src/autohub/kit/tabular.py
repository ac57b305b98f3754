"""Tables from files: CSV of any separator and encoding, XLSX, NDJSON and JSON, in and out."""

import codecs
import csv
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import elements
from autohub.kit.sentences import encode, say
from autohub.kit.text import repeated, shorten

FORMATS = ("csv", "tsv", "xlsx", "ndjson", "json")
SEPARATORS = ",;\t|"
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 200
MAX_CELLS = 5_000_000
"""The cells down to the last row and between the first and the last column used, empty ones too:
reading a sheet makes them all."""
MAX_SHEET_TEXT = 512 * 1024 * 1024
"""The characters of all cells of a sheet; texts that cells share count in each of them."""
XLSX_TOO_LONG = -2
"""What the writer answers for a text above 32,767 characters, which it leaves out."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | None


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


def decode(raw: bytes) -> str:
    """The text of a file whose encoding nobody told: UTF-8 or UTF-16 by their marks, UTF-8 if it
    is valid, else cp1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                raise Invalid(
                    say(
                        "The file says that it is {encoding} but cannot be read so; save "
                        "it again as UTF-8.",
                        encoding=encoding.upper(),
                    )
                ) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def csv_rows(text: str) -> Iterator[list[str]]:
    """The rows of CSV whose separator is found by looking at its head; line breaks in quotes
    belong to their cell."""
    csv.field_size_limit(10_000_000)
    head = text[: 1 << 16].split("\n", 1)[0]
    separator = max(SEPARATORS, key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise Invalid(
            say(
                "The file cannot be read as CSV: {error}. Check that every quote that "
                "opens also closes.",
                error=error,
            )
        ) from None


def rows_of(raw: bytes) -> Iterator[list[str]]:
    """The rows of a file that is a workbook, or else CSV. Raises Invalid."""
    return xlsx_rows(raw) if raw[:2] == b"PK" else csv_rows(decode(raw))


def xlsx_rows(raw: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet, each value as text. Raises Invalid for what is no workbook,
    or unpacks to too much."""
    _check_zip(raw)
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(raw))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except (python_calamine.CalamineError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise Invalid(
            say("The file cannot be read as an XLSX workbook: {error}.", error=error)
        ) from None
    for row in rows:
        yield [cell_text(cell) for cell in row]


def _check_zip(raw: bytes) -> None:
    """Refuses a workbook that would unpack to more than memory should take, before it is
    unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
            if unpacked > MAX_UNPACKED or unpacked > max(len(raw), 1 << 20) * MAX_RATIO:
                raise Invalid(
                    say(
                        "The workbook unpacks to {unpacked} MB, which is more than is "
                        "read; save it as CSV.",
                        unpacked=unpacked // 1_000_000,
                    )
                )
            _check_sheets(packed)
            for item in (
                packed.infolist()
            ):  # an archive may lie about its sizes; what is read is bounded by what it says
                with packed.open(item) as file:
                    while file.read(1 << 20):
                        pass
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ):
        raise Invalid("The file is no XLSX workbook, or it is damaged; save it again.") from None


def _check_sheets(packed: zipfile.ZipFile) -> None:
    """Refuses a sheet that would take more memory than it should when it is read, by what its
    cells say of themselves."""
    names = packed.namelist()
    shared = _SharedTexts()
    for name in names:
        if name.lower() == "xl/sharedstrings.xml":
            _read_xml(packed, name, shared.start, shared.text)
    for name in names:
        if name.lower().startswith("xl/worksheets/") and name.lower().endswith(".xml"):
            sheet = _UsedRange(shared.lengths)
            _read_xml(packed, name, sheet.start, sheet.text)


def _read_xml(
    packed: zipfile.ZipFile, name: str, start: Callable[..., None], text: Callable[[str], None]
) -> None:
    """Goes through a part of a workbook without keeping it. Raises Invalid for what is no XML of
    a workbook."""

    def refuse(*_: object) -> None:
        raise Invalid("The file is no XLSX workbook, or it is damaged; save it again.")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.StartDoctypeDeclHandler = refuse  # with a document type come entities, which grow
    try:
        with packed.open(name) as file:
            while part := file.read(1 << 20):
                parser.Parse(part)
            parser.Parse(b"", True)
    except expat.ExpatError:
        refuse()


class _SharedTexts:
    """The lengths of the texts that cells share, in their order."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            self.lengths.append(0)

    def text(self, data: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(data)


class _UsedRange:
    """Where the cells of a sheet are, and how much they hold."""

    def __init__(self, shared: Sequence[int]) -> None:
        self._shared = shared
        self._row = self._column = 0
        self._left = sys.maxsize
        self._bottom = self._right = 0
        self._characters = 0
        self._is_shared = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            letters, digits = _place(attributes.get("r", ""))
            self._row = digits or self._row
            self._column = letters or self._column + 1
            if not (self._row <= self._bottom and self._left <= self._column <= self._right):
                self._widen()
            self._is_shared = attributes.get("t") == "s"
        elif name == "row":
            row = attributes.get("r", "")
            self._row, self._column = int(row) if row.isdecimal() else self._row + 1, 0

    def _widen(self) -> None:
        self._bottom = max(self._bottom, self._row)
        self._left, self._right = min(self._left, self._column), max(self._right, self._column)
        rows, columns = self._bottom, self._right - self._left + 1
        if rows * columns > MAX_CELLS:
            raise Invalid(
                say(
                    "A sheet of the workbook uses {rows} rows and {columns} columns, which "
                    "is more than is read; delete what is not needed around the table, or "
                    "save it as CSV.",
                    rows=rows,
                    columns=columns,
                )
            )

    def text(self, data: str) -> None:
        is_index = self._is_shared and data.isdecimal() and int(data) < len(self._shared)
        self._characters += self._shared[int(data)] if is_index else len(data)
        if self._characters > MAX_SHEET_TEXT:
            raise Invalid("A sheet of the workbook holds more text than is read; save it as CSV.")


def _place(reference: str) -> tuple[int, int]:
    """'B7' -> (2, 7); (0, 0) for what is no reference."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    is_one = 0 < len(letters) <= 3 and 0 < len(digits) <= 7
    return (_column_number(letters), int(digits)) if is_one else (0, 0)


@lru_cache(maxsize=20_000)
def _column_number(letters: str) -> int:
    """'A' -> 1, 'XFD' -> 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class Figure(str):
    """The text of a cell that its file knows as a number: 52.125 is one number there, whoever
    reads it."""


def cell_text(cell: Any) -> str:
    """A cell as text; one that its file knows as a number is a Figure."""
    if cell is None:
        return ""
    if isinstance(cell, bool | int):
        return Figure(int(cell))
    if isinstance(cell, float):
        return Figure(int(cell) if cell.is_integer() else cell)
    return str(cell)


def table(
    rows: Iterable[Sequence[str]], *, repeats: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows under the first one's headings, each with its line number in the table (the first after
    the headings is 2).

    Empty rows are passed over; what a row holds beyond the headings comes under the key ''.
    `repeats` and what is raised: as `headings`.
    """
    lines = iter(rows)
    names = headings(lines, repeats=repeats)
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            extra = [cell for cell in cells[len(names) :] if cell.strip()]
            found: dict[str, str] = {}
            for name, cell in zip(names, cells, strict=False):
                found.setdefault(name, cell)
            yield number, found | ({"": "|".join(extra)} if extra else {})


def headings(rows: Iterator[Sequence[str]], *, repeats: bool = False) -> list[str]:
    """The headings in the first of `rows`. Raises Invalid when there are none, or one stands
    twice and may not (`repeats`: it may, and the second one is called 'Heading (2)')."""
    names = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
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
    """Writes a table as csv, tsv or xlsx and returns how many rows it has."""
    count = 0
    if kind == "xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(
            str(path),
            {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        ) as book:
            sheet = book.add_worksheet("autohub")
            sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
            for count, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if (
                        cell is not None
                        and sheet.write_string(count, column, cell) == XLSX_TOO_LONG
                    ):
                        raise Invalid(
                            say(
                                "Row {count}, {headings}: the text is too long for a "
                                "workbook; write csv instead.",
                                count=count + 1,
                                headings=headings[column],
                            )
                        )
        return count
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if kind == "tsv" else ",", lineterminator="\r\n")
        writer.writerow(headings)
        for row in rows:
            count += 1
            writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    return count


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
