"""A mapping is found again by the headings of its table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_30_mappings"
down_revision = "m2026_11_29_texts"

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("headings_key", Text, primary_key=True),
        sa.Column("mapping", Text, nullable=False),
        sa.Column("updated_epoch", Number, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("import_mapping")
