"""The admin console: accounts, files of users, roles, groups, platform setup, tokens and the
audit, as pages."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis.strategies import integers
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, form_of, visitor

from autohub.db.schema import idea
from autohub.imports import mapping
from autohub.kit.clock import DAY, iso
from autohub.kit.clock import now as clock
from autohub.kit.toml import read_toml
from autohub.pages.dashboards import service

USERS = "/admin/access/users"


@pytest.fixture
def admin(hub: TestHub, owner: Client) -> Visitor:
    return Visitor(hub, owner.user_id)


def names(reader: Visitor, address: str) -> list[str]:
    return re.findall(r'id="user-\d+">([^<]+)</a>', reader.get(address).html)


def a_person(**fields: Any) -> dict[str, Any]:
    values = {
        "user_first_name": "Jane",
        "user_last_name": "Doe",
        "user_email": "jane@example.com",
        "role_id": "8",
        "category_id": "0",
    }
    return values | fields


class TestUsers:
    def test_a_user_is_added_with_every_field_and_roles_where_they_hold(
        self, owner: Client, admin: Visitor
    ) -> None:
        fields = [
            *a_person(
                user_job_title="Lead",
                user_business_unit="Finance",
                user_department="Tax",
                user_location="Lyon",
            ).items()
        ]
        assert (
            admin.post(
                f"{USERS}/add",
                [*fields, ("role_id", "6"), ("category_id", "3"), ("send_email", "1")],
            ).status
            == 303
        )
        user = owner.user("jane@example.com")
        assert (user["user_invite_status"], user["user_job_title"], user["user_location"]) == (
            2,
            "Lead",
            "Lyon",
        )
        assert user["user_roles"] == [
            {"role_id": 6, "category_id": 3},
            {"role_id": 8, "category_id": 0},
        ]
        assert "The invitation waits: no mail server is set up" in admin.get(USERS).text

    def test_without_the_switch_nothing_is_sent(self, owner: Client, admin: Visitor) -> None:
        admin.post(f"{USERS}/add", a_person())
        assert (
            owner.user("jane@example.com")["user_invite_status"] == 0
            and "Nothing was sent yet" in admin.get(USERS).text
        )

    def test_every_fault_is_at_its_field_and_what_was_typed_stays(
        self, owner: Client, admin: Visitor
    ) -> None:
        shown = admin.post(
            f"{USERS}/add",
            a_person(
                user_email="nonsense", user_last_name="", user_job_title="x" * 51, role_id="6"
            ),
        )
        assert (
            shown.status == 400
            and shown.value("user_first_name") == "Jane"
            and shown.value("user_job_title") == "x" * 51
        )
        assert (
            re.search(r'name="user_email"[^>]*aria-invalid', shown.html)
            and 'value="6" selected' in shown.html
        )
        taken = admin.post(f"{USERS}/add", a_person(user_email="Owner@example.com"))
        assert taken.status == 409 and "exists already" in taken.text
        assert "Ada Byron" in admin.get(f"{USERS}/known?s=owner@example.com").text
        assert admin.get(f"{USERS}/known?s=nobody@example.com").text == ""

    def test_a_person_may_have_a_single_name(self, owner: Client, admin: Visitor) -> None:
        added = admin.post(f"{USERS}/add", a_person(user_last_name=""))
        assert added.status == 303
        assert owner.user("jane@example.com")["user_last_name"] == ""
        assert ">Jane</a>" in admin.get(USERS).html

    def test_the_list_is_searched_filtered_sorted_and_paged_by_the_server(
        self, owner: Client, admin: Visitor
    ) -> None:
        for number in range(3):
            owner.post(
                "/adduser",
                a_user(
                    user_first_name=f"P{number}",
                    user_last_name="Q",
                    user_department="Tax" if number else "Law",
                ),
            )
        assert names(admin, f"{USERS}?s=p1") == ["P1 Q"] and names(
            admin, f"{USERS}?department=tax&sort=name"
        ) == ["P1 Q", "P2 Q"]
        assert names(admin, f"{USERS}?status=active") == ["Ada Byron"] and names(
            admin, f"{USERS}?role=1"
        ) == ["Ada Byron"]
        assert (
            len(names(admin, f"{USERS}?limit=2&page=2")) == 2
            and "3–4 of 4" in admin.get(f"{USERS}?limit=2&page=2").text
        )
        assert "Nobody fits all of these filters" in admin.get(f"{USERS}?s=nobody").text
        assert "Law" not in admin.get(f"{USERS}?cols=status").text

    def test_two_administrators_at_one_person_the_second_is_told(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        user_id = owner.post("/adduser", a_user(user_email="jane@example.com")).data["user_id"]
        other, at = visitor(hub, (2, 0)), f"{USERS}/{user_id}"
        stamps = [reader.get(at).value("stamp") for reader in (admin, other)]
        assert admin.post(at, a_person(user_job_title="First", stamp=stamps[0])).status == 303
        told = other.post(at, a_person(user_job_title="Second", stamp=stamps[1]))
        assert (
            told.status == 409
            and "Job title is now: First" in told.text
            and told.value("user_job_title") == "Second"
        )
        assert (
            other.post(at, a_person(user_job_title="Second", stamp=told.value("stamp"))).status
            == 303
        )
        assert owner.user("jane@example.com")["user_job_title"] == "Second"

    def test_a_new_address_an_inactivation_the_trash_and_an_erasure(
        self, owner: Client, admin: Visitor
    ) -> None:
        user_id = owner.post("/adduser", a_user(user_email="jane@example.com")).data["user_id"]
        at = f"{USERS}/{user_id}"
        admin.post(at, a_person(user_email="jane.smith@example.com"))
        assert owner.user("jane.smith@example.com")["user_id"] == user_id
        assert admin.post(at, a_person(role_id="")).status == 400
        for act, said in (
            ("inactivate", "is inactive"),
            ("activate", "is active again"),
            ("invite", "waits: no mail server is set up"),
        ):
            assert said in admin.get(admin.post(f"{at}/{act}").location).text
        admin.post(f"{at}/trash")
        assert names(admin, f"{USERS}?status=trash") == ["Jane Doe"]
        admin.post(f"{at}/restore")
        admin.post(f"{at}/trash")
        assert "erased" in admin.get(admin.post(f"{at}/erase").location).text
        assert names(admin, f"{USERS}?status=trash") == []
        assert admin.post(f"{USERS}/{owner.user_id}/trash").status == 409

    def test_a_link_is_handed_over_where_no_mail_goes(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        user_id = owner.post("/adduser", a_user(user_email="jane@example.com")).data["user_id"]
        at = f"{USERS}/{user_id}/invitations"
        made = admin.post(f"{USERS}/{user_id}/link")
        assert re.search(r"It works once, until \d+ \w+ 20\d\d\.", made.text), made.text
        number = re.search(r'name="invitation_id" value="(\d+)"', admin.get(at).html)[1]
        link = re.search(r"/register/[\w-]+", admin.post(at, {"invitation_id": number}).text)[0]
        assert link in made.text
        newcomer = Visitor(hub)
        assert newcomer.post(link, {"password": "long enough for all"}).status == 303
        assert "Hello" in newcomer.get("/explore").text and "Used" in admin.get(at).text

    def test_a_row_offers_what_can_be_done_with_its_person(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        def row(address: str) -> str:
            return next(
                part for part in admin.get(address).html.split("<tr>") if "jane@example.com" in part
            )

        admin.post("/admin/access/users/add", a_person())
        number = owner.user("jane@example.com")["user_id"]
        at = f"/admin/access/users/{number}"
        assert "Send the invitation<" in row(
            "/admin/access/users"
        ) and f'formaction="{at}/inactivate"' in row("/admin/access/users")
        for act, then in (
            ("invite", "Send the invitation again"),
            ("inactivate", "Reactivate"),
            ("activate", "Inactivate Jane Doe?"),
        ):
            assert admin.post(f"{at}/{act}", {"user_id": "1"}).status == 303 and then in row(
                "/admin/access/users"
            ), act
        assert admin.post(f"{at}/trash").status == 303 and "Restore" in row(
            "/admin/access/users?status=trash"
        )

    def test_inactivating_says_how_many_ideas_stay(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        hand_in(owner)
        assert "1 idea stays theirs" in admin.get(f"/admin/access/users/{owner.user_id}").text

    def test_a_leaver_hands_everything_over(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        leaver, _ = (
            hub.person((8, 0), email="leaver@example.com"),
            hub.person((8, 0), email="heir@example.com"),
        )
        process_id = hand_in(owner, owner="leaver@example.com")
        at = f"{USERS}/{leaver}/reassign"
        assert "1 ideas owned" in admin.get(at).text
        assert admin.post(at, {"to_email": "nobody@example.com"}).status == 400
        admin.post(at, {"to_email": "heir@example.com", "deactivate": "1"})
        assert (
            owner.get(f"/automations/{process_id}").data["owner"]["user_email"]
            == "heir@example.com"
        )
        assert owner.user("leaver@example.com")["user_is_active"] == 0

    def test_why_a_person_may_do_what_names_role_place_and_group(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        user_id = hub.person((6, 3), email="jane@example.com")
        owner.post(
            "/groups",
            {
                "group_name": "Bosses",
                "group_roles": [{"role_id": 3, "category_id": 0}],
                "members": [user_id],
            },
        )
        text = admin.get(f"{USERS}/{user_id}/why").text
        assert "by the role Idea Approver, Finance › Accounts Payable › Invoices" in text
        assert (
            "by the role RPA Sponsor of the group Bosses, everywhere" in text
            and "No role of theirs gives it." in text
        )

    def test_a_selection_is_given_a_role_and_those_that_cannot_are_said(
        self, owner: Client, admin: Visitor
    ) -> None:
        ids = [owner.post("/adduser", a_user()).data["user_id"] for _ in range(2)]
        picked = [("user_id", str(i)) for i in (*ids, 999)]
        said = admin.get(
            admin.post(
                f"{USERS}/many/role", [*picked, ("role_id", "6"), ("category_id", "0")]
            ).location
        ).text
        assert "Gave the role to 2 people. There is no user 999." in said
        assert len(names(admin, f"{USERS}?role=6")) == 2
        taken = [*picked, ("taken_role_id", "6"), ("taken_category_id", "")]
        said = admin.get(admin.post(f"{USERS}/many/take-role", taken).location).text
        assert "Took the role from 2 people. There is no user 999." in said
        assert names(admin, f"{USERS}?role=6") == []
        said = admin.get(admin.post(f"{USERS}/many/take-role", taken).location).text
        assert "Nothing to do for 2." in said and "Took the role" not in said
        admin.post(f"{USERS}/many/inactivate", picked)
        assert len(names(admin, f"{USERS}?status=inactive")) == 2

    def test_no_role_is_chosen_until_somebody_chooses_one(
        self, owner: Client, admin: Visitor
    ) -> None:
        made = owner.post("/adduser", a_user()).data
        page = admin.get(USERS).html
        chooser = page[page.index('name="role_id"') :]
        assert re.search(r'<option value="([^"]*)"', chooser)[1] == ""
        for role_id, place, said in (
            ("", "0", "Choose the role to give."),
            ("6", "", "Choose where the role holds."),
        ):
            picked = {"user_id": str(made["user_id"]), "role_id": role_id, "category_id": place}
            refused = admin.post(f"{USERS}/many/role", picked)
            assert refused.status == 400 and said in refused.text
        nowhere = a_person(user_email="new@example.com", role_id="6", category_id="")
        assert "Choose where each role holds." in admin.post(f"{USERS}/add", nowhere).text
        assert owner.user(made["user_email"])["user_roles"] == made["user_roles"]

    def test_an_administrators_role_is_given_with_a_second_yes_at_every_door(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        made = owner.post("/adduser", a_user(user_roles=[{"role_id": 8, "category_id": 0}])).data
        number, group = made["user_id"], owner.post("/groups", {"group_name": "G"}).data["group_id"]
        opened = form_of(admin, f"{USERS}/{number}")
        role = [("role_id", "2"), ("category_id", "0")]
        doors = {
            f"{USERS}/add": [*a_person(user_email="new@example.com", role_id="2").items()],
            f"{USERS}/{number}": [*(opened | {"role_id": "2", "category_id": "0"}).items()],
            f"{USERS}/many/role": [("user_id", str(number)), *role],
            "/admin/access/groups/add": [("group_name", "H"), *role],
            f"/admin/access/groups/{group}": [("group_name", "G"), *role],
        }
        for path, fields in doors.items():
            refused = admin.post(path, fields)
            assert refused.status == 400 and "only when you say so once more" in refused.text, path
            assert (
                'name="confirmed" value="2"' in refused.html and "data-second-yes" in refused.html
            ), path
            assert admin.post(path, [*fields, ("confirmed", "1")]).status == 400, path
        assert {role["role_id"] for role in owner.user(made["user_email"])["user_roles"]} == {8}
        for path, fields in doors.items():
            assert admin.post(path, [*fields, ("confirmed", "2")]).status == 303, path
        again = form_of(admin, f"{USERS}/{number}") | {"role_id": "2", "category_id": "0"}
        assert (
            admin.post(f"{USERS}/{number}", again).status == 303
        )  # who holds it already keeps it without a word

    def test_everybody_whom_the_filters_hold_is_changed_at_once(
        self, owner: Client, admin: Visitor
    ) -> None:
        for unit in ("Finance", "Finance", "Sales"):
            owner.post("/adduser", a_user(user_business_unit=unit))
        fields = {"all": "1", "role_id": "6", "category_id": "3"}
        said = admin.get(
            admin.post(f"{USERS}/many/role?unit=finance&limit=1", fields).location
        ).text
        assert "Gave the role to 2 people." in said and len(names(admin, f"{USERS}?role=6")) == 2

    def test_nobody_gives_what_they_lack(self, hub: TestHub, owner: Client) -> None:
        helper = visitor(hub, (2, 0))
        refused = helper.post(f"{USERS}/add", a_person(role_id="1", confirmed="1"))
        assert refused.status == 403 and "Only an Account Owner" in refused.text


class TestRolesAndGroups:
    def test_a_role_is_made_changed_switched_and_deleted(
        self, owner: Client, admin: Visitor
    ) -> None:
        fields = [("role_name", "Auditor"), ("permission", "Audit logs")]
        assert admin.post("/admin/access/roles/add", fields).status == 303
        assert admin.post("/admin/access/roles/add", fields).status == 409
        at = "/admin/access/roles/101"
        admin.post(
            at,
            [
                ("role_name", "Reader of audits"),
                ("permission", "Audit logs"),
                ("permission", "View dashboards"),
            ],
        )
        role = next(r for r in owner.get("/roles").data["roles"] if r["role_id"] == 101)
        assert role["role_name"] == "Reader of audits" and role["permissions"] == [
            "Audit logs",
            "View dashboards",
        ]
        admin.post(f"{at}/switch", {"role_is_active": "0"})
        assert "Disabled" in admin.get("/admin/access/roles").text
        admin.post(f"{at}/delete", {})
        assert admin.get(at).status == 404
        assert admin.post("/admin/access/roles/5/delete", {}).status == 409
        assert "stays as it is" in admin.get("/admin/access/roles/5").text

    def test_a_group_is_made_of_addresses_and_names_those_that_are_nobodys(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        hub.person((8, 0), email="jane@example.com")
        fields = {
            "group_name": "Finance",
            "role_id": "6",
            "category_id": "3",
            "members": "jane@example.com\nnobody@example.com",
        }
        wrong = admin.post("/admin/access/groups/add", fields)
        assert (
            wrong.status == 400
            and "nobody@example.com" in wrong.text
            and wrong.value("group_name") == "Finance"
        )
        admin.post("/admin/access/groups/add", fields | {"members": "Jane@example.com"})
        group = owner.get("/groups").data["groups"][0]
        assert (
            group["group_roles"] == [{"role_id": 6, "category_id": 3}]
            and len(group["members"]) == 1
        )
        admin.post(f"/admin/access/groups/{group['group_id']}/delete", {})
        assert "There are no groups yet." in admin.get("/admin/access/groups").text

    def test_a_collaborator_role_names_its_people_here_and_on_their_panel(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        user_id = hub.person((8, 0), email="jane@example.com")
        admin.post(
            "/admin/access/collaborator-roles/add",
            {"role_name": "Tester", "role_is_assignable": "1"},
        )
        role = next(
            r for r in owner.get("/collaborator-roles").data["roles"] if r["role_name"] == "Tester"
        )
        number = role["role_id"]
        admin.post(f"{USERS}/{user_id}", a_person(collaborator_role=str(number)))
        assert "Jane Doe" in admin.get("/admin/access/collaborator-roles").text
        admin.post(
            f"/admin/access/collaborator-roles/{number}",
            {"role_name": "Tester", "role_is_assignable": "1", "members": ""},
        )
        assert "Jane Doe" not in admin.get("/admin/access/collaborator-roles").text
        admin.post(f"/admin/access/collaborator-roles/{number}/delete", {})
        assert "Tester" not in admin.get("/admin/access/collaborator-roles").text.replace(
            "The collaborator role is deleted.", ""
        )


def tree(client: Client) -> dict[str, Any]:
    """The category tree as names within names, without the “Other” nodes."""

    def shape(nodes: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            n["category_name"]: shape(n["subcategories"])
            for n in nodes
            if not n["category_is_other"]
        }

    return shape(client.get("/hierarchy").data["categories"])


class TestPlatformSetup:
    AT = "/admin/setup/categories"

    def test_the_tree_is_added_to_renamed_reordered_moved_archived_and_cut(
        self, owner: Client, admin: Visitor
    ) -> None:
        admin.post(f"{self.AT}/add", {"category_name": "Research"})
        admin.post(f"{self.AT}/add", {"category_name": "Labs", "parent_id": "1"})
        assert "Research" in tree(owner) and "Labs" in tree(owner)["Finance"]
        admin.post(f"{self.AT}/1/rename", {"category_name": "Money"})
        admin.post(f"{self.AT}/1/down", {})
        assert list(tree(owner))[:2] == ["Human Resources", "Money"]
        admin.post(f"{self.AT}/3/move", {"parent_id": "5", "before_id": ""})
        assert "Invoices" not in tree(owner)["Money"]["Accounts Payable"]
        below_itself = admin.post(f"{self.AT}/1/move", {"parent_id": "2"})
        assert below_itself.status == 400 and "cannot stand below itself" in below_itself.text
        admin.post(f"{self.AT}/1/switch", {"category_is_active": "0"})
        assert "archived" in admin.get(self.AT).text
        hand_in(owner, category_id=8)
        assert admin.post(f"{self.AT}/8/delete", {}).status == 409
        assert admin.post(f"{self.AT}/add", {"category_name": "x" * 51}).status == 400

    def test_a_table_of_categories_comes_out_and_goes_in(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        before = tree(owner)
        sent = hub.request("GET", f"{self.AT}/export", None, admin._headers()).raw
        assert (
            admin.upload(f"{self.AT}/import", "categories.csv", sent).status == 303
            and tree(owner) == before
        )
        admin.upload(f"{self.AT}/import", "more.csv", b"Business Area,Category\nResearch,Labs\n")
        assert tree(owner) == before | {"Research": {"Labs": {}}}

    def test_a_table_of_categories_loses_no_row(self, owner: Client, admin: Visitor) -> None:
        before = tree(owner)
        gap = admin.upload(
            f"{self.AT}/import", "more.csv", b"Business Area,Category\nResearch,Labs\n,Lost\n"
        )
        assert (
            gap.status == 400
            and "row 3" in gap.text.casefold()
            and "without the one above it" in gap.text
            and tree(owner) == before
        )
        other = admin.upload(
            f"{self.AT}/import",
            "more.csv",
            b"Category,category_id,business area\nLabs,7,Research\n",
        )
        assert other.status == 303 and tree(owner) == before | {"Research": {"Labs": {}}}
        strange = admin.upload(f"{self.AT}/import", "more.csv", b"Bereich,Gruppe\nA,B\n")
        assert strange.status == 400 and "Bereich" in strange.text and "B" not in tree(owner)

    def test_a_table_of_applications_loses_no_category_language_or_row(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        at = "/admin/setup/applications"
        inventory = [
            {
                "application_name": "SAP; core",
                "application_version": "4",
                "application_language": "German",
                "categoryIds": [3, 5, 1],
            },
            {
                "application_name": "Excel",
                "application_version": "",
                "application_language": "",
                "categoryIds": [1],
            },
        ]
        assert owner.put("/appinventory", inventory).status == 200

        def facts() -> dict[str, tuple[str, list[int]]]:
            found = owner.get("/appinventory").data["applications"]
            return {
                a["application_name"]: (a["application_language"], sorted(a["category_ids"]))
                for a in found
            }

        before = facts()
        sent = hub.request("GET", f"{at}/export", None, admin._headers()).raw
        assert admin.upload(f"{at}/import", "apps.csv", sent).status == 303 and facts() == before
        table = (
            "Category,Name,Version\nHuman Resources,SAP; core,4\n,excel,\nFinance,New,1\nHuman "
            "Resources,New,1\n"
        )
        assert admin.upload(f"{at}/import", "apps.csv", table.encode()).status == 303
        human = next(
            c["category_id"]
            for c in owner.get("/hierarchy").data["categories"]
            if c["category_name"] == "Human Resources"
        )
        assert facts() == {
            "SAP; core": ("German", sorted({1, 3, 5, human})),
            "Excel": ("", [1]),
            "New": ("", sorted([1, human])),
        }
        for rows, told in ((",SAP\n", "names no application"), ("Fresh,\n", "row 2")):
            wrong = admin.upload(f"{at}/import", "apps.csv", f"Name,Version\n{rows}".encode())
            assert wrong.status == 400 and told in wrong.text.casefold(), wrong
        nameless = admin.upload(f"{at}/import", "apps.csv", b"Titel,Version\nSAP,4\n")
        assert nameless.status == 400 and "no column" in nameless.text

    def test_applications_are_kept_and_one_in_use_stays(
        self, owner: Client, admin: Visitor
    ) -> None:
        at = "/admin/setup/applications"
        wrong = admin.post(f"{at}/add", {"application_name": "SAP"})
        assert (
            wrong.status == 400
            and "Used in must name at least one category" in wrong.text
            and wrong.value("application_name") == "SAP"
        )
        assert (
            admin.post(
                f"{at}/add",
                {"application_name": "SAP", "application_version": "4", "category_id": "3"},
            ).status
            == 303
        )
        number = owner.get("/appinventory").data["applications"][0]["application_id"]
        hand_in(owner, applications=[number])
        used = admin.post(f"{at}/{number}/delete", {})
        assert used.status == 409 and "been used in ideas" in used.text
        changed = [
            ("application_name", "SAP S/4"),
            ("application_version", "5"),
            ("category_id", "3"),
            ("category_id", "5"),
        ]
        refused = admin.post(f"{at}/{number}", [*changed, ("application_version", "x" * 21)])
        assert (
            refused.status == 400
            and refused.value("application_name") == "SAP S/4"
            and refused.html.count(" selected>") == 2
        )
        assert admin.post(f"{at}/{number}", changed).status == 303
        assert "SAP S/4 5 – Finance › Accounts Payable › Invoices +1 1" in admin.get(at).text
        lost = admin.upload(
            f"{at}/import", "apps.csv", b"Name,Version,Language,Category\nExcel,365,,Nowhere\n"
        )
        assert lost.status == 400 and "Nowhere" in lost.text
        admin.upload(
            f"{at}/import",
            "apps.csv",
            b"Name,Version,Language,Category\nExcel,365,,Finance > Accounts Payable\n",
        )
        assert (
            "Excel" in admin.get(f"{at}?s=excel").text
            and "SAP" not in admin.get(f"{at}?s=excel").text
        )

    def test_costs_take_rates_and_prices(self, admin: Visitor) -> None:
        at = "/admin/setup/costs"
        price = {
            "kind": "licence",
            "vendor_name": "Acme",
            "price_name": "Robot",
            "price": "8000",
            "currency": "EUR",
        }
        assert admin.post(f"{at}/prices", price).status == 400
        assert (
            admin.post(
                f"{at}/rates", {"currency": "eur", "rate": "1,08", "valid_from": "2026-01-01"}
            ).status
            == 303
        )
        unclear = admin.post(f"{at}/prices", price | {"price": "8,000"})
        assert (
            unclear.status == 400
            and "Price could be 8000 or 8.000; write 8000 for the one, 8.0000 for the other."
            in unclear.text
        )
        assert unclear.value("vendor_name") == "Acme" and "€8" not in unclear.text
        assert admin.post(f"{at}/prices", price).status == 303
        text = admin.get(at).text
        assert "1.08" in text and "Acme" in text and "€8,000" in text
        admin.post(f"{at}/prices/1/delete", {})
        assert "No prices yet." in admin.get(at).text

    def test_a_draft_gets_sections_formulas_and_scores_and_is_tried_before_it_is_live(
        self, owner: Client, admin: Visitor
    ) -> None:
        version = next(
            v for v in owner.get("/assessments?assessment=HLA").data if v["assessment_key"] == "HLA"
        )["version_id"]
        at = admin.post(
            f"/admin/setup/assessments/{version}/copy", {"version_name": "With cost"}
        ).location
        people = {"new_section": "People", "kind": "number", "title": "How many people?"}
        assert admin.post(f"{at}/questions", people).status == 303
        formula = {
            "section": "ah-section-hla-1",
            "kind": "formula",
            "title": "Effort",
            "formula": "how_many_people * 2",
        }
        assert admin.post(f"{at}/questions", formula).status == 303
        factor = {
            "question": "HLA-HOW_MANY_PEOPLE",
            "new_score": "Size",
            "weight": "1",
            "worst": "0",
            "best": "10",
        }
        assert admin.post(f"{at}/factors", factor).status == 303
        assert (
            "Size: worst and best must differ."
            in admin.post(
                f"{at}/factors", factor | {"best": "0", "new_score": "", "score": "size"}
            ).text
        )
        few = admin.post(
            f"{at}/questions",
            {"section": "ah-section-hla-1", "kind": "single", "title": "Which?", "answers": "One"},
        )
        assert (
            few.status == 400
            and "Answers: A choice needs 2 to 20 answers." in few.text
            and 'value="Which?"' in few.html
        )
        tried = admin.post(f"{at}/preview", {"HLA-HOW_MANY_PEOPLE": "4"}).text
        assert "Size 40" in tried and "Effort 8" in tried and "How many people? × 2" in tried
        assert (
            "must be a number" in admin.post(f"{at}/preview", {"HLA-HOW_MANY_PEOPLE": "four"}).text
        )
        assert admin.post(f"{at}/factors", {"drop": "size--HLA-HOW_MANY_PEOPLE"}).status == 303
        assert "Size 40" not in admin.post(f"{at}/preview", {"HLA-HOW_MANY_PEOPLE": "4"}).text

    def test_a_formula_that_is_wrong_is_said_at_its_question_and_nothing_typed_is_lost(
        self, owner: Client, admin: Visitor
    ) -> None:
        version = next(
            v for v in owner.get("/assessments?assessment=DA").data if v["assessment_key"] == "DA"
        )["version_id"]
        at = admin.post(
            f"/admin/setup/assessments/{version}/copy", {"version_name": "Dearer"}
        ).location
        page = admin.get(at)
        name = re.search(r'name="(DA-[A-Z_]+)--formula"', page.html)[1]
        title = html.unescape(re.search(f'name="{name}--title"[^>]*value="([^"]*)"', page.html)[1])
        wrong = admin.post(
            at,
            {
                "version_name": "Dearer still",
                f"{name}--title": title,
                f"{name}--formula": "volume * 2",
            },
        )
        assert (
            wrong.status == 400
            and f"“{title}”, Formula: names “volume”, which is not there." in wrong.text
        )
        assert (
            "Dearer still" in wrong.html
            and "volume * 2" in wrong.html
            and f'href="#f-{name}--formula"' in wrong.html
        )

    def test_a_copied_assessment_is_changed_its_effect_shown_and_set_live(
        self, owner: Client, admin: Visitor
    ) -> None:
        process_id = hand_in(owner, rules=5, stability=1)
        version = next(
            v for v in owner.get("/assessments?assessment=HLA").data if v["assessment_key"] == "HLA"
        )["version_id"]
        at = admin.post(
            f"/admin/setup/assessments/{version}/copy",
            {"version_name": "Rules first"},
        ).location
        page = admin.get(at)
        weights = dict(
            re.findall(r'name="([a-z_]+--HLA-[A-Z_]+--weight)" value="([^"]+)"', page.html)
        )
        fields = {
            "version_name": "Rules first",
            "HLA-RULES--title": "Is it ruled by rules?",
            "HLA-RULES--required": "1",
            "HLA-RULES--visible": "1",
        }
        wrong = admin.post(at, fields | {next(iter(weights)): "heavy"})
        assert wrong.status == 400 and "must be a number" in wrong.text
        assert (
            admin.post(
                at,
                fields
                | {name: "5" if "RULES" in name else value for name, value in weights.items()},
            ).status
            == 303
        )
        new = {
            "section": "nonsense",
            "kind": "single",
            "title": "Who does it?",
            "answers": "One person\nA team",
            "required": "1",
        }
        assert admin.post(f"{at}/questions", new).status == 400
        chooser = re.search(r'<select[^>]*name="section".*?</select>', page.html, re.DOTALL)[0]
        section = re.search(r'<option value="([^"]+)"', chooser)[1]
        assert admin.post(f"{at}/questions", new | {"section": section}).status == 303
        assert "A team" in admin.get(at).html
        assert admin.post(f"{at}/questions", {"drop": "HLA-RULES"}).status == 400
        assert (
            admin.post(f"{at}/questions", {"drop": "HLA-WHO_DOES_IT"}).status == 303
            and "A team" not in admin.get(at).html
        )
        assert "1 of 1 ideas would have other scores" in admin.get(f"{at}?effect=1").text
        before = owner.get(f"/automations/{process_id}").data["process_overall_gauge_score"]
        admin.post(f"{at}/live", {"category_id": "0"})
        assert "Is it ruled by rules?" in admin.get("/submit/1").text
        admin.post(f"{at}/rescore", {})
        assert owner.get(f"/automations/{process_id}").data["process_overall_gauge_score"] > before
        assert admin.post(at, fields).status == 409
        sent = admin.get(f"{at}/download")
        assert json.loads(sent.html)["key"] == "HLA"
        assert (
            admin.upload("/admin/setup/assessments/upload", "hla.json", sent.html.encode()).status
            == 303
        )

    def test_a_copied_flow_gets_other_moves_and_a_category(
        self, owner: Client, admin: Visitor
    ) -> None:
        at = admin.post("/admin/setup/flows/1/copy", {"idea_flow_name": "Short way"}).location
        move = {"from_status_id": "46", "to_status_id": "91", "permission": "Review ideas"}
        assert (
            admin.post(f"{at}/moves", move).status == 303
            and admin.post(f"{at}/moves", move).status == 400
        )
        assert admin.post("/admin/setup/flows/1/moves", move).status == 409
        assert admin.post(f"{at}/place", {"category_id": "3", "submission_type": "1"}).status == 303
        process_id = hand_in(owner, category_id=3)
        assert "Live – In Production" in admin.get(f"/automation-profile/{process_id}").text
        assert admin.post(f"{at}/delete", {}).status == 409
        admin.post("/admin/setup/flows/phases", {"phase_name": "Security", "phase_order": "4"})
        admin.post(
            "/admin/setup/flows/statuses", {"phase_id": "101", "phase_status_name": "Checked"}
        )
        assert (
            "Security" in admin.get("/admin/setup/flows").text
            and "Checked" in admin.get("/admin/setup/flows").text
        )
        sent = json.loads(admin.get(f"{at}/download").html) | {"idea_flow_name": "Shorter"}
        assert admin.upload(
            "/admin/setup/flows/upload", "flow.json", json.dumps(sent).encode()
        ).status in (303, 400)

    def test_a_status_is_taken_out_of_a_flow_with_all_its_moves_and_names_stand_where_it_is_refused(
        self, owner: Client, admin: Visitor
    ) -> None:
        at = admin.post("/admin/setup/flows/1/copy", {"idea_flow_name": "Ours"}).location
        assert (
            admin.post(f"{at}/statuses/delete", {"without": "49"}).status == 303
            and admin.post(f"{at}/moves/delete", {"drop": "48-50"}).status == 303
        )
        moves = {
            (m["from_status_id"], m["to_status_id"])
            for m in json.loads(admin.get(f"{at}/download").html)["transitions"]
        }
        assert not any(49 in pair for pair in moves) and (48, 50) not in moves and (48, 46) in moves
        lost = admin.post(f"{at}/moves/delete", {"drop": "58-59"})
        assert lost.status == 303
        for status in (53, 54):
            refused = admin.post(f"{at}/statuses/delete", {"without": str(status)})
        assert (
            refused.status == 400
            and "Nothing leads from the start to the statuses Qualification – On hold"
            in refused.text
        )

    def test_a_phase_gets_a_target_after_which_its_ideas_are_late(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        process_id = hand_in(owner)
        hub.database.write(
            lambda db: db.change(
                sa.update(idea).values(status_epoch=idea.c.status_epoch - 10 * 86_400_000)
            )
        )
        assert 'class="late"' not in admin.get("/pipeline").html
        wrong = admin.post("/admin/setup/flows/targets", {"target-1": "0", "target-2": "7"})
        assert (
            wrong.status == 400 and "Idea: must be" in wrong.text and wrong.value("target-2") == "7"
        )
        assert (
            admin.post("/admin/setup/flows/targets", {"target-1": "9", "target-2": ""}).status
            == 303
        )
        targets = {
            phase["phase_id"]: phase["phase_target_days"] for phase in owner.get("/phases").data
        }
        assert targets[1] == 9 and targets[2] is None and targets[3] == 14
        assert (
            'class="late"' in admin.get("/pipeline").html
            and owner.get(f"/automations/{process_id}").status == 200
        )
        assert (
            owner.patch("/phases/1", {"phase_target_days": None}).data["phase_target_days"] is None
        )
        assert (
            'class="late"' not in admin.get("/pipeline").html
            and owner.patch("/phases/99", {"phase_target_days": 1}).status == 404
        )

    def test_ideas_in_a_phase_of_ones_own_are_filtered_by_its_name(
        self, owner: Client, admin: Visitor
    ) -> None:
        admin.post("/admin/setup/flows/phases", {"phase_name": "Security", "phase_order": "4"})
        admin.post(
            "/admin/setup/flows/statuses", {"phase_id": "101", "phase_status_name": "Checked"}
        )
        page = admin.get("/pipeline?phase=101")
        assert (
            "Phase: Security" in page.text
            and '<option value="101" selected>Security</option>' in page.html
        )

    def test_types_of_documents_are_added_changed_and_offered_with_their_templates(
        self, owner: Client, admin: Visitor
    ) -> None:
        at = "/admin/setup/documents"
        fields = {
            "file_type_name": "Security concept",
            "accepted_extensions": ".PDF, docx",
            "template_link": "https://wiki.example.com/s",
        }
        wrong = admin.post(f"{at}/add", fields | {"template_link": "wiki"})
        assert wrong.status == 400 and "Template must be an http or https address." in wrong.text
        assert wrong.value("accepted_extensions") == ".PDF, docx"
        assert admin.post(f"{at}/add", fields).status == 303 and "pdf, docx" in admin.get(at).text
        form = f"/automation-profile/{hand_in(owner)}/documentation/add"
        assert (
            'href="https://wiki.example.com/s"' in admin.get(form).html
            and ">Security concept</option>" in admin.get(form).html
        )
        assert "file_type_name" not in admin.get(f"{at}/1").html
        assert admin.post(f"{at}/1", {"template_link": ""}).status == 303
        assert (
            ">Process Definition Document</option>" not in admin.get(form).html
            and "Process Definition Document" in admin.get(at).text
        )

    def test_a_pipelines_columns_are_suggested_tried_and_then_imported(
        self, owner: Client, admin: Visitor
    ) -> None:
        table = (
            "Title;Summary;Area;Team;State of it;Days\nSort the post;By "
            "hand.;Finance;Mailroom;running;3\n"
            ";nothing;Finance;;new;\nFeed the cat;;Finance;;new;x\n"
        )
        page = admin.upload("/admin/setup/import", "pipeline.csv", table.encode())
        assert "pipeline.csv, 3 rows." in page.text and "Sort the post · Feed the cat" in page.text
        assert re.findall(
            r'<option value="(\w+)" selected>(?:Name|Description)</option>', page.html
        ) == [
            "process_name",
            "process_description",
        ]
        fields = {
            "key": page.value("key"),
            "name": "pipeline.csv",
            "column-0": "process_name",
            "column-1": "process_description",
        }
        fields |= {
            "column-2": "level-1",
            "column-3": "level-2",
            "column-4": "status",
            "create_categories": "1",
            "key-0": "1",
        }
        fields |= {"default-field": "process_description", "default-value": "Nobody wrote one."}
        at = "/admin/setup/import"
        tried = admin.post(f"{at}/try", fields)
        assert (
            "Not right 3" in tried.text
            and "“new” is no status" in tried.text
            and "2 rows" in tried.text
        )
        assert re.findall(r'name="status-text" value="(\w+)"', tried.html) == ["running", "new"]
        assert (
            'value="Nobody wrote one."' in tried.html and 'value="level-2" selected' in tried.html
        )
        chosen = [
            ("status-text", "running"),
            ("status-key", "LIVE_ONGOING"),
            ("status-text", "new"),
            ("status-key", "IDEA_AWAITING_REVIEW"),
        ]
        tried = admin.post(f"{at}/try", [*fields.items(), *chosen])
        assert (
            "Would be added 2" in tried.text
            and "Not right 1" in tried.text
            and owner.get("/automations").data["totalItems"] == 0
        )
        kept = admin.post(f"{at}/mapping", [*fields.items(), *chosen])
        assert kept.headers["content-disposition"].endswith("mapping.toml")
        done = admin.post(f"{at}/run", [*fields.items(), *chosen])
        assert "Added 2" in done.text and owner.get("/automations").data["totalItems"] == 2
        record = owner.get("/automations?s=post").data["processes"][0]
        assert record["phase_status_id"] == 91 and [
            c["category_name"] for c in record["categories"]
        ] == ["Finance", "Mailroom"]
        assert read_toml(kept.html, mapping.Mapping).status == {
            "running": "LIVE_ONGOING",
            "new": "IDEA_AWAITING_REVIEW",
        }
        assert "As they are 2" in admin.post(f"{at}/try", [*fields.items(), *chosen]).text
        wrong = admin.post(f"{at}/try", fields | {"column-5": "OVR-NOWHERE"})
        assert (
            wrong.status == 400
            and "“Days”: “OVR-NOWHERE” is neither" in wrong.text
            and 'value="Nobody wrote one."' in wrong.html
        )
        twice = admin.post(f"{at}/run", fields | {"column-5": "process_name"})
        assert (
            twice.status == 400
            and "“Days”: is the same as “Title”" in twice.text
            and 'value="Nobody wrote one."' in twice.html
        )
        deep = admin.post(f"{at}/try", fields | {f"column-{n}": "level-1" for n in range(6)})
        assert deep.status == 400 and 'value="Nobody wrote one."' in deep.html
        assert admin.post(f"{at}/run", fields | {"key": f"{fields['key']}x"}).status == 400

    def test_a_mapping_that_was_kept_comes_along_with_the_file(
        self, hub: TestHub, admin: Visitor
    ) -> None:
        files = {
            "file": ("p.csv", b"What,Where\na,b\n"),
            "mapping": ("mapping.toml", b'key = ["What"]\ncolumns = {"Where" = "owner"}\n'),
        }
        page = admin.upload_all("/admin/setup/import", files)
        assert re.search(r'name="column-1".*?value="owner" selected', page.html) and re.search(
            r'name="key-0"[^>]* checked', page.html
        )
        broken = admin.upload_all(
            "/admin/setup/import", files | {"mapping": ("mapping.toml", b"= nothing")}
        )
        assert broken.status == 400 and "not valid TOML" in broken.text


class TestAccountAndAudit:
    def test_a_token_is_shown_once_and_works_as_it_is_copied(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        made = admin.post("/admin/open-api", {"token_name": "Power BI", "kind": "personal"})
        bearer = re.search(r'id="the-token">([^<]+)<', made.html)[1]
        headers = {"Authorization": f"Bearer {bearer}", "x-ah-openapi-auth": "openapi-token"}
        assert Client(hub, headers).get("/authinfo").status == 200
        page = admin.get("/admin/open-api")
        assert bearer not in page.html and "Power BI" in page.text
        number = max(re.findall(r'action="/admin/open-api/(\d+)/switch"', page.html), key=int)
        admin.post(f"/admin/open-api/{number}/revoke", {})
        assert Client(hub, headers).get("/authinfo").status == 401
        assert (
            admin.post(
                "/admin/open-api", {"token_name": "x", "kind": "personal", "expires": "2020-01-01"}
            ).status
            == 400
        )

    def test_people_make_personal_tokens_and_no_others(self, hub: TestHub, owner: Client) -> None:
        person = visitor(hub, (8, 0))
        assert "Tenant level: for" not in person.get("/admin/open-api").text
        assert (
            person.post("/admin/open-api", {"token_name": "mine", "kind": "tenant"}).status == 403
        )
        assert (
            person.post("/admin/open-api", {"token_name": "mine", "kind": "personal"}).status == 200
        )


def test_a_component_is_shared_submitted_published_and_then_used(
    hub: TestHub, owner: Client, admin: Visitor
) -> None:
    author, other = visitor(hub, (8, 0)), visitor(hub, (8, 0))
    wrong = author.post(
        "/components/add", {"component_name": "Reader", "component_link": "ftp://x"}
    )
    assert (
        wrong.status == 400
        and wrong.value("component_name") == "Reader"
        and "Category" in wrong.text
    )
    at = author.post(
        "/components/add",
        {"component_name": "Reader", "category_id": "3", "component_type": "Library"},
    ).location
    assert other.get(at).status == 404 and "Reader" in author.get("/workspace?tab=components").text
    assert author.post(f"{at}/move", {"to": "Submitted"}).status == 303
    assert author.post(at, {"component_name": "Other", "category_id": "3"}).status == 403
    assert "Publish" not in author.get(at).text and "Publish" in admin.get(at).text
    admin.post(f"{at}/move", {"to": "Published"})
    assert "Reader" in other.get("/components?s=read").text and "Save" not in other.get(at).text
    assert author.post(f"{at}/move", {"to": "delete"}).status == 403
    process_id = hand_in(owner)
    assert "Reader" in admin.get(f"/automation-profile/{process_id}/components").text
    admin.post(f"/automation-profile/{process_id}/components", {"add": at.rpartition("/")[2]})
    assert "used by 1 automation" in other.get("/components").text


class TestDashboards:
    @pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
    def test_a_moment_counts_in_the_month_in_which_the_profile_says_it_was(
        self, hub: TestHub, owner: Client, zone: str
    ) -> None:
        edge = datetime.now(UTC).replace(day=1, hour=2, minute=0, second=0, microsecond=0)
        edge = (edge - timedelta(days=40)).replace(day=1)
        table = (
            f"Name,Description,Category,Created\nEdge,d,Finance,{int(edge.timestamp() * 1000)}\n"
        )
        sent = owner.post(
            "/automations/import", raw=table.encode(), headers={"Content-Type": "text/csv"}
        )
        assert sent.data["created"] == 1, sent
        reader = Visitor(hub, owner.user_id)
        reader.cookies |= {"zone": zone, "locale": "en-GB"}
        local = edge.astimezone(ZoneInfo(zone))
        assert (
            local.strftime("%-d %b %Y").replace("Sep ", "Sept ")
            in reader.get("/automation-profile/1").text
        )
        lines = reader.get("/dashboards/download?chart=throughput&period=365").html.splitlines()
        counted = {line.split(",")[0]: line.split(",")[1] for line in lines[1:]}
        assert counted[local.strftime("%Y-%m")] == "1", counted

    def test_the_figures_are_those_of_the_ideas_that_one_may_see(
        self, hub: TestHub, owner: Client
    ) -> None:
        mine, other = hand_in(owner, category_id=3), hand_in(owner, category_id=8)
        for process_id in (mine, other):
            owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 51})
        everything = Visitor(hub, owner.user_id).get("/dashboards").text
        assert "Ideas in 2" in everything
        finance = visitor(hub, (3, 1)).get("/dashboards")
        assert (
            "Ideas in 1" in finance.text
            and "Human Resources"
            not in finance.html.partition("data-pipeline")[2].partition("</script>")[0]
        )
        assert "Ideas in 1" in Visitor(hub, owner.user_id).get("/dashboards?category=8").text
        table = visitor(hub, (3, 1)).get("/dashboards/download?chart=pipeline").html
        assert (
            "Assessment,1" in table
            and Visitor(hub, owner.user_id).get("/dashboards/download?chart=nonsense").status == 404
        )
        assert visitor(hub, (8, 0)).get("/dashboards").status == 403

    def test_the_benefit_of_this_quarter_is_what_was_saved_since_it_began(
        self, hub: TestHub, owner: Client
    ) -> None:
        process_id = hand_in(owner)
        owner.post(
            "/automations/status", {"process_id": process_id, "phase_status_id": 91, "force": 1}
        )
        quarter = service.start_of_period("quarter", clock(), ZoneInfo("UTC"))
        runs = [(quarter - DAY, 60), (quarter, 60), (min(quarter + DAY, clock()), 120)]
        body = [
            {"started_epoch": at, "runs": 1, "failed": 0, "minutes_saved": saved}
            for at, saved in runs
        ]
        assert owner.post(f"/automations/{process_id}/runs", body).status == 201
        assert (
            "Hours saved 3 " in Visitor(hub, owner.user_id).get("/dashboards?period=quarter").text
        )
        assert "Hours saved 4 " in Visitor(hub, owner.user_id).get("/dashboards?period=1095").text


@given(integers(min_value=0, max_value=4_000_000_000_000))
def test_a_month_lies_in_its_quarter_and_that_in_its_year(now: int) -> None:
    year, quarter, month = (
        service.start_of_period(unit, now, ZoneInfo("UTC")) for unit in ("year", "quarter", "month")
    )
    assert year <= quarter <= month <= now < month + 31 * DAY
    assert {iso(at)[8:] for at in (year, quarter, month)} == {"01T00:00:00Z"} and iso(quarter)[
        5:7
    ] in ("01", "04", "07", "10")


def test_the_percentile_is_the_nearest_rank() -> None:
    percentile = service.percentile
    assert (
        percentile([5], 0.9) == 5
        and percentile([1, 2, 3, 4], 0.5) == 2
        and percentile(list(range(1, 11)), 0.9) == 9
    )
