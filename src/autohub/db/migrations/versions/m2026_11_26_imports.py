"""What a table said of each idea when it was imported last, so that the next import writes what
changed in the table and nothing else."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_26_imports"
down_revision = "m2026_11_25_targets"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "idea_import",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("said", Text, nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["idea.process_id"]),
        sa.PrimaryKeyConstraint("process_id"),
    )


def downgrade() -> None:
    op.drop_table("idea_import")
