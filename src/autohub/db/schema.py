"""Every table of the hub: the data model on one page.

Times (`*_epoch`) are milliseconds since 1970 in UTC. `*_key` columns hold the folded form of a
text, by which it is searched, sorted and compared, so that both databases answer alike. Flags are 0
and 1.
"""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, LargeBinary, MetaData, Table
from sqlalchemy.dialects import postgresql

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s"})

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Real = sa.Float(53)
Flag = sa.SmallInteger()
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str) -> Column[int]:
    return Column(name, Number, primary_key=True, autoincrement=True)


def _table(name: str, *columns: sa.schema.SchemaItem) -> Table:
    """A table whose ids are never given out twice."""
    return Table(name, metadata, *columns, sqlite_autoincrement=True)


def _text(name: str, *, optional: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=optional, server_default=default)


def _epoch(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, Number, nullable=optional)


def _flag(name: str, default: int) -> Column[int]:
    return Column(name, Flag, nullable=False, server_default=str(default))


# --- the installation
# -------------------------------------------------------------------------------------------

installation = Table(
    "installation", metadata, Column("name", Text, primary_key=True), _text("value")
)

stamp = Table(
    # One random number per noun that is kept in memory, renewed by triggers with every change of
    # the noun's tables (db/stamps.py).
    "stamp",
    metadata,
    Column("name", Text, primary_key=True),
    _epoch("at"),
)

integration_check = Table(
    # What came of speaking to another system the last time; no error when all went well.
    "integration_check",
    metadata,
    Column("integration", Text, primary_key=True),
    _epoch("checked_epoch"),
    _text("error", optional=True),
)

outbox = _table(
    "outbox",
    _id("outbox_id"),
    _text("kind"),
    _text("payload"),
    _text("state", default="queued"),  # queued | sent | failed | cancelled
    Column("user_id", Number),
    Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _text("last_error", optional=True),
    _epoch("created_epoch"),
    _epoch("due_epoch"),
    _epoch("leased_until_epoch", optional=True),
    _epoch("done_epoch", optional=True),
)
Index(
    "ix_outbox_waiting",
    outbox.c.due_epoch,
    sqlite_where=outbox.c.state == "queued",
    postgresql_where=outbox.c.state == "queued",
)

audit = _table(
    "audit",
    _id("audit_id"),
    _epoch("at_epoch"),
    _text("door"),  # api | page | cli | import | job
    Column("actor_user_id", Number),
    Column("actor_token_id", Number),
    _text("action"),
    _text("object_type"),
    Column("object_id", Number),
    Column(
        "changes", LargeBinary
    ),  # JSON {"before": …, "after": …}; sealed with the person's key when object_type is user
    _text("open_changes", optional=True),  # the same of what says nothing personal of that person
    _flag("is_pending", 1),  # until it became an event, or turned out to be none
)
Index("ix_audit_object", audit.c.object_type, audit.c.object_id)
Index(
    "ix_audit_pending",
    audit.c.audit_id,
    sqlite_where=audit.c.is_pending == 1,
    postgresql_where=audit.c.is_pending == 1,
)

event = _table(
    # What other systems are told; ids are given out in the order in which they become visible.
    "event",
    _id("event_id"),
    _text("event_type"),
    _epoch("at_epoch"),
    Column("audit_id", Number, nullable=False),
    _text("object_type"),
    Column("object_id", Number),
    Column("actor_user_id", Number),
)

webhook = _table(
    "webhook",
    _id("webhook_id"),
    Column("owner_user_id", Number),  # null: of the installation
    Column("created_by_user_id", Number),
    _text("webhook_name"),
    _text("host"),
    _text("sealed_url"),
    _text("sealed_secret"),
    _text("sealed_previous_secret", optional=True),  # signs too until previous_until_epoch
    _epoch("previous_until_epoch", optional=True),
    _text("body_format"),  # standard | slack | teams
    _text("event_types"),  # JSON; empty: all
    _text("category_ids"),  # JSON; empty: all
    _text("state"),  # on | off | paused | gone
    _text("last_error", optional=True),
    _epoch("delivered_epoch", optional=True),
    Column("failures", sa.Integer, nullable=False, server_default="0"),  # in a row
    _epoch("waits_until_epoch"),
    _epoch("leased_until_epoch"),
    _epoch("created_epoch"),
)

