"""All of an installation in one file, and back: row by row, on either database, while people
write."""

import base64
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from autohub.backups import service
from autohub.backups.archive import Damaged, Manifest
from autohub.db.engine import Database
from autohub.db.migrate import upgrade
from autohub.integrations.blobs import FolderBlobs
from autohub.kit.errors import Invalid
from tests.support import postgres
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.processes import autohub


def silent(_: str) -> None:
    pass


def upload(client: Client, number: int, text: str) -> None:
    file = {
        "file_name": "a.txt",
        "mimetype": "text/plain",
        "file_content": base64.b64encode(text.encode()).decode(),
        "file_encoding": "base64",
    }
    body = {"document_title": "t", "document_description": "d", "document_type_id": 9}
    path = f"/automations/{number}/documents"
    answer = client.post(path, body | {"file": file})
    assert answer.status == 201, answer


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Database, FolderBlobs]]:
    """An empty database of each kind, and an empty store."""
    url = f"sqlite:///{tmp_path / 'there.db'}"
    if request.param == "postgresql":
        url = postgres.create_database(request.getfixturevalue("postgres_url"), tmp_path.name)
    database = Database(url)
    yield database, FolderBlobs(tmp_path / "there", "nobody yet")
    database.close()


def digests(manifest: Manifest) -> dict[str, tuple[int, str]]:
    return {name: (part.rows, part.sha256) for name, part in manifest.tables.items()}


def test_what_comes_back_is_row_by_row_what_was_there(
    hub: TestHub, owner: Client, elsewhere: tuple[Database, FolderBlobs], tmp_path: Path
) -> None:
    for number in range(3):
        hand_in(owner, process_name=f"Idea {number} “ä”")
    upload(owner, 1, "Kept")
    hub.someone((6, 3))
    last = hand_in(owner, process_name="Deleted")
    owner.delete(f"/automations/{last}")
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    blobs = hub.app.context.blobs
    made = service.make_backup(hub.database, blobs, first, now=1, tell=silent)
    assert made.tables["idea"].rows == 4 and len(made.files) == 1 and not made.missing
    assert service.verify_backup(first) == made
    database, store = elsewhere
    store.installation = made.tenant_id
    service.restore_backup(database, store, first, folder=tmp_path / "spool", tell=silent)
    copied = service.make_backup(database, store, again, now=2, tell=silent)
    assert digests(copied) == digests(made)
    assert (copied.files, copied.tenant_id) == (made.files, made.tenant_id)
    assert copied.sequences | made.sequences == copied.sequences  # no id is given out twice
    with database.reading() as db:  # search finds all of it once the index is written
        assert db.driver_rows("SELECT count(*) FROM idea_search_pending") == [(4,)]


def test_a_backup_is_of_one_moment_while_people_write(
    hub: TestHub, owner: Client, tmp_path: Path
) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            hand_in(owner, process_name=f"Made meanwhile {number}")
            number += 1

    hand_in(owner, process_name="First")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            path = tmp_path / f"{number}.zip"
            blobs = hub.app.context.blobs
            made = service.make_backup(hub.database, blobs, path, now=1, tell=silent)
            counts = {made.tables[name].rows for name in ("idea", "idea_document", "idea_history")}
            assert len(counts) == 1, counts
            service.verify_backup(path)
    finally:
        done.set()
        writer.join()


def test_a_backup_goes_into_an_empty_database_alone(
    hub: TestHub, elsewhere: tuple[Database, FolderBlobs], tmp_path: Path
) -> None:
    path = tmp_path / "hub.zip"
    service.make_backup(hub.database, hub.app.context.blobs, path, now=1, tell=silent)
    database, store = elsewhere
    upgrade(database)
    with pytest.raises(service.NotEmpty):
        service.restore_backup(database, store, path, folder=tmp_path / "spool", tell=silent)
    with pytest.raises(Invalid, match="is there already"):
        service.make_backup(hub.database, hub.app.context.blobs, path, now=1, tell=silent)


def _rewritten(path: Path, target: Path, name: str, content: bytes | None) -> Path:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
            elif content is not None:
                new.writestr(entry, content)
    return target


@pytest.mark.parametrize("content", [None, b"", b'["tampered","with"]\n'])
def test_a_part_that_was_changed_or_lost_is_found(
    sqlite_hub: TestHub, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "hub.zip"
    blobs = sqlite_hub.app.context.blobs
    service.make_backup(sqlite_hub.database, blobs, path, now=1, tell=silent)
    changed = _rewritten(path, tmp_path / "changed.zip", "tables/role.ndjson", content)
    with pytest.raises(Damaged, match="tables/role"):
        service.verify_backup(changed)


def test_what_was_not_written_to_its_end_is_no_backup(sqlite_hub: TestHub, tmp_path: Path) -> None:
    path = tmp_path / "hub.zip"
    blobs = sqlite_hub.app.context.blobs
    service.make_backup(sqlite_hub.database, blobs, path, now=1, tell=silent)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-200])
    no_manifest = _rewritten(path, tmp_path / "none.zip", "manifest.json", None)
    later = json.loads(zipfile.ZipFile(path).read("manifest.json")) | {"format": 99}
    newer = _rewritten(path, tmp_path / "newer.zip", "manifest.json", json.dumps(later).encode())
    for broken in (cut, no_manifest, newer):
        with pytest.raises(Damaged):
            service.verify_backup(broken)
    with pytest.raises(Invalid, match="is not there"):
        service.verify_backup(tmp_path / "nothing.zip")
    whole = path.read_bytes()
    flipped = tmp_path / "flipped.zip"
    for at in range(500, len(whole), len(whole) // 60):
        flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        with suppress(Invalid):  # a sentence, or a byte that counts for nothing
            assert service.verify_backup(flipped).tables


def test_a_file_that_the_store_lost_is_told(sqlite_hub: TestHub, tmp_path: Path) -> None:
    owner = sqlite_hub.someone((1, 0), email="owner@example.com")
    hand_in(owner)
    upload(owner, 1, "Lost")
    blobs = sqlite_hub.app.context.blobs
    for key in blobs.ages():
        blobs.discard(key)
        blobs.erase(key)
    made = service.make_backup(sqlite_hub.database, blobs, tmp_path / "a.zip", now=1, tell=silent)
    assert len(made.missing) == 1 and not made.files


@pytest.mark.parametrize(
    "command", [("backup", "a.zip"), ("audit", "verify"), ("audit", "export", "a.ndjson")]
)
def test_a_command_that_reads_makes_no_hub_where_there_is_none(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = autohub(tmp_path, "--data-dir", str(tmp_path / "typo"), *command)
    assert done.returncode == 2 and "There is no hub in" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_commands_make_check_and_bring_back_a_whole_installation(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    assert autohub(here, "demo", "--users", "5", "--ideas", "5").returncode == 0
    path = tmp_path / "hub.zip"
    assert autohub(here, "backup", str(path)).returncode == 0
    assert (path.stat().st_mode & 0o777) == 0o600
    assert "is whole" in autohub(here, "verify", str(path)).stderr
    assert autohub(there, "restore", str(path), "--quiet").returncode == 0
    for folder in (here, there):
        autohub(folder, "users", "export", "people.csv")
    shown = [(folder / "people.csv").read_text() for folder in (here, there)]
    assert shown[0] == shown[1] and shown[0].count("\n") > 5
    again = autohub(there, "restore", str(path))
    assert again.returncode != 0 and "an installation in this database already" in again.stderr
    shutil.rmtree(there)
    with sqlite3.connect(here / "autohub.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
