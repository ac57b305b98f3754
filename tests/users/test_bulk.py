"""POST /users/bulk: the rules of contract 2.3, and what bad input gets."""

import json
from urllib.parse import quote

import pytest
from tests.support.hub import Client, TestHub, a_user

from autohub.cli.main import run as autohub

NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
HEAD = (
    "user_email,user_first-name,user_last_name,user-location,user_department,user_business_unit,user_job_title,"
    "user_is_active,user_invite_status,role_id1,category_id1\n"
)


def counts(answer) -> tuple[int, int, int, int, int]:
    assert answer.status == 200, answer
    return tuple(answer.data[k] for k in ("total", "created", "updated", "unchanged", "failed"))


class TestUpserting:
    def test_new_changed_and_unchanged_rows_are_told_apart_and_only_failures_listed(
        self, owner: Client
    ) -> None:
        known = owner.post("/adduser", a_user()).data
        rows = [
            a_user(),
            {"user_email": known["user_email"], "user_location": "Rome"},
            {"user_email": known["user_email"].upper()[:0] + "x"},
        ]
        answer = owner.post("/users/bulk", rows)
        assert counts(answer) == (3, 1, 1, 0, 1)
        assert [(r["index"], r["user_email"], r["outcome"]) for r in answer.data["results"]] == [
            (2, "x", "failed")
        ]
        again = owner.post("/users/bulk?report=all", rows[:2])
        assert [r["outcome"] for r in again.data["results"]] == ["unchanged", "unchanged"]

    def test_a_row_is_added_by_the_rules_of_adduser_and_edited_by_those_of_edituser(
        self, owner: Client
    ) -> None:
        known = owner.post("/adduser", a_user(user_invite_status=1)).data["user_email"]
        rows = [
            a_user(user_invite_status=3),
            {"user_email": "fresh@example.com"},
            {"user_email": known, "user_invite_status": 3},
        ]
        answer = owner.post("/users/bulk", rows)
        failed = {r["index"]: set(r["errors"]) for r in answer.data["results"]}
        assert failed == {0: {"user_invite_status"}, 1: {"user_first_name", "user_last_name"}}
        assert owner.user(known)["user_invite_status"] == 3

    def test_two_rows_with_one_address_both_fail(self, owner: Client) -> None:
        answer = owner.post(
            "/users/bulk",
            [a_user(user_email="a@example.com"), a_user(), a_user(user_email="A@example.com")],
        )
        assert counts(answer) == (3, 1, 0, 0, 2)
        assert [r["index"] for r in answer.data["results"]] == [0, 2]

    def test_modes_add_and_edit_refuse_the_other_kind(self, owner: Client) -> None:
        known = owner.post("/adduser", a_user()).data["user_email"]
        rows = [a_user(), {"user_email": known, "user_location": "Rome"}]
        assert counts(owner.post("/users/bulk?mode=edit&dryRun=true", rows)) == (2, 0, 1, 0, 1)
        assert counts(owner.post("/users/bulk?mode=add&dryRun=true", rows)) == (2, 1, 0, 0, 1)

    def test_a_dry_run_writes_nothing(self, owner: Client) -> None:
        before = owner.users()
        assert counts(owner.post("/users/bulk?dryRun=true", [a_user(), a_user()])) == (
            2,
            2,
            0,
            0,
            0,
        )
        assert owner.users() == before and owner.get("/users").data["totalItems"] == 1

    def test_atomic_writes_all_or_nothing(self, owner: Client) -> None:
        answer = owner.post("/users/bulk?atomic=true", [a_user(), a_user(user_email="bad")])
        assert (
            answer.status == 400
            and set(answer.details) == {"1.user_email"}
            and len(owner.users()) == 1
        )
        assert counts(owner.post("/users/bulk?atomic=true", [a_user(), a_user()])) == (
            2,
            2,
            0,
            0,
            0,
        )

    def test_rights_are_judged_row_by_row(self, hub: TestHub, owner: Client) -> None:
        role = owner.post("/roles", {"role_name": "Helper", "permissions": ["Manage Users"]}).data[
            "role_id"
        ]
        known = owner.post("/adduser", a_user()).data["user_email"]
        rows = [
            a_user(),
            {"user_email": known, "user_location": "Rome"},
            a_user(user_roles=[{"role_id": 2, "category_id": 0}]),
        ]
        answer = hub.someone((role, 0)).post("/users/bulk", rows)
        assert counts(answer) == (3, 1, 0, 0, 2)

    def test_the_last_administrator_stays_however_the_rows_are_ordered(
        self, hub: TestHub, owner: Client
    ) -> None:
        hub.person((2, 0), email="admin@example.com")
        rows = [
            {"user_email": e, "user_is_active": 0}
            for e in ("owner@example.com", "admin@example.com")
        ]
        assert counts(owner.post("/users/bulk", rows)) == (2, 0, 1, 0, 1)

    def test_an_idempotency_key_gives_the_first_answer_again(self, owner: Client) -> None:
        rows, key = [a_user(), a_user()], {"Idempotency-Key": "k1"}
        first = owner.post("/users/bulk", rows, headers=key)
        assert (
            owner.post("/users/bulk", rows, headers=key).raw == first.raw and counts(first)[1] == 2
        )
        assert owner.post("/users/bulk", rows[:1], headers=key).status == 409


