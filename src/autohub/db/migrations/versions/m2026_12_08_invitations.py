"""What a person may do when they are invited; a link gives nothing that came later."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_12_08_invitations"
down_revision = "m2026_12_07_audit_seals"


def upgrade() -> None:
    op.add_column("invitation", sa.Column("held", sa.Text))


def downgrade() -> None:
    op.drop_column("invitation", "held")
