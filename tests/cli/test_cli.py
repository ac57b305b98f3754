"""The command line, run as an operator runs it."""

import csv
import json
import os
import re
import time
from pathlib import Path

import httpx
import pytest
from tests.support.processes import Server, autohub, environment, free_port, serving

from autohub.cli.main import COMMANDS, run

PEOPLE = """First Name;Last Name;E-mail;Job title;Business Unit;City;Department;Roles
Jörg;Weiß;joerg@example.com;Leiter;Forschung;Köln;F&E;Idea Approver
=cmd();O'Neil;evil@example.com;@sum;+1;-2;'quoted;Standard User, 5
"""


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(PEOPLE.encode("cp1252"))
    return path


class TestTokens:
    def test_create_prints_the_token_alone_and_it_works_beside_a_running_server(
        self, tmp_path: Path
    ) -> None:
        with serving(tmp_path) as server:
            made = autohub(
                tmp_path,
                "token",
                "create",
                "--name",
                "tour",
                "--tenant-level",
                "--expires",
                "2099-12-31",
            )
            assert made.returncode == 0 and re.fullmatch(
                r"[0-9a-f-]{36}/[0-9a-f-]{36}\n", made.stdout
            )
            headers = {
                "Authorization": f"Bearer {made.stdout.strip()}",
                "x-ah-openapi-auth": "openapi-token",
            }
            assert (
                httpx.get(f"{server.url}/api/v1/openapi/users", headers=headers).status_code == 200
            )
            listed = json.loads(autohub(tmp_path, "token", "list", "--json").stdout)
            assert [t["token_name"] for t in listed] == ["tour"] and made.stdout.strip() not in str(
                listed
            )
            assert autohub(tmp_path, "token", "revoke", str(listed[0]["token_id"])).returncode == 0
            assert (
                httpx.get(f"{server.url}/api/v1/openapi/users", headers=headers).status_code == 401
            )

    def test_access_prints_a_jwt_that_works(self, tmp_path: Path) -> None:
        autohub(tmp_path, "demo", "--users", "3")
        with serving(tmp_path) as server:
            made = autohub(tmp_path, "token", "access", "--user", "olivia.owner@demo.example")
            assert made.stdout.count(".") == 2
            answer = httpx.get(
                f"{server.url}/api/v1/openapi/authinfo",
                headers={"Authorization": f"Bearer {made.stdout.strip()}"},
            )
            assert answer.json()["data"]["type"] == "automation-cloud"

    def test_wrong_use_is_told_in_one_sentence(self, tmp_path: Path) -> None:
        for arguments in (
            ["token", "create", "--name", "x"],
            ["token", "create", "--name", "x", "--tenant-level", "--expires", "soon"],
            ["nonsense"],
            ["users"],
        ):
            done = autohub(tmp_path, *arguments)
            assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr, (
                done
            )
        assert autohub(tmp_path, "token", "access", "--user", "no@example.com").returncode == 1


