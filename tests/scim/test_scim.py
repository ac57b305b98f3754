"""A directory provisions people and groups, as Entra and Okta do."""

from typing import Any

import pytest
from tests.scim import probe
from tests.scim.model import ENTERPRISE, GROUP, USER, Directory, a_person, scim_token
from tests.support.hub import Client, TestHub

from autohub.users import store as user_store


@pytest.fixture
def directory(hub: TestHub) -> Directory:
    return scim_token(hub)


def test_a_person_is_added_read_and_found(directory: Directory, owner: Client) -> None:
    made = directory.add(
        externalId="0a1b",
        title="Engineer",
        addresses=[{"type": "work", "locality": "Lyon"}],
        **{ENTERPRISE: {"department": "Finance", "division": "EMEA"}},
    )
    assert directory.get(f"/Users/{made['id']}").json == made
    found = directory.get('/Users?filter=userName eq "ADA@example.com"').json
    assert found["Resources"] == [made] and found["totalResults"] == 1
    assert directory.get('/Users?filter=externalId eq "0a1b"').json["Resources"] == [made]
    user = owner.user("ada@example.com")
    assert user["user_location"] == "Lyon" and user["user_department"] == "Finance"
    assert user["user_business_unit"] == "EMEA" and user["user_job_title"] == "Engineer"
    assert (user["user_is_active"], user["user_invite_status"]) == (1, 0)
    assert user["user_roles"] == [{"role_id": 8, "category_id": 0}]


