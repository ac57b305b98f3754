"""Every column of sealed values (kit/sealing.py), for when the hub's secret becomes another one."""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import metadata
from autohub.kit.sealing import Keys, is_current, key_id_of, open_sealed, seal_text, sealed_place


def list_columns() -> list[sa.Column[str]]:
    """The columns that hold sealed values: texts whose names begin with `sealed_`."""
    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.startswith("sealed_") and isinstance(column.type, sa.Text)
    ]


def count_by_key(db: Reading) -> Counter[str]:
    """How many values are sealed under each key, by its id."""
    return Counter(key_id_of(value) for _, _, value in _values(db))


def reseal(db: Writing, keys: Keys) -> int:
    """Seals everything under the present secret, and returns how many values were not. Raises
    Unsealable for one whose secret is gone."""
    old = [each for each in _values(db) if not is_current(keys, each[2])]
    for column, row_id, value in old:
        place = sealed_place(column.table.name, column.name)
        text = open_sealed(keys, value, place)
        key = next(iter(column.table.primary_key))
        change = sa.update(column.table).where(key == row_id, column == value)
        db.change(change.values({column.name: seal_text(keys, text, place)}))
    return len(old)


def _values(db: Reading) -> Iterator[tuple[sa.Column[str], int, str]]:
    """Column, id of the row, and value of everything sealed."""
    for column in list_columns():
        key = next(iter(column.table.primary_key))
        query = select(key.label("row_id"), column.label("value")).where(column.is_not(None))
        for row in list(db.rows(query.order_by(key))):
            yield column, row.row_id, row.value