class TestUsers:
    def test_a_file_is_imported_reported_and_exported_without_a_server(
        self, tmp_path: Path, people: Path
    ) -> None:
        report = tmp_path / "report.csv"
        people.write_bytes(people.read_bytes() + b"No;Mail;;;;;;\nA;B;bad;;;;;Emperor\n")
        done = autohub(tmp_path, "users", "import", str(people), "--report", str(report))
        assert (
            done.returncode == 1
            and "4 rows: 2 created, 0 updated, 0 unchanged, 2 failed" in done.stderr
        )
        rows = table(report)
        assert [(r["row"], r["outcome"], r["column"]) for r in rows] == [
            ("2", "created", ""),
            ("3", "created", ""),
            ("4", "failed", "E-mail"),
            ("5", "failed", "Roles"),
        ]
        assert "“Emperor”" in rows[3]["problem"]

    @pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "ndjson", "json"])
    def test_importing_what_was_exported_changes_nothing_and_a_new_hub_gets_the_same_people(
        self, tmp_path: Path, people: Path, kind: str
    ) -> None:
        old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / f"people.{kind}"
        for folder in (old, new):
            folder.mkdir()
        assert autohub(old, "users", "import", str(people)).returncode == 0
        autohub(
            old,
            "users",
            "edit",
            "joerg@example.com",
            "--role",
            "5:3",
            "--role",
            "6",
            "--invite-status",
            "1",
        )
        autohub(old, "users", "add", "leaver@example.com", "--first-name", "L", "--last-name", "V")
        autohub(old, "users", "deactivate", "leaver@example.com")
        assert autohub(old, "users", "export", str(file)).returncode == 0
        again = autohub(old, "users", "import", str(file))
        assert (
            again.returncode == 0
            and "3 rows: 0 created, 0 updated, 3 unchanged, 0 failed" in again.stderr
        ), again.stderr
        assert autohub(new, "users", "import", str(file)).returncode == 0
        one, other = (
            json.loads(autohub(folder, "users", "list", "--json").stdout) for folder in (old, new)
        )
        assert one == other and len(one) == 3

    def test_no_exported_cell_starts_a_formula(self, tmp_path: Path, people: Path) -> None:
        autohub(tmp_path, "users", "import", str(people))
        autohub(tmp_path, "users", "export", str(tmp_path / "out.csv"))
        cells = [cell for row in table(tmp_path / "out.csv") for cell in row.values()]
        assert "'=cmd()" in cells and not any(
            cell.startswith(("=", "+", "-", "@")) for cell in cells
        )

    def test_dry_run_atomic_and_modes(self, tmp_path: Path, people: Path) -> None:
        assert (
            "Nothing was written"
            in autohub(tmp_path, "users", "import", str(people), "--dry-run").stderr
        )
        people.write_bytes(people.read_bytes() + b"A;B;bad;;;;;\n")
        assert autohub(tmp_path, "users", "import", str(people), "--atomic").returncode == 1
        assert autohub(tmp_path, "users", "import", str(people), "--mode", "edit").returncode == 1
        assert json.loads(autohub(tmp_path, "users", "list", "--json").stdout) == []

    def test_a_table_that_cannot_be_understood_is_wrong_use(self, tmp_path: Path) -> None:
        file = tmp_path / "x.csv"
        file.write_text("name\nx\n")
        done = autohub(tmp_path, "users", "import", str(file))
        assert done.returncode == 2 and "“name”" in done.stderr
        (tmp_path / "x.pdf").write_text("")
        assert autohub(tmp_path, "users", "import", str(tmp_path / "x.pdf")).returncode == 2

    def test_showing_deactivating_reactivating_and_reassigning(self, tmp_path: Path) -> None:
        autohub(tmp_path, "demo", "--users", "5", "--seed", "2")
        owner = "olivia.owner@demo.example"
        shown = autohub(tmp_path, "users", "show", owner)
        assert (
            "user_status            Active" in shown.stdout
            and "may Tenant settings: Account Owner on all categories" in shown.stdout
        )
        autohub(tmp_path, "users", "add", "p@example.com", "--first-name", "P", "--last-name", "Q")
        assert "status Inactive" in autohub(tmp_path, "users", "deactivate", "p@example.com").stderr
        assert "status Pending" in autohub(tmp_path, "users", "reactivate", "p@example.com").stderr
        assert (
            autohub(tmp_path, "users", "reassign", "p@example.com", "--to", owner).returncode == 0
        )
        last = autohub(tmp_path, "users", "deactivate", owner)
        assert last.returncode in (0, 1) and "Traceback" not in last.stderr
        assert autohub(tmp_path, "users", "show", "nobody@example.com").returncode == 1


