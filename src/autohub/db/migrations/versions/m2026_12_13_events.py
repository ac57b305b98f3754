"""Entries of the audit become events, and webhooks are told of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_13_events"
down_revision = "m2026_12_12_scim"

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=optional)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.add_column(
        "audit", sa.Column("is_pending", sa.SmallInteger, nullable=False, server_default="1")
    )
    op.execute("UPDATE audit SET is_pending = 0")
    pending = sa.text("is_pending = 1")
    op.create_index(
        "ix_audit_pending",
        "audit",
        ["audit_id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_table(
        "event",
        _id("event_id"),
        _text("event_type"),
        _number("at_epoch"),
        _number("audit_id"),
        _text("object_type"),
        _number("object_id", optional=True),
        _number("actor_user_id", optional=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook",
        _id("webhook_id"),
        _number("owner_user_id", optional=True),
        _number("created_by_user_id", optional=True),
        _text("webhook_name"),
        _text("host"),
        _text("sealed_url"),
        _text("sealed_secret"),
        _text("sealed_previous_secret", optional=True),
        _number("previous_until_epoch", optional=True),
        _text("body_format"),
        _text("event_types"),
        _text("category_ids"),
        _text("state"),
        _text("last_error", optional=True),
        _number("delivered_epoch", optional=True),
        _count("failures"),
        _number("waits_until_epoch"),
        _number("leased_until_epoch"),
        _number("created_epoch"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_delivery",
        _id("delivery_id"),
        _number("webhook_id"),
        _number("event_id"),
        _text("order_key"),
        _text("state"),
        _count("attempts"),
        sa.Column("status", sa.Integer, nullable=True),
        _text("error", optional=True),
        _number("created_epoch"),
        _number("due_epoch"),
        _number("done_epoch", optional=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id"])
    queued = sa.text("state = 'queued'")
    op.create_index(
        "ix_webhook_delivery_queued",
        "webhook_delivery",
        ["webhook_id", "order_key", "event_id"],
        sqlite_where=queued,
        postgresql_where=queued,
    )


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    op.drop_table("event")
    op.drop_index("ix_audit_pending", "audit")
    op.drop_column("audit", "is_pending")
