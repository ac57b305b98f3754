"""A mapping is found again by the headings of its table, and the worker runs long imports."""

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
    op.create_table(
        "import_run",
        sa.Column("run_id", Number, primary_key=True, autoincrement=True),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("file_name", Text, nullable=False),
        sa.Column("blob_key", Text, nullable=False),
        sa.Column("mapping", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("total", Number, nullable=False, server_default="0"),
        sa.Column("done", Number, nullable=False, server_default="0"),
        sa.Column("report", sa.LargeBinary),
        sa.Column("trouble", Text),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("updated_epoch", Number, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_run_user_id", "import_run", ["user_id"])


def downgrade() -> None:
    op.drop_table("import_run")
    op.drop_table("import_mapping")