class TestCategories:
    def test_the_agencies_and_bureaus_of_the_real_inventory_become_a_tree(
        self, tmp_path: Path
    ) -> None:
        data = (
            Path(__file__).parents[2].parent / "shared" / "data" / "federal-ai-use-cases-2024.csv"
        )
        if not data.exists():
            pytest.skip("the real inventory is not beside this checkout")
        arguments = ("categories", "import", str(data), "--columns", "Agency,Bureau", "--shorten")
        assert "378 categories were added" in autohub(tmp_path, *arguments).stderr
        assert "0 categories were added" in autohub(tmp_path, *arguments).stderr
        assert autohub(tmp_path, *arguments[:-1]).returncode == 2
        # … and people with roles scoped to them come from a CSV and are seen through the API
        autohub(tmp_path, "categories", "export", str(tmp_path / "tree.csv"))
        ids = {
            (r["Business Area"], r["Category"]): r["category_id"]
            for r in table(tmp_path / "tree.csv")
        }
        agency, bureau = (
            ids["Department of Homeland Security", ""],
            ids["Department of Homeland Security", "FEMA"],
        )
        people = tmp_path / "people.csv"
        lines = [f"a@fema.example,Ann,Lee,5,{agency},8,0", f"b@fema.example,Bo,Ray,6,{bureau},,"]
        people.write_text(
            "user_email,user_first-name,user_last_name,role_id1,category_id1,role_id2,category_id2\n"
            + "\n".join(lines)
        )
        assert autohub(tmp_path, "users", "import", str(people)).returncode == 0
        with serving(tmp_path) as server:
            token = autohub(
                tmp_path, "token", "create", "--name", "t", "--tenant-level"
            ).stdout.strip()
            headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
            found = httpx.get(f"{server.url}/api/v1/openapi/users?s=fema", headers=headers).json()[
                "data"
            ]["users"]
        grants = [[(g["role_id"], str(g["category_id"])) for g in u["user_roles"]] for u in found]
        assert grants == [[(5, agency), (8, "0")], [(6, bureau)]]

    def test_a_tree_that_was_exported_makes_the_same_tree(self, tmp_path: Path) -> None:
        file = tmp_path / "tree.csv"
        file.write_text("Business Area,Category,Sub-Category\n=Lab,Wet,\n=Lab,Dry,Room 1\n")
        assert autohub(tmp_path, "categories", "import", str(file), "--dry-run").returncode == 0
        autohub(tmp_path, "categories", "import", str(file))
        autohub(tmp_path, "categories", "export", str(tmp_path / "out.csv"))
        new = tmp_path / "new"
        new.mkdir()
        autohub(new, "categories", "import", str(tmp_path / "out.csv"))
        autohub(new, "categories", "export", str(tmp_path / "again.csv"))
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
        assert ["Lab" in row["Business Area"] for row in table(tmp_path / "out.csv")].count(
            True
        ) == 4

    def test_a_gap_in_a_path_is_named_by_its_row(self, tmp_path: Path) -> None:
        file = tmp_path / "tree.csv"
        file.write_text("Business Area,Category,Sub-Category\nLab,,Room\n")
        done = autohub(tmp_path, "categories", "import", str(file))
        assert done.returncode == 2 and "row 2" in done.stderr


