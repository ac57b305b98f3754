"""Assessments, ideas, who works on them, their files, components, costs and benefits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_11_22_ideas"
down_revision = "m2026_11_22_flows"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real = sa.Float(53)


def upgrade() -> None:
    op.create_table(
        "assessment_version",
        sa.Column("version_id", Number, autoincrement=True, nullable=False),
        sa.Column("assessment_key", Text, nullable=False),
        sa.Column("version_name", Text, nullable=False),
        sa.Column("state", Text, server_default="draft", nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("created_by_user_id", Number, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("live_epoch", Number, nullable=True),
        sa.PrimaryKeyConstraint("version_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "collaborator_role",
        sa.Column("role_id", Number, autoincrement=True, nullable=False),
        sa.Column("role_name", Text, nullable=False),
        sa.Column("role_name_key", Text, nullable=False),
        sa.Column("role_description", Text, server_default="", nullable=False),
        sa.Column("role_is_permanent", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("role_is_assignable", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("role_id"),
        sa.UniqueConstraint("role_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cost_setting",
        sa.Column("name", Text, nullable=False),
        sa.Column("value", Text, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "currency_rate",
        sa.Column("currency", Text, nullable=False),
        sa.Column("valid_from_epoch", Number, autoincrement=False, nullable=False),
        sa.Column("rate", Real, nullable=False),
        sa.PrimaryKeyConstraint("currency", "valid_from_epoch"),
    )
    op.create_table(
        "document_type",
        sa.Column("document_type_id", Number, autoincrement=False, nullable=False),
        sa.Column("document_type_key", Text, nullable=False),
        sa.Column("document_type_name", Text, nullable=False),
        sa.Column("accepted_extensions", Text, nullable=False),
        sa.Column("allow_embed_link", sa.SmallInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("document_type_id"),
        sa.UniqueConstraint("document_type_key"),
    )
    op.create_table(
        "file",
        sa.Column("file_id", Number, autoincrement=True, nullable=False),
        sa.Column("blob_key", Text, nullable=False),
        sa.Column("file_name", Text, nullable=False),
        sa.Column("mimetype", Text, nullable=False),
        sa.Column("file_size", Number, nullable=False),
        sa.Column("sha256", Text, nullable=False),
        sa.Column("created_by_user_id", Number, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("file_id"),
        sa.UniqueConstraint("blob_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idea_application",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("application_id", Number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "application_id"),
    )
    op.create_index(
        op.f("ix_idea_application_application_id"),
        "idea_application",
        ["application_id"],
        unique=False,
    )
    op.create_table(
        "idea_benefit",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("baseline_is_set", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("baseline", sa.LargeBinary(), nullable=True),
        sa.Column("updated_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_table(
        "idea_collaborator",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("collaborator_role_id", Number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "user_id", "collaborator_role_id"),
    )
    op.create_index(
        op.f("ix_idea_collaborator_user_id"), "idea_collaborator", ["user_id"], unique=False
    )
    op.create_table(
        "idea_comment",
        sa.Column("comment_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("parent_id", Number, nullable=True),
        sa.Column("user_id", Number, nullable=True),
        sa.Column("comment_text", Text, nullable=True),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("edited_epoch", Number, nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["idea_comment.comment_id"],
        ),
        sa.PrimaryKeyConstraint("comment_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_idea_comment_process_id"), "idea_comment", ["process_id"], unique=False
    )
    op.create_table(
        "idea_cost",
        sa.Column("cost_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("cost_type", Text, nullable=False),
        sa.Column("cost_name", Text, nullable=False),
        sa.Column("quantity", Real, nullable=False),
        sa.Column("unit_price", Real, nullable=False),
        sa.Column("currency", Text, nullable=False),
        sa.PrimaryKeyConstraint("cost_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idea_cost_process_id"), "idea_cost", ["process_id"], unique=False)
    op.create_table(
        "idea_document",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("assessed", sa.LargeBinary(), nullable=False),
        sa.Column("extras", sa.LargeBinary(), nullable=False),
        sa.Column("marked", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_table(
        "idea_draft",
        sa.Column("draft_id", Number, autoincrement=True, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("idea_flow_id", Number, nullable=False),
        sa.Column("user_inputs", sa.LargeBinary(), nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.Column("updated_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idea_draft_user_id"), "idea_draft", ["user_id"], unique=False)
    op.create_table(
        "idea_editor",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("part", Text, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "user_id", "part"),
    )
    op.create_table(
        "idea_follow",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "user_id"),
    )
    op.create_index(op.f("ix_idea_follow_user_id"), "idea_follow", ["user_id"], unique=False)
    op.create_table(
        "idea_history",
        sa.Column("history_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("at_epoch", Number, nullable=False),
        sa.Column("user_id", Number, nullable=True),
        sa.Column("door", Text, nullable=False),
        sa.Column("from_status_id", Number, nullable=True),
        sa.Column("to_status_id", Number, nullable=False),
        sa.Column("reason", Text, nullable=True),
        sa.Column("forced", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("history_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_idea_history_process_id"), "idea_history", ["process_id"], unique=False
    )
    op.create_table(
        "idea_plan",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("phase_id", Number, autoincrement=False, nullable=False),
        sa.Column("baseline_start", Text, nullable=True),
        sa.Column("baseline_end", Text, nullable=True),
        sa.Column("actual_start", Text, nullable=True),
        sa.Column("actual_end", Text, nullable=True),
        sa.Column("new_estimate_end", Text, nullable=True),
        sa.Column("person_days", Real, nullable=True),
        sa.Column("day_rate", Real, nullable=True),
        sa.Column("currency", Text, nullable=True),
        sa.PrimaryKeyConstraint("process_id", "phase_id"),
    )
    op.create_table(
        "idea_search_pending",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_table(
        "idea_tag",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("tag_key", Text, nullable=False),
        sa.Column("tag", Text, nullable=False),
        sa.Column("tag_order", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "tag_key"),
    )
    op.create_index(op.f("ix_idea_tag_tag_key"), "idea_tag", ["tag_key"], unique=False)
    op.create_table(
        "idea_vote",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "user_id"),
    )
    op.create_table(
        "notice_off",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("notice", Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "notice"),
    )
    op.create_table(
        "robot_run",
        sa.Column("run_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("started_epoch", Number, nullable=False),
        sa.Column("runs", Number, nullable=False),
        sa.Column("failed", Number, server_default="0", nullable=False),
        sa.Column("minutes_saved", Real, nullable=False),
        sa.Column("cost_saved", Real, nullable=True),
        sa.Column("currency", Text, nullable=True),
        sa.Column("run_key", Text, nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
        sa.UniqueConstraint("process_id", "run_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_robot_run_process_id", "robot_run", ["process_id", "started_epoch"], unique=False
    )
    op.create_table(
        "store_offer",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("offer_text", Text, nullable=False),
        sa.Column("published_by_user_id", Number, nullable=True),
        sa.Column("published_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_table(
        "store_review",
        sa.Column("review_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("user_id", Number, nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("review_text", Text, nullable=False),
        sa.Column("review_created_epoch", Number, nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
        sa.UniqueConstraint("process_id", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_store_review_process_id"), "store_review", ["process_id"], unique=False
    )
    op.create_table(
        "vendor_price",
        sa.Column("price_id", Number, autoincrement=True, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("vendor_name", Text, nullable=False),
        sa.Column("price_name", Text, nullable=False),
        sa.Column("price", Real, nullable=False),
        sa.Column("currency", Text, nullable=False),
        sa.PrimaryKeyConstraint("price_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "category_assessment",
        sa.Column("category_id", Number, autoincrement=False, nullable=False),
        sa.Column("assessment_key", Text, nullable=False),
        sa.Column("version_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["assessment_version.version_id"],
        ),
        sa.PrimaryKeyConstraint("category_id", "assessment_key"),
    )
    op.create_index(
        op.f("ix_category_assessment_version_id"),
        "category_assessment",
        ["version_id"],
        unique=False,
    )
    op.create_table(
        "component",
        sa.Column("component_id", Number, autoincrement=True, nullable=False),
        sa.Column("component_name", Text, nullable=False),
        sa.Column("component_name_key", Text, nullable=False),
        sa.Column("component_description", Text, nullable=False),
        sa.Column("component_type", Text, nullable=False),
        sa.Column("component_version", Text, nullable=False),
        sa.Column("component_status", Text, nullable=False),
        sa.Column("component_link", Text, nullable=True),
        sa.Column("category_id", Number, nullable=False),
        sa.Column("author_user_id", Number, nullable=True),
        sa.Column("search_text", Text, nullable=False),
        sa.Column("component_created_epoch", Number, nullable=False),
        sa.Column("component_updated_epoch", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.category_id"],
        ),
        sa.PrimaryKeyConstraint("component_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_component_category_id"), "component", ["category_id"], unique=False)
    op.create_index(
        op.f("ix_component_component_name_key"), "component", ["component_name_key"], unique=False
    )
    op.create_table(
        "idea_file",
        sa.Column("document_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_id", Number, nullable=False),
        sa.Column("document_type_id", Number, nullable=True),
        sa.Column("document_title", Text, nullable=False),
        sa.Column("document_description", Text, nullable=False),
        sa.Column("file_id", Number, nullable=True),
        sa.Column("embed_link", Text, nullable=True),
        sa.Column("document_is_active", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("created_by_user_id", Number, nullable=True),
        sa.Column("document_created_epoch", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_type_id"],
            ["document_type.document_type_id"],
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["file.file_id"],
        ),
        sa.PrimaryKeyConstraint("document_id"),
        sa.UniqueConstraint("file_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idea_file_process_id"), "idea_file", ["process_id"], unique=False)
    op.create_table(
        "user_collaborator_role",
        sa.Column("user_id", Number, autoincrement=False, nullable=False),
        sa.Column("role_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["collaborator_role.role_id"],
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id"),
    )
    op.create_table(
        "idea_component",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("component_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["component_id"],
            ["component.component_id"],
        ),
        sa.PrimaryKeyConstraint("process_id", "component_id"),
    )
    op.create_index(
        op.f("ix_idea_component_component_id"), "idea_component", ["component_id"], unique=False
    )
    op.create_table(
        "idea",
        sa.Column("process_id", Number, autoincrement=True, nullable=False),
        sa.Column("process_uuid", Text, nullable=False),
        sa.Column("process_name", Text, nullable=False),
        sa.Column("process_name_key", Text, nullable=False),
        sa.Column("process_description", Text, nullable=False),
        sa.Column("process_submission_type", sa.SmallInteger(), nullable=False),
        sa.Column("idea_flow_id", Number, nullable=False),
        sa.Column("category_id", Number, nullable=False),
        sa.Column("category_other_text", Text, nullable=True),
        sa.Column("phase_status_id", Number, nullable=False),
        sa.Column("status_epoch", Number, nullable=False),
        sa.Column("submitter_user_id", Number, nullable=True),
        sa.Column("owner_user_id", Number, nullable=True),
        sa.Column("process_created_epoch", Number, nullable=False),
        sa.Column("process_updated_epoch", Number, nullable=False),
        sa.Column("process_is_deleted", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("process_priority", Text, nullable=True),
        sa.Column("process_overall_gauge_score", Real, nullable=True),
        sa.Column("process_automation_score", Real, nullable=True),
        sa.Column("process_ease_of_implementation_score", Real, nullable=True),
        sa.Column("process_estimated_benefit_score", Real, nullable=True),
        sa.Column("process_num_votes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("process_num_documents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("import_key", Text, nullable=True),
        sa.Column("import_hash", Text, nullable=True),
        sa.Column("search_text", Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.category_id"],
        ),
        sa.ForeignKeyConstraint(
            ["idea_flow_id"],
            ["idea_flow.idea_flow_id"],
        ),
        sa.ForeignKeyConstraint(
            ["phase_status_id"],
            ["phase_status.phase_status_id"],
        ),
        sa.PrimaryKeyConstraint("process_id"),
        sa.UniqueConstraint("import_key"),
        sa.UniqueConstraint("process_uuid"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idea_category_id"), "idea", ["category_id"], unique=False)
    op.create_index(op.f("ix_idea_idea_flow_id"), "idea", ["idea_flow_id"], unique=False)
    op.create_index(op.f("ix_idea_owner_user_id"), "idea", ["owner_user_id"], unique=False)
    op.create_index(op.f("ix_idea_phase_status_id"), "idea", ["phase_status_id"], unique=False)
    op.create_index(
        op.f("ix_idea_process_created_epoch"), "idea", ["process_created_epoch"], unique=False
    )
    op.create_index(op.f("ix_idea_process_name_key"), "idea", ["process_name_key"], unique=False)
    op.create_index(
        op.f("ix_idea_process_updated_epoch"), "idea", ["process_updated_epoch"], unique=False
    )
    op.create_index(op.f("ix_idea_submitter_user_id"), "idea", ["submitter_user_id"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE idea_search USING fts5(text, tokenize='trigram', detail=none)"
        )
        op.execute(
            "CREATE VIRTUAL TABLE idea_gram USING fts5vocab(idea_search, row)"
        )  # how rare each three-letter piece is
    else:
        op.create_table(
            "idea_search",
            sa.Column("rowid", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("text", Text),
        )
        op.execute("ALTER TABLE idea_document ALTER COLUMN document SET STORAGE EXTERNAL")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("idea_gram")
    for table in (
        "idea_search",
        "idea",
        "idea_component",
        "user_collaborator_role",
        "idea_file",
        "component",
        "category_assessment",
        "vendor_price",
        "store_review",
        "store_offer",
        "robot_run",
        "notice_off",
        "idea_vote",
        "idea_tag",
        "idea_search_pending",
        "idea_plan",
        "idea_history",
        "idea_follow",
        "idea_editor",
        "idea_draft",
        "idea_document",
        "idea_cost",
        "idea_comment",
        "idea_collaborator",
        "idea_benefit",
        "idea_application",
        "file",
        "document_type",
        "currency_rate",
        "cost_setting",
        "collaborator_role",
        "assessment_version",
    ):
        op.drop_table(table)
