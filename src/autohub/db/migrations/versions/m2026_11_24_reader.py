"""How a person reads mails: the locale and the time zone of their pages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_24_reader"
down_revision = "m2026_11_24_board"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person_reader",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("locale", Text, nullable=False),
        sa.Column("zone", Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )


def downgrade() -> None:
    op.drop_table("person_reader")
