"""One hub moved into another: every record arrives, and a second run changes nothing."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from tests.support.hub import Client, TestHub
from tests.support.outbound import make_outbound

from autohub.access.model import OPERATOR
from autohub.db.engine import Reading
from autohub.db.schema import audit, idea, user_account
from autohub.demo.people import fill_people
from autohub.integrations.open_api import OtherHub, OtherHubFails
from autohub.kit.clock import now as clock
from autohub.move_in.model import MoveReport
from autohub.move_in.service import move_in

OWNER = "olivia.owner@demo.example"
ADDRESS = "http://127.0.0.1:9"


class Bridge(httpx2.BaseTransport):
    """Carries requests of the move into a hub in this process; `before` sees each one."""

    def __init__(self, hub: TestHub, before: Callable[[httpx2.Request], None]) -> None:
        self._hub, self._before = hub, before

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._before(request)
        path = request.url.raw_path.decode()
        answer = self._hub.request("GET", path, None, dict(request.headers))
        kept = ("content-type", "content-disposition")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        return httpx2.Response(answer.status, headers=headers, content=answer.raw)


class Pair:
    """A hub with a sample organisation, and a new one that it moves into."""

    def __init__(self, there: TestHub, here: TestHub) -> None:
        self.there, self.here = there, here
        fill_people(there.database, there.settings, users=14, ideas=16, seed=4)
        self.theirs = there.token(OWNER)
        self.requests: list[str] = []

    def move(self, before: Callable[[httpx2.Request], None] = lambda _: None) -> MoveReport:
        token = self.theirs.headers["Authorization"].removeprefix("Bearer ")

        def note(request: httpx2.Request) -> None:
            self.requests.append(request.url.path)
            before(request)

        outbound = make_outbound(transport=Bridge(self.there, note), outbound_allow="127.0.0.1")
        other = OtherHub(ADDRESS, token, outbound=outbound, wait=lambda _: None)
        return move_in(
            self.here.database,
            self.here.app.context.blobs,
            other,
            OPERATOR,
            self.here.settings,
            now=clock(),
        )

    def ours(self) -> Client:
        """The owner of the hub that was moved in, as a client of the one that it came to."""
        self.here.database.write(lambda db: db.change(_activate()))
        return self.here.token(OWNER)


def _activate() -> Any:
    return user_account.update().values(user_invite_status=3, registered_epoch=1)


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def pair(request: pytest.FixtureRequest, both: tuple[TestHub, TestHub]) -> Pair:
    there, here = both if request.param.startswith("sqlite") else both[::-1]
    return Pair(there, here)


def _plain(value: Any) -> Any:
    """A record without what each hub numbers for itself."""
    if isinstance(value, dict):
        return {
            name: _plain(part)
            for name, part in value.items()
            if not name.endswith(("_id", "_ids", "_slug", "__display"))
            and name not in ("hierarchy", "ovr-overview_category", "ovr-applications")
            and name != "process_num_votes"  # the Open API does not say whose they are
        }
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _ideas(client: Client) -> dict[str, dict[str, Any]]:
    query = "&".join(f"submissionType={number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, -1))
    found = client.get(f"/automations?limit=1000&{query}").data["processes"]
    return {record["process_uuid"]: record for record in found}


def _parts(client: Client, record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    path = f"/automations/{record['process_id']}"
    yield "history", client.get(f"{path}/history").data
    seats = client.get(f"/automations/collaborators?collaborators={record['process_id']}")
    yield "collaborators", sorted(map(str, _plain(seats.data["collaborators"])))
    components = client.get(f"{path}/components").data["components"]
    yield "components", [_but(each, "component_updated_epoch") for each in components]
    yield "analysis", client.get(f"{path}/cba").data
    documents = client.get(f"{path}/documents").data["documents"]
    yield "documents", documents
    for document in documents:
        if document["file_id"]:
            yield "bytes", client.get(f"/download/file/{document['file_id']}").raw
    media = client.get(f"{path}/media").data["media"]
    yield "media", media
    comments = client.get(f"{path}/comments").data["comments"]
    yield "comments", [(_plain(each), _text_of_parent(comments, each)) for each in comments]
    schema = client.get(f"{path}/schema").json["data"]["user_inputs"]
    yield (
        "answers",
        [
            {key: answer.get("comment") for key, answer in questions.items() if "comment" in answer}
            for sections in schema.values()
            for questions in sections.values()
        ],
    )


def _text_of_parent(comments: list[dict[str, Any]], one: dict[str, Any]) -> str | None:
    texts = {each["comment_id"]: each["comment_text"] for each in comments}
    return texts.get(one["parent_id"])


def _but(record: dict[str, Any], *names: str) -> dict[str, Any]:
    epochs = ("component_created_epoch", *names)
    return {name: value for name, value in record.items() if name not in epochs}


def _audited(hub: TestHub) -> int:
    with hub.database.reading() as db:
        return int(db.scalar(select(func.count()).select_from(audit)))


def _outcomes(report: MoveReport) -> set[str]:
    return {outcome for counts in report.counts.values() for outcome in counts}


def _first(client: Client) -> dict[str, Any]:
    return min(_ideas(client).values(), key=lambda record: int(record["process_id"]))


def test_every_record_arrives_and_a_second_run_changes_nothing(pair: Pair) -> None:
    first = _first(pair.theirs)
    path = f"/automations/{first['process_id']}"
    picture = {
        "file_name": "bild.png",
        "mimetype": "image/png",
        "file_content": base64.b64encode(b"not really a picture").decode(),
        "file_encoding": "base64",
    }
    assert pair.theirs.post(f"{path}/media", {"file": picture}).status == 201
    role = {"role_name": "Auditor", "permissions": ["Audit logs"], "role_description": "Reads."}
    made = pair.theirs.post("/roles", role).data["role_id"]
    someone = {"user_email": "eva@example.com", "user_first_name": "Eva", "user_last_name": "Å"}
    grants = [{"role_id": made, "category_id": 0}, {"role_id": 5, "category_id": 3}]
    assert pair.theirs.post("/adduser", someone | {"user_roles": grants}).status == 201
    comment = {"value": "automation-goal-cost", "comment": "as the board decided"}
    pair.theirs.patch(path, {"user_inputs": {"DA": {"x": {"DA-AUTOMATION_GOAL": comment}}}})
    asked = pair.theirs.post(f"{path}/comments", {"comment_text": "How many a day?"}).data
    answer = {"comment_text": "About forty.", "parent_id": asked["comment_id"]}
    assert pair.theirs.post(f"{path}/comments", answer).status == 201

    report = pair.move()

    assert [*report.counts["comment"]] == ["created"]
    assert _outcomes(report) == {"created", "unchanged", "not given"}, report.entries
    ours, theirs = pair.ours(), pair.theirs
    of_ours, of_theirs = _ideas(ours), _ideas(theirs)
    assert of_ours.keys() == of_theirs.keys() and len(of_ours) == 16
    for uuid, record in of_theirs.items():
        assert _plain(of_ours[uuid]) == _plain(record)
        for (name, mine), (_, their) in zip(
            _parts(ours, of_ours[uuid]), _parts(theirs, record), strict=True
        ):
            assert _plain(mine) == _plain(their), name
    people = {user["user_email"]: user for user in ours.users()}
    for user in theirs.users():
        mine = people[user["user_email"]]
        names = [name for name in user if name not in ("user_id", "user_roles")]
        assert {n: mine[n] for n in names if n != "user_invite_status"} == {
            n: user[n] for n in names if n != "user_invite_status"
        }
        assert len(mine["user_roles"]) == len(user["user_roles"])
    tree, our_tree = (each.get("/hierarchy").data["categories"] for each in (theirs, ours))
    assert _plain(our_tree) == _plain(tree)
    query = "/appinventory?limit=1000"
    apps, our_apps = (each.get(query).data["applications"] for each in (theirs, ours))
    assert [app["application_code"] for app in our_apps] == [a["application_code"] for a in apps]

    before = _audited(pair.here)
    again = pair.move()
    assert _outcomes(again) == {"unchanged", "not given"}, again.entries
    assert _audited(pair.here) == before


def test_what_changed_there_comes_and_what_changed_here_stays(pair: Pair) -> None:
    pair.move()
    ours = pair.ours()
    uuid, theirs = next(iter(_ideas(pair.theirs).items()))
    mine = _ideas(ours)[uuid]
    here, there = f"/automations/{mine['process_id']}", f"/automations/{theirs['process_id']}"
    assert pair.theirs.post(f"{there}/tags", {"tags": ["of theirs"]}).status in (200, 201)
    assert ours.patch(here, _answer("OVR-OVERVIEW_DESCRIPTION", "of ours")).status == 200
    edit = {"user_email": "pia.manager@demo.example", "user_location": "Ghent"}
    assert pair.theirs.post("/edituser", edit).status == 201
    other = {"user_email": "ivan.approver@demo.example"}
    assert pair.theirs.post("/edituser", other | {"user_location": "Ghent"}).status == 201
    assert ours.post("/edituser", other | {"user_location": "Turin"}).status == 201
    cost = {"kind": "running", "cost_name": "Support", "unit_price": 7, "currency": "USD"}
    assert pair.theirs.put(f"{there}/cba/costs", {"costs": [cost]}).status == 200

    question = pair.theirs.post(f"{there}/comments", {"comment_text": "Who asks?"}).data
    pair.move()
    renamed = {"comment_text": "Who asked?"}
    at = f"{there}/comments/{question['comment_id']}"
    assert pair.theirs.patch(at, renamed).status == 200

    report = pair.move()

    comments = ours.get(f"{here}/comments").data["comments"]
    assert [each["comment_text"] for each in comments] == ["Who asked?"]
    record = _ideas(ours)[uuid]
    assert record["tags"] == ["of theirs"]
    assert record["process_description"] == "of ours"
    assert ours.user("pia.manager@demo.example")["user_location"] == "Ghent"
    assert ours.user("ivan.approver@demo.example")["user_location"] == "Turin"
    assert [each["cost_name"] for each in ours.get(f"{here}/cba").data["costs"]] == ["Support"]
    kept = [(entry.kind, entry.name) for entry in report.entries if entry.outcome == "kept"]
    assert kept == [("user", "ivan.approver@demo.example")]


def _answer(question: str, value: str) -> dict[str, Any]:
    return {"user_inputs": {"OVR": {"section": {question: {"value": value}}}}}


def test_a_run_that_was_broken_off_goes_on_where_it_was(pair: Pair) -> None:
    last = max(_ideas(pair.theirs).values(), key=lambda record: int(record["process_id"]))
    file = {
        "file_name": "steps.txt",
        "mimetype": "text/plain",
        "file_content": base64.b64encode(b"first this, then that").decode(),
        "file_encoding": "base64",
    }
    body = {"document_title": "Steps", "document_description": "How", "document_type_id": 9}
    path = f"/automations/{last['process_id']}/documents"
    assert pair.theirs.post(path, body | {"file": file}).status == 201

    def fail(request: httpx2.Request) -> None:
        if "/download/file/" in request.url.path:
            raise httpx2.ConnectError("the line is dead")

    with pytest.raises(OtherHubFails, match="cannot be reached"):
        pair.move(fail)
    with pair.here.database.reading() as db:
        assert 0 < _count(db) <= 16
    pair.requests.clear()
    report = pair.move()
    schemas = [path for path in pair.requests if path.endswith("/schema")]
    assert report.counts["idea"].total() == len(schemas) < 16
    ours, theirs = _ideas(pair.ours()), _ideas(pair.theirs)
    assert ours.keys() == theirs.keys()
    for uuid, record in theirs.items():
        assert ours[uuid]["process_updated_epoch"] == record["process_updated_epoch"]
        path = "/automations/{process_id}/history"
        moves = [
            [(move["at_epoch"], move["to_status_id"]) for move in client.get(at).data]
            for client, at in (
                (pair.ours(), path.format(**ours[uuid])),
                (pair.theirs, path.format(**record)),
            )
        ]
        assert moves[0] == moves[1]
    documents = sum(
        len(pair.ours().get(f"/automations/{record['process_id']}/documents").data["documents"])
        for record in _ideas(pair.ours()).values()
    )
    there = sum(record["process_num_documents"] for record in _ideas(pair.theirs).values())
    assert documents == there > 0
    assert len(_ideas(pair.ours())) == 16


def _count(db: Reading) -> int:
    return int(db.scalar(select(func.count()).select_from(idea)))
