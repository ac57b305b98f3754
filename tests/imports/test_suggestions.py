"""What the columns of other people's tables are taken for, and how often that is right."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.assessments.defaults import OVERVIEW
from autohub.imports.suggesting import suggest_meanings

ASKED = {
    key: question
    for key, question in OVERVIEW.questions.items()
    if key
    in (
        "OVR-PURPOSE",
        "OVR-OVERVIEW_PAIN_POINTS",
        "OVR-OVERVIEW_NEGATIVE_IMPACT",
        "OVR-OVERVIEW_SOURCE_LINK",
        "OVR-DATE_INITIATED",
        "OVR-DATE_IMPLEMENTED",
        "OVR-DATE_RETIRED",
    )
}
NAME, ABOUT, CATEGORY = "process_name", "process_description", "category"
RIGHT: list[dict[str, str]] = [
    {
        "unit_name": CATEGORY,
        "automation_title": NAME,
        "classification": "",
        "data_description": "",
        "problem": ABOUT,
        "delivery_stage": "status",
    },
    {"Title": NAME, "Summary": ABOUT, "Area": CATEGORY, "Team": "", "State of it": "status"},
    {
        "Process ID": "import_key",
        "Process Name": NAME,
        "Process Description": ABOUT,
        "Department": CATEGORY,
        "Process Owner": "owner",
        "Owner phone": "",
        "Applications Used": "applications",
        "Volume": "",
        "Date submitted": "process_created_epoch",
        "Comments": "",
    },
    {
        "Issue key": "import_key",
        "Status": "status",
        "Status Category": "",
        "Reporter": "submitter",
        "Assignee": "owner",
        "Created": "process_created_epoch",
        "Updated": "",
        "Priority": "process_priority",
        "Description": ABOUT,
        "Labels": "tags",
        "Story Points": "",
        "Summary": NAME,
    },
    {
        "Nr": "import_key",
        "Titel": NAME,
        "Beschreibung": ABOUT,
        "Abteilung": CATEGORY,
        "Status": "status",
        "Verantwortlich": "owner",
        "Datei": "",
        "Kosten": "",
    },
    {
        "Use Case Name *": NAME,
        "Stage of Development": "status",
        "System Name": "",
        "File name": "",
        "Is this a name of something that is long?": "",
        "Requester": "submitter",
        "Manager e-mail": "",
        "Pain Points (current)": "OVR-OVERVIEW_PAIN_POINTS",
    },
]
INVENTORY = {
    "Use Case Name": NAME,
    "Agency": CATEGORY,
    "What is the intended purpose and expected benefits of the AI?": "OVR-PURPOSE",
    "Stage of Development": "status",
    "Date Initiated": "OVR-DATE_INITIATED",
    "Date Implemented": "OVR-DATE_IMPLEMENTED",
    "Date Retired": "OVR-DATE_RETIRED",
}


def read_inventory_headings() -> list[str]:
    file = Path(__file__).parents[3] / "shared" / "data" / "federal-ai-use-cases-2024.csv"
    if not file.exists():
        pytest.skip("the inventory is not here")
    return next(csv.reader(io.StringIO(file.read_bytes().decode("cp1252"))))


@pytest.mark.parametrize("table", RIGHT, ids=lambda table: next(iter(table)))
def test_columns_are_matched_all_together_and_none_rather_than_wrongly(
    table: dict[str, str],
) -> None:
    found = suggest_meanings(list(table), ASKED)
    assert {heading: found.get(heading, "") for heading in table} == table


def test_the_columns_of_a_real_inventory_are_found_and_no_others() -> None:
    assert suggest_meanings(read_inventory_headings(), ASKED) == INVENTORY


@given(st.lists(st.text(max_size=30), unique=True, max_size=20))
def test_no_meaning_is_given_twice_whatever_the_headings(headings: list[str]) -> None:
    found = suggest_meanings(headings, ASKED)
    assert len(set(found.values())) == len(found) and set(found) <= set(headings)
