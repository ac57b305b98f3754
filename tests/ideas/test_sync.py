"""Following the ideas of a hub from outside: what changed, what was deleted, page by page."""

from typing import Any
from urllib.parse import quote

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea, listed

TOMBSTONE = {
    "process_id",
    "process_uuid",
    "process_submission_type",
    "process_created_epoch",
    "process_updated_epoch",
    "process_is_deleted",
}


def test_deleted_ideas_are_told_without_what_they_were(hub: TestHub, owner: Client) -> None:
    kept, gone = hand_in(owner), hand_in(owner, process_name="Something private")
    assert owner.delete(f"/automations/{gone}").status == 200
    since = idea(owner, kept)["process_updated_epoch"]
    assert listed(owner) == [kept]
    assert listed(owner, f"updatedStart={since}&deleted=only") == [gone]
    assert listed(owner, f"updatedStart={since}&deleted=include") == [kept, gone]
    (record,) = owner.get("/automations?deleted=only").data["processes"]
    assert set(record) == TOMBSTONE and record["process_is_deleted"] == 1
    assert record["process_updated_epoch"] >= since
    assert owner.get(f"/automations/{gone}").status == 404
    assert listed(hub.someone((5, 5)), "deleted=only") == []
    assert listed(hub.someone((5, 1)), "deleted=only") == [gone]


def test_what_robots_did_is_a_change_of_the_idea(owner: Client) -> None:
    number = hand_in(owner)
    before = idea(owner, number)["process_updated_epoch"]
    run = {"started_epoch": 1_780_272_000, "runs": 1, "minutes_saved": 5}
    assert owner.post(f"/automations/{number}/runs", [run]).status == 201
    assert idea(owner, number)["process_updated_epoch"] > before
    assert listed(owner, f"updatedStart={before + 1}") == [number]


def _walk(owner: Client, change: Any) -> list[int]:
    seen: list[int] = []
    cursor: int | None = 0
    while cursor is not None:
        data = owner.get(f"/automations?limit=2&cursor={cursor}").data
        seen += [record["process_id"] for record in data["processes"]]
        cursor = data["nextCursor"]
        change()
    return seen


def test_a_walk_by_cursor_misses_nothing_while_others_write(owner: Client) -> None:
    numbers = [hand_in(owner) for _ in range(7)]
    doomed = [numbers[0], numbers[1], numbers[2]]

    def delete_behind() -> None:
        if doomed:
            assert owner.delete(f"/automations/{doomed.pop(0)}").status == 200

    seen = _walk(owner, delete_behind)
    assert seen == sorted(set(seen)) and set(numbers[3:]) <= set(seen)
    assert "nextCursor" not in owner.get("/automations").data


def test_only_the_fields_that_are_asked_for_come(owner: Client) -> None:
    number = hand_in(owner, process_name="Check invoices")
    query = "fields=process_name,phase_status_key&fields=owner"
    (record,) = owner.get(f"/automations?{query}").data["processes"]
    assert record == {
        "process_id": number,
        "process_name": "Check invoices",
        "phase_status_key": "IDEA_AWAITING_REVIEW",
        "owner": idea(owner, number)["owner"],
    }


def test_the_newer_search_reaches_every_type_and_the_older_one_the_guides_two(
    owner: Client,
) -> None:
    number = hand_in(owner, process_name="Skill process")
    body = {"idea_flow_id": 8, "phase_variable": "ASSESSMENT", "status_variable": "NOT_STARTED"}
    assert owner.patch(f"/idea-flows/automations/{number}/idea-flow", body).status == 200
    text = quote("skill process")
    assert listed(owner, f"search={text}") == [number]
    assert listed(owner, f"s={text}") == listed(owner, f"search={text}&submissionType=1") == []
    assert listed(owner) == []


def test_the_inventory_sent_again_without_ids_doubles_nothing(owner: Client) -> None:
    body = [
        {
            "application_id": None,
            "application_name": name,
            "application_version": "1",
            "application_language": language,
            "categoryIds": [3],
        }
        for name, language in (("Ledger", "English"), ("Wiki", ""))
    ]
    first = owner.put("/appinventory", body).data["application_ids"]
    body[0]["application_language"], body[1]["application_name"] = "", "WIKI"
    assert owner.put("/appinventory", body).data["application_ids"] == first
    found = owner.get("/appinventory").data["applications"]
    assert [app["application_id"] for app in found] == first
    assert [app["application_language"] for app in found] == ["English", ""]
