"""By which key a row of a pipeline is found again, and keys that cannot be told apart."""

from pathlib import Path

import pytest
from tests.imports.test_imports import mapped, send
from tests.support.hub import Client, TestHub
from tests.support.ideas import idea, listed
from tests.support.pages import Visitor

from autohub.cli.main import run as autohub
from autohub.imports import service

TWICE = "Key,Name,Description,Category\nA-1,One,d,Finance\nA-1,Two,d,Finance\nA-2,Three,d,Finance\n"
DELETED = (
    "Key,Name,Description,Category\nK-1,Deleted meanwhile,d,Finance\nK-2,Still there,d,Finance\n"
)


class TestAKeyThatTwoRowsShare:
    @pytest.mark.parametrize("query", ["", "dryRun=true"])
    def test_both_rows_name_each_other_and_the_others_are_written(
        self, owner: Client, query: str
    ) -> None:
        data = send(owner, TWICE, query).data
        assert (data["created"], data["failed"]) == (1, 2)
        told = {r["row"]: r["errors"]["Key"][0] for r in data["results"]}
        assert told == {
            2: "“A-1” is the key of row 3 as well; give each row a key of its own.",
            3: "“A-1” is the key of row 2 as well; give each row a key of its own.",
        }
        assert [idea(owner, i)["process_name"] for i in listed(owner)] == (
            [] if query else ["Three"]
        )

    def test_rows_far_apart_do_not_overwrite_each_other(
        self, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "CHUNK", 1)
        assert send(owner, TWICE).data["failed"] == 2
        assert [idea(owner, i)["process_name"] for i in listed(owner)] == ["Three"]

    def test_an_idea_that_is_there_stays_as_it_is(self, owner: Client) -> None:
        send(owner, "Key,Name,Description,Category\nA-1,One,d,Finance\n")
        assert send(owner, TWICE).data["failed"] == 2
        assert idea(owner, listed(owner)[0])["process_name"] == "One"

    def test_the_key_of_an_idea_and_its_uuid_are_one(
        self, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "CHUNK", 1)
        send(owner, "Key,Name,Description,Category\nA-1,One,d,Finance\n")
        uuid = idea(owner, listed(owner)[0])["process_uuid"]
        data = send(
            owner, f"Key,Name,Description,Category\nA-1,Two,d,Finance\n{uuid},Three,d,Finance\n"
        ).data
        assert (data["updated"], data["failed"]) == (
            1,
            1,
        ) and "which row 2 is about as well" in data["results"][-1]["errors"]["Key"][0]
        assert idea(owner, listed(owner)[0])["process_name"] == "Two"

    def test_the_page_and_the_command_line_say_the_same(
        self,
        sqlite_hub: TestHub,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        admin = Visitor(sqlite_hub, sqlite_hub.person((1, 0)))
        shown = admin.upload("/admin/setup/import", "t.csv", TWICE.encode())
        fields = {name: shown.value(name) for name in ("key", "name")}
        fields |= {
            "column-0": "import_key",
            "column-1": "process_name",
            "column-2": "process_description",
            "column-3": "category",
        }
        tried = admin.post("/admin/setup/import/try", fields)
        assert tried.status == 200 and "“A-1” is the key of row 3 as well" in tried.text
        file = tmp_path / "t.csv"
        file.write_text(TWICE)
        assert (
            autohub(["--data-dir", str(sqlite_hub.settings.data_dir), "ideas", "import", str(file)])
            == 1
        )
        told = capsys.readouterr().err
        assert (
            "row 2, One, Key: “A-1” is the key of row 3 as well" in told and "Traceback" not in told
        )

    def test_a_key_that_is_too_long_is_told_and_not_cut(self, owner: Client) -> None:
        rows = "".join(f"{'k' * 200}{n},Name {n},d,Finance\n" for n in range(2))
        data = send(owner, f"Key,Name,Description,Category\n{rows}").data
        assert (
            data["failed"] == 2
            and "at most 200 characters" in data["results"][0]["errors"]["Key"][0]
        )

    def test_a_control_character_in_a_key_fails_its_row_alone(self, owner: Client) -> None:
        data = send(
            owner,
            "Key,Name,Description,Category\nA\x00,One,d,Finance\nB,Two\x00,d,Finance\nC,Three,d,Finance\n",
        ).data
        assert (data["created"], data["failed"]) == (1, 2)

    def test_a_tag_twice_in_other_letters_is_one(self, owner: Client) -> None:
        assert (
            send(owner, "Name,Description,Category,Tags\nOne,d,Finance,Alpha;alpha;Beta\n").data[
                "created"
            ]
            == 1
        )
        assert idea(owner, listed(owner)[0])["tags"] == ["Alpha", "Beta"]


class TestTheKeyOfADeletedIdea:
    def test_its_row_is_told_when_it_went_and_how_to_go_on(self, owner: Client) -> None:
        send(owner, DELETED)
        first = listed(owner)[0]
        assert owner.delete(f"/automations/{first}").status == 200
        for query in ("dryRun=true", ""):
            data = send(owner, DELETED, query).data
            assert (data["unchanged"], data["failed"]) == (1, 1)
            told = data["results"][0]["errors"]["Key"][0]
            assert (
                told.startswith(f"“K-1” is the key of idea {first}, which was deleted on 20")
                and " by Ada Byron; " in told
                and "give it another key" in told
            )
        assert len(listed(owner)) == 1
        assert send(owner, DELETED.replace("K-1", "K-1a")).data["created"] == 1

    def test_a_row_without_a_key_is_told_what_finds_it_again(self, owner: Client) -> None:
        text = "Area,Name,Description\nFinance,Pay,d\n"
        rules = mapped(
            columns={"Name": "process_name", "Description": "process_description"},
            category=["Area"],
            key=["Area", "Name"],
        )
        plain = "Name,Description,Category\nAsk,d,Finance\n"
        send(owner, text, rules), send(owner, plain)
        for process_id in listed(owner):
            owner.delete(f"/automations/{process_id}")
        assert (
            "change “Area” and “Name”"
            in send(owner, text, rules).data["results"][0]["errors"]["Area"][0]
        )
        assert "change the name" in send(owner, plain).data["results"][0]["errors"]["Name"][0]
