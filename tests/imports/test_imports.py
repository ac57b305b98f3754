"""Whole pipelines in and out (issue: import pipeline)."""

import csv
import io
import json
import os
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import settings_for
from tests.support.hub import Answer, Client, TestHub, running_hub
from tests.support.ideas import hand_in, idea, listed

from autohub.cli.main import run as autohub
from autohub.imports import dates, mapping
from autohub.kit import cells
from autohub.kit.errors import Invalid
from autohub.kit.tablefile import Choice
from autohub.kit.text import clean
from autohub.kit.toml import read_toml, write_toml

EXAMPLE = Path(__file__).parents[2] / "examples" / "federal-ai-use-cases"
INVENTORY = Path(__file__).parents[3] / "shared" / "data" / "federal-ai-use-cases-2024.csv"


def send(client: Client, text: str, query: str = "", media: str = "text/csv") -> Answer:
    return client.post(
        f"/automations/import?{query}", raw=text.encode(), headers={"Content-Type": media}
    )


def mapped(**fields: Any) -> str:
    return "mapping=" + quote(json.dumps(fields))


class TestRows:
    def test_they_become_ideas_with_everything_that_they_say(
        self, hub: TestHub, owner: Client
    ) -> None:
        text = (
            "Name;Description;Category;Process "
            "owner;Status;Created;Tags;Applications;Priority;Purpose and expected benefit;"
            "How rule-based is the process?;Date initiated\n"
            'Pay;"Two\nlines";Finance > Accounts Payable > Invoices;OWNER@example.com;Idea – '
            "Approved;2024-01-31;"
            '"a;""b;c""";SAP;High;Because;Very rule based;1/31/2024\n'
        )
        answer = send(owner, text)
        assert answer.status == 200 and (answer.data["created"], answer.data["failed"]) == (1, 0), (
            answer
        )
        record = idea(owner, listed(owner)[0])
        assert (
            record["process_name"] == "Pay"
            and record["process_description"] == "Two\nlines"
            and record["hierarchy"] == "1,2,3"
        )
        assert (
            record["owner"]["user_email"] == "owner@example.com"
            and record["process_submitter"] is None  # the file names none
        )
        assert (
            record["phase_status_key"] == "IDEA_APPROVED"
            and record["tags"] == ["a", "b;c"]
            and record["process_priority"] == "High"
        )
        assert (
            record["process_created_epoch"] == 1706659200000
            and record["ovr-date_initiated"] == "2024-01-31"
        )
        assert (
            record["applications"][0]["application_name"] == "SAP"
            and record["process_rules_id"] == 5
        )
        assert record["process_overall_gauge_score"] == 100 and record["ovr-purpose"] == "Because"

    def test_a_second_time_nothing_changes_and_a_change_changes_only_itself(
        self, owner: Client
    ) -> None:
        text = (
            "Key,Name,Description,Category,Tags\n1,Pay,By hand.,Finance,x\n2,Ask,By phone.,"
            "Finance,y\n"
        )
        assert send(owner, text).data["created"] == 2
        first = owner.get("/automations").data["processes"]
        assert send(owner, text).data["unchanged"] == 2
        assert owner.get("/automations").data["processes"] == first
        changed = send(owner, text.replace("By phone.", "By mail.")).data
        assert (changed["updated"], changed["unchanged"]) == (1, 1)
        assert [r["process_description"] for r in owner.get("/automations").data["processes"]] == [
            "By hand.",
            "By mail.",
        ]

    def test_each_fault_names_its_row_and_column_and_the_others_are_written(
        self, owner: Client
    ) -> None:
        text = (
            "Name,Description,Category,Status,Process owner,How rule-based is the process?\n"
            "One,Text,Nowhere,,,\nTwo,Text,Finance,IDEA_GONE,,\nThree,Text,Finance,BUSINESS_REVIEW_APPROVED,,\n"
            "Four,Text,Finance,,nobody@example.com,\n,Text,Finance,,,\nSix,,Finance,,,\nSeven,"
            f"Text,,,,\n{'x' * 101},Text,Finance,,,\n"
            "Nine,Text,Finance,,,Nonsense\nTen,Text,Finance,,,\n"
        )
        data = send(owner, text).data
        assert (data["total"], data["created"], data["failed"]) == (10, 1, 9)
        wrong = {r["row"]: set(r["errors"]) for r in data["results"]}
        assert wrong == {
            2: {"Category"},
            3: {"Status"},
            4: {"Status"},
            5: {"Process owner"},
            6: {"Name"},
            7: {"Description"},
            8: {"Category"},
            9: {"Name"},
            10: {"How rule-based is the process?"},
        }
        assert [r["process_name"] for r in owner.get("/automations").data["processes"]] == ["Ten"]

    @pytest.mark.parametrize(
        ("query", "status"),
        [("atomic=true", 400), ("dryRun=true", 200), ("atomic=true&dryRun=true", 200)],
    )
    def test_all_or_nothing_and_dry_runs_write_nothing(
        self, owner: Client, query: str, status: int
    ) -> None:
        answer = send(
            owner, "Name,Description,Category\nOne,Text,Finance\nTwo,Text,Nowhere\n", query
        )
        assert answer.status == status and listed(owner) == []
        if status == 200:
            assert (answer.data["created"], answer.data["failed"]) == (1, 1)
        else:
            assert "row 3, Category" in answer.details

    def test_declared_rules_take_what_the_api_refuses(self, hub: TestHub, owner: Client) -> None:
        rules = mapped(
            columns={"N": "process_name", "D": "process_description", "P": "owner"},
            category=["A", "B"],
            key=["N"],
            long_names="shorten",
            full_name="OVR-PURPOSE",
            taken_names="number",
            create_categories=True,
            create_people=True,
            shorten_categories=True,
        )
        long_ = "A name that is far too long " * 5
        text = (
            f"N,D,P,A,B\n{long_},x,jane.van.doe@example.com,New,{'y' * 60}\nPay,x,,New,\nPay,y,,"
            "New,\npay,z,,Other area,\n"
        )
        data = send(owner, text, rules).data
        assert (data["created"], data["failed"]) == (4, 0), data
        notes = {r["row"]: r["notes"] for r in data["results"]}
        assert "shortened" in notes[2][0] and "Possible duplicate of row 3" in notes[4][0]
        records = owner.get("/automations").data["processes"]
        assert [r["process_name"] for r in records[1:]] == ["Pay", "Pay (2)", "pay (3)"]
        assert len(records[0]["process_name"]) <= 100 and records[0]["ovr-purpose"] == long_.strip()
        assert (
            records[0]["owner"]["user_last_name"] == "Van Doe"
            and len(records[0]["category_name"]) <= 50
        )
        assert owner.user("jane.van.doe@example.com")["user_invite_status"] == 0
        nobody = send(owner, "N,D,P,A,B\nNew one,x,not an address,New,\n", rules).data
        assert nobody["failed"] == 1 and "P" in nobody["results"][0]["errors"]
        again = send(owner, text, rules).data
        assert again["unchanged"] == 4 and not again["results"]

    @pytest.mark.parametrize(
        ("text", "query", "says"),
        [
            ("Nmae,Description\nx,y\n", "", "process_name"),
            ("", "", "empty"),
            (
                "Name,Description,Category\nx,y,Finance\n",
                mapped(columns={"Gone": "process_name"}),
                "no such column",
            ),
            ("Name\nx\n", mapped(columns={"Name": "nonsense"}), "neither a field"),
            ("Name\nx\n", mapped(colums={}), "columns"),
            ("Name\nx\n", "mapping={", "JSON"),
            ("Name\nx\n", mapped(columns={"Name": "process_name"}, status={"a": "GONE"}), "GONE"),
            ("Name\nx\n", mapped(idea_flow_id=99), "99"),
        ],
    )
    def test_a_mapping_that_does_not_fit_is_refused(
        self, owner: Client, text: str, query: str, says: str
    ) -> None:
        answer = send(owner, text, query)
        assert answer.status in (400, 404) and says in json.dumps(answer.json), answer

    def test_json_and_ndjson_say_the_same(self, owner: Client) -> None:
        row = {
            "Name": "Pay",
            "Description": "x",
            "Category": "Finance",
            "Tags": ["a", "b;c"],
            "How rule-based is the process?": 5,
        }
        assert owner.post("/automations/import", [row]).data["created"] == 1
        other = json.dumps(row | {"Name": "Ask"}) + "\n"
        assert send(owner, other, media="application/x-ndjson").data["created"] == 1
        assert {tuple(r["tags"]) for r in owner.get("/automations").data["processes"]} == {
            ("a", "b;c")
        }
        broken = send(owner, '{"Name": 1}\n[1]\n', media="application/x-ndjson")
        assert broken.status == 400 and "Line 2" in broken.message

    def test_tsv_and_xlsx_come_over_the_api_too(self, owner: Client, tmp_path: Path) -> None:
        from autohub.kit import tabular

        headings, file = ["Name", "Description", "Category"], tmp_path / "t.xlsx"
        tabular.write(file, "xlsx", headings, [["One", "x", "Finance"]])
        xlsx = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        assert (
            owner.post("/automations/import", raw=file.read_bytes(), headers=xlsx).data["created"]
            == 1
        )
        assert (
            send(
                owner,
                "Name\tDescription\tCategory\nTwo\tx\tFinance\n",
                media="text/tab-separated-values",
            ).data["created"]
            == 1
        )
        assert owner.post("/automations/import", raw=b"PK broken", headers=xlsx).status == 400

    def test_only_those_who_may_import(self, hub: TestHub, owner: Client) -> None:
        assert (
            send(hub.someone((5, 0)), "Name\nx\n").status == 403
            and send(hub.someone((2, 9)), "Name\nx\n").status == 403
        )


