"""Writers of SQLite that share a commit: a refused one leaves nothing, an acknowledged one is on
disk, and nobody waits for somebody who is not there."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from autohub.db.engine import Database, Writing
from autohub.db.migrate import upgrade
from autohub.db.schema import tally
from autohub.db.turns import Turns
from autohub.kit.errors import Unavailable

CALLERS = 32


class Refused(Exception):
    pass


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'hub.db'}")
    upgrade(found)
    yield found
    found.close()


def on_disk(database: Database) -> list[str]:
    """What another process would read."""
    with sqlite3.connect(str(database.url.database)) as other:
        return [name for (name,) in other.execute("SELECT name FROM tally ORDER BY tally_id")]


def add(name: str) -> Any:
    def work(db: Writing) -> str:
        db.insert(tally, {"name": name, "delta": 1})
        if name.startswith("refused"):
            raise Refused(name)
        return name

    return work


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls each commit was for."""
    found: list[int] = []
    end = Turns._end

    def noted(turns: Turns, group: Any) -> None:
        found.append(group.members)
        end(turns, group)

    monkeypatch.setattr(Turns, "_end", noted)
    return found


def test_what_is_acknowledged_is_on_disk_and_what_is_refused_leaves_nothing(
    database: Database, commits: list[int]
) -> None:
    acknowledged, refused = [], []

    def call(number: int) -> None:
        name = f"{'refused' if number % 3 == 0 else 'kept'} {number}"
        try:
            told = database.write(add(name), shared=True)
        except Refused:
            refused.append(name)
            return
        assert told in on_disk(database)
        acknowledged.append(told)

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(call, range(300)))
    assert sorted(on_disk(database)) == sorted(acknowledged)
    assert (len(acknowledged), len(refused)) == (200, 100)
    assert sum(commits) == 200


def test_those_who_wait_share_one_commit(database: Database, commits: list[int]) -> None:
    first_is_in, go_on = threading.Event(), threading.Event()

    def slow(db: Writing) -> str:
        first_is_in.set()
        assert go_on.wait(30)
        return str(add("first")(db))

    with ThreadPoolExecutor(CALLERS) as pool:
        told = [pool.submit(database.write, slow, shared=True)]
        assert first_is_in.wait(30)
        told += [pool.submit(database.write, add(f"{n}"), shared=True) for n in range(9)]
        while database._turns._joining < 9:
            pass
        database._turns._group.until += 3600  # type: ignore[union-attr]
        go_on.set()
        assert {each.result(30) for each in told} == {"first", *map(str, range(9))}
    assert commits == [10]


def test_who_writes_alone_ends_what_was_left_open(database: Database, commits: list[int]) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        shared = [pool.submit(database.write, add(f"s{n}"), shared=True) for n in range(100)]
        alone = [pool.submit(database.write, add(f"a{n}")) for n in range(100)]
        for each in (*shared, *alone):
            assert each.result(60) in on_disk(database)
    assert len(on_disk(database)) == 200
    assert sum(commits) == 100


def test_a_commit_that_fails_is_acknowledged_to_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError("disk is full"))

    monkeypatch.setattr(sa.Connection, "commit", full)
    with ThreadPoolExecutor(8) as pool:
        told = [pool.submit(database.write, add(f"{n}"), shared=True) for n in range(16)]
        for each in told:
            with pytest.raises((sa.exc.OperationalError, Unavailable)):
                each.result(60)
    monkeypatch.undo()
    assert on_disk(database) == []
    assert database.write(add("after"), shared=True) == "after"
    assert on_disk(database) == ["after"]


def test_a_member_that_ends_the_whole_transaction_takes_nobody_elses_word(
    database: Database,
) -> None:
    """As a full disk does, which undoes everything."""

    def undo_all(db: Writing) -> None:
        db.savepoint("ROLLBACK")
        raise Refused

    def call(number: int) -> str:
        return str(database.write(undo_all if number % 7 == 3 else add(f"{number}"), shared=True))

    acknowledged = []
    with ThreadPoolExecutor(CALLERS) as pool:
        for each in [pool.submit(call, number) for number in range(140)]:
            try:
                acknowledged.append(each.result(60))
            except (Refused, sa.exc.DBAPIError, Unavailable):
                continue
    assert sorted(on_disk(database)) == sorted(acknowledged)


def test_who_waits_in_vain_is_told_and_leaves_nothing_open(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autohub.db.turns.WAIT_SECONDS", 0.05)
    with database.writing(), pytest.raises(Unavailable):
        database.write(add("late"), shared=True)
    assert database.write(add("next"), shared=True) == "next"
    assert on_disk(database) == ["next"]
