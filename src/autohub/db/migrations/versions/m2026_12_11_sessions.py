"""Sessions know when they were last used, when their person last proved who they are, and whether
they began with an administrator's rights."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_11_sessions"
down_revision = "m2026_12_10_integrations"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    for name in ("seen_epoch", "proved_epoch"):
        op.add_column("session", sa.Column(name, number, nullable=False, server_default="0"))
    op.add_column(
        "session",
        sa.Column("is_powerful", sa.SmallInteger, nullable=False, server_default="0"),
    )
    # Sessions in browsers begin anew: their cookies were good for calls too.
    op.execute("UPDATE session SET seen_epoch = created_epoch, proved_epoch = created_epoch")


def downgrade() -> None:
    for name in ("is_powerful", "proved_epoch", "seen_epoch"):
        op.drop_column("session", name)
