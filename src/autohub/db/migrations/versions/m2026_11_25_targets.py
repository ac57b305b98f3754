"""After how many days in a status of a phase an idea counts as late; it was the same for every
installation before."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_11_25_targets"
down_revision = "m2026_11_25_document_types"

DAYS = {1: 14, 2: 30, 3: 14, 4: 30, 5: 30, 6: 60, 7: 30, 8: 30, 10: 14, 11: 14}


def upgrade() -> None:
    op.add_column("phase", sa.Column("phase_target_days", sa.Integer()))
    phase = sa.table(
        "phase", sa.column("phase_id", sa.Integer), sa.column("phase_target_days", sa.Integer)
    )
    for phase_id, days in DAYS.items():
        op.execute(
            phase.update().where(phase.c.phase_id == phase_id).values(phase_target_days=days)
        )


def downgrade() -> None:
    op.drop_column("phase", "phase_target_days")
