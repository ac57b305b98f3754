"""An import obeys the rights of whoever runs it, row by row."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import idea, listed

HEAD = "import_key,Name,Description,Category,Process owner,Status\n"
WHERE = "Finance > Accounts Payable"


def _import(client: Client, table: str, mapping: dict[str, Any] | None = None) -> Answer:
    query = f"&mapping={quote(json.dumps(mapping))}" if mapping else ""
    return client.post(
        f"/automations/import?report=all{query}",
        raw=(HEAD + table).encode(),
        headers={"Content-Type": "text/csv"},
    )


@pytest.fixture
def importer(hub: TestHub, owner: Client) -> Client:
    """Somebody who may import and submit everywhere, and no more."""
    permissions = ["Import pipeline", "Submit an employee-driven idea", "Submit a CoE-driven idea"]
    role = owner.post("/roles", {"role_name": "Importer", "permissions": permissions}).data
    return hub.someone((role["role_id"], 0), email="importer@example.com")


def test_an_idea_that_the_importer_may_not_change_stays_as_it_is(
    owner: Client, importer: Client
) -> None:
    assert _import(owner, f"k1,Check invoices,By hand,{WHERE},,\n").data["created"] == 1
    (number,) = listed(owner)
    row = f"k1,Mine now,By hand,{WHERE},importer@example.com,\n"
    report = _import(importer, row).data
    assert report["failed"] == 1 and report["updated"] == 0
    assert report["results"][0]["errors"]["import_key"] == [
        "“k1” is the key of an idea that you may not change."
    ]
    record = idea(owner, number)
    assert record["process_name"] == "Check invoices" and record["owner"] is None
    assert importer.get(f"/automations/{number}").status == 404


def test_a_status_that_the_importer_may_not_set_is_refused(owner: Client, importer: Client) -> None:
    report = _import(importer, f"k2,Check orders,By hand,{WHERE},,LIVE_ONGOING\n").data
    assert report["failed"] == 1 and "You may not set the status" in str(report["results"])
    assert listed(owner, "submissionType=all") == []


def test_a_category_is_made_only_by_who_may_make_one(owner: Client, importer: Client) -> None:
    columns = {
        "Name": "process_name",
        "Description": "process_description",
        "import_key": "import_key",
    }
    mapping = {"columns": columns, "category": ["Category"], "create_categories": True}
    before = owner.get("/hierarchy").data
    report = _import(importer, "k3,Check dates,By hand,Sea,,\n", mapping).data
    assert report["failed"] == 1 and "There is no category “Sea”" in str(report["results"])
    assert owner.get("/hierarchy").data == before
    assert _import(owner, "k3,Check dates,By hand,Sea,,\n", mapping).data["created"] == 1


def test_rights_on_one_category_reach_no_further(hub: TestHub, owner: Client) -> None:
    table = f"a,In finance,By hand,{WHERE},,\nb,Elsewhere,By hand,Operations > Procurement,,\n"
    assert _import(owner, table).data["created"] == 2
    permissions = ["Import pipeline", "Submit an employee-driven idea"]
    everywhere = owner.post("/roles", {"role_name": "Importer", "permissions": permissions}).data
    manager = hub.someone((everywhere["role_id"], 0), (5, 1))
    changed = table.replace("By hand", "By robot")
    report = _import(manager, changed).data
    assert [(each["row"], each["outcome"]) for each in report["results"]] == [
        (2, "updated"),
        (3, "failed"),
    ]
