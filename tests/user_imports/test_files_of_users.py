"""Files of users on the pages: mapped, looked through, corrected, and read in by the worker."""

import re

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.pages import Visitor, visitor


@pytest.fixture
def admin(hub: TestHub, owner: Client) -> Visitor:
    return Visitor(hub, owner.user_id)


class TestFilesOfUsers:
    FILE = "Mail;Vorname;Nachname;Egal\nanna@example.com;Änna;New;x\nbroken;Bob;Bad;y\n"

    def test_a_file_is_mapped_looked_through_corrected_and_run_by_the_worker(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        old = self.FILE.encode("cp1252")
        at = admin.upload("/admin/access/import", "people.csv", old).location
        page = admin.get(at)
        assert "cp1252 reads “Änna”" in page.text
        assert "Änna" in page.text and "2 rows" in page.text
        lacking = admin.post(
            f"{at}/map",
            [
                ("field", ""),
                ("field", "user_first_name"),
                ("field", "user_last_name"),
                ("field", ""),
            ],
        )
        assert lacking.status == 400 and "No column is the e-mail" in lacking.text
        twice = admin.post(
            f"{at}/map",
            [
                ("field", "user_email"),
                ("field", "user_last_name"),
                ("field", "user_last_name"),
                ("field", ""),
            ],
        )
        assert twice.status == 400 and "chosen for two columns" in twice.text
        admin.post(
            f"{at}/map",
            [
                ("field", "user_email"),
                ("field", "user_first_name"),
                ("field", "user_last_name"),
                ("field", ""),
            ],
        )
        preview = admin.get(at)
        assert (
            "Would be added 1" in preview.text
            and "Not right 1" in preview.text
            and "must be an e-mail address" in preview.text
        )
        assert not [u for u in owner.users() if u["user_email"] == "anna@example.com"]
        assert "broken" in admin.get(f"{at}/failed").html
        admin.post(f"{at}/correct", {"cell-1-0": "bob@example.com"})
        assert "Would be added 2" in admin.get(at).text
        admin.post(f"{at}/run", {})
        assert admin.post(f"{at}/run", {}).status == 409
        assert "0 of 2 rows" in admin.get(at).text
        hub.worker.round()
        done = admin.get(at).text
        assert "The file is read in." in done and "Added 2" in done
        assert owner.user("anna@example.com")["user_first_name"] == "Änna" and owner.user(
            "bob@example.com"
        )
        assert "on a page" not in [
            e["door"] for e in owner.get("/audit?object_type=user").data["entries"]
        ]

    def test_a_file_on_its_way_is_not_swept_and_one_that_arrived_is(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        from autohub.documents.sweeping import sweep

        at = admin.upload("/admin/access/import", "people.csv", self.FILE.encode()).location
        sweep(hub.database, hub.app.context.blobs, older_than_seconds=-1)
        assert "2 rows" in admin.get(at).text
        admin.post(
            f"{at}/map",
            [
                ("field", "user_email"),
                ("field", "user_first_name"),
                ("field", "user_last_name"),
                ("field", ""),
            ],
        )
        admin.post(f"{at}/run", {})
        hub.worker.round()
        swept = sweep(hub.database, hub.app.context.blobs, older_than_seconds=-1)
        assert swept is not None and swept.discarded >= 2

    def test_all_or_nothing_writes_nothing_when_a_row_is_wrong(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        at = admin.upload("/admin/access/import", "people.csv", self.FILE.encode()).location
        admin.post(
            f"{at}/map",
            [
                ("field", "user_email"),
                ("field", "user_first_name"),
                ("field", "user_last_name"),
                ("field", ""),
            ],
        )
        admin.post(f"{at}/run", {"atomic": "1"})
        hub.worker.round()
        assert (
            "1 of 2 rows failed, so nothing was written" in admin.get(at).text
            and len(owner.users()) == 1
        )

    def test_a_role_by_name_stays_where_it_is_held(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        held = [{"role_id": 6, "category_id": 3}]
        owner.post("/adduser", a_user(user_email="sco@example.com", user_roles=held))
        step = admin.upload(
            "/admin/access/import", "people.csv", b"E-mail,Roles\nsco@example.com,Idea Approver\n"
        ).location
        admin.post(f"{step}/map", [("field", "user_email"), ("field", "roles")])
        admin.post(f"{step}/run", {})
        hub.worker.round()
        assert owner.user("sco@example.com")["user_roles"] == held

    def test_an_export_read_in_again_changes_nothing(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        for _ in range(3):
            owner.post(
                "/adduser",
                a_user(
                    user_roles=[{"role_id": 6, "category_id": 3}, {"role_id": 8, "category_id": 0}]
                ),
            )
        for kind in ("csv", "xlsx"):
            sent = hub.request(
                "GET", f"/admin/access/export?kind={kind}", None, admin._headers()
            ).raw
            at = admin.upload("/admin/access/import", f"users.{kind}", sent).location
            fields = re.findall(r'<option value="([^"]*)" selected', admin.get(at).html)
            columns = admin.get(at).html.count('name="field"')
            assert len(fields) == columns - 1  # user_status is told, and left out
            page = admin.get(at).html
            chosen = [
                found[1] if (found := re.search(r'value="([^"]+)" selected', part)) else ""
                for part in page.split('name="field"')[1:]
            ]
            admin.post(f"{at}/map", [("field", field) for field in chosen])
            text = admin.get(at).text
            assert (
                "Would be added 0" in text
                and "Would be changed 0" in text
                and "As they are 4" in text
            ), text

    @pytest.mark.parametrize(
        ("headings", "cells", "wanted"),
        [
            (
                "Mail,Given name,Surname,Note",
                "a@x.example,A,B,c",
                ["user_email", "user_first_name", "user_last_name", ""],
            ),
            (
                "Vorname,Nachname,Adresse,Ort",
                "A,B,a@x.example,Ulm",
                ["user_first_name", "user_last_name", "user_email", "user_location"],
            ),
            (
                "Prénom,Nom,Kontakt,Rolle",
                "A,B,a@x.example,x",
                ["user_first_name", "user_last_name", "user_email", "roles"],
            ),
            (
                "Note,Note,UserPrincipalName,E-mail",
                "1,2,a@x.example,a@x.example",
                ["", "", "", "user_email"],
            ),
        ],
    )
    def test_columns_are_suggested_by_what_they_are_often_called_and_by_their_addresses(
        self, admin: Visitor, headings: str, cells: str, wanted: list[str]
    ) -> None:
        page = admin.get(
            admin.upload(
                "/admin/access/import", "people.csv", f"{headings}\n{cells}\n".encode()
            ).location
        )
        chosen = [
            re.search(r'value="([^"]*)" selected', each)
            for each in page.html.split('name="field"')[1:]
        ]
        assert [found[1] if found else "" for found in chosen] == wanted

    def test_the_preview_lists_changes_and_asks_before_anybody_gets_more_rights(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        held = [{"role_id": 6, "category_id": 3}]
        ann = a_user(user_email="ann@example.com", user_location="Rome", user_roles=held)
        owner.post("/adduser", ann)
        table = b"user_email,user_location,role_id1,category_id1\nann@example.com,Oslo,6,0\n"
        at = admin.upload("/admin/access/import", "people.csv", table).location
        fields = ["user_email", "user_location", "role_id1", "category_id1"]
        admin.post(f"{at}/map", [("field", field) for field in fields])
        shown = admin.get(at).text
        assert "City Rome Oslo" in shown and "more rights" in shown
        assert "Idea Approver (Finance" in shown and "Give 1 person a role" in shown
        assert admin.post(f"{at}/run", {}).status == 400
        assert owner.user("ann@example.com")["user_roles"] == held
        assert admin.post(f"{at}/run", {"may_widen": "1"}).status == 303

    @pytest.mark.parametrize(("atomic", "people"), [("", 2), ("1", 0)])
    def test_a_run_that_was_stopped_keeps_its_parts_or_nothing_where_all_were_wanted(
        self,
        hub: TestHub,
        owner: Client,
        admin: Visitor,
        monkeypatch: pytest.MonkeyPatch,
        atomic: str,
        people: int,
    ) -> None:
        from autohub.user_imports import store

        monkeypatch.setattr("autohub.users.bulk.CHUNK", 2)
        lines = [f"cell{n}@example.com,A,B" for n in range(5)]
        table = "\n".join(["user_email,user_first_name,user_last_name", *lines, ""])
        at = admin.upload("/admin/access/import", "people.csv", table.encode()).location
        fields = ("user_email", "user_first_name", "user_last_name")
        admin.post(f"{at}/map", [("field", field) for field in fields])
        assert admin.post(f"{at}/run", {"atomic": atomic}).status == 303
        assert "Stop" in admin.get(at).text
        hub.database.write(
            lambda db: store.update_import(db, int(at.rpartition("/")[2]), {"state": "stopping"})
        )
        hub.worker.round()
        assert "You stopped it" in admin.get(at).text
        assert len(owner.users("s=cell")) == people
        assert admin.post(f"{at}/stop", {}).status == 409

    def test_what_is_no_table_is_refused_and_nobody_sees_anothers_file(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        for content in (b"", b"one line only", b"\x00\x01\x02", b"PK\x03\x04nonsense"):
            assert admin.upload("/admin/access/import", "x.csv", content).status == 400, content
        at = admin.upload("/admin/access/import", "people.csv", self.FILE.encode()).location
        assert visitor(hub, (2, 0)).get(at).status == 404
