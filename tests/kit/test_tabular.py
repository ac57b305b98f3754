"""Files from outside: what is read, what is refused, what a spreadsheet may run."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit import tabular
from autohub.kit.errors import Invalid

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30)


def read(path: Path, kind: str) -> list[list[str]]:
    raw = path.read_bytes()
    return list(tabular.xlsx_rows(raw) if kind == "xlsx" else tabular.csv_rows(tabular.decode(raw)))


@given(
    rows=st.lists(st.tuples(TEXT.filter(lambda t: t.strip()), TEXT), min_size=1, max_size=5), kind=st.sampled_from(["csv", "tsv", "xlsx"])
)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], kind: str) -> None:
    path = tmp_path_factory.mktemp("t") / f"f.{kind}"
    tabular.write(path, kind, ["first column", "second column"], rows)
    found = [list(row) for row in read(path, kind)][1:]
    if kind != "xlsx":
        found = [[tabular.plain_cell(cell) for cell in row] for row in found]
    assert [(row + [""])[:2] for row in found] == [list(row) for row in rows]


@given(st.text())
def test_no_cell_starts_a_formula_and_the_quote_comes_off_again(text: str) -> None:
    assert not tabular.safe_cell(text).startswith(tabular.FORMULA_STARTS)
    assert tabular.plain_cell(tabular.safe_cell(text)) == text


def test_a_formula_goes_into_a_workbook_as_text(tmp_path: Path) -> None:
    tabular.write(tmp_path / "f.xlsx", "xlsx", ["a"], [["=1+1"], ["http://x.org"]])
    with zipfile.ZipFile(tmp_path / "f.xlsx") as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"hyperlink" not in sheet


def bomb(size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for _ in range(size >> 20):
                file.write(b"0" * (1 << 20))
    return made.getvalue()


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(Invalid, match="unpacks to"):
        list(tabular.xlsx_rows(bomb(700 << 20)))


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    raw = bytearray(bomb(64 << 20))
    true = (64 << 20).to_bytes(4, "little")
    lie = bytes(raw).replace(true, (1000).to_bytes(4, "little")).replace((64 << 20).to_bytes(8, "little"), (1000).to_bytes(8, "little"))
    assert lie != raw
    with pytest.raises(Invalid):
        list(tabular.xlsx_rows(lie))


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"no zip at all", bomb(1 << 20)])
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        list(tabular.xlsx_rows(raw))


def test_numbers_and_dates_of_a_workbook_are_texts(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_row(1, 0, [5, 1.5, True])
    assert read(tmp_path / "f.xlsx", "xlsx") == [["a", "b", "c"], ["5", "1.5", "1"]]


def test_headings_must_be_there_once() -> None:
    assert list(tabular.table(iter([["a", "b", ""], ["1", "2"], ["", " "], ["3", "4", "5"]]))) == [
        (2, {"a": "1", "b": "2"}),
        (4, {"a": "3", "b": "4", "": "5"}),
    ]
    for rows in ([], [[""]], [["a", "a"]]):
        with pytest.raises(Invalid):
            list(tabular.table(iter(rows)))


def test_an_unknown_ending_is_named_with_those_that_are_known() -> None:
    with pytest.raises(Invalid, match="csv, tsv, xlsx, ndjson, json"):
        tabular.format_of(Path("users.pdf"))
