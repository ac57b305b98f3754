"""What the pages keep: notifications in the hub, saved views, what a change request is about,
and which browser a session belongs to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_23_pages"
down_revision = "m2026_11_22_ideas"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("session", sa.Column("client", Text, nullable=True))
    op.create_table(
        "notification",
        sa.Column("notification_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("notice", Text, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("actor_user_id", Number, nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("read_epoch", Number, nullable=True),
        sa.PrimaryKeyConstraint("notification_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notification_user_id", "notification", ["user_id", "notification_id"])
    op.create_index("ix_notification_process_id", "notification", ["process_id"])
    op.create_table(
        "notification_off",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("notice", Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "notice"),
    )
    op.create_table(
        "saved_view",
        sa.Column("view_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("page", Text, nullable=False),
        sa.Column("view_name", Text, nullable=False),
        sa.Column("query", Text, nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("view_id"),
        sa.UniqueConstraint("user_id", "page", "view_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change_request",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("of_process_id", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_index("ix_change_request_of_process_id", "change_request", ["of_process_id"])
    op.create_table(
        "user_sync",
        sa.Column("sync_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("file_name", Text, nullable=False),
        sa.Column("blob_key", Text, nullable=False),
        sa.Column("headings", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("atomic", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("total", Number, server_default="0", nullable=False),
        sa.Column("done", Number, server_default="0", nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("trouble", Text, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("updated_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("sync_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_sync_user_id", "user_sync", ["user_id"])


def downgrade() -> None:
    for table in ("user_sync", "change_request", "saved_view", "notification_off", "notification"):
        op.drop_table(table)
    op.drop_column("session", "client")
