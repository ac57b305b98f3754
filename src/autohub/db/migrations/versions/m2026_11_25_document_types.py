"""Types of documents can be switched off, and can say where their template is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_25_document_types"
down_revision = "m2026_11_24_reader"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column(
        "document_type",
        sa.Column("document_type_is_active", sa.SmallInteger(), server_default="1", nullable=False),
    )
    op.add_column("document_type", sa.Column("template_link", Text))


def downgrade() -> None:
    op.drop_column("document_type", "template_link")
    op.drop_column("document_type", "document_type_is_active")
