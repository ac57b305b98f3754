"""POST /automations/bulk: many ideas changed and moved in one call."""

from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in, idea

BULK = "/automations/bulk"


def _send(client: Client, *edits: dict[str, Any], query: str = "") -> Answer:
    return client.post(f"{BULK}?{query}", {"automations": list(edits)})


def _answers(**values: Any) -> dict[str, Any]:
    return {"OVR": {"s": {f"OVR-{name}": {"value": value} for name, value in values.items()}}}


def _counts(answer: Answer) -> tuple[int, int, int, int]:
    assert answer.status == 200, answer
    return tuple(answer.data[name] for name in ("total", "updated", "unchanged", "failed"))


def test_each_change_follows_the_rules_of_the_single_calls(owner: Client) -> None:
    first, second, third = hand_in(owner), hand_in(owner), hand_in(owner)
    answer = _send(
        owner,
        {
            "process_id": first,
            "phase_status_id": 53,
            "reason": "As in ServiceNow",
            "tags": ["SAP"],
            "category_id": 4,
            "process_priority": "High",
            "user_inputs": _answers(OVERVIEW_NAME="Another name"),
        },
        {"process_id": idea(owner, second)["process_slug"], "tags": []},
        {"process_id": third, "user_inputs": _answers(NO_SUCH="x")},
        {"process_id": 999, "tags": ["x"]},
    )
    assert _counts(answer) == (4, 1, 1, 2)
    assert [(each["index"], each["process_id"]) for each in answer.data["results"]] == [
        (2, third),
        (3, 999),
    ]
    assert "OVR-NO_SUCH" in answer.data["results"][0]["errors"]
    record = idea(owner, first)
    for name, value in {
        "process_name": "Another name",
        "phase_status_id": 53,
        "tags": ["SAP"],
        "category_id": 4,
        "process_priority": "High",
    }.items():
        assert record[name] == value
    assert owner.get(f"/automations/{first}/history").data[-1]["reason"] == "As in ServiceNow"


def test_a_change_that_fails_half_way_leaves_nothing(owner: Client) -> None:
    number = hand_in(owner)
    answer = _send(owner, {"process_id": number, "tags": ["x"], "phase_status_id": 9999})
    assert _counts(answer) == (1, 0, 0, 1)
    assert idea(owner, number)["tags"] == []


def test_atomic_makes_all_changes_or_none(owner: Client) -> None:
    numbers = [hand_in(owner), hand_in(owner)]
    edits = [{"process_id": number, "tags": ["x"]} for number in numbers]
    refused = _send(owner, *edits, {"process_id": 999, "tags": ["x"]}, query="atomic=true")
    assert refused.status == 400 and list(refused.details) == ["2.automation"]
    assert idea(owner, numbers[0])["tags"] == []
    assert _counts(_send(owner, *edits, query="atomic=true&report=all")) == (2, 2, 0, 0)
    assert idea(owner, numbers[1])["tags"] == ["x"]


@pytest.mark.parametrize("atomic", ["true", "false"])
def test_a_dry_run_answers_the_same_and_writes_nothing(owner: Client, atomic: str) -> None:
    number = hand_in(owner)
    edits = [{"process_id": number, "phase_status_id": 48}, {"process_id": 999, "tags": []}]
    query = f"dryRun=true&report=all&atomic={atomic}"
    answer = _send(owner, *edits, query=query)
    assert [each["outcome"] for each in answer.data["results"]] == ["updated", "failed"]
    assert idea(owner, number)["phase_status_id"] == 46


def test_rights_are_judged_idea_by_idea(hub: TestHub, owner: Client) -> None:
    here, elsewhere = hand_in(owner, category_id=3), hand_in(owner, category_id=9)
    manager = hub.someone((5, 1))
    edits = [{"process_id": number, "tags": ["mine"]} for number in (here, elsewhere)]
    answer = _send(manager, *edits)
    assert _counts(answer) == (2, 1, 0, 1)
    assert answer.data["results"][0]["process_id"] == elsewhere
    assert idea(owner, elsewhere)["tags"] == []


def test_a_key_gives_the_first_answer_again(owner: Client) -> None:
    number = hand_in(owner)
    body = {"automations": [{"process_id": number, "tags": ["x"]}]}
    headers = {"Idempotency-Key": "once"}
    answers = [owner.call("POST", BULK, body, headers=headers).data for _ in range(2)]
    assert answers[0] == answers[1] and answers[0]["updated"] == 1
