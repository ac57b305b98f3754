"""Roles and groups (contract 2.3, product 1)."""

from tests.support.hub import Client, TestHub, a_user

from autohub.access.model import Right

PUBLISHED = {
    "System Admin": 2,
    "RPA Sponsor": 3,
    "Component Curator": 4,
    "Program Manager": 5,
    "Idea Approver": 6,
    "Standard User": 8,
    "Project Manager": 11,
}
DECIDED = {
    "Account Owner": 1,
    "Authorized User": 7,
    "Business Reviewer": 9,
    "Technical Reviewer": 10,
    "Citizen Developer Self User": 12,
    "Citizen Developer Power User": 13,
}


class TestRoles:
    def test_the_default_roles_have_their_published_ids_and_keys(self, owner: Client) -> None:
        roles = owner.get("/roles").data["roles"]
        assert {r["role_name"]: r["role_id"] for r in roles} == PUBLISHED | DECIDED
        keys = {r["role_id"]: r["role_key"] for r in roles}
        assert keys[2] == "ah-system-admin" and keys[8] == "ah-standard-user"
        assert all(r["role_is_default"] == r["role_is_active"] == 1 for r in roles)

    def test_the_grid_of_permissions_is_that_of_the_product(self, owner: Client) -> None:
        roles = {r["role_id"]: r for r in owner.get("/roles").data["roles"]}
        holders = lambda right: {i for i, r in roles.items() if right in r["permissions"]}  # noqa: E731
        assert holders("Tenant settings") == {1}
        for right in (
            "Manage Users",
            "Manage Users Roles",
            "Manage Platform Setup",
            "Customize Assessments",
            "MANAGE_APP_INVENTORY",
            "Audit logs",
            "Import pipeline",
            "Delete data",
        ):
            assert holders(right) == {1, 2}, right
        assert holders("View dashboards") == {1, 2, 3, 5} and holders(
            "Submit an employee-driven idea"
        ) == set(roles) - {3}
        assert holders("Submit a CoE-driven idea") == {1, 2, 5, 7} and holders(
            "Share an automation"
        ) == {1, 2, 12, 13}
        assert holders("Submit a change request") == {1, 2, 5, 7, 8, 11, 12, 13} and holders(
            "Review ideas"
        ) == {1, 2, 5, 6, 9, 10}
        for right in (
            "Update the Phase and Status of any idea",
            "Edit all details of any Idea",
            "Change idea flow",
        ):
            assert holders(right) == {1, 2, 5} and right in roles[11]["permissions_where_assigned"]
        assert holders("View Cost Benefit Analysis") == {1, 2, 3, 5}
        assert {
            i
            for i, r in roles.items()
            if "View Cost Benefit Analysis" in r["permissions_where_assigned"]
        } == {6, 7, 8, 11, 12, 13}
        assert holders("Manage Components") == {1, 2, 4} and holders(
            "Publish to the Automation Store"
        ) == {1, 2, 10}
        assert holders("View an Idea") == holders("View an Automation") == set(roles)

    def test_custom_roles_start_at_101_and_are_never_reused(self, owner: Client) -> None:
        body = {"role_name": "Auditor", "permissions": ["Audit logs"], "role_description": "Reads"}
        made = owner.post("/roles", body)
        assert (made.status, made.message, made.data["role_id"], made.data["role_key"]) == (
            201,
            "Resource Created",
            101,
            "ah-auditor",
        )
        assert owner.delete("/roles/101").status == 200
        assert owner.post("/roles", body).data["role_id"] == 102

    def test_default_roles_are_fixed_and_names_unique(self, owner: Client) -> None:
        assert (
            owner.patch("/roles/8", {"role_name": "x"}).status
            == owner.delete("/roles/8").status
            == 409
        )
        assert owner.post("/roles", {"role_name": "STANDARD user", "permissions": []}).status == 409
        assert owner.post("/roles", {"role_name": "x", "permissions": ["Fly"]}).details == {
            "permissions.0": ["There is no permission “Fly”."]
        }
        assert owner.patch("/roles/999", {}).status == 404

    def test_a_role_that_somebody_holds_stays(self, owner: Client) -> None:
        role = owner.post("/roles", {"role_name": "R", "permissions": []}).data["role_id"]
        owner.post(
            "/groups", {"group_name": "G", "group_roles": [{"role_id": role, "category_id": 0}]}
        )
        assert (
            owner.patch(f"/roles/{role}", {"role_is_active": 0}).status
            == owner.delete(f"/roles/{role}").status
            == 409
        )

    def test_a_custom_role_gives_its_rights(self, hub: TestHub, owner: Client) -> None:
        role = owner.post(
            "/roles", {"role_name": "Auditor", "permissions": [Right.AUDIT_LOGS]}
        ).data["role_id"]
        auditor = hub.someone((role, 0))
        assert auditor.get("/audit").status == 200 and auditor.get("/users").status == 403
        owner.patch(f"/roles/{role}", {"permissions": [], "role_name": "Nobody"})
        assert auditor.get("/audit").status == 403


class TestGroups:
    def test_members_hold_what_the_group_holds_until_they_leave(
        self, hub: TestHub, owner: Client
    ) -> None:
        person = hub.someone((8, 0))
        made = owner.post(
            "/groups",
            {
                "group_name": "Admins",
                "group_roles": [{"role_id": 2, "category_id": 0}],
                "members": [person.user_id],
            },
        )
        assert made.status == 201 and person.get("/users").status == 200
        path = f"/groups/{made.data['group_id']}"
        assert owner.get(path).data == made.data
        owner.patch(path, {"members": []})
        assert person.get("/users").status == 403
        owner.patch(
            path, {"members": [person.user_id], "group_roles": [{"role_id": 2, "category_id": 3}]}
        )
        assert person.get("/users").status == 403

    def test_listing_naming_and_removing(self, owner: Client) -> None:
        ids = [owner.post("/groups", {"group_name": n}).data["group_id"] for n in ("Alpha", "Béta")]
        assert [g["group_id"] for g in owner.get("/groups?s=beta").data["groups"]] == [ids[1]]
        assert (
            owner.post("/groups", {"group_name": "ALPHA"}).status
            == owner.patch(f"/groups/{ids[1]}", {"group_name": "alpha"}).status
            == 409
        )
        assert (
            owner.delete(f"/groups/{ids[0]}").status == 200
            and owner.get(f"/groups/{ids[0]}").status == 404
        )

    def test_unknown_roles_and_members_are_named(self, owner: Client) -> None:
        assert owner.post("/groups", {"group_name": "x", "members": [999]}).details == {
            "members.0": ["There is no user 999."]
        }
        assert (
            "group_roles.0.role_id"
            in owner.post(
                "/groups", {"group_name": "x", "group_roles": [{"role_id": 99, "category_id": 0}]}
            ).details
        )

    def test_erasure_takes_a_person_out_of_groups(self, owner: Client) -> None:
        user = owner.post("/adduser", a_user()).data["user_id"]
        group = owner.post("/groups", {"group_name": "x", "members": [user]}).data["group_id"]
        owner.delete(f"/users/{user}")
        owner.post(f"/users/{user}/erase")
        assert owner.get(f"/groups/{group}").data["members"] == []
