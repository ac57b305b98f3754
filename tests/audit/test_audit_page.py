"""The audit as the console shows it and gives it out."""

from typing import Any

import pytest
from tests.support.hub import Client, TestHub
from tests.support.pages import Visitor

USERS = "/admin/access/users"


@pytest.fixture
def admin(hub: TestHub, owner: Client) -> Visitor:
    return Visitor(hub, owner.user_id)


def a_person(**fields: Any) -> dict[str, Any]:
    values = {
        "user_first_name": "Jane",
        "user_last_name": "Doe",
        "user_email": "jane@example.com",
        "role_id": "8",
        "category_id": "0",
    }
    return values | fields


def test_the_audit_is_filtered_names_people_and_is_taken_away(
    hub: TestHub, owner: Client, admin: Visitor
) -> None:
    admin.post(f"{USERS}/add", a_person())
    text = admin.get("/admin/audit?kind=user").text
    assert "Add user" in text and "Ada Byron" in text and "on a page" in text and "Jane Doe" in text
    assert "Nothing fits." in admin.get("/admin/audit?until=2020-01-01").text
    assert admin.get("/admin/audit?since=soon").status == 400
    assert "add user" in admin.get("/admin/audit/export?kind=user").html
