"""A table that comes again changes what changed in it, and nothing that people did in the hub
meanwhile."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.imports.test_imports import mapped, send
from tests.support.hub import Client, TestHub
from tests.support.ideas import idea, listed, move

HEADINGS = "Key,Name,Description,Category,Status,Tags,Purpose and expected benefit,Date initiated"
PURPOSE = "ovr-purpose"


def line(**changed: str) -> str:
    cells = {
        "key": "K-9",
        "name": "Keyed nine",
        "text": "as in the file",
        "category": "Finance > Accounts Payable > Invoices",
    }
    cells |= {
        "status": "Idea – Awaiting review",
        "tags": "x",
        "purpose": "Speed",
        "date": "",
    } | changed
    return f"{HEADINGS}\n{','.join(cells.values())}\n"


def edited(owner: Client, **changed: Any) -> dict[str, Any]:
    """The imported idea after somebody changed it in the hub."""
    number = listed(owner)[0]
    answers = {f"OVR-OVERVIEW_{name.upper()}": {"value": value} for name, value in changed.items()}
    assert (
        owner.patch(
            f"/automations/{number}", {"user_inputs": {"OVR": {"ah-section-ovr-0-0": answers}}}
        ).status
        == 200
    )
    return idea(owner, number)


def test_only_the_cell_that_changed_in_the_file_is_written(owner: Client) -> None:
    send(owner, line())
    number = listed(owner)[0]
    edited(owner, description="Better said here.", name="Renamed here")
    assert move(owner, number, 48, reason="No.").status in (200, 201)
    owner.post(f"/automations/{number}/tags", {"tags": ["x", "y"]})
    answer = send(owner, line(date="2024-01-01")).data
    assert (answer["updated"], answer["results"]) == (1, [])
    found = idea(owner, number)
    assert (
        found["process_description"] == "Better said here."
        and found["process_name"] == "Renamed here"
    )
    assert (
        found["process_phase_status_id"] == 48
        and found["tags"] == ["x", "y"]
        and found["ovr-date_initiated"] == "2024-01-01"
    )
    assert send(owner, line(date="2024-01-01")).data["unchanged"] == 1


def test_each_cell_that_changed_is_written(owner: Client) -> None:
    send(owner, line())
    answer = send(
        owner,
        line(
            name="Other",
            text="New text",
            category="Finance",
            status="Idea – Approved",
            tags="z",
            purpose="Cost",
        ),
    ).data
    assert answer["updated"] == 1 and not answer["failed"]
    found = idea(owner, listed(owner)[0])
    assert (found["process_name"], found["process_description"], found["tags"]) == (
        "Other",
        "New text",
        ["z"],
    )
    assert (found["process_phase_status_id"], found[PURPOSE]) == (47, "Cost")


@pytest.mark.parametrize("query", ["", "dryRun=true"])
def test_what_changed_here_and_there_stays_here_and_is_told_each_time(
    owner: Client, query: str
) -> None:
    send(owner, line())
    edited(owner, description="Better said here.")
    theirs = line(text="Better said there.", purpose="Cost")
    for _ in range(2):
        data = send(owner, theirs, query).data
        assert data["failed"] == 0
        assert data["results"][0]["notes"] == [
            "Description: changed here and in the table since the last import; what is here stays."
        ]
    found = idea(owner, listed(owner)[0])
    assert found["process_description"] == "Better said here." and found[PURPOSE] == (
        "Speed" if query else "Cost"
    )
    if not query:
        edited(owner, description="Better said there.")
        assert (
            send(owner, theirs).data["results"] == [] and send(owner, theirs).data["unchanged"] == 1
        )


def test_a_name_that_somebody_else_took_meanwhile_is_no_fault_of_a_cell_that_did_not_change(
    owner: Client,
) -> None:
    send(owner, line())
    edited(owner, name="Renamed here")
    send(owner, line(key="K-10"))
    data = send(owner, line(date="2024-01-01")).data
    assert (data["updated"], data["failed"]) == (1, 0)
    assert sorted(idea(owner, i)["process_name"] for i in listed(owner)) == [
        "Keyed nine",
        "Renamed here",
    ]


def test_an_emptied_cell_says_nothing(owner: Client) -> None:
    send(owner, line())
    send(owner, line(purpose="", tags=""))
    found = idea(owner, listed(owner)[0])
    assert found[PURPOSE] == "Speed" and found["tags"] == ["x"]


def test_a_mapping_that_means_something_else_is_a_change(owner: Client) -> None:
    table = "Key,Name,What,Area,Stage\n1,One,d,Finance,done\n"
    columns = {
        "Key": "import_key",
        "Name": "process_name",
        "What": "process_description",
        "Area": "category",
        "Stage": "status",
    }
    for status, number in (("IDEA_APPROVED", 47), ("IDEA_REJECTED", 48)):
        assert send(owner, table, mapped(columns=columns, status={"done": status})).status == 200
        assert idea(owner, listed(owner)[0])["process_phase_status_id"] == number


def test_what_an_earlier_release_imported_is_replaced_with_a_word(
    hub: TestHub, owner: Client
) -> None:
    send(owner, line())
    hub.database.write(lambda db: db.change(sa.text("DELETE FROM idea_import")))
    edited(owner, description="Better said here.")
    data = send(owner, line(date="2024-01-01")).data
    assert data["results"][0]["notes"] == [
        "Description: what was here is replaced; what the last import said of it is not known."
    ]
    assert idea(owner, listed(owner)[0])["process_description"] == "as in the file"
    edited(owner, description="Better said here.")
    assert send(owner, line(date="2024-01-02")).data["results"] == []
    assert idea(owner, listed(owner)[0])["process_description"] == "Better said here."


COST, COST_KEY = "Full cost of an employee a year", "da-employee_average_full_cost"


class TestNumbers:
    def test_they_are_read_as_people_write_them_and_never_guessed(self, owner: Client) -> None:
        cells = {
            "1.234,56": 1234.56,
            "1,234.56": 1234.56,
            "0,5": 0.5,
            "€ 1 200": 1200,
            "$52,000.00": 52000,
            "52000": 52000,
        }
        lines = [
            f"Name;Description;Category;{COST}",
            *(f"N{i};d;Finance;{text}" for i, text in enumerate(cells)),
        ]
        lines += [
            f"Bad{i};d;Finance;{text}" for i, text in enumerate(("52.000", "52,000", "$52,000"))
        ]
        data = send(owner, "\n".join(lines)).data
        assert (data["created"], data["failed"]) == (len(cells), 3)
        assert all(
            "could be 52000 or 52.000" in str(result["errors"][COST]) for result in data["results"]
        )
        assert [idea(owner, number)[COST_KEY] for number in listed(owner)] == list(cells.values())

    def test_what_the_file_knows_as_a_number_is_one_and_an_export_is_read_back(
        self, owner: Client
    ) -> None:
        raw = f'[{{"Name": "One", "Description": "d", "Category": "Finance", "{COST}": 52.125}}]'
        assert send(owner, raw, media="application/json").data["created"] == 1
        assert idea(owner, listed(owner)[0])[COST_KEY] == 52.125


def test_a_dry_run_lists_each_changed_field_as_it_is_and_as_it_would_be(
    hub: TestHub, owner: Client
) -> None:
    hub.person((8, 0), email="ann@example.com")
    send(owner, line())
    changed = line(text="New text", category="Finance", status="Idea – Approved", date="2024-01-01")
    changed = changed.replace("\n", ",Process owner\n", 1).rstrip("\n") + ",ann@example.com\n"
    for query in ("dryRun=true", "report=all"):
        result = send(owner, changed, query).data["results"][0]
        assert result["changes"] == {
            "Description": {"before": "as in the file", "after": "New text"},
            "Category": {"before": "Finance > Accounts Payable > Invoices", "after": "Finance"},
            "Process owner": {"before": None, "after": "ann@example.com"},
            "Status": {"before": "IDEA_AWAITING_REVIEW", "after": "IDEA_APPROVED"},
            "Date initiated": {"before": None, "after": "2024-01-01"},
        }


def test_the_file_is_taken_where_both_changed_if_somebody_prefers_it(owner: Client) -> None:
    send(owner, line())
    edited(owner, description="Better said here.")
    theirs = line(text="Better said there.")
    tried = send(owner, theirs, "prefer=file&dryRun=true").data["results"][0]
    assert tried["changes"] == {
        "Description": {"before": "Better said here.", "after": "Better said there."}
    }
    assert tried["notes"] == [
        "Description: changed here and in the table since the last import; "
        "what the table says is taken."
    ]
    assert send(owner, theirs, "prefer=file").data["updated"] == 1
    assert idea(owner, listed(owner)[0])["process_description"] == "Better said there."
    edited(owner, description="Said anew here.")
    assert send(owner, theirs, "prefer=file").data["unchanged"] == 1
    assert idea(owner, listed(owner)[0])["process_description"] == "Said anew here."
