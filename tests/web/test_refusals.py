"""Refused calls are in the audit, a kind of them once a minute however often they come."""

import pytest
from tests.support.hub import Client, TestHub

from autohub.web import refusals


def read_refusals(hub: TestHub, owner: Client) -> list[dict[str, object]]:
    hub.worker.seals.again()
    hub.worker.round()
    entries = owner.get("/audit?action=refuse call&limit=100".replace(" ", "%20")).data["entries"]
    return [
        {"user": one["actor_user_id"], "door": one["door"]} | one["after"]
        for one in reversed(entries)
    ]


def test_want_of_rights_and_credentials_that_are_none_are_told_with_their_number(
    hub: TestHub, owner: Client
) -> None:
    hub.app.context.refusals.take()
    person = hub.someone((6, 3))
    for _ in range(3):
        assert person.post("/adduser", {}).status == 403
    forged = {"Authorization": f"Bearer {'0' * 8}-1111-2222-3333-444444444444"}
    assert hub.request("GET", "/api/v1/openapi/users", None, forged).status == 401
    assert hub.anonymous().get("/users").status == 401  # nobody said who they are
    told = read_refusals(hub, owner)
    client = told[0]["client"]
    assert told == [
        {"user": None, "door": "api", "why": "credential", "call": "GET /users", "times": 1}
        | {"client": client},
        {"user": person.user_id, "door": "api", "why": "rights", "call": "POST /adduser"}
        | {"client": client, "times": 3},
    ]
    assert read_refusals(hub, owner) == told


def test_a_flood_of_kinds_is_counted_as_one(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.app.context.refusals.take()
    monkeypatch.setattr(refusals, "KINDS_AT_MOST", 2)
    person = hub.someone((6, 3))
    for path in ("/users", "/roles", "/groups", "/audit", "/tokens/1", "/invitations"):
        person.get(path)
        person.get(path)
    told = read_refusals(hub, owner)
    assert len(told) == 3 and told[-1]["call"] == "…" and int(str(told[-1]["times"])) > 2
