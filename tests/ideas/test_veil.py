"""A record shows what its reader may see: a right guards the fact, not the call."""

from typing import Any

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

LICENCE = {
    "kind": "running",
    "cost_type": "licence",
    "cost_name": "Robot",
    "quantity": 2,
    "unit_price": 100,
}


@pytest.fixture
def number(owner: Client) -> int:
    made = hand_in(owner, category_id=3)
    assert owner.put(f"/automations/{made}/cba/costs", {"costs": [LICENCE]}).status == 200
    return made


def _records(client: Client, number: int) -> list[dict[str, Any]]:
    query = "?fields=running_cost,number_of_robots,software_vendor,collaborators,hierarchy"
    return [
        client.get(f"/automations/{number}").data,
        *client.get("/automations").data["processes"],
        *client.get(f"/automationpipeline{query}").data["processes"],
    ]


def test_costs_are_shown_to_who_may_see_the_analysis(
    hub: TestHub, owner: Client, number: int
) -> None:
    for record in _records(owner, number):
        assert (record["running_cost"], record["number_of_robots"]) == (200, 2)
    standard = hub.someone((8, 0))
    assert standard.get(f"/automations/{number}/cba").status == 403
    for record in _records(standard, number):
        assert record["running_cost"] is record["number_of_robots"] is None
        assert record["software_vendor"] is None
    elsewhere = hub.someone((8, 0), (5, 17))
    assert _records(elsewhere, number)[0]["running_cost"] is None
    assert _records(hub.someone((5, 1)), number)[0]["running_cost"] == 200


def test_where_assigned_a_seat_opens_them(hub: TestHub, owner: Client, number: int) -> None:
    helper = hub.someone((6, 0), email="helper@example.com")
    assert _records(helper, number)[0]["running_cost"] is None
    body = {"collaborators": [{"user_email": "helper@example.com", "role_ids": [4]}]}
    assert owner.post(f"/automations/{number}/collaborators", body).status == 201
    for record in _records(helper, number):
        assert record["running_cost"] == 200


def test_people_are_shown_to_who_may_see_collaborators(
    hub: TestHub, owner: Client, number: int
) -> None:
    role = owner.post("/roles", {"role_name": "Viewer", "permissions": ["View an Idea"]}).data
    viewer = hub.someone((role["role_id"], 0))
    assert viewer.get(f"/automations/collaborators?collaborators={number}").status == 403
    for record in _records(viewer, number):
        assert record["collaborators"] == []
    for record in _records(owner, number):
        assert record["collaborators"] != []
