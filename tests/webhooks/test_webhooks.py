"""Webhooks: what a receiver gets, in which order, and what becomes of one that does not take it."""

import socket
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import standardwebhooks
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.mail import delivered
from tests.support.outbound import Received, Receiver, plain, receiving

from autohub.kit import clock
from autohub.server.worker import Worker
from autohub.webhooks import sending
from autohub.webhooks.model import RECEIVER_WAITS, WAITS

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def _reachable(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator allows receivers on this machine."""
    settings = msgspec.structs.replace(hub.settings, outbound_allow=(HERE,))
    monkeypatch.setattr(hub.app.context, "settings", settings)
    worker = Worker(hub.database, settings, hub.installation)
    monkeypatch.setattr(hub.app, "worker", worker)
    monkeypatch.setattr(hub, "worker", worker, raising=False)
    yield
    worker.deliveries.close()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Milliseconds by which the worker's clock is ahead."""
    ahead = [0]
    for module in (sending, __import__("autohub.server.deliveries", fromlist=["clock"])):
        monkeypatch.setattr(module, "clock", lambda: clock.now() + ahead[0])
    return ahead


def work(hub: TestHub) -> None:
    """What the worker's lane does until nothing is due."""
    for _ in range(3):
        hub.worker.deliveries.run()
        hub.worker.deliveries.wait()


def subscribe(client: Client, there: Receiver, **facts: Any) -> tuple[int, str]:
    body = {"webhook_name": "Desk", "url": there.url, "is_mine": 0} | facts
    made = client.post("/webhooks", body)
    assert made.status == 201, made.raw
    number = made.data["webhook"]["webhook_id"]
    assert made.headers["location"].endswith(f"/api/v1/openapi/webhooks/{number}")
    return number, made.data["secret"]


def bodies(there: Receiver) -> list[dict[str, Any]]:
    return [msgspec.json.decode(each.body) for each in there.received]


def kinds(there: Receiver) -> list[str]:
    return [each["type"] for each in bodies(there)]


def other_category(owner: Client) -> int:
    """One at the top under which the ideas of `hand_in` are not filed."""
    tops = owner.get("/hierarchy").data["categories"]
    return next(
        top["category_id"] for top in tops if "3" not in [str(top["category_id"]), *_ids_below(top)]
    )


def _ids_below(node: dict[str, Any]) -> list[str]:
    below = node.get("subcategories") or []
    return [each for child in below for each in (str(child["category_id"]), *_ids_below(child))]


def log(client: Client, webhook_id: int) -> list[dict[str, Any]]:
    return client.get(f"/webhooks/{webhook_id}/deliveries").data["deliveries"]


def verify(received: Received, secret: str) -> Any:
    return standardwebhooks.Webhook(secret).verify(received.body.decode(), received.headers)


def test_a_receiver_verifies_what_it_gets_with_the_library_of_the_standard(
    hub: TestHub, owner: Client
) -> None:
    work(hub)
    with receiving() as there:
        number, secret = subscribe(owner, there, event_types=["idea.submitted", "idea.moved"])
        idea = hand_in(owner)
        work(hub)
        assert kinds(there) == ["idea.submitted"]
        assert verify(there.received[0], secret)["data"]["subject"] == {"type": "idea", "id": idea}
        renewed = owner.post(f"/webhooks/{number}/secret").data["secret"]
        owner.post("/automations/status", {"process_id": idea, "phase_status_id": 91, "force": 1})
        work(hub)
        for good in (secret, renewed):
            assert verify(there.received[1], good)["type"] == "idea.moved"
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            verify(there.received[1], "whsec_" + "A" * 43 + "=")
    assert [each["state"] for each in log(owner, number)] == ["delivered"] * 2


def test_the_secret_before_signs_for_a_day_and_no_longer(
    hub: TestHub, owner: Client, moment: list[int]
) -> None:
    work(hub)
    with receiving() as there:
        number, secret = subscribe(owner, there, event_types=["idea.submitted"])
        renewed = owner.post(f"/webhooks/{number}/secret").data["secret"]
        moment[0] = 25 * clock.HOUR
        hand_in(owner)
        work(hub)
        signatures = there.received[0].headers["webhook-signature"].split()
        assert len(signatures) == 1 and renewed != secret


def test_a_persons_own_webhook_tells_what_that_person_may_see_when_it_is_sent(
    hub: TestHub, owner: Client
) -> None:
    submitter = hub.someone((8, 0), email="sub@example.com")
    elsewhere = hub.someone((8, other_category(owner)))
    work(hub)
    with receiving() as there, receiving() as nothing:
        number, _ = subscribe(submitter, there, is_mine=1)
        subscribe(elsewhere, nothing, is_mine=1)
        mine = hand_in(submitter)
        gone = hand_in(submitter, process_name="Gone before it was told")
        owner.delete(f"/automations/{gone}")
        owner.post("/adduser", {"user_email": "x@example.com", "user_first_name": "X"})
        work(hub)
        assert {each["data"]["subject"]["id"] for each in bodies(there)} == {mine, gone}
        assert {each["type"].partition(".")[0] for each in bodies(there)} == {"idea"}
        assert nothing.received == []
        told = {each["data"]["subject"]["id"]: each["data"]["record"] for each in bodies(there)}
        assert told == {mine: submitter.get(f"/automations/{mine}").data, gone: None}
        before = len(there.received)
        owner.patch(f"/users/{submitter.user_id}", {"user_is_active": 0})
        owner.post("/automations/status", {"process_id": mine, "phase_status_id": 91, "force": 1})
        work(hub)
        assert len(there.received) == before
    assert submitter.get(f"/webhooks/{number}").status == 401
    assert owner.get(f"/webhooks/{number}").status == 404


def test_filters_choose_types_and_categories_with_all_below(hub: TestHub, owner: Client) -> None:
    idea = hand_in(owner)
    top_id = owner.get(f"/automations/{idea}").data["categories"][0]["category_id"]
    other = other_category(owner)
    work(hub)
    with receiving() as top, receiving() as elsewhere:
        subscribe(owner, top, category_ids=[top_id], event_types=["idea.moved"])
        subscribe(owner, elsewhere, category_ids=[other])
        owner.post("/automations/status", {"process_id": idea, "phase_status_id": 91, "force": 1})
        owner.patch(f"/automations/{idea}", {"process_priority": "High"})
        work(hub)
        assert (kinds(top), kinds(elsewhere)) == (["idea.moved"], [])


def test_a_failed_delivery_is_tried_again_and_those_behind_it_of_the_same_idea_wait(
    hub: TestHub, owner: Client, moment: list[int]
) -> None:
    work(hub)
    down = [True]
    with receiving(lambda *_: plain(500 if down[0] else 204, b"not now")) as there:
        number, _ = subscribe(owner, there)
        idea, other = hand_in(owner), hand_in(owner, process_name="Another")
        owner.post("/automations/status", {"process_id": idea, "phase_status_id": 91, "force": 1})
        work(hub)
        tried = len(there.received)
        assert 1 <= tried <= sending.IN_PARALLEL
        shown = owner.get(f"/webhooks/{number}").data
        assert "500" in shown["last_error"] and "not now" in shown["last_error"]
        work(hub)
        assert len(there.received) == tried  # a pause
        down[0] = False
        moment[0] = WAITS[0] + RECEIVER_WAITS[-1]
        work(hub)
    taken = bodies(there)[tried:]
    by_idea = defaultdict(list)
    for each in taken:
        by_idea[each["data"]["subject"]["id"]].append(each["data"]["sequence"])
    assert by_idea.keys() >= {idea, other}
    assert all(found == sorted(found) for found in by_idea.values())
    ids = [each.headers["webhook-id"] for each in there.received]
    assert set(ids[:tried]) <= set(ids[tried:])  # a repeat carries the same id
    assert owner.get(f"/webhooks/{number}").data["last_error"] is None


def test_retry_after_is_heeded_in_seconds_and_as_a_date() -> None:
    assert sending._retry_after("120") == 120_000
    assert sending._retry_after("99999999") == sending.LONGEST_WAIT
    assert sending._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert sending._retry_after("soon") is None and sending._retry_after("") is None


def test_who_asks_to_be_left_alone_is(hub: TestHub, owner: Client, moment: list[int]) -> None:
    work(hub)
    asked = plain(429, b"", "Retry-After: 3600")
    with receiving(lambda *_: asked if len(there.received) == 1 else plain(204)) as there:
        subscribe(owner, there, event_types=["idea.submitted"])
        hand_in(owner)
        work(hub)
        moment[0] = 59 * clock.MINUTE
        work(hub)
        assert len(there.received) == 1
        moment[0] = 61 * clock.MINUTE
        work(hub)
        assert len(there.received) == 2


def test_a_dead_receiver_is_paused_after_three_days_and_its_owner_is_told(
    hub: TestHub, owner: Client, moment: list[int]
) -> None:
    delivered(hub)
    with receiving(lambda *_: plain(500)) as there:
        number, _ = subscribe(owner, there, event_types=["idea.submitted"])
        hand_in(owner)
        for wait in (0, *WAITS):
            moment[0] += wait + RECEIVER_WAITS[-1]
            work(hub)
        assert len(there.received) == len(WAITS) + 1
        assert owner.get(f"/webhooks/{number}").data["state"] == "paused"
        assert [each["state"] for each in log(owner, number)] == ["failed"]
        hand_in(owner, process_name="While it is paused")
        work(hub)
        assert len(there.received) == len(WAITS) + 1
    told = [subject for to, subject, _ in delivered(hub) if to == "owner@example.com"]
    assert "A webhook is not served any more" in told
    assert abs(sum(WAITS) - 3 * clock.DAY) < clock.HOUR
    with receiving() as back:
        changed = owner.patch(f"/webhooks/{number}", {"url": back.url, "webhook_is_on": 1})
        assert changed.data["state"] == "on"
        work(hub)
        assert len(back.received) == 1
        queued = owner.post(f"/webhooks/{number}/redeliver", {"since_epoch": 0, "only_failed": 1})
        assert queued.data == {"queued": 1}
        work(hub)
        assert len(back.received) == 2
        one = log(owner, number)[0]["delivery_id"]
        assert owner.post(f"/webhooks/{number}/redeliver", {"delivery_ids": [one]}).status == 200
        work(hub)
        assert len(back.received) == 3
        assert owner.post(f"/webhooks/{number}/redeliver", {}).status == 400


def test_410_ends_a_subscription(hub: TestHub, owner: Client) -> None:
    work(hub)
    with receiving(lambda *_: plain(410)) as there:
        number, _ = subscribe(owner, there, event_types=["idea.submitted"])
        hand_in(owner)
        hand_in(owner, process_name="Another")
        work(hub)
        assert owner.get(f"/webhooks/{number}").data["state"] == "gone"
        before = len(there.received)
        hand_in(owner, process_name="A third")
        work(hub)
        assert len(there.received) == before


def resets(_: Received, line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    line.close()


def garbage(_: Received, line: socket.socket) -> None:
    line.sendall(b"\x00\xff not HTTP at all\r\n\r\n")


METADATA = "Location: http://169.254.169.254/latest/meta-data/"


def test_a_hostile_receiver_beside_a_good_one_costs_the_good_one_nothing(
    hub: TestHub, owner: Client, moment: list[int]
) -> None:
    """Each way of failing in turn; at the end both have everything, in order for each idea."""
    work(hub)
    ways: list[Any] = [resets, garbage, lambda *_: plain(500), lambda *_: plain(302, b"", METADATA)]

    def hostile(received: Received, line: socket.socket) -> bytes | None:
        return ways[0](received, line) if ways else plain(200, b"x" * 100_000)

    with receiving(hostile) as bad, receiving() as good:
        taken_by = {}
        for there in (bad, good):
            taken_by[there], _ = subscribe(
                owner, there, event_types=["idea.submitted", "idea.moved"]
            )
        ideas = [hand_in(owner, process_name=f"Idea {number}") for number in range(12)]
        for status in (91, 81):
            for idea in ideas:
                body = {"process_id": idea, "phase_status_id": status, "force": 1}
                assert owner.post("/automations/status", body).status in (200, 201)
        work(hub)
        assert len(good.received) == 36 and len({each["id"] for each in bodies(good)}) == 36
        while ways:
            assert owner.get(f"/webhooks/{taken_by[bad]}").data["last_error"]
            ways.pop(0)
            moment[0] += WAITS[len(WAITS) // 2]
            work(hub)
        for _ in range(3):
            moment[0] += WAITS[len(WAITS) // 2]
            work(hub)
    for there in (bad, good):
        assert {each["state"] for each in log(owner, taken_by[there])} == {"delivered"}
    last: dict[str, list[int]] = {}
    for each in bodies(bad):
        last.setdefault(each["data"]["subject"]["id"], []).append(each["data"]["sequence"])
    first_seen = {key: list(dict.fromkeys(found)) for key, found in last.items()}
    assert all(found == sorted(found) and len(found) == 3 for found in first_seen.values())


def test_two_workers_send_nothing_twice(hub: TestHub, owner: Client) -> None:
    work(hub)
    second = Worker(hub.database, hub.app.context.settings, hub.installation)
    with receiving() as there:
        subscribe(owner, there, event_types=["idea.submitted"])
        for number in range(6):
            hand_in(owner, process_name=f"Idea {number}")
        for worker in (hub.worker, second):
            worker.deliveries.run()
        for worker in (hub.worker, second):
            worker.deliveries.wait()
        work(hub)
        second.deliveries.close()
        assert len(there.received) == 6


def test_chats_get_a_note_in_which_no_name_is_markup(hub: TestHub, owner: Client) -> None:
    work(hub)
    with receiving() as slack, receiving() as teams:
        subscribe(owner, slack, body_format="slack", event_types=["idea.submitted"])
        subscribe(owner, teams, body_format="teams", event_types=["idea.submitted"])
        hand_in(owner, process_name="Pay <!channel> & [win](http://evil.example)")
        work(hub)
        text = bodies(slack)[0]["text"]
        assert "&lt;!channel&gt; &amp;" in text and "<!channel>" not in text
        assert text.startswith("*Idea submitted*: <http")
        card = bodies(teams)[0]["attachments"][0]["content"]
        assert card["type"] == "AdaptiveCard" and "\\[win\\]" in card["body"][1]["text"]


def test_a_webhook_is_tried_out_at_once(hub: TestHub, owner: Client) -> None:
    with receiving(lambda *_: plain(401, b"who are you?")) as there:
        number, secret = subscribe(owner, there)
        tried = owner.post(f"/webhooks/{number}/test").data
        assert tried["status"] == 401 and "who are you?" in tried["error"]
        assert verify(there.received[0], secret)["type"] == "webhook.test"


def test_what_is_not_right_is_refused_by_its_field(hub: TestHub, owner: Client) -> None:
    wrong = {
        "webhook_name": "x",
        "url": "https://169.254.169.254/",
        "event_types": ["idea.eaten"],
        "category_ids": [987654],
    }
    refused = owner.post("/webhooks", wrong)
    assert refused.status == 400
    assert {*msgspec.json.decode(refused.raw)["errorDetails"]} == {
        "url",
        "event_types",
        "category_ids",
    }
    person = hub.someone((8, 0))
    body = {"webhook_name": "x", "url": "https://example.com/", "is_mine": 0}
    assert person.post("/webhooks", body).status == 403


def test_addresses_and_secrets_lie_sealed_and_go_with_their_person(
    hub: TestHub, owner: Client
) -> None:
    person = hub.someone((8, 0))
    made = person.post("/webhooks", {"webhook_name": "x", "url": "https://example.com/T0/SECRET"})
    number = made.data["webhook"]["webhook_id"]
    shown = person.get(f"/webhooks/{number}")
    assert b"SECRET" not in shown.raw and shown.data["host"] == "example.com"
    with hub.database.reading() as db:
        stored = str(db.driver_rows("SELECT * FROM webhook"))
        assert "SECRET" not in stored and made.data["secret"] not in stored
    owner.delete(f"/users/{person.user_id}")
    assert owner.post(f"/users/{person.user_id}/erase").status in (200, 204)
    with hub.database.reading() as db:
        assert not db.driver_rows("SELECT * FROM webhook")


def test_a_webhook_whose_secret_does_not_open_waits_and_says_so(
    hub: TestHub, owner: Client
) -> None:
    work(hub)
    with receiving() as there:
        number, _ = subscribe(owner, there, event_types=["idea.submitted"])
        hub.database.write(lambda db: db.driver_change("UPDATE webhook SET sealed_url = 'k.x'", ()))
        hand_in(owner)
        work(hub)
        shown = owner.get(f"/webhooks/{number}").data
        assert shown["state"] == "on" and "key that is gone" in shown["last_error"]
        assert there.received == []
