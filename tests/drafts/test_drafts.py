"""Drafts: kept for their author, outside every list, until they are handed in (product 3)."""

from typing import Any

from tests.support.hub import Client, TestHub
from tests.support.ideas import idea, listed

INPUTS: dict[str, Any] = {
    "OVR": {
        "s": {
            "OVR-OVERVIEW_NAME": {"value": "Pay"},
            "OVR-OVERVIEW_DESCRIPTION": {"value": "Two\nlines"},
            "OVR-OVERVIEW_CATEGORY": {"value": 3},
            "OVR-PROCESS_OWNER": "owner@example.com",
            "OVR-OVERVIEW_PROCESS_SUBMITTER": "owner@example.com",
            "OVR-PROCESS_DOCUMENTS": {"value": ["ah-answer_option-ovrbp-0-3-0-7"]},
        }
    }
}


def test_a_draft_takes_anything_and_is_checked_when_it_is_handed_in(
    hub: TestHub, owner: Client
) -> None:
    draft = owner.post(
        "/drafts",
        {"idea_flow_id": 8, "user_inputs": {"OVR": {"s": {"OVR-OVERVIEW_NAME": {"value": "Pay"}}}}},
    )
    assert draft.status == 201 and draft.data["process_name"] == "Pay"
    number = draft.data["draft_id"]
    refused = owner.post(f"/drafts/{number}/submit")
    assert (
        refused.status == 400 and refused.message == "Please fill in all the required information"
    )
    assert listed(owner, "submissionType=all") == []
    assert (
        owner.put(f"/drafts/{number}", {"idea_flow_id": 8, "user_inputs": INPUTS}).data[
            "user_inputs"
        ]
        == INPUTS
    )
    made = owner.post(f"/drafts/{number}/submit")
    assert (
        made.status == 201
        and idea(owner, made.data["process_id"])["process_description"] == "Two\nlines"
    )
    assert (
        owner.get(f"/drafts/{number}").status == 404
        and owner.get("/drafts").data["totalItems"] == 0
    )


def test_nobody_else_sees_or_touches_it(hub: TestHub, owner: Client) -> None:
    number = owner.post("/drafts", {"idea_flow_id": 8, "user_inputs": INPUTS}).data["draft_id"]
    other = hub.someone((2, 0))
    assert other.get("/drafts").data["drafts"] == []
    calls = (
        other.get(f"/drafts/{number}"),
        other.put(f"/drafts/{number}", {"idea_flow_id": 8, "user_inputs": {}}),
    )
    assert [
        c.status
        for c in (*calls, other.delete(f"/drafts/{number}"), other.post(f"/drafts/{number}/submit"))
    ] == [404] * 4
    assert (
        owner.delete(f"/drafts/{number}").status == 200
        and owner.delete(f"/drafts/{number}").status == 404
    )


def test_a_draft_takes_no_name_away_from_an_idea(owner: Client) -> None:
    owner.post("/drafts", {"idea_flow_id": 8, "user_inputs": INPUTS})
    assert owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": INPUTS}).status == 201


def test_an_erased_person_leaves_no_draft(hub: TestHub, owner: Client) -> None:
    ann = hub.someone((8, 0), email="ann@example.com")
    number = ann.post("/drafts", {"idea_flow_id": 8, "user_inputs": INPUTS}).data["draft_id"]
    owner.delete(f"/users/{ann.user_id}")
    owner.post(f"/users/{ann.user_id}/erase")
    with hub.database.reading() as db:
        assert not db.driver_rows("SELECT draft_id FROM idea_draft WHERE draft_id = ?", (number,))


def test_the_last_changed_comes_first_and_an_unknown_flow_is_refused(owner: Client) -> None:
    first, second = (
        owner.post("/drafts", {"idea_flow_id": 8, "user_inputs": {}}).data["draft_id"]
        for _ in range(2)
    )
    assert {d["draft_id"] for d in owner.get("/drafts").data["drafts"]} == {first, second}
    assert owner.post("/drafts", {"idea_flow_id": 999, "user_inputs": {}}).status == 404
