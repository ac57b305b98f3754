"""The questions of an idea as a JSON Schema that a generic client can fill (contract 4.4, GET
/idea-schema)."""

from collections.abc import Iterable, Mapping
from typing import Any

from autohub.access.model import Caller
from autohub.applications import store as application_store
from autohub.assessments import service as assessments
from autohub.assessments import store as assessment_store
from autohub.assessments.defaults import AT_SUBMISSION, assessments_of_idea
from autohub.assessments.model import Assessment, Question
from autohub.categories import store as categories
from autohub.db.engine import Reading
from autohub.flows import service as flows
from autohub.ideas.applications import MAX_NEW
from autohub.ideas.model import Idea
from autohub.ideas.submission import RIGHTS
from autohub.users import store as user_store

COMMENT = {"type": "string", "maxLength": 3000}


def schema_of_flow(
    db: Reading, caller: Caller, idea_flow_id: int, category_id: int
) -> dict[str, Any] | None:
    """The schema of what is asked when an idea is handed in, and the template of a body; None
    when the caller may hand in nothing of this flow. Raises NotFound."""
    flow = flows.get_flow(db, idea_flow_id)
    reach = caller.reach(RIGHTS[flow.submission_type])
    if reach is not None and not reach:
        return None
    live = assessments.live_assessments(db, category_id, AT_SUBMISSION[flow.submission_type])
    return _build_schema(db, idea_flow_id, [form for _, form in live.values()], {})


def schema_of_idea(db: Reading, idea: Idea) -> dict[str, Any]:
    """The same with this idea's answers, and every assessment that it may have."""
    definitions = assessment_store.load_definitions(db, idea.assessed.values())
    forms = [
        definitions[idea.assessed[key]]
        for key in assessments_of_idea(idea.process_submission_type, idea.assessed)
    ]
    people = {idea.owner_user_id, idea.submitter_user_id} - {None}
    emails = user_store.emails_by_id(db, [user_id for user_id in people if user_id is not None])
    columns = {
        "process_name": idea.process_name,
        "process_description": idea.process_description,
        "category_id": idea.category_id,
        "owner": emails.get(idea.owner_user_id or 0),
        "submitter": emails.get(idea.submitter_user_id or 0),
    }
    given: dict[str, Any] = {}
    for form in forms:
        for question in form.questions.values():
            if question.is_inventory:
                kept = idea.answers.get(question.key, {})
                given[question.key] = kept | {"value": idea.applications}
            elif question.kind == "formula":
                continue
            elif question.column in columns:
                value = columns[question.column]
                commented = idea.answers.get(question.key, {}) | {"value": value}
                given[question.key] = value if question.kind == "person" else commented
            else:
                given[question.key] = idea.answers.get(question.key, {"value": None})
    return _build_schema(db, idea.idea_flow_id, forms, given)


def _build_schema(
    db: Reading, idea_flow_id: int, forms: Iterable[Assessment], given: Mapping[str, Any]
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    template: dict[str, Any] = {}
    for form in forms:
        sections = properties.setdefault(
            form.prefix, {"type": "object", "title": form.title, "properties": {}}
        )["properties"]
        filled = template.setdefault(form.prefix, {})
        for section in form.sections:
            shown = [question for question in section.questions if question.visible]
            required = [question.key for question in shown if question.required]
            asked_for = {question.key: _question(db, form, question) for question in shown}
            sections[section.key] = {
                "type": "object",
                "title": section.title,
                "properties": asked_for,
            } | ({"required": required} if required else {})
            filled[section.key] = {
                q.key: given.get(q.key, "" if q.kind == "person" else {"value": _empty(q)})
                for q in shown
                if q.kind != "formula"
            }
    return {
        "type": "object",
        "properties": {
            "idea_flow_id": {"type": "integer", "const": idea_flow_id},
            "schema": {"type": "object", "properties": properties},
        },
        "idea_flow_id": idea_flow_id,
        "user_inputs": template,
    }


_NEW_APPLICATIONS = {
    "type": "array",
    "maxItems": MAX_NEW,
    "items": {
        "type": "object",
        "required": ["application_name"],
        "additionalProperties": False,
        "properties": {
            "application_name": {"type": "string", "minLength": 1, "maxLength": 50},
            "application_version": {"type": "string", "maxLength": 20},
            "application_language": {"type": "string", "maxLength": 50},
            "application_comments": {"type": "string", "maxLength": 512},
            "application_is_citrix_client": {"type": "boolean"},
        },
    },
}
"""Contract 4.4."""


def _empty(question: Question) -> Any:
    return [] if question.kind in ("multiple", "applications") else None


def _question(db: Reading, form: Assessment, question: Question) -> dict[str, Any]:
    facts = {"title": question.title, "description": question.help}
    custom = {
        "custom_properties": {
            "impacted_kpis": form.impacts[question.key],
            "process_column": question.column or None,
            "child_process_columns": [],
            "example": None,
        }
    }
    if question.kind == "person":
        return {"type": "string", "format": "email"} | facts | custom
    found: dict[str, Any] = (
        {"type": "object"}
        | facts
        | custom
        | {"properties": {"value": facts | _value(db, question)}}
    )
    if question.kind == "formula":
        found["readOnly"] = True
    elif question.comments:
        found["properties"]["comment"] = COMMENT
    if question.kind == "applications":
        found["properties"]["new_applications"] = _NEW_APPLICATIONS
    if question.required:
        found["required"] = ["value"]
    return found


def _value(db: Reading, question: Question) -> dict[str, Any]:
    codes = [option.code for option in question.options]
    labels = [option.label for option in question.options]
    if question.kind == "single":
        return {"type": "string", "enum": codes, "enumNames": labels}
    if question.kind == "multiple":
        return {
            "type": "array",
            "uniqueItems": True,
            "items": {"type": "string", "enum": codes, "enumNames": labels},
        }
    if question.kind == "applications":
        known = application_store.application_names(db)
        items: dict[str, Any] = {"type": "number"}
        if known:
            items |= {"enum": list(known), "enumNames": list(known.values())}
        return {"type": "array", "uniqueItems": True, "items": items}
    if question.kind == "category":
        active = {
            c: row.category_name
            for c, row in categories.all_categories(db).items()
            if row.category_is_active
        }
        return {"type": "number", "enum": list(active), "enumNames": list(active.values())}
    if question.kind in ("number", "formula"):
        bounds = {"minimum": question.minimum, "maximum": question.maximum}
        return {"type": "number"} | {
            name: bound for name, bound in bounds.items() if bound is not None
        }
    if question.kind == "date":
        return {"type": "string", "format": "date"}
    return {"type": "string", "maxLength": question.max_length}
