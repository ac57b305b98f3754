"""The flat table of ideas to count with: labels, scores, phases, benefit and cost."""

import csv
import io

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, hand_in, made, move
from tests.support.pages import Visitor

from autohub.kit.workbook import Figure, open_sheet


def table(hub: TestHub, user_id: int) -> list[dict[str, str]]:
    text = Visitor(hub, user_id).get("/pipeline/export?kind=csv").html
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def number(owner: Client) -> int:
    number = made(owner.post("/coe-automationidea", a_coe_idea(process_name="Pay rent")))
    for status in (51, 54):
        assert move(owner, number, status, force=1).status in (200, 201)
    costs = [
        {
            "kind": "running",
            "cost_type": "licence",
            "cost_name": "Robot",
            "quantity": 12,
            "unit_price": 100.5,
            "currency": "USD",
        }
    ]
    assert owner.put(f"/automations/{number}/cba/costs", {"costs": costs}).status == 200
    return number


def test_a_row_says_labels_phases_benefit_and_cost(
    hub: TestHub, owner: Client, number: int
) -> None:
    (row,) = table(hub, owner.user_id)
    assert row["Number"] == str(number) and row["Phase"] == "Qualification"
    assert row["Main goal of the automation"] == "Cost"
    assert row["Category"] == "Finance > Accounts Payable > Invoices"
    assert (row["Type"], row["Status"]) == ("CoE-driven Idea", "Awaiting review")
    shown = owner.get(f"/automations/{number}").data
    for heading, score in (
        ("Ease of implementation", "process_ease_of_implementation_score"),
        ("Benefit (hours a year)", "process_estimated_benefit_score"),
    ):
        assert float(row[heading]) == pytest.approx(shown[score], abs=0.01)
    assert (row["Type"], row["Status"]) == ("CoE-driven Idea", "Awaiting review")
    shown = owner.get(f"/automations/{number}").data
    for heading, score in (
        ("Ease of implementation", "process_ease_of_implementation_score"),
        ("Benefit (hours a year)", "process_estimated_benefit_score"),
    ):
        assert float(row[heading]) == pytest.approx(shown[score], abs=0.01)
    assert row["Cost a year (USD)"] == "1206" and row["One-time cost (USD)"] == "0"
    entered = [row[f"Entered {phase}"] for phase in ("Assessment", "Qualification", "Live")]
    assert entered[0] == entered[1] == row["Submitted"] and entered[2] == ""


def test_a_workbook_of_it_holds_numbers_that_can_be_added_up(
    hub: TestHub, owner: Client, number: int
) -> None:
    answer = hub.request(
        "GET", "/pipeline/export?kind=xlsx", None, Visitor(hub, owner.user_id)._headers()
    )
    headings, row = list(open_sheet(answer.raw).rows())
    cells = dict(zip(headings, row, strict=False))
    assert isinstance(cells["Cost a year (USD)"], Figure) and isinstance(cells["Number"], Figure)
    assert not isinstance(cells["Name"], Figure)


def test_costs_are_for_those_who_may_see_them(hub: TestHub, owner: Client, number: int) -> None:
    somebody = hub.someone((8, 0))
    assert not [name for name in table(hub, somebody.user_id)[0] if "ost" in name and "USD" in name]


def test_the_rows_are_those_that_the_filters_hold(hub: TestHub, owner: Client) -> None:
    numbers = [hand_in(owner, process_name=f"Idea of {n}") for n in range(3)]
    assert [row["Number"] for row in table(hub, owner.user_id)] == [str(n) for n in numbers][::-1]
