"""A column's own days say whether its days or its months come first."""

import csv
from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from tests.support.processes import autohub

from autohub.imports import dates

PLACE = "Finance > Accounts Payable > Invoices"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    assert autohub(tmp_path, "init").returncode == 0
    return tmp_path


def import_days(hub: Path, *days: str, order: str = "") -> tuple[list[str], str]:
    """The days on which ideas were created by the export, in the order of the rows, and what
    the report says."""
    file, report = hub / "ideas.csv", hub / "report.csv"
    rows = "".join(f'Day {place},d,{PLACE},"{day}"\n' for place, day in enumerate(days))
    file.write_text(f"Name,Description,Category,Created\n{rows}")
    more: list[str] = []
    if order:
        columns = (
            'Name = "process_name"\nDescription = "process_description"\n'
            'Category = "category"\nCreated = "process_created_epoch"\n'
        )
        (hub / "map.toml").write_text(f'date_order = "{order}"\n[columns]\n{columns}')
        more = ["--map", str(hub / "map.toml")]
    autohub(hub, "ideas", "import", str(file), "--report", str(report), *more)
    assert autohub(hub, "ideas", "export", str(hub / "out.csv")).returncode == 0
    with (hub / "out.csv").open(encoding="utf-8-sig", newline="") as out:
        found = {row["process_name"]: row["process_created_epoch"] for row in csv.DictReader(out)}
    return [found.get(f"Day {place}", "") for place in range(len(days))], report.read_text()


APRIL_3, MARCH_4 = "1712102400000", "1709510400000"


@pytest.mark.parametrize(
    ("proof", "day"), [("13/04/2024", APRIL_3), ("04/13/2024", MARCH_4), ("", MARCH_4)]
)
def test_one_day_above_twelve_decides_for_the_column(hub: Path, proof: str, day: str) -> None:
    found, report = import_days(hub, "03/04/2024", proof)
    assert found[0] == day
    assert ("date_order" in report) == (proof == "")


@pytest.mark.parametrize(("order", "day"), [("day", APRIL_3), ("month", MARCH_4)])
def test_a_mapping_decides_where_nothing_else_does(hub: Path, order: str, day: str) -> None:
    found, report = import_days(hub, "03/04/2024", order=order)
    assert found == [day] and "date_order" not in report


def test_in_a_column_of_both_orders_what_can_be_read_in_two_ways_is_a_fault(hub: Path) -> None:
    found, report = import_days(hub, "03/04/2024", "13/04/2024", "04/13/2024")
    assert found == ["", "1712966400000", "1712966400000"] and "03/04/2024" in report


def test_a_moment_that_cannot_be_read_is_a_fault_and_never_today(hub: Path) -> None:
    found, report = import_days(hub, "soon", "3 April 2024")
    assert found == ["", APRIL_3] and "“soon” is no date" in report


@pytest.mark.parametrize("language", dates.LANGUAGES)
@pytest.mark.parametrize("width", ["wide", "abbreviated"])
def test_months_are_read_in_the_languages_of_those_who_write_them(
    language: str, width: str
) -> None:
    months = Locale(language).months["format"][width]
    read = {name: dates.parse_day(f"7 {name} 2024") for name in months.values()}
    assert read == {name: date(2024, number, 7) for number, name in months.items()}


def test_words_between_day_month_and_year_are_passed_over() -> None:
    for text in ("3 de abril de 2024", "1er avril 2024", "3. April 2024", "Abril de 2024"):
        found = dates.parse_day(text)
        assert found is not None and (found.year, found.month) == (2024, 4), text
    assert dates.parse_day("3 nonsense 2024") is None