class TestCsv:
    def test_a_mapping_says_what_the_columns_of_another_system_are(self, owner: Client) -> None:
        columns = {"Mitarbeiter-Mail": "user_email", "V": "user_first_name", "N": "user_last_name"}
        where = f"/users/bulk?mapping={quote(json.dumps({'columns': columns}))}"
        table = "Mitarbeiter-Mail,V,N,Kantine\nada@example.com,Ada,Byron,B\n"
        assert counts(owner.post(where, raw=table.encode(), headers=CSV)) == (1, 1, 0, 0, 0)
        assert owner.user("ada@example.com")["user_first_name"] == "Ada"
        for wrong, told in (("{", "not valid JSON"), ('{"colums": {}}', "entries that are not")):
            refused = owner.post(
                f"/users/bulk?mapping={quote(wrong)}", raw=table.encode(), headers=CSV
            )
            assert refused.status == 400 and told in refused.message

    def test_the_guides_hyphenated_headers_add_and_edit(self, owner: Client) -> None:
        table = HEAD + "jane@example.com,Jane,Doe,Lyon,,,,1,1,5,3\n"
        assert counts(owner.post("/users/bulk", raw=table.encode(), headers=CSV)) == (1, 1, 0, 0, 0)
        jane = owner.user("jane@example.com")
        assert jane["user_location"] == "Lyon" and jane["user_roles"] == [
            {"role_id": 5, "category_id": 3}
        ]
        edit = (
            "user_email,user_location,user_department,role_id1,category_id1\njane@example.com,,"
            "Sales,,\n"
        )
        assert counts(owner.post("/users/bulk", raw=edit.encode(), headers=CSV)) == (1, 0, 1, 0, 0)
        assert owner.user("jane@example.com") == jane | {"user_department": "Sales"}

    def test_further_roles_have_further_columns(self, owner: Client) -> None:
        table = (
            "user_email,user_first_name,user_last_name,role_id1,category_id1,role_id2,"
            "category_id2\nj@example.com,J,D,5,3,6,\n"
        )
        owner.post("/users/bulk", raw=table.encode(), headers=CSV)
        assert owner.user("j@example.com")["user_roles"] == [
            {"role_id": 5, "category_id": 3},
            {"role_id": 6, "category_id": 0},
        ]

    @pytest.mark.parametrize(
        "table",
        [
            "E-mail,Roles\nsco@example.com,Idea Approver\n",
            "user_email,role_id1,category_id1\nsco@example.com,6,\n",
        ],
    )
    def test_a_role_without_a_category_stays_where_it_is_held(
        self, owner: Client, table: str
    ) -> None:
        held = [{"role_id": 6, "category_id": 3}, {"role_id": 6, "category_id": 9}]
        owner.post("/adduser", a_user(user_email="sco@example.com", user_roles=held))
        assert counts(owner.post("/users/bulk", raw=table.encode(), headers=CSV)) == (1, 0, 0, 1, 0)
        assert owner.user("sco@example.com")["user_roles"] == held

    def test_a_role_without_a_category_is_new_everywhere_and_a_0_widens(
        self, owner: Client
    ) -> None:
        owner.post(
            "/adduser",
            a_user(user_email="sco@example.com", user_roles=[{"role_id": 6, "category_id": 3}]),
        )
        table = "E-mail,Roles\nsco@example.com,Idea Approver; Project Manager\n"
        owner.post("/users/bulk", raw=table.encode(), headers=CSV)
        both = [{"role_id": 6, "category_id": 3}, {"role_id": 11, "category_id": 0}]
        assert owner.user("sco@example.com")["user_roles"] == both
        owner.post(
            "/users/bulk",
            raw=b"user_email,role_id1,category_id1\nsco@example.com,6,0\n",
            headers=CSV,
        )
        assert owner.user("sco@example.com")["user_roles"] == [{"role_id": 6, "category_id": 0}]

    def test_the_command_line_keeps_a_role_without_a_category_where_it_is_held(
        self, sqlite_hub: TestHub
    ) -> None:
        owner, held = sqlite_hub.someone((1, 0)), [{"role_id": 6, "category_id": 3}]
        owner.post("/adduser", a_user(user_email="sco@example.com", user_roles=held))
        assert (
            autohub(
                [
                    "--data-dir",
                    str(sqlite_hub.settings.data_dir),
                    "users",
                    "edit",
                    "sco@example.com",
                    "--role",
                    "6",
                ]
            )
            == 0
        )
        assert owner.user("sco@example.com")["user_roles"] == held

    def test_a_fault_stands_at_its_column_beside_roles_that_are_held_in_several_places(
        self, owner: Client
    ) -> None:
        held = [{"role_id": 6, "category_id": 3}, {"role_id": 6, "category_id": 9}]
        owner.post("/adduser", a_user(user_email="sco@example.com", user_roles=held))
        table = b"user_email,role_id1,category_id1,role_id2,category_id2\nsco@example.com,6,,99,3\n"
        assert set(
            owner.post("/users/bulk", raw=table, headers=CSV).data["results"][0]["errors"]
        ) == {"role_id2"}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_file_that_people_fill_in_is_read_in_any_encoding_and_separator(
        self, sqlite_hub: TestHub, encoding: str, separator: str
    ) -> None:
        owner = sqlite_hub.someone((1, 0))
        lines = [
            [
                "First Name",
                "Last Name",
                "E-mail",
                "Job title",
                "Business Unit",
                "City",
                "Department",
                "Roles",
            ],
            [
                "Jörg",
                "Weiß",
                "joerg@example.com",
                '"Chef, ""Labor"""',
                "Forschung",
                "Köln",
                "F&E",
                '"Idea Approver, Project Manager"',
            ],
        ]
        table = "\r\n".join(separator.join(line) for line in lines)
        assert counts(owner.post("/users/bulk", raw=table.encode(encoding), headers=CSV)) == (
            1,
            1,
            0,
            0,
            0,
        )
        user = owner.user("joerg@example.com")
        assert (user["user_first_name"], user["user_job_title"], user["user_location"]) == (
            "Jörg",
            'Chef, "Labor"',
            "Köln",
        )
        assert [g["role_id"] for g in user["user_roles"]] == [6, 11]

    def test_faults_name_the_row_the_column_the_value_and_what_is_right(
        self, owner: Client
    ) -> None:
        table = (
            HEAD
            + 'jane,Jane,"Do\ne",,,,,7,1,99x,\n'
            + "ok@example.com,A,B,,,,,1,1,99,3\nx@example.com,A,B,,,,,1,1,,3\n"
        )
        answer = owner.post("/users/bulk", raw=table.encode(), headers=CSV)
        errors = [r["errors"] for r in answer.data["results"]]
        assert errors[0] == {
            "user_last_name": [
                "“Do�e” holds the control character U+000A (a line break, say); remove it."
            ]
        }
        assert set(errors[1]) == {"role_id1"} and "“99”" in errors[1]["role_id1"][0]
        assert set(errors[2]) == {"role_id1"}
        row = owner.post(
            "/users/bulk", raw=(HEAD + "jane,Jane,Doe,,,,,7,1,99x,\n").encode(), headers=CSV
        ).data["results"][0]
        assert set(row["errors"]) == {"user_email", "user_is_active", "role_id1"}
        assert row["errors"]["user_is_active"] == [
            "“7” must be a whole number from 0 to 1; 7 is not."
        ]

    @pytest.mark.parametrize(
        ("table", "says"),
        [
            ("first name,last name\nA,B\n", "no column for the e-mail"),
            ("user_email,favourite colour\na@x.org,red\n", "“favourite colour”"),
            ("user_email,user_email\na@x.org,b@x.org\n", "stands twice"),
            ("user_email,E-mail\na@x.org,b@x.org\n", "Two columns"),
            ('user_email,user_first_name\n"a@x.org,b\n', "cannot be read as CSV"),
            ("", "empty"),
        ],
    )
    def test_a_table_that_cannot_be_understood_is_refused_whole(
        self, sqlite_hub: TestHub, table: str, says: str
    ) -> None:
        answer = sqlite_hub.token(None).post("/users/bulk", raw=table.encode(), headers=CSV)
        assert answer.status == 400 and says in answer.message

    def test_a_row_with_too_many_cells_fails_alone(self, owner: Client) -> None:
        table = "user_email,user_first_name,user_last_name\na@x.org,A,B,C\nb@x.org,A,B\n"
        answer = owner.post("/users/bulk", raw=table.encode(), headers=CSV)
        assert counts(answer) == (2, 1, 0, 0, 1) and set(answer.data["results"][0]["errors"]) == {
            "row"
        }