webhook_delivery = _table(
    "webhook_delivery",
    _id("delivery_id"),
    Column("webhook_id", Number, nullable=False),
    Column("event_id", Number, nullable=False),
    _text("order_key"),
    _text("state"),  # queued | delivered | failed | skipped
    Column("attempts", sa.Integer, nullable=False, server_default="0"),
    Column("status", sa.Integer),  # of the last answer
    _text("error", optional=True),
    _epoch("created_epoch"),
    _epoch("due_epoch"),
    _epoch("done_epoch", optional=True),
)
Index("ix_webhook_delivery_webhook_id", webhook_delivery.c.webhook_id)
Index(
    "ix_webhook_delivery_queued",
    webhook_delivery.c.webhook_id,
    webhook_delivery.c.order_key,
    webhook_delivery.c.event_id,
    sqlite_where=webhook_delivery.c.state == "queued",
    postgresql_where=webhook_delivery.c.state == "queued",
)

audit_seal = Table(
    # A chain over the entries: each seal covers those after the seal before.
    "audit_seal",
    metadata,
    Column("last_audit_id", Number, primary_key=True, autoincrement=False),
    Column("entries", sa.Integer, nullable=False),
    _epoch("sealed_epoch"),
    Column("digest", LargeBinary, nullable=False),
    _flag("is_pruned", 0),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("call", Text, primary_key=True),  # method and path below the mount
    Column("key", Text, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", sa.Integer),
    Column("answer", LargeBinary),
    _epoch("created_epoch"),
)
Index("ix_idempotency_created_epoch", idempotency.c.created_epoch)

tally = Table(
    # Exact counts without counting: the sum of `delta` per name. Rows are only added by changes,
    # and summed up by the worker, so that two writers never wait for one counter.
    "tally",
    metadata,
    _id("tally_id"),
    _text("name"),
    Column("delta", Number, nullable=False),
    sqlite_autoincrement=True,
)

sign_in_attempt = Table(
    # Tries to sign in that failed, or run just now: by account and place, by account, by place.
    "sign_in_attempt",
    metadata,
    Column("attempt_key", Text, primary_key=True),
    Column("failures", sa.Integer, nullable=False),
    _epoch("last_epoch"),
)
Index("ix_sign_in_attempt_last_epoch", sign_in_attempt.c.last_epoch)

used_challenge = Table(
    # Challenges that a passkey has answered: none counts twice.
    "used_challenge",
    metadata,
    Column("challenge", sa.LargeBinary, primary_key=True),
    _epoch("expires_epoch"),
)

# --- people
# --------------------------------------------------------------------------------------------------

user_account = _table(
    "user_account",
    _id("user_id"),
    _text("user_email", optional=True),  # null once erased, as all that follows
    Column("user_email_key", Text, unique=True),
    _text("user_first_name", optional=True),
    _text("user_first_name_key", optional=True),
    _text("user_last_name", optional=True),
    _text("user_last_name_key", optional=True),
    _text("user_job_title", optional=True),
    _text("user_job_title_key", optional=True),
    _text("user_business_unit", optional=True),
    _text("user_business_unit_key", optional=True),
    _text("user_department", optional=True),
    _text("user_department_key", optional=True),
    _text("user_location", optional=True),
    _text("user_location_key", optional=True),
    _text(
        "search_text", optional=True
    ),  # folded name, e-mail, job title, business unit and department
    Column("user_is_active", Flag, nullable=False),
    Column("user_invite_status", Flag, nullable=False),
    _epoch("registered_epoch", optional=True),
    _text("password_hash", optional=True),
    # Tokens and sessions carry the generation they were made in; raising it ends them all at once
    # and for good.
    Column("credential_generation", sa.Integer, nullable=False, server_default="0"),
    Column(
        "person_key", LargeBinary
    ),  # seals this person's values in the audit; erasure throws it away
    _epoch("created_epoch"),
    _epoch("updated_epoch"),
    _epoch("trashed_epoch", optional=True),
    _epoch("erased_epoch", optional=True),
)

user_role = Table(
    # Without foreign keys: accounts are never deleted, nor roles that somebody holds, and on
    # PostgreSQL the two checks a row cost a bulk call a quarter of its time.
    "user_role",
    metadata,
    Column("user_id", Number, primary_key=True),
    Column("role_id", Number, primary_key=True),
    Column("category_id", Number, primary_key=True),  # 0: all categories
    sqlite_with_rowid=False,
)

user_email_alias = Table(
    "user_email_alias",
    metadata,
    Column("email_key", Text, primary_key=True),
    Column("user_id", Number, ForeignKey("user_account.user_id"), nullable=False, index=True),
    _text("user_email"),
    _epoch("created_epoch"),
)

user_search = Table(
    # What a search looks through. SQLite: an FTS5 trigram table of this name; PostgreSQL: this
    # table with a pg_trgm index.
    "user_search",
    MetaData(),  # made by the migration, because the two databases differ
    Column("rowid", Number, primary_key=True),
    Column("text", Text),
)

user_search_pending = Table(
    # Accounts whose row in user_search is not written yet. A search scans these, the worker indexes
    # them in batches: kept row by row, a trigram index makes a bulk import several times dearer.
    "user_search_pending",
    metadata,
    Column("user_id", Number, primary_key=True, autoincrement=False),
)

user_sync = _table(
    # A file of users on its way in: mapped, looked through, corrected, and then run by the worker.
    "user_sync",
    _id("sync_id"),
    Column("user_id", Number, nullable=False, index=True),
    _text("file_name"),
    _text("blob_key"),  # its rows as CSV
    _text("headings"),  # JSON list
    _text("state"),  # mapping | preview | queued | running | done | failed
    _flag("atomic", 0),
    Column("total", Number, nullable=False, server_default="0"),
    Column("done", Number, nullable=False, server_default="0"),
    Column("report", LargeBinary),  # JSON of users.model.BulkReport
    _text("trouble", optional=True),
    _epoch("created_epoch"),
    _epoch("updated_epoch"),
)

invitation = _table(
    "invitation",
    _id("invitation_id"),
    Column("user_id", Number, ForeignKey("user_account.user_id"), nullable=False, index=True),
    Column("outbox_id", Number),  # null: no mail, the link is handed over by an administrator
    _epoch("created_epoch"),
    _epoch("expires_epoch"),
    _epoch("used_epoch", optional=True),
    _epoch("cancelled_epoch", optional=True),
    _text("held", optional=True),  # JSON: role and category of each grant that it was made for
)

# --- roles, groups, credentials
# ---------------------------------------------------------------------------------

role = _table(
    "role",
    _id("role_id"),
    Column("role_name", Text, nullable=False),
    Column("role_name_key", Text, nullable=False, unique=True),
    Column("role_key", Text, nullable=False, unique=True),
    _text("role_description", default=""),
    _flag("role_is_default", 0),
    _flag("role_is_active", 1),
)

role_permission = Table(
    "role_permission",
    metadata,
    Column("role_id", Number, ForeignKey("role.role_id"), primary_key=True),
    Column("permission", Text, primary_key=True),
    _flag(
        "only_where_assigned", 0
    ),  # 1: holds on ideas that the person is assigned to, not by category
)

user_group = _table(
    "user_group",
    _id("group_id"),
    _text("group_name"),
    Column("group_name_key", Text, nullable=False, unique=True),
    _text("group_description", default=""),
    _text("group_source", default="local"),  # local | directory
    Column("external_id", Text),  # what the directory calls it
    _flag("group_admits_directory", 0),
    _epoch("created_epoch"),
    Column("updated_epoch", Number, nullable=False, server_default="0"),
)

scim_user = Table(
    "scim_user",
    metadata,
    Column("user_id", Number, ForeignKey("user_account.user_id"), primary_key=True),
    Column("external_id", Text, index=True),
    Column("user_name", Text),  # null where it is the address
    Column("user_name_key", Text, unique=True),
    Column("display_name", Text),
)
"""What a directory says of a person that an account has no place for."""

sign_on_provider = _table(
    "sign_on_provider",
    _id("provider_id"),
    _text("provider_name"),
    _text("issuer"),
    _text("client_id"),
    _text("sealed_client_secret", optional=True),
    _text("group_claim", optional=True),
    _flag("trusts_emails", 0),
    _flag("provider_is_active", 1),
    _epoch("created_epoch"),
)

sign_on_identity = Table(
    "sign_on_identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Number, ForeignKey("user_account.user_id"), nullable=False, index=True),
    _epoch("linked_epoch"),
)
"""Who a person is at a provider."""

group_role = Table(
    "group_role",
    metadata,
    Column("group_id", Number, ForeignKey("user_group.group_id"), primary_key=True),
    Column("role_id", Number, ForeignKey("role.role_id"), primary_key=True),
    Column("category_id", Number, primary_key=True),
)

group_member = Table(
    "group_member",
    metadata,
    Column("group_id", Number, ForeignKey("user_group.group_id"), primary_key=True),
    Column("user_id", Number, ForeignKey("user_account.user_id"), primary_key=True, index=True),
)

open_api_token = _table(
    "open_api_token",
    _id("token_id"),
    _text("token_name"),
    _text("token_kind"),  # personal | user_assigned | tenant_level | scim
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("app_key_hash", LargeBinary),
    Column("user_id", Number, ForeignKey("user_account.user_id"), index=True),
    Column("credential_generation", sa.Integer),
    Column("created_by_user_id", Number),
    _flag("token_is_active", 1),
    _flag("token_is_locked", 0),  # switched off by somebody else than its person
    _epoch("token_expires_epoch", optional=True),
    _epoch("created_epoch"),
    _epoch("last_used_epoch", optional=True),
)

session = _table(
    "session",
    _id("session_id"),
    Column("user_id", Number, ForeignKey("user_account.user_id"), nullable=False, index=True),
    Column("credential_generation", sa.Integer, nullable=False),
    _text("door"),  # password | cli
    _epoch("created_epoch"),
    _epoch("expires_epoch"),
    _epoch("ended_epoch", optional=True),
    _text(
        "client", optional=True
    ),  # what the browser calls itself, so that people know their sessions apart
    # When it was last used, to the minute, and when its person last proved who they are.
    Column("seen_epoch", Number, nullable=False, server_default="0"),
    Column("proved_epoch", Number, nullable=False, server_default="0"),
    _flag("is_powerful", 0),  # 1: it began with an administrator's rights
    _flag("has_second_factor", 0),
)

second_factor = _table(
    "second_factor",
    _id("factor_id"),
    Column("user_id", Number, ForeignKey("user_account.user_id"), nullable=False, index=True),
    _text("kind"),  # totp | passkey
    _text("factor_name"),
    _epoch("created_epoch"),
    _epoch("used_epoch", optional=True),
    _text("sealed_secret", optional=True),  # totp: kit/sealing.py
    Column("last_step", Number),  # totp: the step of time whose code was used last
    Column("credential_id", sa.LargeBinary, unique=True),  # passkey
    Column("credential", sa.LargeBinary),  # passkey: its public key
    Column("sign_count", Number),  # passkey
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column(
        "user_id",
        Number,
        ForeignKey("user_account.user_id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("code_hash", sa.LargeBinary, primary_key=True),
)

# --- categories and applications
# --------------------------------------------------------------------------------

category_level = Table(
    "category_level",
    metadata,
    Column("category_level_id", Number, primary_key=True, autoincrement=False),
    _text("category_level_name"),
    _text("category_level_slug"),
)

category = _table(
    "category",
    _id("category_id"),
    Column("parent_id", Number, ForeignKey("category.category_id"), index=True),
    _text("category_name"),
    Column("category_level_id", Number, nullable=False),
    Column("category_order_number", sa.Integer, nullable=False),
    _flag("category_is_other", 0),
    _flag("category_is_active", 1),
    _text("category_scope", optional=True),
    _text("path"),  # ids from the top, each followed by a slash: '1/5/9/'
)
Index("ix_category_path", category.c.path)

application = _table(
    "application",
    _id("application_id"),
    _text("application_name"),
    _text("application_version"),
    _text("application_language"),
    _text("application_key"),  # the folded name and code, which `s` searches
    _flag("application_is_active", 1),
    _flag("application_added_by_end_user", 0),
    _text("application_comments", default=""),
    _flag("application_is_citrix_client", 0),
    _epoch("application_created_epoch"),
)

application_category = Table(
    "application_category",
    metadata,
    Column("application_id", Number, ForeignKey("application.application_id"), primary_key=True),
    Column("category_id", Number, ForeignKey("category.category_id"), primary_key=True, index=True),
)

# --- flows
# --------------------------------------------------------------------------------------------------

phase = Table(
    "phase",
    metadata,
    Column("phase_id", Number, primary_key=True, autoincrement=False),
    Column("phase_key", Text, nullable=False, unique=True),
    _text("phase_name"),
    _flag("phase_is_active", 1),
    Column("phase_order", sa.Integer, nullable=False),
    Column(
        "phase_target_days", sa.Integer
    ),  # after how many days in one status of it an idea is late; null: never
)

phase_status = _table(
    "phase_status",
    _id("phase_status_id"),
    Column("phase_id", Number, ForeignKey("phase.phase_id"), nullable=False),
    Column("phase_status_key", Text, nullable=False, unique=True),
    _text("phase_status_name"),
    _text("waits_for", optional=True),  # what an idea in it waits for: flows.model.Task
)

idea_flow = _table(
    "idea_flow",
    _id("idea_flow_id"),
    _text("idea_flow_name"),
    Column("idea_flow_name_key", Text, nullable=False, unique=True),
    Column(
        "submission_type", sa.SmallInteger, nullable=False
    ),  # contract 4.1; -1 is a custom one, for any type
    Column("start_status_id", Number, ForeignKey("phase_status.phase_status_id"), nullable=False),
    _flag("idea_flow_is_default", 0),
)

flow_transition = Table(
    "flow_transition",
    metadata,
    Column("idea_flow_id", Number, ForeignKey("idea_flow.idea_flow_id"), primary_key=True),
    Column("from_status_id", Number, ForeignKey("phase_status.phase_status_id"), primary_key=True),
    Column("to_status_id", Number, ForeignKey("phase_status.phase_status_id"), primary_key=True),
    _text("permission"),
)

category_flow = Table(
    "category_flow",
    metadata,
    Column(
        "category_id", Number, primary_key=True, autoincrement=False
    ),  # 0: the whole installation
    Column("submission_type", sa.SmallInteger, primary_key=True, autoincrement=False),
    Column(
        "idea_flow_id", Number, ForeignKey("idea_flow.idea_flow_id"), nullable=False, index=True
    ),
)

# --- assessments
# ------------------------------------------------------------------------------------------------

assessment_version = _table(
    # Questions, answers, weights and formulas of one assessment, whole; a version that was live
    # once never changes.
    "assessment_version",
    _id("version_id"),
    _text("assessment_key"),
    _text("version_name"),
    _text("state", default="draft"),  # draft | live | offline
    Column("definition", LargeBinary, nullable=False),  # JSON of assessments.model.Assessment
    Column("created_by_user_id", Number),
    _epoch("created_epoch"),
    _epoch("live_epoch", optional=True),
)

category_assessment = Table(
    # Which version is asked in a category and below it; category 0 is the whole installation.
    "category_assessment",
    metadata,
    Column("category_id", Number, primary_key=True, autoincrement=False),
    Column("assessment_key", Text, primary_key=True),
    Column(
        "version_id",
        Number,
        ForeignKey("assessment_version.version_id"),
        nullable=False,
        index=True,
    ),
)

# --- ideas
# --------------------------------------------------------------------------------------------------

idea = _table(
    "idea",
    _id("process_id"),
    Column("process_uuid", Text, nullable=False, unique=True),
    _text("process_name"),
    Column("process_name_key", Text, nullable=False, index=True),
    _text("process_description"),
    Column("process_submission_type", sa.SmallInteger, nullable=False),
    Column(
        "idea_flow_id", Number, ForeignKey("idea_flow.idea_flow_id"), nullable=False, index=True
    ),
    Column("category_id", Number, ForeignKey("category.category_id"), nullable=False, index=True),
    _text("category_other_text", optional=True),
    Column("phase_status_id", Number, ForeignKey("phase_status.phase_status_id"), nullable=False),
    _epoch("status_epoch"),  # since when it has this status
    Column("submitter_user_id", Number, index=True),
    Column("owner_user_id", Number, index=True),
    Column("process_created_epoch", Number, nullable=False, index=True),
    Column("process_updated_epoch", Number, nullable=False, index=True),
    _flag("process_is_deleted", 0),
    _text("process_priority", optional=True),
    Column("process_overall_gauge_score", Real),
    Column("process_automation_score", Real),
    Column("process_ease_of_implementation_score", Real),
    Column("process_estimated_benefit_score", Real),
    Column("process_num_votes", sa.Integer, nullable=False, server_default="0"),
    Column("process_num_documents", sa.Integer, nullable=False, server_default="0"),
    Column("import_key", Text, unique=True),  # by which an import finds its row again
    _text("import_hash", optional=True),  # of that row as it was imported last
    _text("search_text"),  # folded name and description
    Column("change_of_process_id", Number),  # the automation that a change request wants changed
    Index(
        "ix_idea_place", "phase_status_id", "process_is_deleted", "process_estimated_benefit_score"
    ),  # all that the board counts
)

Index(
    "ix_idea_change_of",
    idea.c.change_of_process_id,
    postgresql_where=idea.c.change_of_process_id.is_not(None),
    sqlite_where=idea.c.change_of_process_id.is_not(None),
)

idea_document = Table(
    # Apart from `idea`, so that filters and sorts read narrow rows.
    "idea_document",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column(
        "answers", LargeBinary, nullable=False
    ),  # JSON {question key: {"value": …, "comment": …}}
    Column("assessed", LargeBinary, nullable=False),  # JSON {assessment key: version_id}
    Column(
        "extras", LargeBinary, nullable=False
    ),  # JSON of record fields that other nouns fill, such as running_cost
    # The record of contract 4.3 in two halves, so that most of it is never cut; see ideas.record.
    Column("marked", LargeBinary, nullable=False),  # with marks for names
    Column("document", LargeBinary, nullable=False),  # without
)

idea_collaborator = Table(
    "idea_collaborator",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, primary_key=True, autoincrement=False, index=True),
    Column("collaborator_role_id", Number, primary_key=True, autoincrement=False),
)

idea_editor = Table(
    # The parts of an idea that a collaborator may edit besides what the role gives.
    "idea_editor",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, primary_key=True, autoincrement=False),
    Column(
        "part", Text, primary_key=True
    ),  # about | cba | documentation | components | collaborators
)

idea_application = Table(
    "idea_application",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("application_id", Number, primary_key=True, autoincrement=False, index=True),
)

import_mapping = Table(
    # By what columns an import reads a table, by a fingerprint of its headings.
    "import_mapping",
    metadata,
    Column("headings_key", Text, primary_key=True),
    _text("mapping"),  # imports.mapping.Mapping as JSON
    _epoch("updated_epoch"),
)

import_run = _table(
    # A file of ideas that the worker imports.
    "import_run",
    _id("run_id"),
    Column("user_id", Number, nullable=False, index=True),
    _text("file_name"),
    _text("blob_key"),
    _text("mapping"),  # imports.mapping.Mapping as JSON
    _text("state"),  # queued | running | stopping | stopped | done | failed
    Column("total", Number, nullable=False, server_default="0"),
    Column("done", Number, nullable=False, server_default="0"),
    Column("report", LargeBinary),  # JSON of imports.model.ImportReport
    _text("trouble", optional=True),
    _epoch("created_epoch"),
    _epoch("updated_epoch"),
)

moved_record = Table(
    # What came from another hub, so that the next run writes what changed there and nothing else.
    "moved_record",
    metadata,
    Column("source", Text, primary_key=True),  # the other hub's address
    Column("kind", Text, primary_key=True),
    Column("their_id", Text, primary_key=True),
    Column("our_id", Number, nullable=False),
    _text("theirs"),  # fingerprints of what it was there and of what it was here then
    _text("ours"),
    _epoch("seen_epoch"),
)

move_in_run = Table(
    # The last run for each other hub; one that was broken off has no end, and is taken up again.
    "move_in_run",
    metadata,
    Column("source", Text, primary_key=True),
    _epoch("started_epoch"),
    Column("finished_epoch", Number),
)

idea_import = Table(
    # What a table said of an idea when it was imported last, so that the next import writes what
    # changed in it and nothing else.
    "idea_import",
    metadata,
    Column(
        "process_id", Number, ForeignKey("idea.process_id"), primary_key=True, autoincrement=False
    ),
    _text("said"),  # JSON of imports.store.Said
)

idea_tag = Table(
    "idea_tag",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("tag_key", Text, primary_key=True, index=True),
    _text("tag"),
    Column("tag_order", sa.Integer, nullable=False),
)

idea_history = _table(
    "idea_history",
    _id("history_id"),
    Column("process_id", Number, nullable=False, index=True),
    _epoch("at_epoch"),
    Column("user_id", Number),
    _text("door"),
    Column("from_status_id", Number),  # null: the submission
    Column("to_status_id", Number, nullable=False),
    _text("reason", optional=True),
    _flag("forced", 0),
)

idea_draft = _table(
    "idea_draft",
    _id("draft_id"),
    Column("user_id", Number, nullable=False, index=True),
    Column("idea_flow_id", Number, nullable=False),
    Column("user_inputs", LargeBinary, nullable=False),
    _epoch("created_epoch"),
    _epoch("updated_epoch"),
)

idea_search = Table(
    "idea_search", MetaData(), Column("rowid", Number, primary_key=True), Column("text", Text)
)  # as user_search
idea_search_pending = Table(
    "idea_search_pending",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
)

collaborator_role = _table(
    "collaborator_role",
    _id("role_id"),
    _text("role_name"),
    Column("role_name_key", Text, nullable=False, unique=True),
    _text("role_description", default=""),
    _flag("role_is_permanent", 0),
    _flag("role_is_assignable", 0),  # 1: a person must be named for it before being picked
)

user_collaborator_role = Table(
    "user_collaborator_role",
    metadata,
    Column("user_id", Number, primary_key=True, autoincrement=False),
    Column("role_id", Number, ForeignKey("collaborator_role.role_id"), primary_key=True),
)

# --- what people say about ideas
# --------------------------------------------------------------------------------

idea_vote = Table(
    "idea_vote",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, primary_key=True, autoincrement=False),
    _epoch("created_epoch"),
)

