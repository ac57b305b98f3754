"""Hubs that give less, or that fail."""

from collections.abc import Callable
from typing import Any

import httpx2
import msgspec
import pytest
from tests.support.hub import TestHub
from tests.support.outbound import make_outbound

from autohub.access.model import OPERATOR
from autohub.integrations.open_api import OtherHub, OtherHubFails
from autohub.kit.clock import now as clock
from autohub.kit.errors import Invalid
from autohub.move_in.model import MoveReport
from autohub.move_in.service import move_in

PERSON = {"user_email": "mia@example.com", "user_first_name": "Mia", "user_last_name": "Berg"}
RECORD = {
    "process_id": 77,
    "process_name": "Check invoices",
    "process_description": "Every invoice is compared with its order.",
    "process_submission_type": 1,
    "process_created_epoch": 1_700_000_000_000,
    "process_updated_epoch": 1_710_000_000_000,
    "phase_status_key": "IDEA_APPROVED",
    "phase_name": "Idea",
    "phase_status_name": "Approved",
    "categories": [
        {"category_id": 900, "category_name": "Treasury"},
        {"category_id": 901, "category_name": "Cash"},
    ],
    "owner": PERSON,
    "process_submitter": PERSON,
    "process_rules_id": 4,
    "process_input_type_id": 8,
    "process_input_structure_id": 12,
    "process_stability_id": 20,
    "process_documentation_availability_ids": "22",
    "tags": ["audit"],
    "applications": [{"application_id": 5, "application_name": "Ledger"}],
}


def _node(category_id: int, name: str, level: int, *below: Any) -> dict[str, Any]:
    return {
        "category_id": category_id,
        "category_name": name,
        "category_level_id": level,
        "category_is_other": 0,
        "category_is_active": 1,
        "subcategories": list(below),
    }


GIVEN: dict[str, Any] = {
    "/hierarchy": {"categories": [_node(900, "Treasury", 1, _node(901, "Cash", 2))]},
    "/appinventory": {
        "applications": [
            {"application_id": 5, "application_name": "Ledger", "category_ids": [901]}
        ],
        "totalItems": 1,
    },
    "/users": {
        "users": [
            PERSON
            | {"user_id": 3, "user_is_active": 1, "user_invite_status": 3}
            | {"user_roles": [{"role_id": 5, "category_id": 901}]}
        ],
        "totalItems": 1,
    },
    "/automations": {"processes": [RECORD], "totalItems": 1},
    "/automations/collaborators": {
        "collaborators": [PERSON | {"user_id": 3, "roles": [{"role_id": 4, "role_name": "BA"}]}]
    },
}
"""What the guide's own pages give, and no more."""


def _answer(request: httpx2.Request) -> httpx2.Response:
    path = request.url.path.removeprefix("/acme/main/automationhub_/api/v1/openapi")
    if path not in GIVEN:
        return httpx2.Response(404, json={"message": "Not found", "statusCode": 404})
    data = GIVEN[path]
    return httpx2.Response(200, content=msgspec.json.encode({"message": "Success", "data": data}))


def _other(answer: Callable[[httpx2.Request], httpx2.Response], waited: list[float]) -> OtherHub:
    return OtherHub(
        "https://hub.example/acme/main/automationhub_/",
        "tenant/token",
        outbound=make_outbound(transport=httpx2.MockTransport(answer)),
        wait=waited.append,
    )


def _move(hub: TestHub, answer: Callable[[httpx2.Request], httpx2.Response]) -> MoveReport:
    return move_in(
        hub.database,
        hub.app.context.blobs,
        _other(answer, []),
        OPERATOR,
        hub.settings,
        now=clock(),
    )


