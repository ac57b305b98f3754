"""Seals over the audit's entries, and of accounts what may be told after an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_07_audit_seals"
down_revision = "m2026_12_06_attempts"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit_seal",
        sa.Column("last_audit_id", number, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("sealed_epoch", number, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("is_pruned", sa.SmallInteger, nullable=False, server_default="0"),
    )
    op.add_column("audit", sa.Column("open_changes", sa.Text))


def downgrade() -> None:
    op.drop_column("audit", "open_changes")
    op.drop_table("audit_seal")