class TestNdjson:
    def test_lines_with_spaces_escapes_unknown_keys_and_accents_are_read(
        self, owner: Client
    ) -> None:
        rows = [
            a_user(user_first_name="Zoë", nonsense={"a": [1]}),
            a_user(user_last_name='say "x": y'),
        ]
        raw = (
            json.dumps(rows[0])
            + "\n\n"
            + json.dumps(rows[1], ensure_ascii=False, separators=(",", ":"))
            + "\r\n"
        ).encode()
        assert counts(owner.post("/users/bulk", raw=raw, headers=NDJSON)) == (2, 2, 0, 0, 0)
        assert {u["user_first_name"] for u in owner.users()} >= {"Zoë"} and {
            u["user_last_name"] for u in owner.users()
        } >= {'say "x": y'}

    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b"[]",
            b"1",
            b"null",
            b'{"user_email": 5}',
            b'{"user_email":"a@x.org","user_email":"b@x.org"}',
            b"\xff\xfe",
            b'{"user_email":"a@x.org","user_first_name":"A\\u0000","user_last_name":"B"}',
            b'{"user_email":"a@x.org","user_first_name":"A\x7f","user_last_name":"B"}',
            b'{"user_email":"a@x.org","user_first_name":"\\ud800","user_last_name":"B"}',
            b'{"user_email":"a@x.org","user_first_name":" ","user_last_name":"B"}',
            b'{"user_email":"a@x.org","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
            b'{"user_email":"a@x.org","user_first_name":"A","user_last_name":"B","user_is_active":'
            + b"9" * 5000
            + b"}",
            b'{"user_email":"a@x.org","user_first_name":"A","user_last_name":"B","user_roles":[{"role_id":5}]}',
        ],
    )
    def test_a_bad_line_fails_alone_with_its_reason(self, sqlite_hub: TestHub, line: bytes) -> None:
        good = json.dumps(a_user()).encode()
        answer = sqlite_hub.token(None).post("/users/bulk", raw=line + b"\n" + good, headers=NDJSON)
        assert counts(answer) == (2, 1, 0, 0, 1)
        assert answer.data["results"][0]["index"] == 0 and answer.data["results"][0]["errors"]

    def test_chunks_of_many_rows_agree_with_one_by_one(self, owner: Client) -> None:
        rows = [
            a_user(user_is_active=i % 2, user_invite_status=i % 3, user_department=f"D{i % 7}")
            for i in range(300)
        ]
        owner.post("/users/bulk", rows)
        stored = {u["user_email"]: u for u in owner.users()}
        for row in rows[:25]:
            single = owner.post(
                "/adduser", row | {"user_email": "single-" + row["user_email"]}
            ).data
            bulk = stored[row["user_email"]]
            assert {**single, "user_id": 0, "user_email": ""} == {
                **bulk,
                "user_id": 0,
                "user_email": "",
            }
        assert owner.get("/users").data["totalItems"] == 326