def test_a_hub_that_gives_only_the_guides_calls_comes_with_what_it_has(hub: TestHub) -> None:
    report = _move(hub, _answer)
    given = {entry.kind for entry in report.entries if entry.outcome == "not given"}
    assert {"role", "cost setup", "component", "flow", "history", "analysis"} <= given
    client = hub.someone((1, 0))
    (record,) = client.get("/automations?s=invoices").data["processes"]
    for name in ("process_name", "tags", "phase_status_key", "process_created_epoch"):
        assert record[name] == RECORD[name]
    for name in RECORD:
        if name.endswith(("rules_id", "type_id", "structure_id", "stability_id", "ability_ids")):
            assert record[name] == RECORD[name], name
    assert [part["category_name"] for part in record["categories"]] == ["Treasury", "Cash"]
    assert [app["application_name"] for app in record["applications"]] == ["Ledger"]
    seats = client.get(f"/automations/collaborators?collaborators={record['process_id']}").data
    assert [[role["role_id"] for role in seat["roles"]] for seat in seats["collaborators"]] == [
        [1, 2, 4]
    ]
    again = _move(hub, _answer)
    assert again.counts["idea"] == {"unchanged": 1} and again.counts["user"] == {"unchanged": 1}


def test_roles_that_cannot_be_told_are_named_and_nobody_is_given_more(hub: TestHub) -> None:
    report = _move(hub, _answer)
    told = [entry.text for entry in report.entries if entry.kind == "grant"]
    assert told == ["This hub has no role 5 on 901."]
    assert hub.someone((1, 0)).user("mia@example.com")["user_roles"] == [
        {"role_id": 8, "category_id": 0}
    ]


def test_pages_that_are_shorter_than_asked_for_are_read_to_the_end() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        first = int(request.url.params["offset"])
        users = [{"user_id": number} for number in range(first, min(first + 2, 5))]
        return httpx2.Response(200, json={"data": {"users": users, "totalItems": 5}})

    pages = list(_other(answer, []).walk("users", "users"))
    assert [user["user_id"] for page in pages for user in page] == [0, 1, 2, 3, 4]


def test_a_hub_that_asks_for_patience_gets_it() -> None:
    answers = [
        httpx2.Response(429, headers={"Retry-After": "7"}),
        httpx2.Response(503),
        httpx2.Response(200, json={"data": {"categories": []}}),
    ]
    waited: list[float] = []
    assert _other(lambda _: answers.pop(0), waited).get("hierarchy") == {"categories": []}
    assert waited == [7, 2]


@pytest.mark.parametrize(
    ("status", "content", "told"),
    [
        (401, b"{}", "refuses the token"),
        (500, b"{}", "answers 500"),
        (302, b"", "answers 302"),
        (200, b"<html>sign in</html>", "is no answer of the Open API"),
        (200, b'{"data": {"users": 1}}', "is no list of the Open API"),
    ],
)
def test_what_is_wrong_with_the_other_hub_is_said(status: int, content: bytes, told: str) -> None:
    other = _other(lambda _: httpx2.Response(status, content=content), [])
    with pytest.raises(OtherHubFails, match=told):
        list(other.walk("users", "users"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://hub.example", "must begin with https"),
        ("ftp://hub.example", "is no https address"),
        ("hub.example", "is no https address"),
    ],
)
def test_a_token_never_travels_in_the_clear(address: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        OtherHub(address, "tenant/token", outbound=make_outbound())


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://hub.example", "https://hub.example/api/v1/openapi"),
        ("https://hub.example/api/v1/openapi/", "https://hub.example/api/v1/openapi"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v1/openapi"),
        ("http://localhost/", "http://localhost/api/v1/openapi"),
    ],
)
def test_the_address_of_the_hub_leads_to_its_open_api(address: str, asked: str) -> None:
    assert OtherHub(address, "tenant/token", outbound=make_outbound()).address == asked


def test_a_token_that_shows_no_ideas_is_refused_before_anything_is_written(hub: TestHub) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/automations"):
            return httpx2.Response(403, json={})
        return _answer(request)

    with pytest.raises(Invalid, match="tenant-level token is not enough"):
        _move(hub, answer)
    assert hub.someone((1, 0)).get("/appinventory").data["totalItems"] == 0
