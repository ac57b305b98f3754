"""Counting and ranking ideas by phase reads an index alone."""

from alembic import op

revision = "m2026_11_24_board"
down_revision = "m2026_11_23_pages"

COLUMNS = ["phase_status_id", "process_is_deleted", "process_estimated_benefit_score"]


def upgrade() -> None:
    op.create_index("ix_idea_place", "idea", COLUMNS)
    op.drop_index("ix_idea_phase_status_id", "idea")


def downgrade() -> None:
    op.create_index("ix_idea_phase_status_id", "idea", ["phase_status_id"])
    op.drop_index("ix_idea_place", "idea")
