"""GET /hierarchy and PUT /categories (contract 3)."""

from typing import Any

import pytest
from tests.support.hub import Client, TestHub, a_user


def walk(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [n for node in nodes for n in (node, *walk(node["subcategories"]))]


def tree(client: Client) -> list[dict[str, Any]]:
    return list(client.get("/hierarchy").data["categories"])


class TestReading:
    def test_a_new_installation_has_an_example_tree_from_1_and_one_other_per_level(
        self, hub: TestHub
    ) -> None:
        data = hub.someone((8, 0)).get("/hierarchy?page=1").data
        assert data["levels"][0] == {
            "category_level_id": 1,
            "category_level_name": "Business Area",
            "category_level_slug": "business-area",
        }
        assert [level["category_level_slug"] for level in data["levels"]][:3] == [
            "business-area",
            "category",
            "sub-category",
        ] and len(data["levels"]) == 5
        nodes = walk(data["categories"])
        assert sorted(n["category_id"] for n in nodes) == list(range(1, len(nodes) + 1))
        others = [n["category_level_id"] for n in nodes if n["category_is_other"]]
        assert others == [1, 2, 3] and all(
            set(n)
            >= {"category_scope", "category_order_number", "category_is_active", "subcategories"}
            for n in nodes
        )


class TestReplacing:
    def test_what_was_read_can_be_written_back_and_changes_nothing(self, owner: Client) -> None:
        before = owner.get("/hierarchy").data
        assert owner.put("/categories", before).data == {"added": 0, "changed": 0, "removed": 0}
        assert owner.get("/hierarchy").data == before

    def test_nodes_are_added_renamed_moved_and_removed(self, owner: Client) -> None:
        nodes = tree(owner)
        finance, hr = nodes[0], nodes[1]
        finance["category_name"] = "Finance & Tax"
        moved = hr["subcategories"].pop(0)
        finance["subcategories"].append(moved)
        finance["subcategories"].append(
            {"category_id": None, "category_name": "Tax", "subcategories": []}
        )
        nodes = [n for n in nodes if n["category_name"] != "Operations"]
        counts = owner.put("/categories", {"categories": nodes}).data
        assert counts["added"] == 1 and counts["removed"] == 7
        after = tree(owner)
        assert [c["category_name"] for c in after[0]["subcategories"]] == [
            "Accounts Payable",
            "Accounts Receivable",
            "Recruiting",
            "Tax",
        ]
        tax = after[0]["subcategories"][3]["category_id"]
        assert tax > max(n["category_id"] for n in walk(nodes) if n["category_id"])
        user = owner.post("/adduser", a_user(user_roles=[{"role_id": 5, "category_id": tax}]))
        assert user.status == 201

    def test_a_category_in_use_cannot_vanish_but_be_archived(self, owner: Client) -> None:
        owner.post("/adduser", a_user(user_roles=[{"role_id": 5, "category_id": 2}]))
        nodes = tree(owner)
        answer = owner.put("/categories", {"categories": nodes[1:]})
        assert answer.status == 409 and "Accounts Payable" in answer.message
        nodes[0]["category_is_active"] = 0
        assert owner.put("/categories", {"categories": nodes}).data["changed"] == 1
        assert tree(owner)[0]["category_is_active"] == 0

    def test_use_by_groups_and_applications_counts_too(self, owner: Client) -> None:
        owner.post(
            "/groups", {"group_name": "G", "group_roles": [{"role_id": 6, "category_id": 2}]}
        )
        assert owner.put("/categories", {"categories": tree(owner)[1:]}).status == 409
        owner.put(
            "/appinventory",
            [{"application_id": None, "application_name": "SAP", "categoryIds": [8]}],
        )
        nodes = tree(owner)
        assert owner.put("/categories", {"categories": nodes[:1] + nodes[2:]}).status == 409

    def test_ids_are_never_given_out_twice(self, owner: Client) -> None:
        nodes = tree(owner)
        owner.put("/categories", {"categories": [*nodes, {"category_name": "Short-lived"}]})
        gone = max(n["category_id"] for n in walk(tree(owner)))
        owner.put("/categories", {"categories": nodes})
        owner.put("/categories", {"categories": [*nodes, {"category_name": "New"}]})
        assert (
            next(n["category_id"] for n in walk(tree(owner)) if n["category_name"] == "New") > gone
        )

    def test_the_other_nodes_come_back_when_they_are_left_out(self, owner: Client) -> None:
        nodes = [n for n in tree(owner) if not n["category_is_other"]]
        owner.put("/categories", {"categories": nodes})
        assert [n["category_level_id"] for n in walk(tree(owner)) if n["category_is_other"]] == [
            1,
            2,
            3,
        ]
        deep: dict[str, Any] = {
            "category_name": "1",
            "subcategories": [
                {
                    "category_name": "2",
                    "subcategories": [
                        {"category_name": "3", "subcategories": [{"category_name": "4"}]}
                    ],
                }
            ],
        }
        owner.put("/categories", {"categories": [*tree(owner), deep]})
        assert [n["category_level_id"] for n in walk(tree(owner)) if n["category_is_other"]] == [
            1,
            2,
            3,
            4,
        ]

    @pytest.mark.parametrize(
        ("nodes", "field"),
        [
            ([{"category_id": 999, "category_name": "x"}], "categories.0.category_id"),
            (
                [
                    {"category_id": 1, "category_name": "x"},
                    {"category_id": 1, "category_name": "y"},
                ],
                "categories.1.category_id",
            ),
            ([{"category_name": "x"}, {"category_name": "X"}], "categories.1.category_name"),
            ([{"category_name": "x" * 51}], "categories.0.category_name"),
            ([{"category_name": ""}], "categories.0.category_name"),
            (
                [
                    {"category_name": "a", "category_is_other": 1},
                    {"category_name": "b", "category_is_other": 1},
                ],
                "categories.1.category_is_other",
            ),
            ([{"category_name": "a", "subcategories": 5}], "categories.0.subcategories"),
        ],
    )
    def test_a_wrong_tree_is_refused_at_its_place_and_nothing_changes(
        self, owner: Client, nodes: list[dict[str, Any]], field: str
    ) -> None:
        before = tree(owner)
        answer = owner.put("/categories", {"categories": nodes})
        assert answer.status == 400 and field in answer.details and tree(owner) == before

    def test_a_sixth_level_is_refused(self, owner: Client) -> None:
        node: dict[str, Any] = {"category_name": "6"}
        for level in "54321":
            node = {"category_name": level, "subcategories": [node]}
        assert owner.put("/categories", {"categories": [*tree(owner), node]}).status == 400

    def test_fifty_thousand_categories_fit(self, sqlite_hub: TestHub) -> None:
        owner = sqlite_hub.someone((1, 0))
        top = [
            {
                "category_name": f"T{i}",
                "subcategories": [{"category_name": f"S{j}"} for j in range(99)],
            }
            for i in range(499)
        ]
        answer = owner.put("/categories", {"categories": [*tree(owner), *top]})
        assert answer.status == 200 and answer.data["added"] == 49_900
        assert len(walk(tree(owner))) > 49_900
        assert (
            owner.put(
                "/categories",
                {"categories": [*tree(owner), *[{"category_name": f"X{i}"} for i in range(200)]]},
            ).status
            == 400
        )