idea_follow = Table(
    "idea_follow",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("user_id", Number, primary_key=True, autoincrement=False, index=True),
    _epoch("created_epoch"),
)

idea_comment = _table(
    # A question or an answer on an idea; a text that was taken back is null, its place stays.
    "idea_comment",
    _id("comment_id"),
    Column("process_id", Number, nullable=False, index=True),
    Column("parent_id", Number, ForeignKey("idea_comment.comment_id")),
    Column("user_id", Number),
    _text("comment_text", optional=True),
    _epoch("created_epoch"),
    _epoch("edited_epoch", optional=True),
)

notice_off = Table(
    # The mails about ideas that a person does not want.
    "notice_off",
    metadata,
    Column("user_id", Number, primary_key=True, autoincrement=False),
    Column("notice", Text, primary_key=True),
)

person_reader = Table(
    # How a person reads mails: as on the pages, when they last signed in.
    "person_reader",
    metadata,
    Column("user_id", Number, primary_key=True, autoincrement=False),
    _text("locale"),
    _text("zone"),
)

notification = _table(
    # What a person is told in the hub, beside the mail.
    "notification",
    _id("notification_id"),
    Column("user_id", Number, nullable=False),
    _text("notice"),
    Column("process_id", Number, nullable=False, index=True),
    Column("actor_user_id", Number),
    _text("reason", optional=True),
    _epoch("created_epoch"),
    _epoch("read_epoch", optional=True),
)
Index("ix_notification_user_id", notification.c.user_id, notification.c.notification_id)

