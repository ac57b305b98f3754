"""A token that an administrator switched off is not switched on by its person."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_09_token_locks"
down_revision = "m2026_12_08_invitations"


def upgrade() -> None:
    op.add_column(
        "open_api_token",
        sa.Column("token_is_locked", sa.SmallInteger, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_column("open_api_token", "token_is_locked")