class TestOperating:
    def test_mail_list_and_link_hand_an_invitation_over(self, tmp_path: Path) -> None:
        autohub(
            tmp_path,
            "users",
            "add",
            "p@example.com",
            "--first-name",
            "P",
            "--last-name",
            "Q",
            "--invite-status",
            "2",
        )
        waiting = json.loads(autohub(tmp_path, "mail", "list", "--json").stdout)
        assert [(i["user_email"], i["delivery_state"]) for i in waiting] == [
            ("p@example.com", "waiting")
        ]
        assert (
            "/register/"
            in autohub(tmp_path, "mail", "link", str(waiting[0]["invitation_id"])).stdout
        )

    def test_config_check_tells_where_each_value_comes_from_and_what_is_wrong(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "autohub.toml").write_text('organisation = "umbrella"\nbody_limit_mb = 2\n')
        (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n")
        more = {
            "AUTOHUB_SECRET_FILE": str(tmp_path / "secret"),
            "AUTOHUB_SMTP_URL": "smtp://u:pw@host",
        }
        rows = {
            r["setting"]: r
            for r in json.loads(autohub(tmp_path, "config", "check", "--json", **more).stdout)
        }
        assert (
            rows["AUTOHUB_ORGANISATION"]["value"] == "umbrella"
            and rows["AUTOHUB_ORGANISATION"]["origin"] == "autohub.toml"
        )
        assert rows["AUTOHUB_SECRET"]["value"] == rows["AUTOHUB_SMTP_URL"]["value"] == "(secret)"
        wrong = autohub(tmp_path, "config", "check", AUTOHUB_BODY_LIMIT_MB="much")
        assert wrong.returncode == 1 and "must be a whole number above 0" in wrong.stdout

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("AUTOHUB_DATABASE_URL", "mysql://x"),
            ("AUTOHUB_DATABASE_URL", "postgresql://host:port/x"),
            ("AUTOHUB_BASE_URL", "nonsense"),
            ("AUTOHUB_TYPO", "1"),
            ("AUTOHUB_ORGANISATION", "a/b"),
            ("AUTOHUB_CONFIG", "/nowhere.toml"),
            ("AUTOHUB_OIDC_ISSUER", "https://x.org"),
            ("AUTOHUB_SECRET_FILE", "/nowhere"),
            ("AUTOHUB_MAIL_FROM", "not an address"),
            ("AUTOHUB_LOG_FORMAT", "xml"),
        ],
    )
    def test_a_wrong_setting_stops_the_start_with_its_name(
        self, tmp_path: Path, variable: str, value: str
    ) -> None:
        done = autohub(tmp_path, "init", **{variable: value})
        assert (
            done.returncode == 2
            and variable.removesuffix("_FILE") in done.stderr
            and "Traceback" not in done.stderr
        )

    def test_a_database_that_is_not_there_is_not_available(self, tmp_path: Path) -> None:
        done = autohub(
            tmp_path, "init", AUTOHUB_DATABASE_URL="postgresql://127.0.0.1:1/x?connect_timeout=1"
        )
        assert done.returncode == 3 and "Traceback" not in done.stderr

    def test_doctor_and_migrate(self, tmp_path: Path) -> None:
        autohub(tmp_path, "demo", "--users", "5")
        done = autohub(tmp_path, "doctor", "--json")
        found = {f["check"]: f["state"] for f in json.loads(done.stdout)}
        assert done.returncode == 0 and found.pop("mail") == "note" and {*found.values()} == {"ok"}
        done = autohub(tmp_path, "doctor", "--json", AUTOHUB_SMTP_URL="smtp://mail.example.com")
        found = {f["check"]: f["ok"] for f in json.loads(done.stdout)}
        assert found["mail"] and not found["address"]
        assert "up to date" in autohub(tmp_path, "migrate").stderr

    def test_help_needs_no_web_framework_and_every_command_has_it(self, tmp_path: Path) -> None:
        import subprocess
        import sys

        heavy = "{'litestar', 'sqlalchemy', 'granian', 'rich'}"
        code = (
            f"import sys; from autohub.cli.main import run; run(['--help']); assert not {heavy} & "
            "set(sys.modules)"
        )
        assert (
            subprocess.run(
                [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True
            ).returncode
            == 0
        )
        for command in COMMANDS:
            assert run([command, "--help"]) == 0

    def test_a_port_in_use_is_told(self, tmp_path: Path) -> None:
        with serving(tmp_path) as server:
            done = autohub(tmp_path, "serve", "--port", str(server.port))
            assert done.returncode == 2 and "cannot be listened on" in done.stderr


class TestServing:
    @pytest.mark.parametrize("told_by", ["environment", "a file", "autohub.toml", "nobody"])
    def test_an_address_that_was_told_is_the_address_on_any_port(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        told_by: str,
    ) -> None:
        for name in (
            "AUTOHUB_DATA_DIR",
            "AUTOHUB_BASE_URL",
        ):  # what `serve` tells its processes is forgotten afterwards
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)
        address = "https://hub.example.com"
        (tmp_path / "address").write_text(address)
        (tmp_path / "autohub.toml").write_text(
            f'base_url = "{address}"' if told_by == "autohub.toml" else ""
        )
        monkeypatch.chdir(tmp_path)
        if told_by == "environment":
            monkeypatch.setenv("AUTOHUB_BASE_URL", address)
        if told_by == "a file":
            monkeypatch.setenv("AUTOHUB_BASE_URL_FILE", str(tmp_path / "address"))
        monkeypatch.setattr("autohub.cli.serve._granian", lambda *_: None)
        port = free_port()
        assert run(["serve", "--port", str(port)]) == 0
        right = f"http://127.0.0.1:{port}" if told_by == "nobody" else address
        assert (
            f"first person {right}/" in capsys.readouterr().err
            and os.environ["AUTOHUB_BASE_URL"] == right
        )

    def test_the_start_prints_where_everything_is_and_a_second_start_no_link(
        self, tmp_path: Path
    ) -> None:
        with serving(tmp_path) as server:
            assert f"{server.url}/api/v1/api-doc/" in server.told and server.first_link.startswith(
                server.url
            )
        autohub(tmp_path, "demo", "--users", "2")
        with serving(tmp_path) as server:
            assert "first person" not in server.told

    def test_it_ends_in_order_when_asked(self, tmp_path: Path) -> None:
        server = Server(tmp_path)
        started = time.monotonic()
        assert server.stop() == 0 and time.monotonic() - started < 10


@pytest.mark.parametrize("secret", ["x", "short-but-mixed-1", "a" * 64])
def test_a_weak_signing_secret_is_refused_with_what_would_be_right(
    tmp_path: Path, secret: str
) -> None:
    refused = autohub(tmp_path, "config", "check", AUTOHUB_SECRET=secret)
    assert refused.returncode != 0 and "at least 32 characters" in refused.stdout + refused.stderr
