"""A change request and the automation that it wants changed (product 2, contract 4.3)."""

from typing import Any

from tests.ideas.test_schema import BUSINESS, filled
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in, idea, listed, made

from autohub.db import migrate

CHANGE_REQUESTS, BUSINESS_PROCESSES = 6, 8
ANSWERS = BUSINESS | {
    "OVR-OVERVIEW_NAME": "Also on Sundays",
    "OVR-OVERVIEW_CATEGORY": 2,
    "CR-KIND": "cr-kind-defect",
    "CR-URGENCY": "cr-urgency-low",
}


def request_change(
    client: Client, of: Any, *, flow: int = CHANGE_REQUESTS, by: str = "owner@example.com"
) -> Answer:
    schema = client.get(f"/idea-schema?idea_flow_id={flow}").data
    answers = ANSWERS | {"OVR-OVERVIEW_PROCESS_SUBMITTER": by}
    body = {"idea_flow_id": flow, "user_inputs": filled(schema, **answers)}
    return client.post("/automations", body | {"change_of_process_id": of})


def test_the_record_names_the_automation_and_a_filter_finds_its_requests(owner: Client) -> None:
    of = hand_in(owner)
    request = made(request_change(owner, of))
    assert idea(owner, request)["change_of_process_id"] == of
    assert idea(owner, of)["change_of_process_id"] is None
    assert listed(owner, f"submissionType=6&changeOf={of}") == [request]
    assert listed(owner, f"submissionType=6&changeOf={request}") == []


def test_an_automation_that_is_not_there_or_out_of_sight_is_refused_alike(
    hub: TestHub, owner: Client
) -> None:
    hidden = hand_in(owner, category_id=1)
    outsider = hub.someone((5, 2), email="jane@example.com")
    for of in (hidden, 999):
        refused = request_change(outsider, of, by="jane@example.com")
        assert refused.status == 400
        assert refused.json["errorDetails"]["change_of_process_id"] == [f"There is no idea {of}."]


def test_only_a_change_request_names_an_automation(owner: Client) -> None:
    refused = request_change(owner, hand_in(owner), flow=BUSINESS_PROCESSES)
    assert refused.json["errorDetails"]["change_of_process_id"] == [
        "is given by change requests alone."
    ]


def test_the_link_outlives_a_downgrade(hub: TestHub, owner: Client) -> None:
    request = made(request_change(owner, hand_in(owner)))
    before = idea(owner, request)
    migrate.downgrade(hub.database, to="m2026_11_26_imports")
    migrate.upgrade(hub.database)
    assert idea(owner, request) == before
    assert listed(owner, f"submissionType=6&changeOf={before['change_of_process_id']}") == [request]