class TestBodies:
    def test_an_array_that_is_none_is_refused(self, tenant: Client) -> None:
        for raw in (b"{}", b"[1,", b"", b"   ", b"[" * 100_000):
            assert tenant.post("/users/bulk", raw=raw).status == 400
        assert counts(tenant.post("/users/bulk", raw=b"[]")) == (0, 0, 0, 0, 0)

    def test_another_content_type_is_refused(self, tenant: Client) -> None:
        assert (
            tenant.post("/users/bulk", raw=b"x", headers={"Content-Type": "application/xml"}).status
            == 415
        )


class TestWhatWouldChange:
    def test_each_changed_field_is_listed_as_it_is_and_as_it_would_be(self, owner: Client) -> None:
        held = {"role_id": 6, "category_id": 3}
        known = owner.post("/adduser", a_user(user_location="Rome", user_roles=[held])).data
        email = known["user_email"]
        wanted = {"role_id": 6, "category_id": 9}
        rows = [
            {"user_email": email, "user_location": "Oslo", "user_roles": [held, wanted]},
            a_user(),
        ]
        tried = owner.post("/users/bulk?dryRun=true&report=all", rows).data
        assert tried["widened"] == 1
        assert tried["results"][0]["changes"] == {
            "user_location": {"before": "Rome", "after": "Oslo"},
            "user_roles": {"before": [held], "after": [held, wanted]},
        }
        assert tried["results"][0]["widens"] is True
        assert "changes" not in tried["results"][1]

    @pytest.mark.parametrize(
        ("held", "wanted", "widened"),
        [
            ([(6, 0)], [(6, 0), (6, 3)], 0),
            ([(6, 0), (8, 0)], [(8, 0)], 0),
            ([(6, 3)], [(6, 0)], 1),
            ([(6, 3)], [(6, 9)], 1),
            ([(8, 0)], [(8, 0), (6, 3)], 1),
        ],
    )
    def test_a_role_not_held_or_held_for_less_gives_more_rights(
        self,
        owner: Client,
        held: list[tuple[int, int]],
        wanted: list[tuple[int, int]],
        widened: int,
    ) -> None:
        def grants(pairs: list[tuple[int, int]]) -> list[dict[str, int]]:
            return [{"role_id": role, "category_id": place} for role, place in pairs]

        known = owner.post("/adduser", a_user(user_roles=grants(held))).data["user_email"]
        rows = [{"user_email": known, "user_roles": grants(wanted)}]
        assert owner.post("/users/bulk?dryRun=true", rows).data["widened"] == widened


