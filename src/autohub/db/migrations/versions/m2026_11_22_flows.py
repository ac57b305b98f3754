"""Flows: phases, statuses, the moves between them, and which category takes which flow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_22_flows"
down_revision = "m2026_11_22_accounts"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "phase",
        sa.Column("phase_id", Number, autoincrement=False, primary_key=True),
        sa.Column("phase_key", Text, nullable=False, unique=True),
        sa.Column("phase_name", Text, nullable=False),
        sa.Column("phase_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("phase_order", sa.Integer(), nullable=False),
    )
    op.create_table(
        "phase_status",
        sa.Column("phase_status_id", Number, autoincrement=True, primary_key=True),
        sa.Column("phase_id", Number, sa.ForeignKey("phase.phase_id"), nullable=False),
        sa.Column("phase_status_key", Text, nullable=False, unique=True),
        sa.Column("phase_status_name", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idea_flow",
        sa.Column("idea_flow_id", Number, autoincrement=True, primary_key=True),
        sa.Column("idea_flow_name", Text, nullable=False),
        sa.Column("idea_flow_name_key", Text, nullable=False, unique=True),
        sa.Column("submission_type", sa.SmallInteger(), nullable=False),
        sa.Column(
            "start_status_id", Number, sa.ForeignKey("phase_status.phase_status_id"), nullable=False
        ),
        sa.Column("idea_flow_is_default", sa.SmallInteger(), server_default="0", nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "flow_transition",
        sa.Column(
            "idea_flow_id", Number, sa.ForeignKey("idea_flow.idea_flow_id"), primary_key=True
        ),
        sa.Column(
            "from_status_id",
            Number,
            sa.ForeignKey("phase_status.phase_status_id"),
            primary_key=True,
        ),
        sa.Column(
            "to_status_id", Number, sa.ForeignKey("phase_status.phase_status_id"), primary_key=True
        ),
        sa.Column("permission", Text, nullable=False),
    )
    op.create_table(
        "category_flow",
        sa.Column("category_id", Number, autoincrement=False, primary_key=True),
        sa.Column("submission_type", sa.SmallInteger(), autoincrement=False, primary_key=True),
        sa.Column("idea_flow_id", Number, sa.ForeignKey("idea_flow.idea_flow_id"), nullable=False),
    )
    op.create_index("ix_category_flow_idea_flow_id", "category_flow", ["idea_flow_id"])


def downgrade() -> None:
    for table in ("category_flow", "flow_transition", "idea_flow", "phase_status", "phase"):
        op.drop_table(table)
