"""What a directory says of people and groups that it provisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_12_scim"
down_revision = "m2026_12_11_sessions"

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "scim_user",
        sa.Column("user_id", Number, sa.ForeignKey("user_account.user_id"), primary_key=True),
        sa.Column("external_id", Text, index=True),
        sa.Column("user_name", Text),
        sa.Column("user_name_key", Text, unique=True),
        sa.Column("display_name", Text),
    )
    op.add_column("user_group", sa.Column("external_id", Text))
    op.add_column(
        "user_group",
        sa.Column("group_admits_directory", sa.SmallInteger, nullable=False, server_default="0"),
    )
    op.add_column(
        "user_group",
        sa.Column("updated_epoch", Number, nullable=False, server_default="0"),
    )
    op.execute("UPDATE user_group SET updated_epoch = created_epoch")


def downgrade() -> None:
    for name in ("updated_epoch", "group_admits_directory", "external_id"):
        op.drop_column("user_group", name)
    op.drop_table("scim_user")
