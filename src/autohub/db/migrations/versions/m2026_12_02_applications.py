"""Comments and the Citrix flag of applications are kept, and the questions about applications of a
Business Process are those of the vendor's clients: two lists instead of a list and two numbers."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m2026_12_02_applications"
down_revision = "m2026_12_01_move_in"

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
BUSINESS_PROCESS = 8
NUMBERS = {
    "OVR-COUNT_APPS": "Applications used",
    "OVR-COUNT_THIN_APPS": "Thin applications used",
}


def upgrade() -> None:
    op.add_column(
        "application", sa.Column("application_comments", Text, nullable=False, server_default="")
    )
    op.add_column(
        "application",
        sa.Column(
            "application_is_citrix_client", sa.SmallInteger, nullable=False, server_default="0"
        ),
    )
    version = sa.table("assessment_version", sa.column("version_id"), sa.column("definition"))
    connection = op.get_bind()
    for version_id, raw in connection.execute(sa.select(version)).all():
        changed = _ask_for_lists(json.loads(raw))
        if changed is not None:
            connection.execute(
                version.update()
                .where(version.c.version_id == version_id)
                .values(definition=json.dumps(changed, ensure_ascii=False).encode())
            )
    _drop_numbers(connection)


def _drop_numbers(connection: sa.Connection) -> None:
    """Takes the numbers out of the answers of Business Processes, a few at a time."""
    idea = sa.table("idea", sa.column("process_id"), sa.column("process_submission_type"))
    document = sa.table("idea_document", sa.column("process_id"), sa.column("answers"))
    some = (
        sa.select(document)
        .join(idea, idea.c.process_id == document.c.process_id)
        .where(idea.c.process_submission_type == BUSINESS_PROCESS)
        .order_by(document.c.process_id)
        .limit(500)
    )
    last = 0
    while found := connection.execute(some.where(document.c.process_id > last)).all():
        last = found[-1].process_id
        for process_id, raw in found:
            answers = json.loads(raw)
            kept = {key: answer for key, answer in answers.items() if key not in NUMBERS}
            if len(kept) < len(answers):
                connection.execute(
                    document.update()
                    .where(document.c.process_id == process_id)
                    .values(answers=json.dumps(kept, ensure_ascii=False).encode())
                )


def _ask_for_lists(definition: dict[str, Any]) -> dict[str, Any] | None:
    """The definition with lists for the numbers; None for one that does not ask for them."""
    is_changed = False
    for section in definition["sections"]:
        keys = {question["key"] for question in section["questions"]}
        if not keys & set(NUMBERS):
            continue
        is_changed = True
        section["questions"] = [
            {"key": question["key"], "title": NUMBERS[question["key"]], "kind": "applications"}
            if question["key"] in NUMBERS
            else question
            for question in section["questions"]
            if question["key"] != "OVR-APPLICATIONS"
        ]
    return definition if is_changed else None


def downgrade() -> None:
    op.drop_column("application", "application_is_citrix_client")
    op.drop_column("application", "application_comments")