def test_entra_adds_changes_and_leaves_a_person(directory: Directory, owner: Client) -> None:
    """Entra ID's order: look up, add, patch attribute by attribute, switch off with a text."""
    asked = '/Users?filter=userName eq "ada@example.com"'
    assert directory.get(asked).json["totalResults"] == 0
    at = f"/Users/{directory.add(displayName='Ada Byron', nickName='Ada')['id']}"
    answer = directory.patch(
        at,
        {"op": "Replace", "path": "name.familyName", "value": "Lovelace"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Engines"},
        {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "London"},
        {"op": "Add", "path": "nickName", "value": "kept by nobody"},
    )
    assert answer.status == 200 and answer.json["name"]["familyName"] == "Lovelace"
    assert answer.json[ENTERPRISE]["department"] == "Engines"
    assert answer.json["addresses"][0]["locality"] == "London"
    answer = directory.patch(at, {"op": "Replace", "path": "active", "value": "False"})
    assert answer.status == 200 and answer.json["active"] is False
    assert owner.user("ada@example.com")["user_is_active"] == 0
    answer = directory.patch(at, {"op": "Replace", "path": "active", "value": "True"})
    assert answer.json["active"] is True
    user = owner.user("ada@example.com")
    assert (user["user_is_active"], user["user_invite_status"]) == (1, 0)


def test_entra_renames_a_person_and_a_former_address_stays_theirs(
    directory: Directory, owner: Client
) -> None:
    made = directory.add()
    answer = directory.patch(
        f"/Users/{made['id']}",
        {"op": "Replace", "path": "userName", "value": "ada.king@example.com"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "king@example.com"},
    )
    assert answer.json["userName"] == "ada.king@example.com"
    assert [e["value"] for e in answer.json["emails"]] == ["king@example.com"]
    shown = owner.get(f"/users/{made['id']}").data
    assert shown["user_email_aliases"] == ["ada@example.com"]
    found = directory.get('/Users?filter=userName eq "ada.king@example.com"').json
    assert found["totalResults"] == 1
    assert directory.get('/Users?filter=userName eq "king@example.com"').json["totalResults"] == 0


def test_okta_replaces_a_person_and_switches_without_a_path(
    directory: Directory, owner: Client
) -> None:
    made = directory.add(externalId="00u1")
    at = f"/Users/{made['id']}"
    whole = a_person(externalId="00u1", title="Countess", locale="en-GB", groups=[])
    answer = directory.call("PUT", at, whole)
    assert answer.status == 200 and answer.json["title"] == "Countess"
    assert directory.call("PUT", at, whole).json["meta"] == answer.json["meta"]
    answer = directory.patch(at, {"op": "replace", "value": {"active": False}})
    assert answer.status == 200 and answer.json["active"] is False
    answer = directory.call("PUT", at, whole | {"active": True})
    assert answer.json["active"] is True and owner.user("ada@example.com")["user_is_active"] == 1


def test_a_registered_person_is_active_again_at_once(
    hub: TestHub, directory: Directory, owner: Client
) -> None:
    at = f"/Users/{hub.person(email='ada@example.com')}"
    hub.token("ada@example.com")
    directory.patch(at, {"op": "replace", "value": {"active": False}})
    directory.patch(at, {"op": "replace", "value": {"active": True}})
    user = owner.user("ada@example.com")
    assert (user["user_is_active"], user["user_invite_status"]) == (1, 3)


def test_who_is_switched_off_by_the_directory_is_out_at_once(
    hub: TestHub, directory: Directory
) -> None:
    ada = hub.someone(email="ada@example.com")
    assert ada.get("/authinfo").status == 200
    directory.patch(f"/Users/{ada.user_id}", {"op": "replace", "path": "active", "value": False})
    assert ada.get("/authinfo").status == 401


def test_deleted_is_in_the_trash_and_comes_back_as_it_was(
    directory: Directory, owner: Client
) -> None:
    made = directory.add(externalId="0a1b")
    at = f"/Users/{made['id']}"
    assert directory.call("DELETE", at).status == 204
    assert directory.get(at).status == 404 and directory.call("DELETE", at).status == 404
    assert owner.get(f"/users/{made['id']}").data["user_is_trashed"] == 1
    again = directory.call("POST", "/Users", a_person(title="Countess"))
    assert again.status == 201 and again.json["id"] == made["id"]
    assert again.json["title"] == "Countess" and again.headers["location"].endswith(at)


def test_an_account_that_is_there_is_a_conflict_with_its_word(directory: Directory) -> None:
    directory.add()
    answer = directory.call("POST", "/Users", a_person())
    assert answer.status == 409 and answer.json["scimType"] == "uniqueness"
    assert answer.headers["content-type"] == "application/scim+json"


def test_a_name_without_any_address_is_refused(directory: Directory) -> None:
    answer = directory.call("POST", "/Users", {"schemas": [USER], "userName": "ada"})
    assert answer.status == 400 and answer.json["scimType"] == "invalidValue"
    assert "e-mail address" in answer.json["detail"]


def test_long_texts_are_cut_and_missing_names_made_up(directory: Directory) -> None:
    made = directory.add(name=None, displayName="Ada Augusta Byron", title="x" * 80)
    assert made["name"]["givenName"] == "Ada" and made["name"]["familyName"] == "Augusta Byron"
    assert made["title"] == "x" * 50
    bare = directory.add(userName="robot@example.com", name=None, emails=[])
    assert bare["name"]["givenName"] == "robot"


def test_groups_as_both_directories_keep_them(directory: Directory, owner: Client) -> None:
    people = [directory.add(userName=f"p{n}@example.com", emails=None)["id"] for n in range(3)]
    made = directory.call(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "Finance", "externalId": "g1"}
    )
    assert made.status == 201
    at = f"/Groups/{made.json['id']}"
    add = {"op": "Add", "path": "members", "value": [{"value": p} for p in people]}
    answer = directory.patch(at, add)
    assert answer.status == 200 and [m["value"] for m in answer.json["members"]] == people
    directory.patch(at, {"op": "Remove", "path": "members", "value": [{"value": people[0]}]})
    directory.patch(at, {"op": "remove", "path": f'members[value eq "{people[1]}"]'})
    answer = directory.get(at)
    assert [m["value"] for m in answer.json["members"]] == [people[2]]
    assert answer.json["members"][0]["$ref"].endswith(f"/scim/v2/Users/{people[2]}")
    lean = directory.get('/Groups?excludedAttributes=members&filter=displayName eq "finance"')
    assert "members" not in lean.json["Resources"][0]
    renamed = directory.patch(
        at, {"op": "replace", "value": {"id": made.json["id"], "displayName": "Treasury"}}
    )
    assert renamed.json["displayName"] == "Treasury"
    directory.patch(
        at, {"op": "replace", "path": "members", "value": [{"value": p} for p in people[:2]]}
    )
    group = owner.get("/groups").data["groups"][0]
    assert group["members"] == [int(p) for p in people[:2]]
    assert group["group_source"] == "directory" and group["group_name"] == "Treasury"
    assert directory.call("DELETE", at).status == 204


