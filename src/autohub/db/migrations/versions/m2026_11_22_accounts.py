"""Accounts: people, roles, groups, credentials, categories, applications, the audit and the
outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_22_accounts"
down_revision = None

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("application_id", Number, autoincrement=True, nullable=False),
        sa.Column("application_name", Text, nullable=False),
        sa.Column("application_version", Text, nullable=False),
        sa.Column("application_language", Text, nullable=False),
        sa.Column("application_key", Text, nullable=False),
        sa.Column("application_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column(
            "application_added_by_end_user", sa.SmallInteger(), server_default="0", nullable=False
        ),
        sa.Column("application_created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("application_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", Number, autoincrement=True, nullable=False),
        sa.Column("at_epoch", Number, nullable=False),
        sa.Column("door", Text, nullable=False),
        sa.Column("actor_user_id", Number, nullable=True),
        sa.Column("actor_token_id", Number, nullable=True),
        sa.Column("action", Text, nullable=False),
        sa.Column("object_type", Text, nullable=False),
        sa.Column("object_id", Number, nullable=True),
        sa.Column("changes", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("audit_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_object", "audit", ["object_type", "object_id"], unique=False)
    op.create_table(
        "category",
        sa.Column("category_id", Number, autoincrement=True, nullable=False),
        sa.Column("parent_id", Number, nullable=True),
        sa.Column("category_name", Text, nullable=False),
        sa.Column("category_level_id", Number, nullable=False),
        sa.Column("category_order_number", sa.Integer(), nullable=False),
        sa.Column("category_is_other", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("category_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("category_scope", Text, nullable=True),
        sa.Column("path", Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["category.category_id"],
        ),
        sa.PrimaryKeyConstraint("category_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False)
    op.create_index("ix_category_path", "category", ["path"], unique=False)
    op.create_table(
        "category_level",
        sa.Column("category_level_id", Number, autoincrement=False, nullable=False),
        sa.Column("category_level_name", Text, nullable=False),
        sa.Column("category_level_slug", Text, nullable=False),
        sa.PrimaryKeyConstraint("category_level_id"),
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", Text, nullable=False),
        sa.Column("call", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("caller", "call", "key"),
    )
    op.create_index("ix_idempotency_created_epoch", "idempotency", ["created_epoch"], unique=False)
    op.create_table(
        "installation",
        sa.Column("name", Text, nullable=False),
        sa.Column("value", Text, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "outbox",
        sa.Column("outbox_id", Number, autoincrement=True, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("state", Text, server_default="queued", nullable=False),
        sa.Column("user_id", Number, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", Text, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("due_epoch", Number, nullable=False),
        sa.Column("leased_until_epoch", Number, nullable=True),
        sa.Column("done_epoch", Number, nullable=True),
        sa.PrimaryKeyConstraint("outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["due_epoch"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "role",
        sa.Column("role_id", Number, autoincrement=True, nullable=False),
        sa.Column("role_name", Text, nullable=False),
        sa.Column("role_name_key", Text, nullable=False),
        sa.Column("role_key", Text, nullable=False),
        sa.Column("role_description", Text, server_default="", nullable=False),
        sa.Column("role_is_default", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("role_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("role_id"),
        sa.UniqueConstraint("role_key"),
        sa.UniqueConstraint("role_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tally",
        sa.Column("tally_id", Number, autoincrement=True, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("delta", Number, nullable=False),
        sa.PrimaryKeyConstraint("tally_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_account",
        sa.Column("user_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_email", Text, nullable=True),
        sa.Column("user_email_key", Text, nullable=True),
        sa.Column("user_first_name", Text, nullable=True),
        sa.Column("user_first_name_key", Text, nullable=True),
        sa.Column("user_last_name", Text, nullable=True),
        sa.Column("user_last_name_key", Text, nullable=True),
        sa.Column("user_job_title", Text, nullable=True),
        sa.Column("user_job_title_key", Text, nullable=True),
        sa.Column("user_business_unit", Text, nullable=True),
        sa.Column("user_business_unit_key", Text, nullable=True),
        sa.Column("user_department", Text, nullable=True),
        sa.Column("user_department_key", Text, nullable=True),
        sa.Column("user_location", Text, nullable=True),
        sa.Column("user_location_key", Text, nullable=True),
        sa.Column("search_text", Text, nullable=True),
        sa.Column("user_is_active", sa.SmallInteger(), nullable=False),
        sa.Column("user_invite_status", sa.SmallInteger(), nullable=False),
        sa.Column("registered_epoch", Number, nullable=True),
        sa.Column("password_hash", Text, nullable=True),
        sa.Column("credential_generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("updated_epoch", Number, nullable=False),
        sa.Column("trashed_epoch", Number, nullable=True),
        sa.Column("erased_epoch", Number, nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("user_email_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_group",
        sa.Column("group_id", Number, autoincrement=True, nullable=False),
        sa.Column("group_name", Text, nullable=False),
        sa.Column("group_name_key", Text, nullable=False),
        sa.Column("group_description", Text, server_default="", nullable=False),
        sa.Column("group_source", Text, server_default="local", nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
        sa.UniqueConstraint("group_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_search_pending",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "application_category",
        sa.Column("application_id", Number, nullable=False),
        sa.Column("category_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.application_id"],
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.category_id"],
        ),
        sa.PrimaryKeyConstraint("application_id", "category_id"),
    )
    op.create_index(
        op.f("ix_application_category_category_id"),
        "application_category",
        ["category_id"],
        unique=False,
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", Number, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["user_group.group_id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.user_id"],
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id"),
    )
    op.create_index(op.f("ix_group_member_user_id"), "group_member", ["user_id"], unique=False)
    op.create_table(
        "group_role",
        sa.Column("group_id", Number, nullable=False),
        sa.Column("role_id", Number, nullable=False),
        sa.Column("category_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["user_group.group_id"],
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["role.role_id"],
        ),
        sa.PrimaryKeyConstraint("group_id", "role_id", "category_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("invitation_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("outbox_id", Number, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("expires_epoch", Number, nullable=False),
        sa.Column("used_epoch", Number, nullable=True),
        sa.Column("cancelled_epoch", Number, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.user_id"],
        ),
        sa.PrimaryKeyConstraint("invitation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invitation_user_id"), "invitation", ["user_id"], unique=False)
    op.create_table(
        "open_api_token",
        sa.Column("token_id", Number, autoincrement=True, nullable=False),
        sa.Column("token_name", Text, nullable=False),
        sa.Column("token_kind", Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("app_key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("user_id", Number, nullable=True),
        sa.Column("credential_generation", sa.Integer(), nullable=True),
        sa.Column("created_by_user_id", Number, nullable=True),
        sa.Column("token_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("token_expires_epoch", Number, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("last_used_epoch", Number, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.user_id"],
        ),
        sa.PrimaryKeyConstraint("token_id"),
        sa.UniqueConstraint("token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_open_api_token_user_id"), "open_api_token", ["user_id"], unique=False)
    op.create_table(
        "role_permission",
        sa.Column("role_id", Number, nullable=False),
        sa.Column("permission", Text, nullable=False),
        sa.Column("only_where_assigned", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["role.role_id"],
        ),
        sa.PrimaryKeyConstraint("role_id", "permission"),
    )
    op.create_table(
        "session",
        sa.Column("session_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("credential_generation", sa.Integer(), nullable=False),
        sa.Column("door", Text, nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("expires_epoch", Number, nullable=False),
        sa.Column("ended_epoch", Number, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.user_id"],
        ),
        sa.PrimaryKeyConstraint("session_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "user_email_alias",
        sa.Column("email_key", Text, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("user_email", Text, nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.user_id"],
        ),
        sa.PrimaryKeyConstraint("email_key"),
    )
    op.create_index(
        op.f("ix_user_email_alias_user_id"), "user_email_alias", ["user_id"], unique=False
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", Number, nullable=False),
        sa.Column("role_id", Number, nullable=False),
        sa.Column("category_id", Number, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role_id", "category_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE user_search USING fts5(text, tokenize='trigram', detail=none)"
        )
    else:
        op.create_table(
            "user_search",
            sa.Column("rowid", Number, primary_key=True, autoincrement=False),
            sa.Column("text", Text),
        )


def downgrade() -> None:
    op.drop_table("user_search")
    op.drop_table("user_role")
    op.drop_index(op.f("ix_user_email_alias_user_id"), table_name="user_email_alias")
    op.drop_table("user_email_alias")
    op.drop_index(op.f("ix_session_user_id"), table_name="session")
    op.drop_table("session")
    op.drop_table("role_permission")
    op.drop_index(op.f("ix_open_api_token_user_id"), table_name="open_api_token")
    op.drop_table("open_api_token")
    op.drop_index(op.f("ix_invitation_user_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("group_role")
    op.drop_index(op.f("ix_group_member_user_id"), table_name="group_member")
    op.drop_table("group_member")
    op.drop_index(op.f("ix_application_category_category_id"), table_name="application_category")
    op.drop_table("application_category")
    op.drop_table("user_search_pending")
    op.drop_table("user_group")
    op.drop_table("user_account")
    op.drop_table("tally")
    op.drop_table("role")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_table("outbox")
    op.drop_table("installation")
    op.drop_index("ix_idempotency_created_epoch", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("category_level")
    op.drop_index("ix_category_path", table_name="category")
    op.drop_index(op.f("ix_category_parent_id"), table_name="category")
    op.drop_table("category")
    op.drop_index("ix_audit_object", table_name="audit")
    op.drop_table("audit")
    op.drop_table("application")
