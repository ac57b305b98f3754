"""A status says what its ideas wait for, so that one of an installation's own can be a task."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_28_waits_for"
down_revision = "m2026_11_27_change_of"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
WAITS_FOR = {
    "review": (46, 94, 97),
    "assess": (51, 53),
    "decide": (54,),
    "resume": (55,),
    "rework": (98, 101),
}


def upgrade() -> None:
    op.add_column("phase_status", sa.Column("waits_for", Text))
    status = sa.table("phase_status", sa.column("phase_status_id"), sa.column("waits_for"))
    for task, ids in WAITS_FOR.items():
        op.execute(status.update().where(status.c.phase_status_id.in_(ids)).values(waits_for=task))


def downgrade() -> None:
    op.drop_column("phase_status", "waits_for")