notification_off = Table(
    # What a person does not want to be told in the hub.
    "notification_off",
    metadata,
    Column("user_id", Number, primary_key=True, autoincrement=False),
    Column("notice", Text, primary_key=True),
)

saved_view = _table(
    # A list as a person likes to see it: the query of its address, under a name of their own.
    "saved_view",
    _id("view_id"),
    Column("user_id", Number, nullable=False),
    _text("page"),
    _text("view_name"),
    _text("query"),
    _epoch("created_epoch"),
    sa.UniqueConstraint("user_id", "page", "view_name"),
)

# --- files, documents, components
# -------------------------------------------------------------------------------

file = _table(
    "file",
    _id("file_id"),
    Column(
        "blob_key", Text, nullable=False, unique=True
    ),  # where its bytes are in the blob storage
    _text("file_name"),
    _text("mimetype"),
    Column("file_size", Number, nullable=False),
    _text("sha256"),
    Column("created_by_user_id", Number),
    _epoch("created_epoch"),
)

document_type = Table(
    "document_type",
    metadata,
    Column("document_type_id", Number, primary_key=True, autoincrement=False),
    Column("document_type_key", Text, nullable=False, unique=True),
    _text("document_type_name"),
    _text("accepted_extensions"),  # comma-separated; empty: any
    _flag("allow_embed_link", 1),
    _flag("document_type_is_active", 1),
    _text("template_link", optional=True),  # where a template to fill in is kept
)

