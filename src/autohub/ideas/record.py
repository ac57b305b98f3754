"""The record of contract 4.3 as one piece of JSON, in which names of people, categories, statuses
and applications are marks. The marks are those of `names.model`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from autohub.assessments.defaults import HIGH_LEVEL_QUESTIONS, high_level_code
from autohub.assessments.model import Assessment, Question
from autohub.assessments.scoring import display_answer, is_answered
from autohub.ideas.draftjs import BrokenDocument, plain_text
from autohub.ideas.model import EXTRAS, SCORES, Idea
from autohub.kit.clock import iso
from autohub.record_names.model import mark, raw

_encode = msgspec.json.Encoder().encode
_HIGH_LEVEL = [f"HLA-{key.upper()}" for key, _, _ in HIGH_LEVEL_QUESTIONS]
_HIGH_LEVEL_FIELDS = (
    "process_rules_id",
    "process_input_type_id",
    "process_input_structure_id",
    "process_stability_id",
    "process_documentation_availability_ids",
)
"""In the order of the questions; the last one is a text (contract 4.3)."""
_FROM_ANSWERS = {
    "process_goal": "DA-AUTOMATION_GOAL",
    "process_pain_points": "OVR-OVERVIEW_PAIN_POINTS",
    "process_negative_impact": "OVR-OVERVIEW_NEGATIVE_IMPACT",
    "orchestrator_automation_uuid": "DA-ORCHESTRATOR_AUTOMATION_UUID",
}


class IdeaDocument(NamedTuple):
    """A record without its braces, in two halves: the fields in which names stand as marks, and
    all others."""

    marked: bytes
    plain: bytes


def build_document(idea: Idea, assessments: Iterable[Assessment]) -> IdeaDocument:
    """The record; `assessments` are those that this kind of idea may have, in their versions."""
    if idea.process_is_deleted:
        return _tombstone(idea)
    groups = [mark("c", idea.category_id), mark("s", idea.phase_status_id)]
    if idea.submitter_user_id is not None:
        groups.append(mark("b", idea.submitter_user_id))
    fields = _fields(idea)
    blanks = []
    for assessment in assessments:
        if is_answered(assessment, idea.answers) or assessment.fills_columns:
            for question in assessment.questions.values():
                fields[question.field], fields[question.twin] = _answer(idea, question)
        else:
            blanks.append(_blank_fields(assessment))
    marked = {
        name: fields.pop(name)
        for name in [name for name, value in fields.items() if _is_marked(value)]
    }
    return IdeaDocument(
        b",".join([*groups, _encode(marked)[1:-1]]), b",".join([_encode(fields)[1:-1], *blanks])
    )


def _tombstone(idea: Idea) -> IdeaDocument:
    """What is told of a deleted idea, so that others forget it too."""
    fields = {
        "process_id": idea.process_id,
        "process_uuid": idea.process_uuid,
        "process_submission_type": idea.process_submission_type,
        "process_created_epoch": idea.process_created_epoch,
        "process_updated_epoch": idea.process_updated_epoch,
    }
    return IdeaDocument(b'"process_is_deleted":1', _encode(fields)[1:-1])


def _is_marked(value: Any) -> bool:
    return isinstance(value, msgspec.Raw) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], msgspec.Raw)
    )


def _blank_fields(assessment: Assessment) -> bytes:
    """The fields of an assessment of which nothing is answered."""
    return _blank_of(
        tuple(
            name
            for question in assessment.questions.values()
            for name in (question.field, question.twin)
        )
    )


@lru_cache(maxsize=200)
def _blank_of(names: tuple[str, ...]) -> bytes:
    return _encode(dict.fromkeys(names))[1:-1]


def _fields(idea: Idea) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "process_id": idea.process_id,
        "process_uuid": idea.process_uuid,
        "process_slug": idea.process_slug,
        "process_name": idea.process_name,
        "process_description": idea.process_description,
        "process_description__display": text_of(idea.process_description),
        "process_submission_type": idea.process_submission_type,
        "process_submitter_user_id": idea.submitter_user_id,
        "process_owner_user_id": idea.owner_user_id,
        "process_submitter": raw("p", idea.submitter_user_id),
        "owner": raw("p", idea.owner_user_id),
        "idea_flow_id": idea.idea_flow_id,
        "process_created_epoch": idea.process_created_epoch,
        "process_created_epoch__display": moment(idea.process_created_epoch),
        "process_updated_epoch": idea.process_updated_epoch,
        "process_updated_epoch__display": moment(idea.process_updated_epoch),
        "process_status_epoch": idea.status_epoch,
        "process_status_epoch__display": moment(idea.status_epoch),
        "process_num_collaborators": len({user_id for user_id, _ in idea.seats}),
        "process_num_votes": idea.process_num_votes,
        "process_num_documents": idea.process_num_documents,
        "process_num_applications": len(idea.applications),
        "process_is_deleted": idea.process_is_deleted,
        "change_of_process_id": idea.change_of_process_id,
        "process_priority": idea.process_priority,
        "category_other_text": idea.category_other_text,
        "collaborators": _collaborators(idea),
        "tags": idea.tags,
        "applications": [raw("a", application_id) for application_id in idea.applications],
    }
    if idea.submitter_user_id is None:
        fields |= {"user_department": None, "user_business_unit": None}
    for name in (*SCORES, "process_suitability_score", "process_readiness_score"):
        fields[name] = idea.scores.get(name)
        fields[f"{name}__display"] = number(idea.scores.get(name))
    for name, key in _FROM_ANSWERS.items():
        fields[name] = (idea.answers.get(key) or {}).get("value")
    numbered: list[int | str | None] = [_numbered_answers(idea, index) for index in range(5)]
    numbered[4] = None if numbered[4] is None else str(numbered[4])
    fields |= dict(zip(_HIGH_LEVEL_FIELDS, numbered, strict=True))
    for name in EXTRAS:
        fields[name] = idea.extras.get(name)
    return fields


def _numbered_answers(idea: Idea, question: int) -> int | None:
    """Contract 4.3: the answers are numbered through the five questions, 1 to 25."""
    code = (idea.answers.get(_HIGH_LEVEL[question]) or {}).get("value")
    last = code.rpartition("-")[2] if isinstance(code, str) else ""
    return 5 * question + 1 + int(last) if last.isdigit() and int(last) < 5 else None


def parse_numbered_answers(record: Mapping[str, Any]) -> dict[str, str]:
    """The other way round: the codes of these answers, by question, out of a record."""
    found = {}
    for place, (key, field) in enumerate(zip(_HIGH_LEVEL, _HIGH_LEVEL_FIELDS, strict=True)):
        number = str(record.get(field) or "")
        answer = int(number) - 5 * place if number.isdigit() else 0
        if 1 <= answer <= 5:
            found[key] = high_level_code(place, answer)
    return found


def _collaborators(idea: Idea) -> list[msgspec.Raw]:
    roles: dict[int, list[int]] = {}
    for user_id, role_id in idea.seats:
        roles.setdefault(user_id, []).append(role_id)
    return [
        msgspec.Raw(
            b'{%b,"roles":[%b]}'
            % (mark("n", user_id), b",".join(mark("r", role_id) for role_id in held))
        )
        for user_id, held in roles.items()
    ]


def _list_of(idea: Idea, question: Question) -> list[int]:
    value = (idea.answers.get(question.key) or {}).get("value")
    return value if isinstance(value, list) else []


def _answer(idea: Idea, question: Question) -> tuple[Any, Any]:
    """A question's flat key and its twin for a reader."""
    column = question.column
    if column in ("owner", "submitter"):
        user_id = idea.owner_user_id if column == "owner" else idea.submitter_user_id
        return raw("e", user_id), raw("d", user_id)
    if column == "category_id":
        return idea.category_id, raw("t", idea.category_id)
    if question.kind == "applications":
        ids = idea.applications if question.is_inventory else _list_of(idea, question)
        names = b", ".join(mark("A", application_id) for application_id in ids)
        return ids, msgspec.Raw(b'"%b"' % names)
    if column in ("process_name", "process_description"):
        value: Any = getattr(idea, column)
    elif question.kind == "formula":
        value = idea.scores.get(question.key)
    else:
        value = (idea.answers.get(question.key) or {}).get("value")
    if question.kind == "person":
        return raw("e", value), raw("d", value)
    if isinstance(value, int | float):
        return value, number(value)
    return value, text_of(value) if question.kind == "rich_text" and value else display_answer(
        question, value
    )


def text_of(text: str) -> str:
    try:
        return plain_text(text)
    except BrokenDocument:
        return text


def number(value: float | None) -> str | None:
    """'1,234.5'; None stays None."""
    return None if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def moment(epoch: int) -> str:
    """'2026-11-22 12:05', in UTC."""
    return iso(epoch)[:16].replace("T", " ")
