"""Constant statements say what SQLAlchemy would say, on both databases."""

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from tests.support.hub import TestHub

from autohub.db.schema import role, user_account, user_role
from autohub.db.statements import Statement, among, bind

BY_IDS = Statement(
    select(role.c.role_id, role.c.role_name)
    .where(among(role.c.role_id, "ids"), role.c.role_is_active == 1, role.c.role_id.in_((1, 2, 3)))
    .order_by(role.c.role_id)
    .limit(bind("limit", sa.Integer))
)


def test_rows_have_names_and_every_length_of_a_list_is_the_same_statement(
    hub: TestHub,
) -> None:
    with hub.database.reading() as db:
        for ids in ([], [2], [1, 2], list(range(5000))):
            asked = select(role.c.role_id, role.c.role_name)
            asked = asked.where(role.c.role_id.in_([1, 2, 3]), db.one_of(role.c.role_id, ids))
            expected = [tuple(row) for row in db.rows(asked.order_by(role.c.role_id))]
            found = db.rows(BY_IDS, {"ids": ids, "limit": 100})
            assert [(row.role_id, row.role_name) for row in found] == expected
        assert db.row(BY_IDS, {"ids": [], "limit": 1}) is None
        assert db.scalar(BY_IDS, {"ids": [2], "limit": 1}) == 2
        assert db.scalars(BY_IDS, {"ids": [2, 1], "limit": 1}) == [1]


def test_a_list_may_stand_in_several_places(hub: TestHub) -> None:
    twice = Statement(
        select(role.c.role_id)
        .where(sa.or_(among(role.c.role_id, "ids"), among(role.c.role_is_active, "ids")))
        .order_by(role.c.role_id)
    )
    with hub.database.reading() as db:
        assert db.scalars(twice, {"ids": [1234, 5678, 5]}) == [5]


def test_a_value_that_is_missing_is_a_fault_and_no_null(hub: TestHub) -> None:
    with hub.database.reading() as db, pytest.raises((KeyError, sa.exc.ProgrammingError)):
        db.rows(BY_IDS, {"ids": [1]})


def test_a_change_tells_how_many_rows_it_touched(hub: TestHub) -> None:
    change = Statement(
        user_role.update().where(user_role.c.role_id == bind("role")).values(category_id=bind("to"))
    )
    with hub.database.writing() as db:
        db.insert(user_role, {"user_id": 1, "role_id": 6, "category_id": 0})
        assert db.change(change, {"role": 6, "to": 3}) == 1
        assert db.change(change, {"role": 7, "to": 3}) == 0
        assert db.scalar(select(user_role.c.category_id)) == 3


def test_a_column_that_sqlalchemy_converts_is_refused(sqlite_hub: TestHub) -> None:
    asked = Statement(select(sa.cast(user_account.c.user_email, sa.DateTime).label("at")))
    with (
        sqlite_hub.database.reading() as db,
        pytest.raises(TypeError, match="at needs"),
    ):
        db.rows(asked)
