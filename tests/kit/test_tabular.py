"""Files from outside: what is read, what is refused, what a spreadsheet may run."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit import numbers, tabular
from autohub.kit.encodings import find_encoding
from autohub.kit.errors import Invalid
from autohub.kit.workbook import open_sheet

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30)


def read(path: Path, kind: str) -> list[list[str]]:
    raw = path.read_bytes()
    return list(open_sheet(raw).rows() if kind == "xlsx" else tabular.csv_rows(find_encoding(raw)))


@given(
    rows=st.lists(st.tuples(TEXT.filter(lambda t: t.strip()), TEXT), min_size=1, max_size=5),
    kind=st.sampled_from(["csv", "tsv", "xlsx"]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], kind: str
) -> None:
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
        list(open_sheet(bomb(700 << 20)).rows())


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    raw = bytearray(bomb(64 << 20))
    true = (64 << 20).to_bytes(4, "little")
    lie = (
        bytes(raw)
        .replace(true, (1000).to_bytes(4, "little"))
        .replace((64 << 20).to_bytes(8, "little"), (1000).to_bytes(8, "little"))
    )
    assert lie != raw
    with pytest.raises(Invalid):
        list(open_sheet(lie).rows())


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"no zip at all", bomb(1 << 20)])
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        list(open_sheet(raw).rows())


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


def workbook(path: Path, cells: dict[tuple[int, int], str]) -> bytes:
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for (row, column), text in cells.items():
            sheet.write_string(row, column, text)
    return path.read_bytes()


def test_a_sheet_is_measured_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = workbook(tmp_path / "far.xlsx", {(0, 0): "a", (89_999, 16_383): "b"})
    wide = workbook(tmp_path / "wide.xlsx", {(0, 0): "a", (19_999, 999): "b"})
    right = workbook(tmp_path / "right.xlsx", {(89_990, 16_380): "a", (89_999, 16_383): "b"})
    monkeypatch.setattr("python_calamine.load_workbook", lambda *_: pytest.fail("it was read"))
    with pytest.raises(Invalid, match="uses 90000 rows and 16384 columns"):
        list(open_sheet(far).rows())
    with pytest.raises(Invalid, match="uses 20000 rows and 1000 columns"):
        list(open_sheet(wide).rows())
    monkeypatch.undo()
    assert {len(row) for row in open_sheet(right).rows()} == {4}


def test_a_text_that_cells_share_counts_in_each_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = workbook(tmp_path / "shared.xlsx", {(row, 0): "x" * 1000 for row in range(200)})
    monkeypatch.setattr("autohub.kit.workbook.MAX_SHEET_TEXT", 201_000)
    assert len(list(open_sheet(raw).rows())) == 200
    monkeypatch.setattr("autohub.kit.workbook.MAX_SHEET_TEXT", 199_000)
    with pytest.raises(Invalid, match="more text than is read"):
        list(open_sheet(raw).rows())


def test_a_workbook_with_entities_or_cells_without_places_is_measured_too(tmp_path: Path) -> None:
    raw = workbook(tmp_path / "plain.xlsx", {(0, 0): "a", (1, 0): "b"})

    def with_sheet(change: Callable[[str], str]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                text = old.read(name)
                is_sheet = name == "xl/worksheets/sheet1.xml"
                new.writestr(name, change(text.decode()) if is_sheet else text)
        return out.getvalue()

    entities = with_sheet(lambda text: text.replace("<worksheet", "<!DOCTYPE x []><worksheet", 1))
    with pytest.raises(Invalid, match="damaged"):
        list(open_sheet(entities).rows())
    row = "<row>" + "<c><v>1</v></c>" * 16_000 + "</row>"
    many = f"<sheetData>{row}<row r='90000'><c><v>1</v></c></row></sheetData>"
    nowhere = with_sheet(
        lambda text: re.sub(r"<sheetData>.*</sheetData>", many, text, flags=re.DOTALL)
    )
    with pytest.raises(Invalid, match="uses 90000 rows and 16000 columns"):
        list(open_sheet(nowhere).rows())


def test_a_workbook_holds_real_numbers_and_dates_under_headings_that_stay(tmp_path: Path) -> None:
    at = datetime.fromisoformat("2024-01-31T09:30")
    row = ["007", 1234.5, 42, date(2024, 1, 31), at, None, 10**17]
    headings = [f"heading {place}" for place in range(len(row))]
    tabular.write(tmp_path / "f.xlsx", "xlsx", headings, [row])
    with zipfile.ZipFile(tmp_path / "f.xlsx") as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    kinds = re.findall(r'<c r="([A-G])2"(?: s="\d")?( t="[a-zA-Z]+")?>', sheet)
    assert [column for column, kind in kinds if not kind] == ["B", "C", "D", "E"]
    assert 'state="frozen"' in sheet and "<cols>" in sheet
    cells = list(open_sheet((tmp_path / "f.xlsx").read_bytes()).rows())[1]
    assert cells == ["007", "1234.5", "42", "2024-01-31", "2024-01-31 09:30:00", "", str(10**17)]
    tabular.write(tmp_path / "f.csv", "csv", headings, [row])
    line = (tmp_path / "f.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert line == f"007,1234.5,42,2024-01-31,2024-01-31T09:30:00Z,,{10**17}"


@given(
    st.lists(
        st.one_of(
            st.floats(-1e9, 1e9).map(lambda number: round(number, 6)),
            st.integers(-(10**14), 10**14),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["csv", "xlsx"]),
)
def test_numbers_come_back_as_the_numbers_that_they_are(
    tmp_path_factory: pytest.TempPathFactory, row: list[float], kind: str
) -> None:
    path = tmp_path_factory.mktemp("t") / f"f.{kind}"
    tabular.write(path, kind, ["x"] * len(row), [row])
    found = read(path, kind)[1]
    number_of = float if kind == "xlsx" else numbers.read
    assert [number_of(cell) for cell in found] == row
