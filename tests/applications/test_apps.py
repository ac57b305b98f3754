"""The application inventory (contract 3)."""

import pytest
from tests.support.hub import Client, TestHub


def an_app(**fields: object) -> dict[str, object]:
    return {
        "application_id": None,
        "application_name": "SAP S/4HANA",
        "application_version": "2023",
        "application_language": "English",
        "categoryIds": [3],
    } | fields


def names(client: Client, query: str = "") -> list[str]:
    return [
        a["application_name"] for a in client.get(f"/appinventory?{query}").data["applications"]
    ]


class TestTheInventory:
    def test_null_adds_and_an_id_changes(self, owner: Client) -> None:
        ids = owner.put(
            "/appinventory",
            [
                an_app(application_name="Microsoft Dynamics 365", application_version="9.2"),
                an_app(),
            ],
        ).data["application_ids"]
        app = owner.get("/appinventory").data["applications"][0]
        assert app == {
            "application_id": ids[0],
            "application_name": "Microsoft Dynamics 365",
            "application_version": "9.2",
            "application_language": "English",
            "application_code": "microsoft-dynamics-365-9.2",
            "application_is_active": 1,
            "application_added_by_end_user": 0,
            "application_comments": "",
            "application_is_citrix_client": 0,
            "category_ids": [3],
            "application_created_epoch": app["application_created_epoch"],
        }
        assert owner.put(
            "/appinventory", [an_app(application_id=ids[0], categoryIds=[1, 2, 2])]
        ).data["application_ids"] == [ids[0]]
        assert owner.get("/appinventory").data["applications"][0]["category_ids"] == [1, 2]

    def test_search_category_sort_and_pages(self, owner: Client) -> None:
        owner.put(
            "/appinventory",
            [
                an_app(application_name=n, categoryIds=[c])
                for n, c in (("Zoom", 2), ("Ärzte-App", 3), ("Éclair", 8))
            ],
        )
        assert names(owner, "s=ARZTE") == ["Ärzte-App"] and names(owner, "search=zoom-2023") == [
            "Zoom"
        ]
        assert names(owner, "category=1") == ["Zoom", "Ärzte-App"] and names(
            owner, "category=8"
        ) == ["Éclair"]
        assert names(owner, "sort=application_name") == ["Ärzte-App", "Éclair", "Zoom"]
        assert owner.get("/appinventory?limit=2").data["totalPages"] == 2 and names(
            owner, "limit=2&page=2"
        ) == ["Éclair"]

    def test_all_or_none_and_every_fault_is_named(self, owner: Client) -> None:
        answer = owner.put(
            "/appinventory",
            [
                an_app(),
                an_app(categoryIds=[999]),
                an_app(application_name="x" * 51),
                an_app(categoryIds=[]),
            ],
        )
        assert answer.status == 400 and set(answer.details) == {
            "2.application_name",
            "3.categoryIds",
        }
        answer = owner.put("/appinventory", [an_app(), an_app(categoryIds=[999, 998])])
        assert answer.status == 400 and len(answer.details["1.categoryIds"]) == 2
        assert owner.put("/appinventory", [an_app(), an_app(application_id=77)]).status == 404
        assert names(owner) == []

    def test_deleting(self, hub: TestHub, owner: Client) -> None:
        app = owner.put("/appinventory", [an_app()]).data["application_ids"][0]
        assert hub.someone((8, 0)).delete(f"/appinventory/{app}").status == 403
        answer = owner.delete(f"/appinventory/{app}")
        assert (answer.status, answer.message, answer.data) == (200, "Resource Deleted", None)
        assert owner.delete(f"/appinventory/{app}").status == 404

    @pytest.mark.parametrize("body", [{}, [1], [{"application_id": 1}], "x"])
    def test_a_body_that_is_no_list_of_applications_is_refused(
        self, owner: Client, body: object
    ) -> None:
        assert owner.put("/appinventory", body).status == 400

    def test_every_change_is_audited(self, owner: Client) -> None:
        app = owner.put("/appinventory", [an_app()]).data["application_ids"][0]
        owner.put("/appinventory", [an_app(application_id=app, application_language="French")])
        owner.delete(f"/appinventory/{app}")
        actions = [e["action"] for e in owner.get("/audit?object_type=application").data["entries"]]
        assert actions == ["delete application", "change application", "add application"]
