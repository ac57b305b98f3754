"""A number per noun that is renewed with every change of the noun's tables (db/stamps.py, which
adds the triggers)."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_05_stamps"
down_revision = "m2026_12_04_tombstones"


def upgrade() -> None:
    op.create_table(
        "stamp",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
    )


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        named = sa.text(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE :p"
        )
        for name, table in connection.execute(named, {"p": "stamp\\_%"}).all():
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    else:
        named = sa.text(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'stamp_%'"
        )
        for (name,) in connection.execute(named).all():
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("stamp")
