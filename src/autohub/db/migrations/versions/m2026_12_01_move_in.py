"""What came from another hub is known again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_01_move_in"
down_revision = "m2026_11_30_mappings"

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "moved_record",
        sa.Column("source", Text, primary_key=True),
        sa.Column("kind", Text, primary_key=True),
        sa.Column("their_id", Text, primary_key=True),
        sa.Column("our_id", Number, nullable=False),
        sa.Column("theirs", Text, nullable=False),
        sa.Column("ours", Text, nullable=False),
        sa.Column("seen_epoch", Number, nullable=False),
    )
    op.create_table(
        "move_in_run",
        sa.Column("source", Text, primary_key=True),
        sa.Column("started_epoch", Number, nullable=False),
        sa.Column("finished_epoch", Number),
    )


def downgrade() -> None:
    op.drop_table("move_in_run")
    op.drop_table("moved_record")