idea_file = _table(
    # A document (its type set) or a medium (null) of an idea: a file or a link.
    "idea_file",
    _id("document_id"),
    Column("process_id", Number, nullable=False, index=True),
    Column("document_type_id", Number, ForeignKey("document_type.document_type_id")),
    _text("document_title"),
    _text("document_description"),
    Column("file_id", Number, ForeignKey("file.file_id"), unique=True),
    _text("embed_link", optional=True),
    _flag("document_is_active", 1),
    Column("created_by_user_id", Number),
    _epoch("document_created_epoch"),
)

component = _table(
    "component",
    _id("component_id"),
    _text("component_name"),
    Column("component_name_key", Text, nullable=False, index=True),
    _text("component_description"),
    _text("component_type"),
    _text("component_version"),
    _text("component_status"),  # components.model.STATUSES
    _text("component_link", optional=True),
    Column("category_id", Number, ForeignKey("category.category_id"), nullable=False, index=True),
    Column("author_user_id", Number),
    _text("search_text"),
    _epoch("component_created_epoch"),
    _epoch("component_updated_epoch"),
)

idea_component = Table(
    "idea_component",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column(
        "component_id", Number, ForeignKey("component.component_id"), primary_key=True, index=True
    ),
)

store_offer = Table(
    # Live automations that are offered for use.
    "store_offer",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    _text("offer_text"),
    Column("published_by_user_id", Number),
    _epoch("published_epoch"),
)

