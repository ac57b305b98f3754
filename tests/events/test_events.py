"""The catalog of events, and the feed of those who cannot be called."""

from typing import get_args

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

from autohub.audit.model import Action
from autohub.db.schema import audit
from autohub.events.catalog import EVENT_TYPES, NOT_TOLD, find_event_type


def publish(hub: TestHub) -> None:
    hub.worker.deliveries.publish()


def feed(client: Client, query: str = "") -> tuple[list[tuple[str, int | None]], str]:
    data = client.get(f"/events{query}").data
    return [(each["type"], each["data"]["subject"]["id"]) for each in data["events"]], data["next"]


def test_every_action_of_the_audit_is_told_or_left_out_for_a_reason() -> None:
    told = [action for each in EVENT_TYPES for action in each.actions]
    assert {*told, *NOT_TOLD} == {*get_args(Action)}
    assert not {*told} & {*NOT_TOLD} and all(NOT_TOLD.values())
    assert find_event_type("idea", "change category") is not None
    changed = find_event_type("category", "change category")
    assert changed is not None and changed.event_type == "category.changed"


def test_the_catalog_is_published(owner: Client) -> None:
    listed = owner.get("/events/catalog").data["event_types"]
    assert [each["event_type"] for each in listed] == [each.event_type for each in EVENT_TYPES]
    assert all(each["about"] for each in listed)


def test_the_feed_goes_on_from_where_it_was_read_to(hub: TestHub, owner: Client) -> None:
    publish(hub)
    _, start = feed(owner, "?limit=500")
    idea = hand_in(owner)
    owner.post("/automations/status", {"process_id": idea, "phase_status_id": 91, "force": 1})
    assert feed(owner, f"?after={start}")[0] == []  # it is published by the worker
    publish(hub)
    first, position = feed(owner, f"?after={start}&limit=1")
    assert first == [("idea.submitted", idea)]
    rest, position = feed(owner, f"?after={position}")
    assert rest == [("idea.moved", idea)]
    assert feed(owner, f"?after={position}") == ([], position)
    assert feed(owner, f"?after={start}&type=idea.moved")[0] == rest
    message = owner.get(f"/events?after={start}&type=idea.moved").data["events"][0]
    assert message["data"]["phase_status_id"] == 91
    assert message["data"]["record"] == owner.get(f"/automations/{idea}").data
    assert message["data"]["url"].endswith(f"/automation-profile/{idea}")


def test_everybody_reads_what_they_may_see_now(hub: TestHub, owner: Client) -> None:
    publish(hub)
    _, start = feed(owner, "?limit=500")
    submitter = hub.someone((8, 0))
    tops = [each["category_id"] for each in owner.get("/hierarchy").data["categories"]]
    mine = hand_in(submitter)
    path = [each["category_id"] for each in owner.get(f"/automations/{mine}").data["categories"]]
    narrow = hub.someone((8, next(each for each in tops if each not in path)))
    publish(hub)
    assert ("idea.submitted", mine) in feed(submitter, f"?after={start}")[0]
    assert feed(narrow, f"?after={start}")[0] == []
    publish(hub)
    assert {kind for kind, _ in feed(submitter, f"?after={start}")[0]} == {"idea.submitted"}
    assert "user.added" in {kind for kind, _ in feed(owner, f"?after={start}")[0]}
    owner.delete(f"/automations/{mine}")
    publish(hub)
    assert feed(narrow, f"?after={start}")[0] == []
    told = owner.get(f"/events?after={start}&type=idea.deleted").data["events"]
    assert [each["data"]["record"] for each in told] == [None]


def test_a_cursor_or_a_type_that_there_is_none_of_is_refused(owner: Client) -> None:
    for query in ("?after=abc", "?after=ZTEyeA", "?after=" + "Z" * 99, "?type=idea.eaten"):
        assert owner.get(f"/events{query}").status == 400, query


def test_an_entry_that_is_no_event_waits_no_more(hub: TestHub, owner: Client) -> None:
    owner.post("/tokens", {"token_name": "One"})
    publish(hub)
    with hub.database.reading() as db:
        assert not db.rows(audit.select().where(audit.c.is_pending == 1))