def test_a_group_of_administrators_is_filled_where_an_owner_said_so(
    hub: TestHub, directory: Directory, owner: Client
) -> None:
    admin = hub.someone((2, 0))
    body = {"group_name": "Admins", "group_roles": [{"role_id": 2, "category_id": 0}]}
    group = owner.post("/groups", body).data["group_id"]
    ada = directory.add()["id"]
    add = {"op": "add", "path": "members", "value": [{"value": ada}]}
    refused = directory.patch(f"/Groups/{group}", add)
    assert refused.status == 403 and "Account Owner" in refused.json["detail"]
    rename = {"op": "replace", "path": "displayName", "value": "Friends"}
    assert directory.patch(f"/Groups/{group}", rename).status == 403
    assert directory.call("DELETE", f"/Groups/{group}").status == 403
    assert admin.patch(f"/groups/{group}", {"group_admits_directory": 1}).status == 403
    assert owner.patch(f"/groups/{group}", {"group_admits_directory": 1}).status == 200
    assert directory.patch(f"/Groups/{group}", add).status == 200
    assert owner.get(f"/groups/{group}").data["members"] == [int(ada)]


def test_the_last_administrator_stays_and_the_others_may_leave(
    hub: TestHub, directory: Directory, owner: Client
) -> None:
    admin = hub.person((2, 0))
    off = {"op": "replace", "path": "active", "value": False}
    assert directory.patch(f"/Users/{admin}", off).status == 200
    last = directory.patch(f"/Users/{owner.user_id}", off)
    assert last.status == 409 and "must remain" in last.json["detail"]
    assert directory.call("DELETE", f"/Users/{owner.user_id}").status == 409
    assert owner.get("/authinfo").status == 200


def test_nobody_becomes_an_administrator_by_a_change_of_address(
    directory: Directory, owner: Client
) -> None:
    to = {"op": "replace", "path": "userName", "value": "thief@example.com"}
    assert directory.patch(f"/Users/{owner.user_id}", to).status == 403
    assert owner.user("owner@example.com")["user_id"] == owner.user_id


def test_a_scim_token_does_nothing_else_and_no_other_token_does_this(
    hub: TestHub, directory: Directory, owner: Client, tenant: Client
) -> None:
    as_token = directory.headers | {"x-ah-openapi-auth": "openapi-token"}
    for path in ("/users", "/authinfo", "/tokens", "/hierarchy"):
        assert Client(hub, as_token).get(path).status == 403
    for client in (owner, tenant):
        answer = Directory(hub, {"Authorization": client.headers["Authorization"]}).get("/Users")
        assert answer.status == 403 and answer.json["schemas"]
    answer = Directory(hub, {}).get("/Users")
    assert answer.status == 401 and answer.headers["www-authenticate"].startswith("Bearer")