class TestDates:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2024-01-31", date(2024, 1, 31)),
            ("2024-1-5T10:00", date(2024, 1, 5)),
            ("1/31/2024", date(2024, 1, 31)),
            ("1/31/24", date(2024, 1, 31)),
            ("31.1.2024", date(2024, 1, 31)),
            ("January 31, 2024", date(2024, 1, 31)),
            ("Jan 2024", date(2024, 1, 1)),
            ("Sept. 3rd 2021", date(2021, 9, 3)),
            ("01/2024", date(2024, 1, 1)),
            ("2024-03", date(2024, 3, 1)),
            ("2024", date(2024, 1, 1)),
            ("FY2024", date(2024, 1, 1)),
            ("45322", date(2024, 1, 31)),
            ("7/16/1905", date(2024, 1, 1)),
            ("N/A", None),
            ("TBD", None),
            ("13/32/2024", None),
            ("1/1/1969", None),
            ("2101-01-01", None),
            ("24-Nov", None),
            ("31-Jan-24", date(2024, 1, 31)),
            ("31 January 2024", date(2024, 1, 31)),
            ("2024/01/31", date(2024, 1, 31)),
            ("31-01-2024", date(2024, 1, 31)),
            ("31/1/2024", date(2024, 1, 31)),
            ("Apr-24", date(2024, 4, 1)),
            ("Q2 2024", date(2024, 4, 1)),
            ("2024 Q4", date(2024, 10, 1)),
            ("Marble 2024", None),
            ("", None),
        ],
    )
    def test_the_spellings(self, text: str, day: date | None) -> None:
        assert dates.parse_day(text) == day

    @given(st.dates(date(1970, 1, 1), date(2100, 12, 31)))
    def test_every_spelling_of_a_day_is_that_day(self, day: date) -> None:
        for text in (
            day.isoformat(),
            f"{day.month}/{day.day}/{day.year}",
            f"{day.day}.{day.month}.{day.year}",
            f"{day:%B} {day.day}, {day.year}",
        ):
            assert dates.parse_day(text) == day

    @given(st.text(max_size=30))
    def test_no_text_breaks_the_reading(self, text: str) -> None:
        dates.parse_day(text)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
        .map(str.strip)
        .filter(bool)
    )
)
def test_a_cell_of_values_is_read_back(values: list[str]) -> None:
    assert cells.split_cell(cells.join_cells(values)) == values


