"""Nobody takes from a person who holds more than they do, whichever door they use (contract
1.3)."""

from collections.abc import Callable

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.pages import Visitor

HELPER = ("Manage Users", "Manage Users Roles", "Submit an employee-driven idea")
LOWER = {"user_roles": [{"role_id": 8, "category_id": 0}]}


@pytest.fixture
def helper(hub: TestHub, owner: Client) -> Client:
    """Somebody who manages accounts and is no administrator."""
    hub.person((1, 0), email="second@example.com")
    body = {"role_name": "Helper", "permissions": list(HELPER)}
    return hub.someone((owner.post("/roles", body).data["role_id"], 0))


Door = Callable[[TestHub, Client, int, str], int]


def _bulk(client: Client, **fields: object) -> int:
    answer: Answer = client.post("/users/bulk", [fields])
    return 403 if answer.data["failed"] else 200


DOORS: dict[str, Door] = {
    "deactivate": lambda h, c, i, e: (
        c.post("/edituser", {"user_email": e, "user_is_active": 0}).status
    ),
    "deactivate by id": lambda h, c, i, e: c.patch(f"/users/{i}", {"user_is_active": 0}).status,
    "take a role": lambda h, c, i, e: c.post("/edituser", {"user_email": e} | LOWER).status,
    "take a role in bulk": lambda h, c, i, e: _bulk(c, user_email=e, **LOWER),
    "deactivate in bulk": lambda h, c, i, e: _bulk(c, user_email=e, user_is_active=0),
    "trash": lambda h, c, i, e: c.delete(f"/users/{i}").status,
    "page": lambda h, c, i, e: Visitor(h, c.user_id).post(f"/admin/access/users/{i}/trash").status,
    "selection": lambda h, c, i, e: (
        Visitor(h, c.user_id)
        .post("/admin/access/users/many/inactivate", {"user_id": str(i)})
        .status
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_taking_away_is_refused_from_below_and_allowed_among_equals(
    hub: TestHub, owner: Client, helper: Client, door: str
) -> None:
    above = hub.person((2, 0), email="admin@example.com")
    equal = hub.person((8, 0), (5, 0) if "role" in door else (8, 3), email="jane@example.com")
    refused = DOORS[door](hub, helper, above, "admin@example.com")
    assert refused in (400, 403), refused
    admin = owner.user("admin@example.com")
    assert (admin["user_is_active"], admin["user_roles"][0]["role_id"]) == (1, 2)
    allowed = owner if "role" in door else helper
    assert DOORS[door](hub, allowed, equal, "jane@example.com") in (200, 201, 303)


def test_erasing_and_freeing_addresses_are_taking_away_too(
    hub: TestHub, owner: Client, helper: Client
) -> None:
    above = hub.person((2, 0), email="admin@example.com")
    owner.put(f"/users/{above}/email", {"user_email": "root@example.com"})
    freed = f"/users/{above}/email?user_email=admin@example.com"
    assert helper.delete(freed).status == 403
    owner.delete(f"/users/{above}")
    assert helper.post(f"/users/{above}/erase").status == 403
    assert hub.token(None).post(f"/users/{above}/erase").status == 403
    assert owner.post(f"/users/{above}/erase").status == 200


def test_a_tenant_level_token_takes_nothing_from_administrators(
    hub: TestHub, owner: Client
) -> None:
    above, tenant = hub.person((2, 0), email="admin@example.com"), hub.token(None)
    assert tenant.delete(f"/users/{above}").status == 403
    body = {"user_email": "admin@example.com", "user_is_active": 0}
    assert tenant.post("/edituser", body).status == 403
    assert tenant.delete(f"/users/{hub.person((8, 0), (6, 3))}").status == 200


def test_tokens_of_people_above_and_tenant_level_ones_are_not_touched_from_below(
    hub: TestHub, owner: Client, helper: Client
) -> None:
    hub.person((2, 0), email="admin@example.com")
    theirs, tenant, own = hub.token("admin@example.com"), hub.token(None), hub.token(None)
    jane = hub.someone((8, 0))
    for token in (theirs, tenant):
        at = f"/tokens/{token.token_id}"
        for change in ({"token_is_active": 0}, {"token_name": "x"}, {"token_expires_epoch": 1}):
            assert helper.patch(at, change).status == 403
        assert helper.delete(at).status == 403 and token.get("/users").status == 200
    assert helper.delete(f"/tokens/{jane.token_id}").status == 200
    assert owner.delete(f"/tokens/{own.token_id}").status == 200


def test_groups_and_roles_are_not_emptied_from_below(
    hub: TestHub, owner: Client, helper: Client
) -> None:
    above, jane = hub.person((2, 0)), hub.person((8, 0))
    roles = [{"role_id": 8, "category_id": 0}]
    body = {"group_name": "Both", "group_roles": roles, "members": [above, jane]}
    at = f"/groups/{owner.post('/groups', body).data['group_id']}"
    for change in ({"members": [jane]}, {"group_roles": []}):
        assert helper.patch(at, change).status == 403
    assert helper.delete(at).status == 403
    assert helper.patch(at, {"members": [above]}).status == 200
    strong = owner.post("/roles", {"role_name": "Auditor", "permissions": ["Audit logs"]}).data
    at = f"/roles/{strong['role_id']}"
    assert helper.patch(at, {"permissions": []}).status == 403
    owner.patch(at, {"role_is_active": 0})
    assert helper.patch(at, {"role_is_active": 1}).status == 403


def test_what_everybody_has_never_puts_a_person_above_another(hub: TestHub, owner: Client) -> None:
    body = {"role_name": "Keeper", "permissions": ["Manage Users", "Manage Users Roles"]}
    keeper = hub.someone((owner.post("/roles", body).data["role_id"], 0))
    assert keeper.delete(f"/users/{hub.person((8, 0))}").status == 200
