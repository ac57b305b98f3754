"""A table in a file: where it is in there, and its rows under their headings."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, NamedTuple

from msgspec import Meta

from autohub.kit import encodings, tabular, workbook
from autohub.kit.errors import Invalid
from autohub.kit.headings import Knows, count_above, is_hint_row, knows_nothing
from autohub.kit.query import Param, Query
from autohub.kit.sentences import say
from autohub.kit.text import clean

Encoding = Annotated[str, Meta(max_length=40)]
SheetName = Annotated[str, Meta(max_length=100)]
HeaderRow = Annotated[int, Meta(ge=0, le=1_048_576)]


class Choice(NamedTuple):
    """What people say of where a table is, '' and 0 for what shall be found: the encoding of a
    text, the sheet of a workbook, the row of the headings, counted from 1 as spreadsheets do."""

    encoding: str = ""
    sheet: str = ""
    header_row: int = 0

    def over(self, other: "Choice") -> "Choice":
        """What this one says, and where it says nothing what `other` does."""
        return Choice(
            self.encoding or other.encoding,
            self.sheet or other.sheet,
            self.header_row or other.header_row,
        )


FOUND = Choice()
MEDIA = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""The media types of tables, with their formats."""

PARAMS = (
    Param("encoding", "text", "The encoding of a text that is not UTF-8, such as cp1252."),
    Param("sheet", "text", "The sheet of a workbook; the one with the table unless given."),
    Param(
        "headerRow",
        "number",
        "The row of the headings, from 1; it is found unless given.",
        minimum=1,
    ),
)
"""The parameters of a call that takes a table, as `choice_of` reads them."""


def choice_of(query: Query) -> Choice:
    return Choice(
        query.get("encoding") or "", query.get("sheet") or "", query.get("headerRow") or 0
    )


class TableFile:
    """A table that can be gone through more than once: each row with its number, as
    `tabular.table` gives them. It is read anew each time, never held as rows."""

    def __init__(
        self,
        raw: encodings.Raw,
        knows: Knows = knows_nothing,
        choice: Choice = FOUND,
        *,
        repeats: bool = False,
        asks: bool = True,
    ) -> None:
        """A workbook, or else text with separators; `repeats`: as `tabular.headings`; `asks`: as
        `encodings.find_encoding`. `note` is what a person must be told of how it was read.

        Raises Invalid for what is neither and for a choice that the file does not have."""
        self.note, self.encoding = "", ""
        self._repeats = repeats
        self._sheet = workbook.open_sheet(raw[:], knows, choice.sheet) if is_workbook(raw) else None
        if self._sheet is None:
            if choice.sheet:
                fault = "is given, but only workbooks have sheets."
                raise Invalid("The sheet is not there.", details={"sheet": [fault]})
            found = encodings.find_encoding(raw, choice.encoding, asks=asks)
            self._text, self.note = found, found.note
            self.encoding = found.encoding
        row = choice.header_row
        if row and not any(map(clean, next(islice(self._lines(), row - 1, None), ()))):
            fault = say("is {row}, but nothing stands in that row.", row=row)
            raise Invalid("There are no headings.", details={"header_row": [fault]})
        self._above = row - 1 if row else count_above(self._lines(), knows)
        self.headings = tabular.headings(islice(self._lines(), self._above, None), repeats=repeats)

    def _lines(self) -> Iterator[list[str]]:
        if self._sheet is not None:
            return self._sheet.rows()
        return ([tabular.plain_cell(cell) for cell in row] for row in tabular.csv_rows(self._text))

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        rows = tabular.table(self._lines(), above=self._above, repeats=self._repeats)
        first = next(rows, None)
        if first is not None and not is_hint_row(first[1].values()):
            yield first
        yield from rows


def is_workbook(raw: encodings.Raw) -> bool:
    return raw[:2] == b"PK"
