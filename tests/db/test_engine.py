"""Transactions, waiting writers and lost connections."""

import threading

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user

from autohub.db import connections, engine, tally, turns
from autohub.db.engine import Database
from autohub.db.schema import tally as tally_table
from autohub.kit.errors import Unavailable


def test_what_raised_is_rolled_back(hub: TestHub) -> None:
    def work(db: engine.Writing) -> None:
        tally.add_delta(db, "x", 5)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        hub.database.write(work)
    with hub.database.reading() as db:
        assert tally.count(db, "x") == 0


def test_counts_survive_being_summed_up(hub: TestHub) -> None:
    for delta in (3, -1, 5):
        hub.database.write(lambda db, delta=delta: tally.add_delta(db, "x", delta))
    hub.database.write(lambda db: tally.compact_rows(db, above=1))
    with hub.database.reading() as db:
        assert tally.count(db, "x") == 7
        assert (
            db.scalar(
                sa.select(sa.func.count()).select_from(tally_table).where(tally_table.c.name == "x")
            )
            == 1
        )


def test_lists_longer_than_the_bind_limit_are_bound_as_one(hub: TestHub) -> None:
    with hub.database.reading() as db:
        values = sa.select(sa.literal_column("5", sa.Integer).label("n")).subquery()
        assert db.scalar(sa.select(values.c.n).where(db.one_of(values.c.n, range(70_000)))) == 5


def test_reading_cannot_write_on_postgresql_and_sees_one_snapshot(
    both: tuple[TestHub, TestHub],
) -> None:
    with pytest.raises(sa.exc.DBAPIError), both[1].database.reading() as db:
        db.connection.execute(tally_table.insert(), {"name": "x", "delta": 1})
    for hub in both:
        with hub.database.reading() as db:
            before = tally.count(db, "y")
            hub.database.write(lambda other: tally.add_delta(other, "y", 1))
            assert tally.count(db, "y") == before


def test_a_writer_that_waits_too_long_is_told_so_and_readers_go_on(
    sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.05)
    owner = sqlite_hub.someone((1, 0))
    with sqlite_hub.database.writing():
        answer = owner.post("/adduser", a_user())
        assert answer.status == 503 and answer.headers["retry-after"] == "2"
        assert owner.get("/users").status == 200
    assert owner.post("/adduser", a_user()).status == 201


def test_a_connection_that_postgresql_cut_is_an_answer_and_then_recovery(
    both: tuple[TestHub, TestHub],
) -> None:
    hub = both[1]
    owner = hub.someone((1, 0))
    assert owner.get("/users").status == 200
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()"
    )
    with hub.database.writing() as db:
        db.rows(sa.text(cut))
    statuses = [owner.get("/users").status for _ in range(30)]
    assert set(statuses) <= {200, 503} and statuses[-1] == 200
    with hub.database.writing() as db:
        db.rows(sa.text(cut))
    statuses = [owner.post("/adduser", a_user()).status for _ in range(30)]
    assert set(statuses) <= {201, 503} and statuses[-1] == 201


def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://postgres@127.0.0.1:1/nothing?connect_timeout=1")
    with pytest.raises(Unavailable), database.reading():
        pass
    database.close()


def test_other_schemes_are_refused_with_those_that_are_right() -> None:
    for url in ("mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="sqlite"):
            connections.database_url(url)


def test_two_administrators_who_leave_at_once_do_not_both_succeed(hub: TestHub) -> None:
    first, second = hub.someone((1, 0)), hub.someone((2, 0))
    clients: list[Client] = [first, second]
    statuses: list[int] = []
    gate = threading.Barrier(2)

    def leave(client: Client) -> None:
        gate.wait()
        statuses.append(client.delete(f"/users/{client.user_id}").status)

    threads = [threading.Thread(target=leave, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
