"""Nobody widens what they may do on an idea, nor lets others in by another door (product 1)."""

from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import an_idea, hand_in, idea, made, move

OUTSIDER = "outsider@example.com"
HELPER = "helper@example.com"


def _name_owner(client: Client, number: int, email: str) -> Answer:
    answers = {"OVR": {"s": {"OVR-PROCESS_OWNER": email}}}
    return client.patch(f"/automations/{number}", {"user_inputs": answers})


def _give(client: Client, number: int, email: str, **seat: Any) -> Answer:
    body = {"collaborators": [{"user_email": email, "role_ids": [4]} | seat]}
    return client.post(f"/automations/{number}/collaborators", body)


@pytest.mark.parametrize("door", ["collaborator", "owner by a change", "owner of a new idea"])
def test_nobody_without_access_is_named_by_any_door(hub: TestHub, owner: Client, door: str) -> None:
    outsider = hub.someone((8, 17), email=OUTSIDER)
    number = hand_in(owner, category_id=3)
    answer = {
        "collaborator": lambda: _give(owner, number, OUTSIDER),
        "owner by a change": lambda: _name_owner(owner, number, OUTSIDER),
        "owner of a new idea": lambda: owner.post(
            "/automationidea", an_idea(category_id=3, owner=OUTSIDER)
        ),
    }[door]()
    assert answer.status == 400 and "has no access to the idea's category" in str(answer.details)
    assert outsider.get(f"/automations/{number}").status == 404


def test_a_move_names_only_people_with_access(hub: TestHub, owner: Client) -> None:
    hub.someone((8, 17), email=OUTSIDER)
    number = hand_in(owner, category_id=3)
    move(owner, number, 54)
    refused = move(owner, number, 56, project_manager=OUTSIDER)
    assert refused.status == 400 and "project_manager" in refused.details


@pytest.mark.parametrize("part", ["about", "collaborators"])
def test_a_part_of_an_idea_cannot_widen_itself(hub: TestHub, owner: Client, part: str) -> None:
    number = hand_in(owner, category_id=3)
    helper = hub.someone((8, 0), email=HELPER)
    assert _give(owner, number, HELPER, edit_parts=[part]).status == 201
    assert _name_owner(helper, number, HELPER).status == 403
    assert _give(helper, number, HELPER, role_ids=[2, 4]).status == 403
    assert _give(helper, number, HELPER, edit_parts=["cba", "collaborators"]).status == 403
    assert idea(owner, number)["owner"]["user_email"] == "owner@example.com"
    assert helper.put(f"/automations/{number}/cba/costs", {"costs": []}).status == 403


def test_who_owns_an_idea_hands_it_over_and_gives_the_parts_that_they_have(
    hub: TestHub, owner: Client
) -> None:
    first = hub.someone((8, 0), email="first@example.com")
    hub.someone((8, 0), email=HELPER)
    number = made(owner.post("/automationidea", an_idea(category_id=3, owner="first@example.com")))
    assert _give(first, number, HELPER, edit_parts=["cba", "about"]).status == 201
    assert _name_owner(first, number, HELPER).status == 200
    assert idea(owner, number)["owner"]["user_email"] == HELPER


def test_an_unchanged_owner_may_stand_in_a_helpers_form(hub: TestHub, owner: Client) -> None:
    number = hand_in(owner, category_id=3)
    helper = hub.someone((8, 0), email=HELPER)
    assert _give(owner, number, HELPER, edit_parts=["about"]).status == 201
    assert _name_owner(helper, number, "owner@example.com").status == 200
