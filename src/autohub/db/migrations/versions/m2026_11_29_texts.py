"""Searches look through cities and take curly quotes for straight ones; addresses are compared
composed (NFC)."""

import unicodedata
from functools import reduce
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "m2026_11_29_texts"
down_revision = "m2026_11_28_waits_for"

QUOTES = dict.fromkeys("‘’‚‛ʼ′", "'") | dict.fromkeys("“”„‟«»″", '"')
SEARCHED = (
    ("idea", "process_id", "idea_search_pending"),
    ("user_account", "user_id", "user_search_pending"),
    ("component", "component_id", None),
)


def upgrade() -> None:
    _search_cities()
    for name, key, pending in SEARCHED:
        _straighten(name, key, pending)
    _compose("user_account", "user_email_key", "user_email")
    _compose("user_email_alias", "email_key")


def _search_cities() -> None:
    """Adds each account's city to what a search looks through."""
    account = sa.table(
        "user_account", *map(sa.column, ("user_id", "user_location_key", "search_text"))
    )
    lives = sa.and_(account.c.user_location_key.is_not(None), account.c.search_text.is_not(None))
    marks = sa.table("user_search_pending", sa.column("user_id"))
    marked = sa.select(account.c.user_id).where(
        lives, account.c.user_id.not_in(sa.select(marks.c.user_id))
    )
    op.execute(marks.insert().from_select(["user_id"], marked))
    whole = account.c.search_text + " " + account.c.user_location_key
    op.execute(account.update().where(lives).values(search_text=whole))


def _straighten(name: str, key: str, pending: str | None) -> None:
    """Rewrites the searched texts that hold such quotes, and has them indexed again."""
    table = sa.table(name, sa.column(key), sa.column("search_text"))
    text: Any = table.c.search_text
    held = sa.or_(*(text.contains(quote) for quote in QUOTES))
    if pending is not None:
        marks = sa.table(pending, sa.column(key))
        marked = sa.select(table.c[key]).where(held, table.c[key].not_in(sa.select(marks.c[key])))
        op.execute(marks.insert().from_select([key], marked))
    straight = reduce(lambda made, pair: sa.func.replace(made, *pair), QUOTES.items(), text)
    op.execute(table.update().where(held).values(search_text=straight))


def _compose(name: str, key: str, shown: str | None = None) -> None:
    """Rewrites the addresses that are not composed, but for those that another one has already."""
    columns = [column for column in (key, shown) if column]
    table = sa.table(name, *(sa.column(column) for column in columns))
    rows = op.get_bind().execute(sa.select(*table.c).where(table.c[key].is_not(None))).all()
    taken = {row[0] for row in rows}
    for row in rows:
        composed = [unicodedata.normalize("NFC", text) for text in row]
        if composed != list(row) and (composed[0] == row[0] or composed[0] not in taken):
            taken.add(composed[0])
            values = dict(zip(columns, composed, strict=True))
            op.execute(table.update().where(table.c[key] == row[0]).values(**values))


def downgrade() -> None:
    """Texts stay as they are; the version before reads them too."""
