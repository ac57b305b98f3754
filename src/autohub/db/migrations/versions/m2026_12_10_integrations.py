"""How the systems stand that the hub speaks to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_10_integrations"
down_revision = "m2026_12_09_token_locks"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "integration_check",
        sa.Column("integration", TEXT, primary_key=True),
        sa.Column("checked_epoch", NUMBER, nullable=False),
        sa.Column("error", TEXT, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("integration_check")
