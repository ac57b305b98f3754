"""The authorisation matrix: every route × every role × own or another category × kind of token
(contract 1.3)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.users.test_lifecycle import jwt_client

from autohub.access.model import DEFAULT_ROLES
from autohub.server.routes import ROUTES
from autohub.web.openapi import operation_id
from autohub.web.routes import Route

ADMINS = {1, 2}


class Somewhere(set[int]):
    """Roles that may call it also when they hold it on one category alone; what depends on the
    idea is decided there."""


EVERYONE = {role.role_id for role in DEFAULT_ROLES}

EXPECTED: dict[str, tuple[set[int], bool]] = {
    # the roles that may call it when they hold it everywhere, and whether a tenant-level token may;
    # written down from contract 1.3 and product 1, not from the code
    "GET /users": (ADMINS, True),
    "POST /adduser": (ADMINS, True),
    "POST /edituser": (ADMINS, True),
    "POST /users/bulk": (ADMINS, True),
    "GET /users/{user_id}": (ADMINS, True),
    "PATCH /users/{user_id}": (ADMINS, True),
    "DELETE /users/{user_id}": (ADMINS, True),
    "POST /users/{user_id}/restore": (ADMINS, True),
    "POST /users/{user_id}/erase": (ADMINS, True),
    "PUT /users/{user_id}/email": (ADMINS, True),
    "DELETE /users/{user_id}/email": (ADMINS, True),
    "POST /users/{user_id}/reassign": (ADMINS, True),
    "GET /users/{user_id}/access": (ADMINS, True),
    "GET /users/{user_id}/invitations": (ADMINS, True),
    "POST /users/{user_id}/invitations": (ADMINS, True),
    "GET /invitations": (ADMINS, True),
    "POST /invitations/{invitation_id}/link": (ADMINS, True),
    "GET /roles": (ADMINS, True),
    "POST /roles": (ADMINS, True),
    "PATCH /roles/{role_id}": (ADMINS, True),
    "DELETE /roles/{role_id}": (ADMINS, True),
    "GET /groups": (ADMINS, True),
    "GET /groups/{group_id}": (ADMINS, True),
    "POST /groups": (ADMINS, True),
    "PATCH /groups/{group_id}": (ADMINS, True),
    "DELETE /groups/{group_id}": (ADMINS, True),
    "GET /tokens": (EVERYONE, False),
    "POST /tokens": (EVERYONE, False),
    "PATCH /tokens/{token_id}": (EVERYONE, False),
    "DELETE /tokens/{token_id}": (EVERYONE, False),
    "GET /sessions": (EVERYONE, False),
    "DELETE /sessions/{session_id}": (EVERYONE, False),
    "GET /authinfo": (EVERYONE, True),
    "GET /dictionary": (EVERYONE, True),
    "GET /hierarchy": (EVERYONE, True),
    "PUT /categories": (ADMINS, True),
    "POST /categories/import": (ADMINS, True),
    "POST /appinventory/import": (ADMINS, True),
    "GET /appinventory": (EVERYONE, True),
    "PUT /appinventory": (ADMINS, True),
    "DELETE /appinventory/{application_id}": (ADMINS, True),
    "GET /audit": (ADMINS, False),
    "GET /idea-flows": (EVERYONE, False),
    "GET /idea-flows/{idea_flow_id}": (EVERYONE, False),
    "POST /idea-flows": (ADMINS, False),
    "POST /idea-flows/{idea_flow_id}/copy": (ADMINS, False),
    "PUT /idea-flows/{idea_flow_id}": (ADMINS, False),
    "DELETE /idea-flows/{idea_flow_id}": (ADMINS, False),
    "GET /categories/{category_id}/idea-flows": (EVERYONE, False),
    "PUT /categories/{category_id}/idea-flows": (ADMINS, False),
    "GET /automations": (EVERYONE, False),
    "GET /automationpipeline": (EVERYONE, False),
    "GET /automations/{process_id}": (EVERYONE, False),
    "POST /automationidea": (Somewhere(EVERYONE - {3}), True),
    "POST /coe-automationidea": (Somewhere({1, 2, 5, 7}), True),
    "POST /processmining-idea": (Somewhere({1, 2, 5, 7}), True),
    "GET /idea-schema": (EVERYONE, False),
    "POST /idea-from-schema": (EVERYONE, False),
    "POST /automations": (EVERYONE, False),
    "PATCH /automations/{process_id}": (EVERYONE, False),
    "DELETE /automations/{process_id}": (Somewhere(ADMINS), False),
    "GET /automations/{process_id}/schema": (EVERYONE, False),
    "GET /automations/{process_id}/scores": (EVERYONE, False),
    "GET /automations/{process_id}/history": (EVERYONE, False),
    "GET /automations/{process_id}/moves": (EVERYONE, False),
    "POST /automations/bulk": (EVERYONE, False),
    "GET /tasks": (EVERYONE, False),
    "POST /automations/status": (EVERYONE, False),
    "PATCH /idea-flows/automations/{process_id}/idea-flow": (EVERYONE, False),
    "PUT /automation/{process_id}/categories": (EVERYONE, False),
    "POST /automations/{process_id}/tags": (EVERYONE, False),
    "POST /automations/{process_id}/assessments": (EVERYONE, False),
    "GET /automations/duplicates": (EVERYONE, False),
    "GET /events": (EVERYONE, True),
    "GET /events/catalog": (EVERYONE, True),
    "GET /webhooks": (EVERYONE, True),
    "POST /webhooks": (EVERYONE, True),
    "GET /webhooks/{webhook_id}": (EVERYONE, True),
    "PATCH /webhooks/{webhook_id}": (EVERYONE, True),
    "DELETE /webhooks/{webhook_id}": (EVERYONE, True),
    "POST /webhooks/{webhook_id}/secret": (EVERYONE, True),
    "POST /webhooks/{webhook_id}/test": (EVERYONE, True),
    "GET /webhooks/{webhook_id}/deliveries": (EVERYONE, True),
    "POST /webhooks/{webhook_id}/redeliver": (EVERYONE, True),
    "GET /drafts": (EVERYONE, False),
    "GET /drafts/{draft_id}": (EVERYONE, False),
    "POST /drafts": (EVERYONE, False),
    "PUT /drafts/{draft_id}": (EVERYONE, False),
    "DELETE /drafts/{draft_id}": (EVERYONE, False),
    "POST /drafts/{draft_id}/submit": (EVERYONE, False),
    "GET /assessments/{version_id}/preview": (ADMINS, False),
    "POST /assessments/{version_id}/rescore": (ADMINS, False),
    "GET /automations/collaborators": (Somewhere(EVERYONE), True),
    "POST /automations/{process_id}/collaborators": (EVERYONE, False),
    "DELETE /automations/{process_id}/collaborators": (EVERYONE, False),
    "GET /collaborator-roles": (EVERYONE, False),
    "POST /collaborator-roles": (ADMINS, False),
    "PATCH /collaborator-roles/{role_id}": (ADMINS, False),
    "DELETE /collaborator-roles/{role_id}": (ADMINS, False),
    "GET /automations/{process_id}/standing": (EVERYONE, False),
    "PUT /automations/{process_id}/vote": (EVERYONE, False),
    "DELETE /automations/{process_id}/vote": (EVERYONE, False),
    "PUT /automations/{process_id}/follow": (EVERYONE, False),
    "DELETE /automations/{process_id}/follow": (EVERYONE, False),
    "GET /automations/{process_id}/comments": (EVERYONE, False),
    "POST /automations/{process_id}/comments": (EVERYONE, False),
    "PATCH /automations/{process_id}/comments/{comment_id}": (EVERYONE, False),
    "DELETE /automations/{process_id}/comments/{comment_id}": (EVERYONE, False),
    "GET /automations/{process_id}/documents": (EVERYONE, False),
    "POST /automations/{process_id}/documents": (EVERYONE, False),
    "PATCH /automations/{process_id}/documents/{document_id}": (EVERYONE, False),
    "DELETE /automations/{process_id}/documents/{document_id}": (EVERYONE, False),
    "GET /automations/{process_id}/media": (EVERYONE, False),
    "POST /automations/{process_id}/media": (EVERYONE, False),
    "GET /document-types": (EVERYONE, False),
    "POST /document-types": (ADMINS, False),
    "PATCH /document-types/{file_type_id}": (ADMINS, False),
    "GET /download/file/{file_id}": (EVERYONE, False),
    "GET /components": (EVERYONE, False),
    "GET /components/{component_id}": (EVERYONE, False),
    "POST /components": (EVERYONE, False),
    "PATCH /components/{component_id}": (EVERYONE, False),
    "POST /components/{component_id}/status": (EVERYONE, False),
    "DELETE /components/{component_id}": (EVERYONE, False),
    "GET /automations/{process_id}/components": (EVERYONE, False),
    "PUT /automations/{process_id}/components": (EVERYONE, False),
    "GET /automation-store": (EVERYONE, False),
    "PUT /automation-store/{process_id}": (Somewhere({1, 2, 10}), False),
    "DELETE /automation-store/{process_id}": (Somewhere({1, 2, 10}), False),
    "GET /automation-store/{process_id}/reviews": (EVERYONE, False),
    "POST /automation-store/{process_id}/reviews": (EVERYONE, False),
    "GET /cba": (Somewhere(EVERYONE - {4, 9, 10}), True),
    "GET /automations/{process_id}/cba": (Somewhere(EVERYONE - {4, 9, 10}), True),
    "PUT /automations/cba/{process_id}/project-plan-baseline": (EVERYONE, False),
    "PUT /automations/{process_id}/cba/plan": (EVERYONE, False),
    "PUT /automations/{process_id}/cba/costs": (EVERYONE, False),
    "PUT /automations/{process_id}/cba/benefits": (EVERYONE, False),
    "GET /cost-setup": (EVERYONE, False),
    "PATCH /cost-setup": (ADMINS, False),
    "POST /cost-setup/rates": (ADMINS, False),
    "POST /cost-setup/prices": (ADMINS, False),
    "DELETE /cost-setup/prices/{price_id}": (ADMINS, False),
    "POST /automations/{process_id}/runs": (EVERYONE, False),
    "GET /automations/{process_id}/runs": (Somewhere(EVERYONE - {4, 9, 10}), False),
    "GET /automations/{process_id}/benefits": (Somewhere(EVERYONE - {4, 9, 10}), False),
    "POST /automations/import": (ADMINS, False),
    "GET /phases": (EVERYONE, False),
    "POST /phases": (ADMINS, False),
    "PATCH /phases/{phase_id}": (ADMINS, False),
    "POST /phase-statuses": (ADMINS, False),
    "GET /notices": (EVERYONE, False),
    "PUT /notices": (EVERYONE, False),
    "GET /questionnaire": (EVERYONE, False),
    "GET /assessments": (ADMINS, False),
    "GET /assessments/{version_id}": (ADMINS, False),
    "POST /assessments": (ADMINS, False),
    "PATCH /assessments/{version_id}": (ADMINS, False),
    "DELETE /assessments/{version_id}": (ADMINS, False),
    "PUT /assessments/{version_id}/live": (ADMINS, False),
    "DELETE /assessments/{version_id}/live": (ADMINS, False),
}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def call(client: Client, route: Route) -> int:
    """The status of a call whose ids lead nowhere and whose body is wrong: whoever is let in
    gets 200, 400 or 404."""
    path = route.path
    while "{" in path:
        path = path[: path.index("{")] + "987654321" + path[path.index("}") + 1 :]
    return client.call(
        route.method, path, raw=b"[]" if route.large else b'"?"' if route.body else None
    ).status


def test_every_route_has_its_row() -> None:
    assert {name(route) for route in ROUTES if route.rights} == set(EXPECTED)
    assert [name(route) for route in ROUTES if not route.rights] == ["POST /sessions"]
    assert len({operation_id(route) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("hub", ["sqlite"], indirect=True)  # rights ask no database
def test_every_role_everywhere_and_in_one_category_is_let_in_or_refused_as_the_table_says(
    hub: TestHub,
) -> None:
    hub.someone((1, 0))
    wrong = []
    for role in DEFAULT_ROLES:
        for category in (0, 3):
            client = hub.someone((role.role_id, category))
            for route in ROUTES:
                if not route.rights:
                    continue
                allowed, _ = EXPECTED[name(route)]
                let_in = role.role_id in allowed and (
                    category == 0 or allowed is EVERYONE or isinstance(allowed, Somewhere)
                )
                status = call(client, route)
                if (status not in (401, 403)) is not let_in or status >= 500:
                    wrong.append((role.role_name, category, name(route), status))
    assert not wrong


@pytest.mark.parametrize("hub", ["sqlite"], indirect=True)  # rights ask no database
def test_an_access_token_opens_what_an_open_api_token_of_the_same_person_opens(
    hub: TestHub,
) -> None:
    for role in (1, 5, 8):
        client = hub.someone((role, 0))
        session = jwt_client(hub, client.user_id or 0)
        for route in ROUTES:
            if route.rights:
                assert (call(session, route) in (401, 403)) is (
                    call(client, route) in (401, 403)
                ), (role, name(route))


def _rows_of_contract() -> Iterator[tuple[str, str, bool]]:
    """Method, path and what contract 1.3 says of tenant-level tokens, for each call that its table
    names."""
    text = (Path(__file__).parents[2] / "docs/spec/wire-1-transport.md").read_text()
    table = text.split('id="contract-1.3"')[1].split("\n\n")[1]
    for line in table.splitlines()[2:]:
        calls, _, tenant_level = (cell.strip() for cell in line.strip("|").split("|"))
        methods = ["GET"]
        for said in calls.split(", ") if "/" in calls else ():
            *named, path = said.split()[:2]
            methods = named[0].split("/") if named else methods
            for method in methods:
                yield method, path, tenant_level.startswith(("yes", "only"))


def test_tenant_level_tokens_may_call_what_the_table_of_the_contract_says() -> None:
    rows = list(_rows_of_contract())
    assert len(rows) > 14
    for method, path, tenant_level in rows:
        wanted = re.sub(r"\{.*?\}", "{}", path)
        found = {
            re.sub(r"\{.*?\}", "{}", route.path): route.tenant_level
            for route in ROUTES
            if route.method == method
        }
        one = wanted if wanted in found else f"{wanted}/{{}}"
        assert found[one] is tenant_level, (method, path)


def test_tenant_level_tokens_are_let_in_or_refused_as_the_table_says(hub: TestHub) -> None:
    client = hub.token(None)
    for route in ROUTES:
        if route.rights:
            assert (call(client, route) not in (401, 403)) is EXPECTED[name(route)][1], name(route)


def test_nobody_gets_in_without_a_token_and_people_without_a_role_get_little(
    hub: TestHub, owner: Client
) -> None:
    nobody = hub.someone((8, 0))
    hub.database.write(
        lambda db: db.change(
            __import__("sqlalchemy").text("DELETE FROM user_role WHERE user_id = :id"),
            {"id": nobody.user_id},
        )
    )
    for route in ROUTES:
        if route.rights:
            assert call(hub.anonymous(), route) == 401, name(route)
            assert (call(nobody, route) != 403) is (EXPECTED[name(route)][0] is EVERYONE), name(
                route
            )


class TestEscalation:
    """Nobody hands out what they do not hold, through any door."""

    @pytest.fixture
    def helper(self, hub: TestHub, owner: Client) -> Client:
        """Somebody who manages users and roles and holds nothing else."""
        role = owner.post(
            "/roles", {"role_name": "Helper", "permissions": ["Manage Users", "Manage Users Roles"]}
        ).data["role_id"]
        return hub.someone((role, 0), email="helper@example.com")

    @pytest.mark.parametrize("role", [1, 2, 3, 5, 11])
    def test_a_role_above_ones_own_is_refused_at_every_door(
        self, hub: TestHub, helper: Client, role: int
    ) -> None:
        victim = hub.person(email="victim@example.com")
        grants = [{"role_id": role, "category_id": 0}]
        group = helper.post("/groups", {"group_name": "Mine"}).data["group_id"]
        refused = {
            "adduser": helper.post("/adduser", a_user(user_roles=grants)),
            "edituser": helper.post(
                "/edituser", {"user_email": "victim@example.com", "user_roles": grants}
            ),
            "patch": helper.patch(f"/users/{victim}", {"user_roles": grants}),
            "group": helper.post("/groups", {"group_name": "G", "group_roles": grants}),
            "group change": helper.patch(f"/groups/{group}", {"group_roles": grants}),
        }
        assert {door: answer.status for door, answer in refused.items()} == dict.fromkeys(
            refused, 403
        )
        bulk = helper.post(
            "/users/bulk",
            [{"user_email": "victim@example.com", "user_roles": grants}, a_user(user_roles=grants)],
        )
        assert bulk.data["failed"] == 2
        for path in ("/users/bulk?atomic=true", "/users/bulk?mode=add&atomic=true"):
            assert helper.post(path, [a_user(user_roles=grants)]).status == 400

    def test_a_group_that_holds_more_takes_no_members_from_one_who_holds_less(
        self, hub: TestHub, owner: Client, helper: Client
    ) -> None:
        group = owner.post(
            "/groups", {"group_name": "Admins", "group_roles": [{"role_id": 2, "category_id": 0}]}
        ).data["group_id"]
        assert helper.patch(f"/groups/{group}", {"members": [helper.user_id]}).status == 403
        assert owner.patch(f"/groups/{group}", {"members": [helper.user_id]}).status == 200

    def test_a_role_with_more_rights_is_made_and_widened_by_nobody_who_lacks_them(
        self, helper: Client
    ) -> None:
        assert (
            helper.post("/roles", {"role_name": "R", "permissions": ["Audit logs"]}).status == 403
        )
        role = helper.post("/roles", {"role_name": "R", "permissions": ["Manage Users"]}).data[
            "role_id"
        ]
        assert (
            helper.patch(f"/roles/{role}", {"permissions": ["Manage Users", "Delete data"]}).status
            == 403
        )
        assert helper.patch(f"/roles/{role}", {"permissions": []}).status == 200

    def test_a_reach_that_one_lacks_is_not_given(self, hub: TestHub, owner: Client) -> None:
        role = owner.post(
            "/roles", {"role_name": "H", "permissions": ["Manage Users", "Manage Users Roles"]}
        ).data["role_id"]
        helper = hub.someone((role, 0), (6, 1))
        below = [{"role_id": 6, "category_id": 3}]
        assert (
            helper.post("/adduser", a_user(user_roles=[{"role_id": 6, "category_id": 0}])).status
            == 403
        )
        assert (
            helper.post("/adduser", a_user(user_roles=[{"role_id": 6, "category_id": 9}])).status
            == 403
        )
        assert (
            helper.post("/adduser", a_user(user_roles=below)).status == 403
        )  # the approver's view of the CBA is only where assigned
        assert owner.post("/adduser", a_user(user_roles=below)).status == 201

    def test_only_an_owner_makes_owners_and_a_tenant_level_token_makes_no_administrator(
        self, hub: TestHub, owner: Client
    ) -> None:
        one, two = ([{"role_id": role, "category_id": 0}] for role in (1, 2))
        admin, tenant = hub.someone((2, 0)), hub.token(None)
        assert [
            c.post("/adduser", a_user(user_roles=one)).status for c in (owner, admin, tenant)
        ] == [201, 403, 403]
        assert [
            c.post("/adduser", a_user(user_roles=two)).status for c in (owner, admin, tenant)
        ] == [201, 201, 403]
        assert tenant.post("/adduser", a_user(user_roles=two)).message.endswith(
            "A tenant-level token cannot make someone System Admin."
        )
        roles = [{"role_id": r, "category_id": 0} for r in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)]
        assert tenant.post("/adduser", a_user(user_roles=roles)).status == 201
        custom = owner.post("/roles", {"role_name": "Auditor", "permissions": ["Audit logs"]}).data[
            "role_id"
        ]
        assert (
            tenant.post(
                "/adduser", a_user(user_roles=[{"role_id": custom, "category_id": 0}])
            ).status
            == 403
        )

    def test_what_somebody_holds_already_may_be_written_back_by_one_who_could_not_give_it(
        self, hub: TestHub, helper: Client, owner: Client
    ) -> None:
        me = owner.user("owner@example.com")
        assert helper.post("/edituser", me | {"user_location": "Rome"}).status == 201

    def test_a_restore_gives_back_only_what_the_caller_could_give(
        self, hub: TestHub, owner: Client, helper: Client
    ) -> None:
        admin = hub.person((2, 0))
        owner.delete(f"/users/{admin}")
        assert helper.post(f"/users/{admin}/restore").status == 403
        assert owner.post(f"/users/{admin}/restore").status == 200
