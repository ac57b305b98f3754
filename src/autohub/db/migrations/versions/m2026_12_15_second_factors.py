"""Second factors: codes of an app, passkeys, and recovery codes for when both are lost."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_15_second_factors"
down_revision = "m2026_12_14_sign_on"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "second_factor",
        sa.Column("factor_id", number, primary_key=True, autoincrement=True),
        sa.Column("user_id", number, sa.ForeignKey("user_account.user_id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("factor_name", sa.Text, nullable=False),
        sa.Column("created_epoch", number, nullable=False),
        sa.Column("used_epoch", number),
        sa.Column("sealed_secret", sa.Text),
        sa.Column("last_step", number),
        sa.Column("credential_id", sa.LargeBinary, unique=True),
        sa.Column("credential", sa.LargeBinary),
        sa.Column("sign_count", number),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_second_factor_user_id", "second_factor", ["user_id"])
    op.create_table(
        "recovery_code",
        sa.Column(
            "user_id",
            number,
            sa.ForeignKey("user_account.user_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    )
    op.create_table(
        "used_challenge",
        sa.Column("challenge", sa.LargeBinary, primary_key=True),
        sa.Column("expires_epoch", number, nullable=False),
    )
    op.add_column(
        "session",
        sa.Column("has_second_factor", sa.SmallInteger, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_column("session", "has_second_factor")
    for name in ("used_challenge", "recovery_code", "second_factor"):
        op.drop_table(name)
