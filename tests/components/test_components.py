"""Components and the automation store (contract 4.6)."""

from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in, move


def a_component(**fields: Any) -> dict[str, Any]:
    return {
        "component_name": "Read an invoice",
        "category_id": 3,
        "component_description": "Tákes fields\nout.",
    } | fields


def add(client: Client, **fields: Any) -> int:
    answer = client.post("/components", a_component(**fields))
    assert answer.status == 201 and answer.data["component_status"] == "Draft", answer
    return int(answer.data["component_id"])


def status(client: Client, number: int, wanted: str) -> Answer:
    return client.post(f"/components/{number}/status", {"component_status": wanted})


def listed(client: Client, query: str = "") -> list[int]:
    return [c["component_id"] for c in client.get(f"/components?{query}").data["components"]]


class TestComponents:
    def test_one_is_made_submitted_reviewed_published_and_used(
        self, hub: TestHub, owner: Client
    ) -> None:
        author, curator = hub.someone((8, 0), email="author@example.com"), hub.someone((4, 1))
        number = add(author)
        assert (
            listed(hub.someone((8, 0))) == []
            and listed(author) == [number]
            and listed(curator) == [number]
        )
        assert status(author, number, "Published").status == 409
        assert status(author, number, "Submitted").data["component_status"] == "Submitted"
        assert author.patch(f"/components/{number}", {"component_version": "2"}).status == 403
        assert (
            curator.patch(f"/components/{number}", {"component_version": "2"}).data[
                "component_version"
            ]
            == "2"
        )
        assert (
            status(curator, number, "In Review").status
            == status(curator, number, "Published").status
            == 200
        )
        assert listed(hub.someone((8, 0))) == [number]
        idea = hand_in(owner)
        used = owner.put(
            f"/automations/{idea}/components", {"component_ids": [number, number]}
        ).data["components"]
        assert [c["component_num_automations"] for c in used] == [1]
        assert owner.get(f"/automations/{idea}/components").data["totalItems"] == 1
        assert owner.put(f"/automations/{idea}/components", {"component_ids": [999]}).status == 400
        assert curator.delete(f"/components/{number}").status == 409

    def test_filters_and_search(self, owner: Client) -> None:
        first, second = add(owner), add(owner, component_name="Zahlen lesen", category_id=9)
        status(owner, second, "Submitted")
        assert listed(owner, "status=Draft") == [first] and listed(
            owner, "status=submitted&status=draft"
        ) == [first, second]
        assert listed(owner, "category=1") == [first] and listed(owner, "s=takes FIELDS") == [
            first,
            second,
        ]
        assert listed(owner, "s=ZAHLEN") == [second] and listed(
            owner, "sort=component_name&sortOrder=desc"
        ) == [second, first]
        assert owner.get("/components?status=Gone").status == 400

    @pytest.mark.parametrize(
        "fields",
        [{"component_name": ""}, {"category_id": 999}, {"component_link": "javascript:alert(1)"}],
    )
    def test_what_is_not_right_is_refused(self, owner: Client, fields: dict[str, Any]) -> None:
        answer = owner.post("/components", a_component(**fields))
        assert answer.status == 400 and set(fields) == set(answer.details)

    def test_strangers_see_and_touch_nothing_that_is_not_published(
        self, hub: TestHub, owner: Client
    ) -> None:
        number, other = add(owner), hub.someone((4, 9))
        assert (
            other.get(f"/components/{number}").status
            == status(other, number, "Submitted").status
            == 404
        )
        status(owner, number, "Submitted")
        status(owner, number, "Published")
        assert (
            other.get(f"/components/{number}").status == 200
            and status(other, number, "Archived").status == 403
        )
        assert (
            other.patch(f"/components/{number}", {}).status
            == other.delete(f"/components/{number}").status
            == 403
        )
        assert status(owner, number, "Nonsense").status == 400

    def test_a_draft_is_deleted_by_its_author(self, hub: TestHub, owner: Client) -> None:
        author = hub.someone((8, 0))
        number = add(author)
        assert (
            author.delete(f"/components/{number}").status == 200
            and author.get(f"/components/{number}").status == 404
        )

    def test_a_category_with_components_stays(self, owner: Client) -> None:
        add(owner, category_id=9)
        tree = owner.get("/hierarchy").data
        tree["categories"] = [n for n in tree["categories"] if n["category_name"] == "Finance"]
        assert "by components" in owner.put("/categories", tree).message


class TestTheStore:
    def test_a_live_automation_is_offered_reviewed_and_withdrawn(
        self, hub: TestHub, owner: Client
    ) -> None:
        number, user = (
            hand_in(owner, process_name="Pay"),
            hub.someone((8, 0), email="user@example.com"),
        )
        assert owner.put(f"/automation-store/{number}", {"offer_text": "x"}).status == 409
        move(owner, number, 91, force=1)
        assert user.put(f"/automation-store/{number}", {}).status == 403
        assert (
            owner.put(f"/automation-store/{number}", {"offer_text": "Ask us."}).data["rating"]
            is None
        )
        for rating in (1, 4):
            assert (
                user.post(
                    f"/automation-store/{number}/reviews", {"rating": rating, "review_text": "ok"}
                ).status
                == 201
            )
        assert (
            owner.post(f"/automation-store/{number}/reviews", {"rating": 5}).data["rating"] == 4.5
        )
        offers = user.get("/automation-store?s=pay").data
        assert offers["automations"][0]["review_count"] == 2 and offers["totalItems"] == 1
        assert [
            r["rating"] for r in user.get(f"/automation-store/pay-{number}/reviews").data["reviews"]
        ] == [5, 4]
        assert user.post(f"/automation-store/{number}/reviews", {"rating": 6}).status == 400
        assert hub.someone((8, 9)).get("/automation-store").data["totalItems"] == 0
        assert owner.delete(f"/automation-store/{number}").status == 200
        assert (
            user.get(f"/automation-store/{number}/reviews").status
            == owner.delete(f"/automation-store/{number}").status
            == 404
        )

    def test_one_that_is_live_no_more_is_offered_no_more(self, owner: Client) -> None:
        number = hand_in(owner)
        move(owner, number, 91, force=1)
        owner.put(f"/automation-store/{number}", {})
        move(owner, number, 50, force=1)
        assert owner.get("/automation-store").data["totalItems"] == 0