def test_only_an_account_owner_makes_a_scim_token(hub: TestHub, owner: Client) -> None:
    body = {"token_name": "Entra", "token_kind": "scim"}
    assert hub.someone((2, 0)).post("/tokens", body).status == 403
    made = owner.post("/tokens", body)
    assert made.status == 201 and made.data["token_kind"] == "scim"
    found = Directory(hub, {"Authorization": f"Bearer {made.data['token']}"})
    assert found.get("/ServiceProviderConfig").json["patch"]["supported"] is True
    assert owner.delete(f"/tokens/{made.data['token_id']}").status == 200
    assert found.get("/Users").status == 401


def test_the_audit_names_the_channel(directory: Directory, owner: Client) -> None:
    made = directory.add()
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    entries = owner.get(f"/audit?object_type=user&object_id={made['id']}").data["entries"]
    assert {entry["door"] for entry in entries} == {"scim"} and len(entries) == 2


def test_lists_are_paged_sorted_and_projected(directory: Directory) -> None:
    for n in range(5):
        directory.add(userName=f"p{n}@example.com", emails=None, title=f"t{9 - n}")
    shown = directory.get(
        "/Users?sortBy=title&startIndex=2&count=2&attributes=userName,emails.value"
    )
    assert [r["userName"] for r in shown.json["Resources"]] == ["p3@example.com", "p2@example.com"]
    assert shown.json["totalResults"] == 5 and shown.json["itemsPerPage"] == 2
    assert shown.json["Resources"][0]["emails"] == [{"value": "p3@example.com"}]
    assert set(shown.json["Resources"][0]) == {"schemas", "id", "userName", "emails"}
    some = directory.get('/Users?filter=title gt "t6" and not (emails.value sw "p0")').json
    assert [r["userName"] for r in some["Resources"]] == ["p1@example.com", "p2@example.com"]
    assert directory.get('/Users?filter=shoeSize eq "9"').status == 400
    assert directory.get("/Users?filter=" + "(" * 3000).status == 400


def test_erasing_a_person_erases_what_the_directory_said(
    hub: TestHub, directory: Directory, owner: Client
) -> None:
    made = directory.add(userName="ada", externalId="0a1b", displayName="Ada")
    directory.call("DELETE", f"/Users/{made['id']}")
    assert owner.post(f"/users/{made['id']}/erase").status == 200
    with hub.database.reading() as db:
        assert db.driver_rows("SELECT * FROM scim_user", ()) == []


def test_a_directory_that_is_sent_twice_changes_nothing_the_second_time(
    directory: Directory, owner: Client
) -> None:
    """`make counterparts` does it with 10,000 people in 200 groups."""

    class Sender:
        def request(self, method: str, path: str, json: Any) -> Any:
            return directory.call(method, path, json).response

    sender: Any = Sender()
    assert probe.send(sender, 6, 2) == 6 + 2 * 2
    entries = owner.get("/audit?limit=1").data["totalItems"]
    assert probe.send(sender, 6, 2) == 0
    assert owner.get("/audit?limit=1").data["totalItems"] == entries


def test_a_member_who_is_nobody_keeps_no_one_out(directory: Directory) -> None:
    ada, gone = directory.add()["id"], directory.add(userName="b@example.com", emails=[])["id"]
    directory.call("DELETE", f"/Users/{gone}")
    members = [{"value": value} for value in (ada, gone, "999", "nobody")]
    made = directory.call("POST", "/Groups", {"schemas": [GROUP], "displayName": "F"})
    change = {"op": "add", "path": "members", "value": members}
    answer = directory.patch(f"/Groups/{made.json['id']}", change)
    assert answer.status == 200 and [m["value"] for m in answer.json["members"]] == [ada]


def test_a_list_and_a_resource_tell_the_same_time(hub: TestHub, directory: Directory) -> None:
    made = directory.add()
    for epoch in (1767225600000, 1767225600123):
        with hub.database.writing() as db:
            user_store.set_columns(db, int(made["id"]), {"updated_epoch": epoch})
        one = directory.get(f"/Users/{made['id']}").json
        assert directory.get("/Users").json["Resources"][-1] == one
