"""Of a deleted idea the record says its ids and times alone."""

import json

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_04_tombstones"
down_revision = "m2026_12_03_search"
FIELDS = (
    "process_id",
    "process_uuid",
    "process_submission_type",
    "process_created_epoch",
    "process_updated_epoch",
)


def upgrade() -> None:
    idea = sa.table("idea", *map(sa.column, (*FIELDS, "process_is_deleted")))
    document = sa.table("idea_document", *map(sa.column, ("process_id", "marked", "document")))
    connection = op.get_bind()
    deleted = sa.select(*(idea.c[name] for name in FIELDS)).where(idea.c.process_is_deleted == 1)
    for row in connection.execute(deleted).all():
        plain = json.dumps(dict(zip(FIELDS, row, strict=True)), separators=(",", ":"))[1:-1]
        connection.execute(
            document.update()
            .where(document.c.process_id == row[0])
            .values(marked=b'"process_is_deleted":1', document=plain.encode())
        )


def downgrade() -> None:
    """What was deleted stays so."""