store_review = _table(
    "store_review",
    _id("review_id"),
    Column("process_id", Number, nullable=False, index=True),
    Column("user_id", Number, nullable=False),
    Column("rating", sa.SmallInteger, nullable=False),
    _text("review_text"),
    _epoch("review_created_epoch"),
    sa.UniqueConstraint("process_id", "user_id"),
)

# --- costs and benefits
# -----------------------------------------------------------------------------------------

currency_rate = Table(
    # What one unit of a currency is worth in the default currency, from a day on.
    "currency_rate",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("valid_from_epoch", Number, primary_key=True, autoincrement=False),
    Column("rate", Real, nullable=False),
)

cost_setting = Table(
    "cost_setting", metadata, Column("name", Text, primary_key=True), _text("value")
)

vendor_price = _table(
    # What a vendor's licence, or a day of a role's work, costs.
    "vendor_price",
    _id("price_id"),
    _text("kind"),  # licence | day_rate
    _text("vendor_name"),  # the vendor, or the role
    _text("price_name"),
    Column("price", Real, nullable=False),
    _text("currency"),
)

idea_plan = Table(
    # The project plan of one idea: a row per implementation phase; days are dates as text.
    "idea_plan",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("phase_id", Number, primary_key=True, autoincrement=False),
    _text("baseline_start", optional=True),
    _text("baseline_end", optional=True),
    _text("actual_start", optional=True),
    _text("actual_end", optional=True),
    _text("new_estimate_end", optional=True),
    Column("person_days", Real),
    Column("day_rate", Real),
    _text("currency", optional=True),
)

