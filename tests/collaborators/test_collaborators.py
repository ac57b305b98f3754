"""Collaborators on ideas, and their roles (contract 4.5, product 1)."""

from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in, idea, listed


def seat(client: Client, number: int, email: str, *roles: int, **more: Any) -> Answer:
    return client.post(
        f"/automations/{number}/collaborators",
        {"collaborators": [{"user_email": email, "role_ids": list(roles)} | more]},
    )


def people(client: Client, number: int) -> dict[str, list[int]]:
    answer = client.get(f"/automations/collaborators?collaborators={number}")
    assert answer.status == 200, answer
    return {
        c["user_email"]: [r["role_id"] for r in c["roles"]] for c in answer.data["collaborators"]
    }


class TestSeats:
    def test_they_are_given_listed_replaced_and_taken_away(
        self, hub: TestHub, owner: Client
    ) -> None:
        hub.person((8, 0), email="ann@example.com")
        number = hand_in(owner)
        assert seat(owner, number, "ann@example.com", 4, 6).status == 201
        assert people(owner, number) == {"owner@example.com": [1, 2], "ann@example.com": [4, 6]}
        assert idea(owner, number)["process_num_collaborators"] == 2
        assert {"role_id": 4, "role_name": "Business Analyst"} in idea(owner, number)[
            "collaborators"
        ][1]["roles"]
        seat(owner, number, "ANN@example.com", 5)
        assert people(owner, number)["ann@example.com"] == [5]
        gone = owner.delete(
            f"/automations/{number}/collaborators",
            body={"collaborators": [{"user_email": "ann@example.com"}]},
        )
        assert gone.status == 200 and list(people(owner, number)) == ["owner@example.com"]

    def test_a_seat_makes_an_idea_visible_and_only_a_part_editable(
        self, hub: TestHub, owner: Client
    ) -> None:
        ann = hub.someone((8, 9), email="ann@example.com")
        number = hand_in(owner, category_id=3)
        refused = seat(owner, number, "ann@example.com", 4)
        assert (
            refused.status == 400
            and "no access" in refused.details["collaborators.0.user_email"][0]
        )
        here = hand_in(owner, category_id=9)
        assert listed(ann) == [here]
        body = {"user_inputs": {"OVR": {"s": {"OVR-PURPOSE": {"value": "x"}}}}}
        assert (
            seat(owner, here, "ann@example.com", 4).status == 201
            and ann.patch(f"/automations/{here}", body).status == 403
        )
        assert seat(owner, here, "ann@example.com", 4, edit_parts=["about"]).status == 201
        assert ann.patch(f"/automations/{here}", body).status == 200
        owner.put(f"/automation/{here}/categories", {"category_id": 3})
        assert listed(ann) == [here]

    def test_the_owners_role_passes_on_and_the_submitters_stays(
        self, hub: TestHub, owner: Client
    ) -> None:
        hub.person((8, 0), email="ann@example.com")
        number = hand_in(owner)
        assert seat(owner, number, "ann@example.com", 2).status == 201
        assert idea(owner, number)["owner"]["user_email"] == "ann@example.com"
        assert people(owner, number) == {"owner@example.com": [1], "ann@example.com": [2]}
        assert seat(owner, number, "ann@example.com", 1).status == 400
        for email in ("ann@example.com", "owner@example.com"):
            assert (
                owner.delete(
                    f"/automations/{number}/collaborators",
                    body={"collaborators": [{"user_email": email}]},
                ).status
                == 409
            )

    def test_all_faults_come_at_once_and_nothing_is_written(
        self, hub: TestHub, owner: Client
    ) -> None:
        hub.person((8, 0), email="ann@example.com")
        number = hand_in(owner)
        wanted = [
            {"user_email": "nobody@example.com", "role_ids": [4]},
            {"user_email": "ann@example.com", "role_ids": [99, 5]},
        ]
        answer = owner.post(f"/automations/{number}/collaborators", {"collaborators": wanted})
        assert answer.status == 400 and set(answer.details) == {
            "collaborators.0.user_email",
            "collaborators.1.role_ids",
        }
        assert len(people(owner, number)) == 1

    def test_who_may(self, hub: TestHub, owner: Client) -> None:
        person = hub.someone((8, 0), email="person@example.com")
        number = hand_in(owner)
        assert seat(person, number, "person@example.com", 4).status == 403 and people(
            person, number
        )
        assert (
            hub.someone((8, 9)).get(f"/automations/collaborators?collaborators={number}").status
            == 404
        )
        assert owner.get("/automations/collaborators").status == 400
        assert owner.get("/automations/collaborators?collaborators=999").status == 404


class TestRoles:
    def test_the_permanent_and_the_editable_ones_are_there(self, owner: Client) -> None:
        roles = owner.get("/collaborator-roles").data["roles"]
        names = [
            "Submitter",
            "Process Owner",
            "Project Manager",
            "Business Analyst",
            "Solution Architect",
            "RPA Developer",
        ]
        assert [(r["role_id"], r["role_name"]) for r in roles] == list(enumerate(names, start=1))
        assert [r["role_is_permanent"] for r in roles] == [1, 1, 1, 0, 0, 0]

    def test_custom_ones_begin_at_101_and_an_assignable_one_needs_its_people_named(
        self, hub: TestHub, owner: Client
    ) -> None:
        ann = hub.person((8, 0), email="ann@example.com")
        made = owner.post("/collaborator-roles", {"role_name": "Tester", "role_is_assignable": 1})
        role = made.data["role_id"]
        assert made.status == 201 and role == 101
        number = hand_in(owner)
        refused = seat(owner, number, "ann@example.com", role)
        assert (
            refused.status == 400
            and "not named for the role" in refused.details["collaborators.0.role_ids"][0]
        )
        assert owner.patch(f"/collaborator-roles/{role}", {"holders": [ann]}).data["holders"] == [
            ann
        ]
        assert seat(owner, number, "ann@example.com", role).status == 201
        assert owner.delete(f"/collaborator-roles/{role}").status == 409
        owner.patch(f"/collaborator-roles/{role}", {"role_name": "Checker"})
        assert idea(owner, number)["collaborators"][1]["roles"] == [
            {"role_id": role, "role_name": "Checker"}
        ]
        owner.delete(
            f"/automations/{number}/collaborators",
            body={"collaborators": [{"user_email": "ann@example.com"}]},
        )
        assert owner.delete(f"/collaborator-roles/{role}").status == 200

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("POST", "/collaborator-roles", {"role_name": "business analyst"}, 409),
            ("POST", "/collaborator-roles", {"role_name": ""}, 400),
            ("PATCH", "/collaborator-roles/1", {"role_name": "Author"}, 409),
            ("PATCH", "/collaborator-roles/4", {"holders": [999]}, 400),
            ("PATCH", "/collaborator-roles/99", {"role_name": "x"}, 404),
            ("DELETE", "/collaborator-roles/2", None, 409),
        ],
    )
    def test_what_is_not_right_is_refused(
        self, owner: Client, method: str, path: str, body: Any, status: int
    ) -> None:
        assert owner.call(method, path, body).status == status
