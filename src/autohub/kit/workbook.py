"""XLSX workbooks in: which sheet holds the table, and what each of its cells says."""

import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any
from xml.parsers import expat

from autohub.kit.errors import Invalid
from autohub.kit.headings import HEAD, Knows, knows_nothing, rate_head
from autohub.kit.sentences import say
from autohub.kit.text import fold, shorten

MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 200
MAX_CELLS = 5_000_000
"""The cells down to the last row and between the first and the last column used, empty ones too:
reading a sheet makes them all."""
MAX_SHEET_TEXT = 512 * 1024 * 1024
"""The characters of all cells of a sheet; texts that cells share count in each of them."""


class Sheet:
    """One sheet of a workbook."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def rows(self) -> Iterator[list[str]]:
        """Its rows, each value as text. A cell that was merged over several rows says the same in
        each of them."""
        return _texts(self._found)


def open_sheet(raw: bytes, knows: Knows = knows_nothing, name: str = "") -> Sheet:
    """The sheet of that name, or the one that holds a table: whose head names most of what the
    caller `knows`, those that people see before hidden ones. Raises Invalid for what is no
    workbook, for one that unpacks to too much, and for a sheet that it does not have."""
    _check_zip(raw)
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(raw))
        seen = python_calamine.SheetVisibleEnum.Visible
        about = sorted(book.sheets_metadata, key=lambda sheet: sheet.visible != seen)
        names = [each.name for each in about]
        wanted = [known for known in names if fold(known) == fold(name)] if name else names
        sheets = [book.get_sheet_by_name(each) for each in wanted]
    except (python_calamine.CalamineError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise Invalid(
            say("The file cannot be read as an XLSX workbook: {error}.", error=error)
        ) from None
    if not sheets:
        fault = say("must be one of {choices}.", choices=", ".join(map(shorten, names)))
        raise Invalid("The sheet is not there.", details={"sheet": [fault]})
    return Sheet(max(sheets, key=lambda sheet: rate_head(islice(_texts(sheet), HEAD), knows)))


def _texts(sheet: Any) -> Iterator[list[str]]:
    if sheet.start is None:
        return
    offset = sheet.start[1]  # columns left of the first one used are not among the cells
    over = {
        (row, left - offset): (top, left - offset)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
        for row in range(top + 1, min(bottom, sheet.height) + 1)
    }
    first: dict[tuple[int, int], str] = {}
    starts = set(over.values())
    for number, row in enumerate(sheet.iter_rows()):
        texts = [cell_text(cell) for cell in row]
        for column, text in enumerate(texts) if over else ():
            if (number, column) in starts:
                first[number, column] = text
            elif (number, column) in over:
                texts[column] = first.get(over[number, column], "")
        yield texts


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
