"""Changes that nobody waits for may go together; what is read afterwards sees all of them."""

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select
from tests.support.hub import Client, TestHub, a_user

from autohub.db.deferred import MOST_STATEMENTS, DeferredChanges
from autohub.db.engine import Reading, Writing
from autohub.db.schema import group_member, tally, user_group

GROUP = {"group_name": "A", "group_name_key": "a", "created_epoch": 1}


def _count(db: Reading, table: sa.Table) -> int:
    return int(db.scalar(select(func.count()).select_from(table)))


def test_what_is_read_after_a_change_sees_it_in_whatever_way(hub: TestHub) -> None:
    with hub.database.writing() as db:
        assert _count(db, tally) == 0
        for number in range(1, 5):
            db.add(tally, {"name": "x", "delta": 1})
            reads = (
                lambda: _count(db, tally),
                lambda: db.driver_rows("SELECT count(*) FROM tally")[0][0],
                lambda: len(list(db.driver_stream("SELECT tally_id FROM tally"))),
                lambda: db.connection.execute(sa.text("SELECT count(*) FROM tally")).scalar(),
            )
            if number == 4:
                db.flush()  # what goes past the transaction's own ways asks for it
            assert reads[number - 1]() == number
        db.insert_stream(tally, ("name", "delta"), [("x", 1)])
    with hub.database.reading() as db:
        assert _count(db, tally) == 5


def test_a_change_that_follows_from_another_goes_after_it(hub: TestHub, owner: Client) -> None:
    def write(db: Writing) -> int:
        db.add(tally, {"name": "x", "delta": 1})
        db.change_later("UPDATE tally SET delta = delta + ?", (1,))
        db.change_later("INSERT INTO tally (name, delta) SELECT name, delta FROM tally", ())
        db.insert_many(tally, ("name", "delta"), [("y", 5), ("z", 6)])
        return 1

    with hub.database.reading() as db:
        before = int(db.scalar(select(func.coalesce(func.sum(tally.c.delta), 0))))
        assert before == 0 or before == _count(db, tally)
    hub.database.write(lambda db: db.change(tally.delete()))
    hub.database.write(write)
    with hub.database.reading() as db:
        found = sorted(tuple(row) for row in db.driver_rows("SELECT name, delta FROM tally"))
    assert found == [("x", 2), ("x", 2), ("y", 5), ("z", 6)]


def test_a_change_that_is_refused_leaves_nothing_of_those_it_went_with(
    hub: TestHub, owner: Client
) -> None:
    def write(db: Writing) -> None:
        db.add(tally, {"name": "x", "delta": 1})
        db.add(group_member, {"group_id": 1, "user_id": owner.user_id})
        db.add(group_member, {"group_id": 1, "user_id": owner.user_id})

    hub.database.write(lambda db: db.insert(user_group, GROUP))
    hub.database.write(lambda db: db.change(tally.delete()))
    with pytest.raises(sa.exc.IntegrityError):
        hub.database.write(write)
    with hub.database.reading() as db:
        assert _count(db, tally) == 0 and _count(db, group_member) == 0


def test_a_new_account_is_few_statements_on_postgresql(both: tuple[TestHub, TestHub]) -> None:
    hub = both[1]
    client = hub.someone((1, 0))
    ran: list[str] = []
    run = Reading._run

    def note(db: Reading, sql: str, *args: object, **named: object) -> object:
        ran.append(sql)
        return run(db, sql, *args, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reading, "_run", note)
        assert client.post("/adduser", a_user()).status == 201
    assert sum("INSERT" in sql for sql in ran) == 1


def test_no_more_join_than_one_statement_holds() -> None:
    waiting = DeferredChanges()
    for number in range(MOST_STATEMENTS):
        sql = f"INSERT INTO t{number} (a) VALUES (%s)"
        assert waiting.takes(sql, (1,))
        assert waiting.add(sql, (1,)) == f"t{number}"
    assert not waiting.takes("INSERT INTO other (a) VALUES (%s)", (1,))
    sql, values = waiting.take()
    assert sql.startswith("WITH w0 AS (INSERT INTO t0") and len(values) == MOST_STATEMENTS
    assert not waiting and waiting.takes("UPDATE t0 SET a = %s", (1,))
