"""Who vouches for people, and who they are there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_14_sign_on"
down_revision = "m2026_12_13_events"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sign_on_provider",
        sa.Column("provider_id", Number, primary_key=True, autoincrement=True),
        sa.Column("provider_name", Text, nullable=False),
        sa.Column("issuer", Text, nullable=False),
        sa.Column("client_id", Text, nullable=False),
        sa.Column("sealed_client_secret", Text),
        sa.Column("group_claim", Text),
        sa.Column("trusts_emails", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("provider_is_active", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("created_epoch", Number, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_on_identity",
        sa.Column("issuer", Text, primary_key=True),
        sa.Column("subject", Text, primary_key=True),
        sa.Column(
            "user_id", Number, sa.ForeignKey("user_account.user_id"), nullable=False, index=True
        ),
        sa.Column("linked_epoch", Number, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sign_on_identity")
    op.drop_table("sign_on_provider")
