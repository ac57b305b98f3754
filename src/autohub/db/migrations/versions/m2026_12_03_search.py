"""Ideas whose names hold punctuation are found without it."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from autohub.kit.text import search_form

revision = "m2026_12_03_search"
down_revision = "m2026_12_02_applications"


def upgrade() -> None:
    idea = sa.table("idea", *map(sa.column, ("process_id", "process_name", "search_text")))
    marks = sa.table("idea_search_pending", sa.column("process_id"))
    connection = op.get_bind()
    for found in _parts(connection, idea):
        changed = []
        for process_id, name, text in found:
            words = " ".join(re.findall(r"[^\W_]+", name))
            if words != name and text is not None:
                changed.append({"of": process_id, "to": f"{search_form(words)} {text}"})
        if not changed:
            continue
        ids = [row["of"] for row in changed]
        connection.execute(
            idea.update()
            .where(idea.c.process_id == sa.bindparam("of"))
            .values(search_text=sa.bindparam("to")),
            changed,
        )
        connection.execute(marks.delete().where(marks.c.process_id.in_(ids)))
        connection.execute(marks.insert(), [{"process_id": number} for number in ids])


def _parts(connection: sa.Connection, idea: Any) -> Iterator[Any]:
    """All ideas, five hundred at a time."""
    last = 0
    some = sa.select(idea).order_by(idea.c.process_id).limit(500)
    while found := connection.execute(some.where(idea.c.process_id > last)).all():
        last = found[-1].process_id
        yield found


def downgrade() -> None:
    """The added words do no harm."""
