"""What makes an installation itself: rows of name and value, laid down at its first start."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import installation

CHECKED = "last_write_check"
PREVIOUS_SECRETS = "previous_secrets"


def load_facts(db: Reading) -> dict[str, str]:
    """Everything laid down; empty before the first start."""
    return {row.name: row.value for row in db.rows(select(installation))}


def store_facts(db: Writing, values: Mapping[str, str]) -> None:
    db.change(
        installation.insert(), [{"name": name, "value": value} for name, value in values.items()]
    )


def replace_secret(db: Writing, secret: str | None, previous: Sequence[str]) -> None:
    """Keeps another secret (None: the same), and those before it that still open something."""
    values = {PREVIOUS_SECRETS: "\n".join(previous)} | ({"secret": secret} if secret else {})
    for name, value in values.items():
        if not db.change(
            installation.update().where(installation.c.name == name).values(value=value)
        ):
            db.insert_new(installation, {"name": name, "value": value})


def note_check(db: Writing, *, now: int) -> None:
    """Writes when writing was last tried, which is how it is tried."""
    if not db.change(
        installation.update().where(installation.c.name == CHECKED).values(value=str(now))
    ):
        db.insert_new(installation, {"name": CHECKED, "value": str(now)})


def start_ids_at(db: Writing, table: sa.Table, first: int) -> None:
    """The next row of `table` that names no id gets `first`."""
    if db.is_sqlite:
        db.change(
            sa.text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name"),
            {"seq": first - 1, "name": table.name},
        )
    else:
        column = next(iter(table.primary_key.columns)).name
        db.scalar(
            sa.text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column}'), :seq, false)"
            ),
            {"seq": first},
        )
