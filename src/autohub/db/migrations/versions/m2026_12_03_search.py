"""Ideas whose names hold punctuation are found without it."""

import re

import sqlalchemy as sa
from alembic import op

from autohub.kit.text import search_form

revision = "m2026_12_03_search"
down_revision = "m2026_12_02_applications"


def upgrade() -> None:
    idea = sa.table("idea", *map(sa.column, ("process_id", "process_name", "search_text")))
    marks = sa.table("idea_search_pending", sa.column("process_id"))
    connection = op.get_bind()
    marked = set(connection.scalars(sa.select(marks.c.process_id)))
    found = connection.execute(sa.select(idea)).all()
    changed = []
    for process_id, name, text in found:
        words = " ".join(re.findall(r"[^\W_]+", name))
        if words != name and text is not None:
            changed.append({"of": process_id, "to": f"{search_form(words)} {text}"})
    if changed:
        chosen = idea.c.process_id == sa.bindparam("of")
        connection.execute(
            idea.update().where(chosen).values(search_text=sa.bindparam("to")), changed
        )
        new = [{"process_id": row["of"]} for row in changed if row["of"] not in marked]
        if new:
            connection.execute(marks.insert(), new)


def downgrade() -> None:
    """The added words do no harm."""