class TestTables:
    def table(self, owner: Client, column: str, *cells: str) -> list[tuple[str, dict[str, object]]]:
        """What became of people with these cells, each in quotes, in one column."""
        quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
        lines = (
            f"cell{place}@example.com,Ana,Pop,{cell}\n"
            for place, cell in enumerate(quoted, start=1)
        )
        body = f"user_email,user_first_name,user_last_name,{column}\n" + "".join(lines)
        answer = owner.post("/users/bulk?report=all", raw=body.encode(), headers=CSV)
        return [(r["outcome"], r["errors"]) for r in answer.data["results"]]

    def roles(self, owner: Client, place: int) -> set[tuple[str, int]]:
        keys = {role["role_id"]: role["role_key"] for role in owner.get("/roles").data["roles"]}
        found = owner.users(f"s=cell{place}@example.com")[0]["user_roles"]
        return {(keys[role["role_id"]], role["category_id"]) for role in found}

    def test_roles_are_read_by_key_and_category_as_the_original_exports_them(
        self, owner: Client
    ) -> None:
        cells = (
            '[["ah-standard-user",0]]',
            '[["ah-program-manager",3],["ah-standard-user",0]]',
            "ah-program-manager",
        )
        done = self.table(owner, "roles", *cells, '[["ah-nobody",3]]')
        assert [outcome for outcome, _ in done] == ["created"] * 3 + ["failed"]
        assert "ah-nobody" in str(done[-1])
        assert self.roles(owner, 1) == {("ah-standard-user", 0)}
        assert self.roles(owner, 2) == {("ah-program-manager", 3), ("ah-standard-user", 0)}
        assert self.roles(owner, 3) == {("ah-program-manager", 0)}

    def test_a_person_with_a_single_name_comes_in_and_a_missing_column_is_told(
        self, owner: Client
    ) -> None:
        rows = "user_email,user_first_name,user_last_name\nsuharto@example.com,Suharto,\n"
        done = owner.post("/users/bulk?report=all", raw=rows.encode(), headers=CSV).data["results"]
        assert [r["outcome"] for r in done] == ["created"]
        assert owner.user("suharto@example.com")["user_last_name"] == ""
        named = rows.replace("Suharto,", "Suharto,Muhammad")
        for table, outcome in ((named, "updated"), (rows, "unchanged")):
            kept = owner.post("/users/bulk?report=all", raw=table.encode(), headers=CSV)
            assert [r["outcome"] for r in kept.data["results"]] == [outcome]
        assert owner.user("suharto@example.com")["user_last_name"] == "Muhammad"
        short = "user_email,user_first_name\nsukarno@example.com,Sukarno\n"
        refused = owner.post("/users/bulk", raw=short.encode(), headers=CSV).data["results"]
        assert refused[0]["errors"] == {"user_last_name": ["is required."]}

    def test_a_role_whose_name_holds_a_comma_is_found(self, owner: Client) -> None:
        for name in ("Approver, Finance", "Approver, Finance; Tax"):
            made = owner.post("/roles", {"role_name": name, "permissions": []})
            assert made.status in (200, 201), made
        cells = ("Standard User, Approver, Finance", "Approver, Finance; Tax", "Approver")
        done = self.table(owner, "roles", *cells)
        assert [outcome for outcome, _ in done] == ["created", "created", "failed"]
        assert len(self.roles(owner, 1)) == 2 and len(self.roles(owner, 2)) == 1

    def test_activity_is_read_in_words(self, owner: Client) -> None:
        words = ("TRUE", "no", "Active", "INACTIVE", "1")
        assert {outcome for outcome, _ in self.table(owner, "user_is_active", *words)} == {
            "created"
        }
        found = [
            owner.users(f"s=cell{place}@example.com")[0]["user_is_active"] for place in range(1, 6)
        ]
        assert found == [1, 0, 1, 0, 1]
        assert self.table(owner, "user_is_active", "perhaps")[0][0] == "failed"


class TestAddresses:
    def test_what_nobody_sees_falls_off_an_address_and_is_named_inside_one(
        self, owner: Client
    ) -> None:
        rows = [
            a_user(user_email="\ufeffmark1@example.com"),
            a_user(user_email="mark2@example.com\u200b"),
            a_user(user_email="ma\u00adrk3@example.com"),
        ]
        answer = owner.post("/users/bulk?report=all", rows)
        first, second, third = answer.data["results"]
        assert (first["user_email"], second["user_email"]) == (
            "mark1@example.com",
            "mark2@example.com",
        )
        assert "U+00AD" in str(third["errors"]["user_email"])
        assert "U+00AD" in str(owner.post("/adduser", rows[2]))

    def test_one_address_in_two_spellings_is_one_account(self, owner: Client) -> None:
        composed, apart = "jos\u00e9@example.com", "jose\u0301@example.com"
        assert owner.post("/adduser", a_user(user_email=apart)).status == 201
        assert owner.post("/adduser", a_user(user_email=composed)).status == 409
        again = owner.post("/users/bulk", [a_user(user_email=composed), a_user(user_email=apart)])
        assert counts(again)[4] == 2
