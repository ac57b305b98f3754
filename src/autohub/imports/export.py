"""Ideas as a table that an import reads back."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from autohub.applications import store as application_store
from autohub.assessments.model import Question
from autohub.db.engine import Reading
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.ideas import store
from autohub.ideas.model import Idea
from autohub.imports.model import FIELDS
from autohub.imports.service import list_questions
from autohub.kit import cells
from autohub.kit.tabular import Cell
from autohub.record_names.store import load_categories
from autohub.users import store as user_store

CHUNK = 500


def template_headings(db: Reading, submission_type: int) -> list[str]:
    """The headings of an empty table for one kind of idea, as people read them."""
    return [
        *FIELDS.values(),
        *(question.title for question in list_questions(db, submission_type).values()),
    ]


def export_headings(db: Reading, idea_flow_id: int, submission_type: int) -> list[str]:
    """The columns that an export of a flow's ideas needs: all fields, the questions that some
    idea answers, and their comments."""
    used: set[str] = set()
    for ideas in _walk(db, idea_flow_id):
        for idea in ideas:
            for key, answer in idea.answers.items():
                used |= {key} if answer.get("value") is not None else set()
                used |= {f"{key} comment"} if answer.get("comment") else set()
    asked = list_questions(db, submission_type)
    return [*FIELDS, *(name for key in asked for name in (key, f"{key} comment") if name in used)]


def export_rows(db: Reading, idea_flow_id: int, columns: Sequence[str]) -> Iterator[list[Cell]]:
    """One row an idea, by id, under `columns`: numbers as numbers, and days as dates."""
    statuses = {i: s.phase_status_key for i, s in flow_store.all_statuses(db).items()}
    applications = application_store.versioned_names(db)
    asked = list_questions(db, flows.get_flow(db, idea_flow_id).submission_type)
    for ideas in _walk(db, idea_flow_id):
        chains = {
            i: " > ".join(c["category_name"] for c in f["categories"])
            for i, f in load_categories(db, {i.category_id for i in ideas}).items()
        }
        people = {
            user_id
            for idea in ideas
            for user_id in (idea.owner_user_id, idea.submitter_user_id)
            if user_id is not None
        }
        emails = user_store.emails_by_id(db, list(people))
        for idea in ideas:
            fields: dict[str, Cell] = {
                "import_key": idea.import_key or idea.process_uuid,
                "process_name": idea.process_name,
                "process_description": idea.process_description,
                "category": chains[idea.category_id],
                "category_other_text": idea.category_other_text,
                "owner": emails.get(idea.owner_user_id or 0),
                "submitter": emails.get(idea.submitter_user_id or 0),
                "status": statuses[idea.phase_status_id],
                "process_created_epoch": idea.process_created_epoch,
                "process_priority": idea.process_priority,
                "tags": cells.join_cells(idea.tags),
                "applications": cells.join_cells(applications[i] for i in idea.applications),
            }
            yield [
                fields[name] if name in fields else _answer(idea, name, asked.get(name))
                for name in columns
            ]


def _walk(db: Reading, idea_flow_id: int) -> Iterator[list[Idea]]:
    last = 0
    while ids := store.ids_after(db, last, limit=CHUNK, idea_flow_id=idea_flow_id):
        last = ids[-1]
        yield [idea for _, idea in sorted(store.load_ideas(db, ids).items())]


def _answer(idea: Idea, column: str, question: Question | None) -> Cell:
    key = column.removesuffix(" comment")
    value: Any = idea.answers.get(key, {}).get("comment" if column != key else "value")
    if isinstance(value, list):
        return cells.join_cells(map(str, value))
    if column == key and question is not None and question.kind == "date" and value is not None:
        return date.fromisoformat(value)
    return value if value is None or isinstance(value, int | float) else str(value)