idea_benefit = Table(
    # What the cost-benefit analysis of one idea is made of, besides plan and costs.
    "idea_benefit",
    metadata,
    Column("process_id", Number, primary_key=True, autoincrement=False),
    Column("inputs", LargeBinary, nullable=False),  # JSON of benefits.model.Inputs
    _flag("baseline_is_set", 0),
    Column("baseline", LargeBinary),  # JSON of the plan as it was when the baseline was set
    _epoch("updated_epoch"),
)

idea_cost = _table(
    "idea_cost",
    _id("cost_id"),
    Column("process_id", Number, nullable=False, index=True),
    _text("kind"),  # one_time | running
    _text("cost_type"),  # licence | infrastructure | support | other
    _text("cost_name"),
    Column("quantity", Real, nullable=False),
    Column("unit_price", Real, nullable=False),
    _text("currency"),
)

robot_run = _table(
    "robot_run",
    _id("run_id"),
    Column("process_id", Number, nullable=False),
    Column("started_epoch", Number, nullable=False),
    Column("runs", Number, nullable=False),
    Column("failed", Number, nullable=False, server_default="0"),
    Column("minutes_saved", Real, nullable=False),
    Column("cost_saved", Real),
    _text("currency", optional=True),
    _text("run_key", optional=True),  # the caller's own name for it; a repeat replaces
    sa.UniqueConstraint("process_id", "run_key"),
)
Index("ix_robot_run_process_id", robot_run.c.process_id, robot_run.c.started_epoch)