def test_a_suggested_mapping_is_one_that_can_be_read() -> None:
    from autohub.assessments.defaults import OVERVIEW

    text = mapping.draft_mapping(
        ["Idea name", "Descripton", "Colour", 'Odd "one"\n'],
        OVERVIEW.questions,
        {"Colour": ["red"]},
        Choice(encoding="cp1250", header_row=3),
    )
    assert read_toml(text, mapping.Mapping).columns == {
        "Idea name": "process_name",
        "Descripton": "process_description",
    }
    with pytest.raises(Invalid):
        read_toml("= broken", mapping.Mapping)


WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(clean).filter(bool)


@given(
    st.dictionaries(WORD, WORD),
    st.lists(WORD, max_size=5),
    st.dictionaries(WORD, WORD),
    st.booleans(),
)
def test_a_mapping_that_is_written_down_is_read_back(
    columns: dict[str, str], key: list[str], status: dict[str, str], create: bool
) -> None:
    wanted = mapping.Mapping(
        columns=columns,
        category=key,
        key=key,
        status=status,
        create_people=create,
        long_names="shorten",
    )
    assert read_toml(write_toml(wanted), mapping.Mapping) == wanted


class TestFiles:
    @pytest.fixture(autouse=True)
    def _no_settings_from_outside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.startswith("AUTOHUB_")]:
            monkeypatch.delenv(name)

    @pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "ndjson", "json"])
    def test_what_was_exported_is_imported_as_it_was(
        self, sqlite_hub: TestHub, tmp_path: Path, kind: str
    ) -> None:
        hub = sqlite_hub
        owner = hub.someone((1, 0), email="owner@example.com")
        for n, name in enumerate(("=cmd|calc", 'Ünïcode, "quoted"; it\'s', "-1", "'x", "plain")):
            number = hand_in(
                owner,
                process_name=name,
                process_description=f"=1+{n}\nline",
                category_id=(3, 9)[n % 2],
            )
            owner.post(f"/automations/{number}/tags", {"tags": ["a;b", 'c"d', "=e"]})
        body = {
            "user_inputs": {
                "OVR": {
                    "s": {
                        "OVR-PURPOSE": {"value": "x", "comment": "so"},
                        "OVR-DATE_RETIRED": {"value": "2024-01-31"},
                    }
                }
            }
        }
        assert owner.patch(f"/automations/{number}", body).status == 200
        first, again = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}"
        folder = str(hub.settings.data_dir)
        assert autohub(["--data-dir", folder, "ideas", "export", str(first)]) == 0
        before = owner.get("/automations").raw
        assert autohub(["--data-dir", folder, "ideas", "import", str(first), "--atomic"]) == 0
        assert owner.get("/automations").raw == before
        with running_hub(settings_for(tmp_path / "other")) as other:
            other.someone((1, 0), email="owner@example.com")
            away = str(other.settings.data_dir)
            assert autohub(["--data-dir", away, "ideas", "import", str(first), "--atomic"]) == 0
            assert autohub(["--data-dir", away, "ideas", "export", str(again)]) == 0
        if kind == "xlsx":
            from autohub.kit import workbook

            assert list(workbook.open_sheet(first.read_bytes()).rows()) == list(
                workbook.open_sheet(again.read_bytes()).rows()
            )
        else:
            assert first.read_bytes() == again.read_bytes()

    def test_a_template_is_understood_as_it_is(self, sqlite_hub: TestHub, tmp_path: Path) -> None:
        folder, file = str(sqlite_hub.settings.data_dir), tmp_path / "t.csv"
        for flow in range(1, 9):
            assert (
                autohub(["--data-dir", folder, "ideas", "template", str(file), "--flow", str(flow)])
                == 0
            )
            headings = next(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
            assert headings[:3] == ["Key", "Name", "Description"] and len(headings) > 15
        autohub(["--data-dir", folder, "ideas", "template", str(file)])
        assert autohub(["--data-dir", folder, "ideas", "import", str(file)]) == 0

    @pytest.mark.skipif(
        not INVENTORY.exists(),
        reason="the real inventory, public data that is not committed, is not beside this checkout",
    )
    def test_the_real_inventory_is_taken_whole_and_a_second_time_changes_nothing(
        self, sqlite_hub: TestHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder, report = ["--data-dir", str(sqlite_hub.settings.data_dir)], tmp_path / "report.csv"
        assert (
            autohub(
                [*folder, "assessments", "import", str(EXAMPLE / "assessment.json"), "--live", "0"]
            )
            == 0
        )
        command = [
            *folder,
            "ideas",
            "import",
            str(INVENTORY),
            "--map",
            str(EXAMPLE / "map.toml"),
            "--report",
            str(report),
        ]
        assert autohub(command) == 0
        assert (
            "2133 rows: 2133 created, 0 updated, 0 unchanged, 0 failed." in capsys.readouterr().err
        )
        rows = list(csv.DictReader(io.StringIO(report.read_text("utf-8-sig"))))
        assert len({row["row"] for row in rows}) == 2133
        notes = [row["note"] for row in rows if row["note"]]
        assert sum("Possible duplicate" in note for note in notes) >= 80 and any(
            "name was shortened" in note for note in notes
        )
        owner = sqlite_hub.someone((1, 0))
        live = owner.get("/automations?phase=9&limit=5000").data
        assert live["totalItems"] == 874 + 14 + 4 + 142
        defence = owner.get("/automations?s=Veritone&limit=100").data["processes"][0]
        assert (
            defence["categories"][0]["category_name"].startswith("Department of")
            and defence["inv-topic_area"]
        )
        before = owner.get("/automations?limit=30000").raw
        assert autohub(command) == 0
        assert "0 created, 0 updated, 2133 unchanged" in capsys.readouterr().err
        assert owner.get("/automations?limit=30000").raw == before
