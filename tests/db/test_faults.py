"""What the databases' faults become: 503 for what passes by itself, 500 or 507 with an id for
the rest, and words in the log."""

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import settings_for
from tests.support.hub import TestHub, a_user
from tests.support.postgres import create_database

from autohub.cli.main import run
from autohub.db.engine import Database, Writing
from autohub.db.schema import tally as tally_table
from autohub.kit import faults
from autohub.kit.errors import Unavailable
from autohub.server import app
from autohub.server.bootstrap import open_database


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock of the log's own, and a log that told nothing yet."""
    found = [1000.0]
    monkeypatch.setattr(faults, "_quiet", faults.Quiet())
    monkeypatch.setattr(faults, "monotonic", lambda: found[0])
    return found


def set_pragma(engine: sa.Engine, pragma: str) -> None:
    """Changes an engine's one connection."""
    connection = engine.raw_connection()
    if "max_page_count" in pragma:
        connection.cursor().execute("VACUUM")  # no free pages are left to be filled
    connection.cursor().execute(f"PRAGMA {pragma}")
    connection.close()


class TestOnlyWhatPassesIs503:
    def test_a_table_that_is_missing_is_a_fault_with_an_id(
        self, hub: TestHub, caplog: pytest.LogCaptureFixture
    ) -> None:
        owner = hub.someone((1, 0))
        hub.database.write(lambda db: db.change(sa.text("ALTER TABLE idea_flow RENAME TO gone")))
        try:
            answers = [owner.get("/idea-flows") for _ in range(3)]
        finally:
            hub.database.write(
                lambda db: db.change(sa.text("ALTER TABLE gone RENAME TO idea_flow"))
            )
        assert [answer.status for answer in answers] == [500, 500, 500]
        ids = [answer.message.split("id ")[1].split(";")[0] for answer in answers]
        assert all(fault_id in caplog.text for fault_id in ids) and len(set(ids)) == 3
        assert (
            caplog.text.count("Traceback") > 0
            and len([r for r in caplog.records if "Traceback" in r.getMessage()]) == 1
        )

    @pytest.mark.parametrize(
        ("pragma", "undone", "status"),
        [
            ("query_only = ON", "query_only = OFF", 500),
            ("max_page_count = 1", "max_page_count = 1073741823", 507),
        ],
    )
    def test_a_file_that_takes_nothing_is_a_fault_that_is_named(
        self,
        sqlite_hub: TestHub,
        caplog: pytest.LogCaptureFixture,
        pragma: str,
        undone: str,
        status: int,
    ) -> None:
        faults.watch(sqlite_hub.settings.data_dir)
        owner, writer = sqlite_hub.someone((1, 0)), sqlite_hub.database._writer
        rows = [a_user(user_department="x" * 50) for _ in range(300)]
        set_pragma(writer, pragma)
        answer = owner.post("/users/bulk", rows)
        set_pragma(writer, undone)
        assert (
            answer.status == status and answer.message.split("id ")[1].split(";")[0] in caplog.text
        )
        assert ("space" in answer.message) is (status == 507)
        assert str(sqlite_hub.settings.data_dir) in caplog.text and "MB free" in caplog.text
        assert owner.post("/adduser", a_user()).status == 201

    def test_a_disk_that_is_full_beside_the_database_is_507(
        self, hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner = hub.someone((1, 0))
        monkeypatch.setattr(
            "autohub.users.store.list_users", _raise(OSError(28, "No space left on device"))
        )
        assert owner.get("/users").status == 507

    def test_a_row_that_somebody_holds_is_waited_for_only_so_long(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        url = create_database(postgres_url, "limits")
        open_database(settings_for(tmp_path / "a", url))[0].close()
        holder = Database(url)
        waiter = Database(f"{url}&options=-c%20lock_timeout%3D50ms")
        change = sa.text("UPDATE installation SET value = value WHERE name = 'tenant_id'")
        with holder.writing() as db:
            db.change(change)
            with pytest.raises(Unavailable, match="busy"):
                waiter.write(lambda other: other.change(change))
        holder.close()
        waiter.close()

    def test_postgresql_has_limits_of_time_and_changes_of_form_have_none(
        self, both: tuple[TestHub, TestHub]
    ) -> None:
        database = both[1].database
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        for opening in (database.reading, database.checking, database.writing):
            with opening() as db:
                assert [db.scalar(sa.text(f"SHOW {name}")) for name in names] == [
                    "5s",
                    "1min",
                    "2min",
                ]
                raw: Any = db.connection.connection.driver_connection
                assert raw.info.get_parameters()["tcp_user_timeout"] == "20000"
                assert raw.info.get_parameters()["connect_timeout"] == "5"
        with database.writing() as db:
            db.take_time()
            assert [db.scalar(sa.text(f"SHOW {name}")) for name in names[:2]] == ["0", "0"]

    def test_the_address_of_a_database_overrides_the_limits(self, postgres_url: str) -> None:
        url = create_database(postgres_url, "own")
        database = Database(f"{url}&connect_timeout=3&options=-c%20statement_timeout%3D7s")
        with database.reading() as db:
            assert [
                db.scalar(sa.text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")
            ] == ["7s", "5s"]
            raw: Any = db.connection.connection.driver_connection
            assert raw.info.get_parameters()["connect_timeout"] == "3"
        database.close()


class TestReadiness:
    def test_it_tries_a_write_but_not_for_each_who_asks(
        self, hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub.app, "_written", -10.0)
        assert hub.request("GET", "/readyz", None, {}).status == 200
        tried: list[object] = []
        monkeypatch.setattr(hub.database, "try_write", tried.append)
        assert hub.request("GET", "/readyz", None, {}).status == 200 and not tried
        monkeypatch.setattr(hub.app, "_written", -10.0)
        assert hub.request("GET", "/readyz", None, {}).status == 200 and len(tried) == 1

    def test_a_database_that_takes_no_change_is_not_ready(
        self, sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_hub.app, "_written", -10.0)
        set_pragma(sqlite_hub.database._checker, "query_only = ON")
        answer = sqlite_hub.request("GET", "/readyz", None, {})
        set_pragma(sqlite_hub.database._checker, "query_only = OFF")
        assert answer.status == 500
        assert sqlite_hub.request("GET", "/readyz", None, {}).status == 200

    def test_a_long_write_is_no_reason_to_be_taken_down(
        self, sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_hub.app, "_written", -10.0)
        with sqlite_hub.database.writing() as db:
            db.change(tally_table.insert(), {"name": "x", "delta": 1})
            assert sqlite_hub.request("GET", "/readyz", None, {}).status == 200

    def test_a_database_that_does_not_answer_is_told_in_time(
        self, sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app, "READY_SECONDS", 0.05)
        go = threading.Event()
        monkeypatch.setattr(sqlite_hub.database, "checking", lambda: go.wait(30))
        answer = sqlite_hub.request("GET", "/readyz", None, {})
        go.set()
        assert answer.status == 503 and "does not answer" in answer.message


class TestTheLog:
    def test_it_says_why_once_a_minute_and_how_often(
        self, caplog: pytest.LogCaptureFixture, moment: list[float]
    ) -> None:
        def fail() -> None:
            try:
                raise Unavailable("Busy.") from OSError(5, "Input/output error")
            except Unavailable as error:
                faults.note_unavailable(error, "GET /x")

        for _ in range(4):
            fail()
        assert [r.getMessage() for r in caplog.records] == [
            "GET /x: Busy. Cause: OSError: [Errno 5] Input/output error"
        ]
        moment[0] += 60
        fail()
        assert (
            caplog.records[-1].getMessage().endswith("(3 more of this kind since it was last told)")
            and len(caplog.records) == 2
        )

    def test_calls_pages_and_the_worker_say_why(
        self, sqlite_hub: TestHub, caplog: pytest.LogCaptureFixture
    ) -> None:
        owner = sqlite_hub.someone((1, 0))
        caplog.set_level(logging.WARNING)
        real, gone = sqlite_hub.database._reader, sa.create_engine("sqlite:////nowhere/at/all.db")
        sqlite_hub.database._reader = gone
        try:
            assert owner.get("/users").status == 503
            assert (
                sqlite_hub.request("GET", "/explore", None, {"cookie": "autohub=x"}).status == 503
            )
        finally:
            sqlite_hub.database._reader = real
        assert "unable to open database file" in caplog.text

    def test_it_holds_no_values_of_rows(
        self, both: tuple[TestHub, TestHub], caplog: pytest.LogCaptureFixture
    ) -> None:
        def insert(db: Writing) -> None:
            values = {"name": "tenant_id", "value": "secret.person@example.com"}
            db.change(
                sa.text("INSERT INTO installation (name, value) VALUES (:name, :value)"), values
            )

        for hub in both:
            with pytest.raises(sa.exc.IntegrityError) as caught:
                hub.database.write(insert)
            faults.note_unexpected(caught.value, "id", "here")
        assert (
            "UniqueViolation" in caplog.text
            and "sqlite3.IntegrityError" in caplog.text
            and "Traceback" in caplog.text
        )
        assert "secret.person" not in caplog.text and "(tenant_id)" not in caplog.text


class TestTheDataFolderIsTheOwnersAlone:
    def test_a_new_one_and_all_in_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        database, _ = open_database(settings_for(folder))
        database.write(lambda db: db.change(sa.text("UPDATE installation SET value = value")))
        found = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        database.close()
        assert found == dict.fromkeys(("autohub.db", "autohub.db-wal", "autohub.db-shm"), 0o600)
        assert folder.stat().st_mode & 0o777 == 0o700

    def test_an_old_one_is_closed_and_doctor_says_so(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "data"
        open_database(settings_for(folder))[0].close()
        blob = folder / "blobs" / "ab" / "abc"
        blob.parent.mkdir(parents=True)
        blob.write_bytes(b"x")
        others = folder / "notes.txt"
        others.write_text("not the hub's")
        for path, mode in (
            (folder, 0o755),
            (folder / "autohub.db", 0o644),
            (blob.parent, 0o755),
            (blob, 0o644),
            (others, 0o644),
        ):
            path.chmod(mode)

        def privacy() -> dict[str, Any]:
            run(["--data-dir", str(folder), "doctor", "--json"])
            findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
            assert {"writing", "space"} <= {f["check"] for f in findings if f["ok"]}
            return next(f for f in findings if f["check"] == "privacy")

        with monkeypatch.context() as patched:
            patched.setattr("autohub.kit.private.close", _raise(PermissionError()))
            assert not privacy()["ok"]
        assert privacy()["ok"]
        modes = [
            path.stat().st_mode & 0o777
            for path in (folder, folder / "autohub.db", blob.parent, blob, others)
        ]
        assert modes == [0o700, 0o600, 0o700, 0o600, 0o644]


def _raise(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
