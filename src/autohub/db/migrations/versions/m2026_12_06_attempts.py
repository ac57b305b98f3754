"""Tries to sign in that failed, counted over all processes."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_06_attempts"
down_revision = "m2026_12_05_stamps"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "sign_in_attempt",
        sa.Column("attempt_key", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_epoch", number, nullable=False),
    )
    op.create_index("ix_sign_in_attempt_last_epoch", "sign_in_attempt", ["last_epoch"])


def downgrade() -> None:
    op.drop_table("sign_in_attempt")
