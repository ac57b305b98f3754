"""The store of files: what is kept in it, what is swept from it, and for whom."""

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from tests.conftest import settings_for
from tests.documents.test_documents import a_file, add
from tests.support.hub import Client, TestHub, running_hub
from tests.support.ideas import hand_in
from tests.support.processes import autohub

from autohub.documents import sweeping
from autohub.documents.sweeping import (
    KEEP_TRASH_SECONDS,
    SWEEP_AFTER_SECONDS,
    Swept,
    sweep,
    sweep_spool,
)
from autohub.integrations.blobs import Blobs, FolderBlobs, Lost, S3Blobs, new_key, new_work_key
from autohub.kit.errors import Unavailable


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a store is: a folder, or an address."""
    if request.param == "folder":
        return str(tmp_path / "blobs")
    endpoint = request.getfixturevalue("s3")
    for name, value in {
        "ENDPOINT": endpoint,
        "ACCESS_KEY_ID": "test",
        "SECRET_ACCESS_KEY": "test",
        "REGION": "us-east-1",
        "ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    httpx.post(f"{endpoint}/moto-api/reset")
    httpx.put(f"{endpoint}/bucket")
    return "s3://bucket/files"


def store(place: str, installation: str) -> Blobs:
    return (
        S3Blobs(place, installation)
        if place.startswith("s3:")
        else FolderBlobs(Path(place), installation)
    )


@pytest.fixture
def blobs(place: str, hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """An empty store that the hub keeps its files in."""
    made = store(place, hub.installation.tenant_id)
    monkeypatch.setattr(hub.app.context, "blobs", made)
    return made


def put(blobs: Blobs, folder: Path, key: str | None = None, content: bytes = b"Hello") -> str:
    source = folder / "source"
    source.write_bytes(content)
    key = key or new_key()
    blobs.put(key, source)
    return key


def documents(owner: Client, count: int) -> list[str]:
    """Adds documents and returns the paths under which they are downloaded."""
    number = hand_in(owner)
    return [
        f"/download/file/{add(owner, number, file=a_file()).data['file_id']}" for _ in range(count)
    ]


def delete_documents(hub: TestHub, owner: Client, count: int) -> None:
    for record in owner.get("/automations/1/documents?limit=1000").data["documents"][:count]:
        assert owner.delete(f"/automations/1/documents/{record['document_id']}").status == 200


class TestStore:
    def test_bytes_are_kept_read_listed_and_erased_only_from_the_trash(
        self, place: str, tmp_path: Path
    ) -> None:
        blobs, content = store(place, "ours"), bytes(range(256)) * 100_000  # more than one part
        put(blobs, tmp_path, "ab12", content)
        assert not (tmp_path / "source").exists() and b"".join(blobs.read("ab12")) == content
        blobs.erase("ab12")
        assert [*blobs.ages()] == ["ab12"] and blobs.trash_ages() == {}
        for _ in range(2):
            blobs.discard("ab12")
        assert (
            [*blobs.trash_ages()] == ["ab12"]
            and blobs.ages() == {}
            and b"".join(blobs.read("ab12")) == content
        )
        for _ in range(2):
            blobs.restore("ab12")
        assert (
            [*blobs.ages()] == ["ab12"]
            and blobs.trash_ages() == {}
            and b"".join(blobs.read("ab12")) == content
        )
        blobs.discard("ab12")
        for _ in range(2):
            blobs.erase("ab12")
        assert blobs.ages() == blobs.trash_ages() == {}
        with pytest.raises(Lost):
            list(blobs.read("ab12"))

    def test_it_belongs_to_who_claims_it_first_and_takes_no_files_of_others(
        self, place: str, tmp_path: Path
    ) -> None:
        ours, theirs = store(place, "ours"), store(place, "theirs")
        assert (
            ours.owner() is None
            and ours.claim()
            and not theirs.claim()
            and ours.claim()
            and theirs.owner() == "ours"
        )
        put(ours, tmp_path)
        with pytest.raises(Unavailable, match="another installation"):
            put(theirs, tmp_path)
        assert theirs.claim(force=True) and ours.owner() == "theirs" and len(ours.ages()) == 1

    def test_one_that_is_away_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "ENDPOINT": "http://127.0.0.1:9",
            "ACCESS_KEY_ID": "x",
            "SECRET_ACCESS_KEY": "x",
            "ALLOW_HTTP": "true",
        }.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        with pytest.raises(Unavailable):
            S3Blobs("s3://bucket", "ours").discard("x")

    def test_the_days_in_the_trash_count_from_the_move_and_not_from_the_upload(
        self, tmp_path: Path
    ) -> None:
        blobs = FolderBlobs(tmp_path / "blobs", "ours")
        put(blobs, tmp_path, "ab12")
        month_ago = time.time() - 30 * 24 * 3600
        os.utime(tmp_path / "blobs" / "ab" / "ab12", (month_ago, month_ago))
        assert blobs.ages()["ab12"] > KEEP_TRASH_SECONDS
        blobs.discard("ab12")
        assert blobs.trash_ages()["ab12"] < SWEEP_AFTER_SECONDS


class TestSweep:
    def test_what_is_deleted_waits_in_the_trash_and_then_goes(
        self, hub: TestHub, owner: Client, blobs: Blobs, caplog: pytest.LogCaptureFixture
    ) -> None:
        paths = documents(owner, 4)
        delete_documents(hub, owner, 2)
        assert sweep(hub.database, blobs) == Swept(0, 0, 0)  # too young: an upload may be under way
        caplog.set_level(logging.INFO)
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(2, 0, 0)
        assert "2 to the trash" in caplog.text and len(blobs.trash_ages()) == 2
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(0, 0, 0)
        assert sweep(hub.database, blobs, older_than_seconds=0, keep_trash_seconds=0) == Swept(
            0, 0, 2
        )
        assert blobs.trash_ages() == {} and [owner.get(path).status for path in paths] == [
            404,
            404,
            200,
            200,
        ]

    def test_what_is_named_again_comes_back_from_the_trash(
        self, hub: TestHub, owner: Client, blobs: Blobs
    ) -> None:
        paths = documents(owner, 4)
        for key in [*blobs.ages()][:3]:
            blobs.discard(key)
        assert [owner.get(path).raw for path in paths] == [b"Hello"] * 4  # at once
        assert sweep(hub.database, blobs, older_than_seconds=0, keep_trash_seconds=0) == Swept(
            0, 3, 0
        )
        assert len(blobs.ages()) == 4 and [owner.get(path).raw for path in paths] == [b"Hello"] * 4

    def test_a_store_of_another_installation_is_left_alone(
        self,
        hub: TestHub,
        owner: Client,
        blobs: Blobs,
        place: str,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        theirs = store(place, "theirs")
        assert theirs.claim()
        keys = {put(theirs, tmp_path), put(theirs, tmp_path)}
        theirs.discard(min(keys))
        assert sweep(hub.database, blobs, older_than_seconds=0, keep_trash_seconds=0) is None
        assert "belongs to installation theirs" in caplog.text
        assert {*blobs.ages(), *blobs.trash_ages()} == keys and blobs.owner() == "theirs"
        refused = add(owner, hand_in(owner), file=a_file())
        assert (
            refused.status == 503
            and "another installation" in refused.message
            and {*blobs.ages()} < keys
        )

    def test_a_database_that_names_none_or_few_of_the_files_changes_nothing(
        self,
        hub: TestHub,
        owner: Client,
        blobs: Blobs,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        documents(owner, 6)
        assert sweep(hub.database, blobs) == Swept(0, 0, 0) and blobs.owner() == blobs.installation
        delete_documents(hub, owner, 5)
        assert sweep(hub.database, blobs, older_than_seconds=0, keep_trash_seconds=0) is None
        assert "names only 1 of the 6 files" in caplog.text
        delete_documents(hub, owner, 1)
        assert sweep(hub.database, blobs, older_than_seconds=0, keep_trash_seconds=0) is None
        assert "names none of the 6 files" in caplog.text and len(blobs.ages()) == 6
        assert sweep(hub.database, blobs, older_than_seconds=0, force=True) == Swept(
            6, 0, 0
        )  # when somebody says so

    def test_a_store_without_an_id_is_claimed_by_who_names_nearly_all_of_it(
        self, hub: TestHub, owner: Client, blobs: Blobs, tmp_path: Path
    ) -> None:
        documents(owner, 3)
        keys = [put(blobs, tmp_path) for _ in range(4)]
        assert (
            sweep(hub.database, blobs, older_than_seconds=0) is None
            and blobs.owner() is None
            and len(blobs.ages()) == 7
        )
        blobs.discard(keys[0])
        assert (
            sweep(hub.database, blobs, older_than_seconds=0) == Swept(3, 0, 0)
            and blobs.owner() == blobs.installation
        )

    def test_tables_of_imports_neither_hide_nor_imitate_another_database(
        self, hub: TestHub, owner: Client, blobs: Blobs, tmp_path: Path
    ) -> None:
        for _ in range(9):
            put(blobs, tmp_path, new_work_key())
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(9, 0, 0)
        documents(owner, 1)
        for _ in range(9):
            put(blobs, tmp_path, new_work_key())
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(9, 0, 0)

    def test_an_upload_whose_commit_is_in_doubt_keeps_its_bytes(
        self, hub: TestHub, owner: Client, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number, write = hand_in(owner), type(hub.database).write

        def lose_the_answer(database: object, work: object) -> None:
            write(database, work)  # type: ignore[arg-type]
            raise Unavailable("The connection to the database was lost; try again in a moment.")

        with monkeypatch.context() as patched:
            patched.setattr(type(hub.database), "write", lose_the_answer)
            assert add(owner, number, file=a_file()).status == 503
        file_id = owner.get(f"/automations/{number}/documents").data["documents"][0]["file_id"]
        assert owner.get(f"/download/file/{file_id}").raw == b"Hello"
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(0, 0, 0)

    def test_what_fails_in_the_transaction_is_swept_later(
        self, hub: TestHub, owner: Client, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = hand_in(owner)
        assert add(owner, number, file=a_file()).status == 201
        monkeypatch.setattr("autohub.documents.service.store.insert_document", lambda *_: 1 / 0)
        assert add(owner, number, file=a_file()).status == 500
        assert sweep(hub.database, blobs, older_than_seconds=0) == Swept(1, 0, 0)

    def test_what_killed_uploads_and_forms_left_is_removed_when_it_is_old(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "spool-1").write_bytes(b"x")
        (tmp_path / "tmpabc").write_bytes(b"x")
        (tmp_path / "form-1").mkdir()
        (tmp_path / "form-1" / "0").write_bytes(b"x")
        (tmp_path / "kept").write_bytes(b"x")
        assert sweep_spool(tmp_path) == 0
        hours_ago = time.time() - 2 * SWEEP_AFTER_SECONDS
        os.utime(tmp_path / "form-1", (hours_ago, hours_ago))
        assert sweep_spool(tmp_path) == 0  # its file still grows
        assert sweep_spool(tmp_path, older_than_seconds=0) == 3 and [
            path.name for path in tmp_path.iterdir()
        ] == ["kept"]
        assert sweep_spool(tmp_path / "gone") == 0


class TestStart:
    def test_a_start_with_another_database_deletes_nothing_and_doctor_says_why(
        self, tmp_path: Path
    ) -> None:
        with running_hub(settings_for(tmp_path)) as hub:
            owner = hub.someone((1, 0), email="owner@example.com")
            paths = documents(owner, 5)
            hub.worker.round()
            _make_old(tmp_path)
            with running_hub(settings_for(tmp_path, f"sqlite:///{tmp_path / 'typo.db'}")) as other:
                other.worker.round()
            hub.worker.round()
            assert [owner.get(path).raw for path in paths] == [b"Hello"] * 5
        told = autohub(tmp_path, "doctor", AUTOHUB_DATABASE_URL=f"sqlite:///{tmp_path / 'typo.db'}")
        assert (
            told.returncode == 1
            and "the store belongs to installation" in told.stdout
            and "AUTOHUB_DATABASE_URL" in told.stdout
        )
        assert (
            "5 files, of which the database names 5; 0 more in the trash"
            in autohub(tmp_path, "doctor").stdout
        )

    def test_a_store_of_an_earlier_release_is_safe_from_the_first_start_on(
        self, tmp_path: Path
    ) -> None:
        with running_hub(settings_for(tmp_path)) as hub:
            owner = hub.someone((1, 0), email="owner@example.com")
            paths = documents(owner, 5)
            _make_old(tmp_path)
            with running_hub(settings_for(tmp_path, f"sqlite:///{tmp_path / 'typo.db'}")) as other:
                other.worker.round()
            assert hub.app.context.blobs.owner() is None
            hub.worker.round()
            assert hub.app.context.blobs.owner() == hub.installation.tenant_id
            assert [owner.get(path).raw for path in paths] == [b"Hello"] * 5

    def test_an_administrator_gives_a_store_to_another_database_by_hand(
        self, tmp_path: Path
    ) -> None:
        blobs = FolderBlobs(tmp_path / "blobs", "theirs")
        put(blobs, tmp_path)
        assert blobs.claim()
        asked = autohub(tmp_path, "files", "sweep")
        assert asked.returncode == 1 and blobs.owner() == "theirs"
        done = autohub(tmp_path, "files", "sweep", "--yes")
        assert done.returncode == 0 and "0 to the trash" in done.stderr, done.stderr  # it is young
        assert blobs.owner() != "theirs" and len(blobs.ages()) == 1


def _make_old(folder: Path) -> None:
    for path in (folder / "blobs").glob("??/*"):
        os.utime(path, (time.time() - 2 * sweeping.SWEEP_AFTER_SECONDS,) * 2)
