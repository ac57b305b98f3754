"""The questions of assessments as a form on a page, and what such a form sends as the calls'
`user_inputs`."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from autohub.assessments.model import Answers, Assessment, Question
from autohub.ideas.record import text_of
from autohub.web.forms import Form


class Field(NamedTuple):
    """One question as it is shown: its field's name, and what stands in it."""

    name: str
    question: Question
    value: Any
    comment: str
    faults: list[str]
    impacts: list[str]


class QuestionGroup(NamedTuple):
    """A section with its fields."""

    title: str
    fields: list[Field]


def build_groups(
    forms: Iterable[Assessment],
    values: Mapping[str, Any],
    comments: Mapping[str, str],
    faults: Mapping[str, list[str]],
) -> list[QuestionGroup]:
    """The visible sections of these assessments; `values`, `comments` and `faults` by question
    key. A fault of a column of the idea is shown at the question that fills it."""
    found = []
    for form in forms:
        for section in form.sections:
            fields = [
                Field(
                    name=question.key,
                    question=question,
                    value=values.get(question.key),
                    comment=comments.get(question.key, ""),
                    faults=[
                        *faults.get(question.key, []),
                        *(faults.get(question.column, []) if question.column else []),
                    ],
                    impacts=form.impacts[question.key],
                )
                for question in section.questions
                if question.visible and question.kind != "formula"
            ]
            if fields:
                found.append(QuestionGroup(section.title, fields))
    return found


def parse_form(form: Form, forms: Iterable[Assessment]) -> dict[str, Any]:
    """The `user_inputs` that a form holds; questions that were not on it are left out."""
    found: dict[str, Any] = {}
    for assessment in forms:
        for section in assessment.sections:
            for question in section.questions:
                if question.key in form or f"{question.key}--shown" in form:
                    given = found.setdefault(assessment.prefix, {}).setdefault(section.key, {})
                    given[question.key] = _parse_answer(form, question)
    return found


def _parse_answer(form: Form, question: Question) -> Any:
    if question.kind in ("multiple", "applications"):
        values: Any = [value for value in form.all(question.key) if value]
        value: Any = (
            [int(v) if v.isascii() and v.isdigit() else v for v in values] or None
            if question.kind == "applications"
            else values
        )
    else:
        value = form.get(question.key) or None
        if question.kind == "category" and value and value.isascii() and value.isdigit():
            value = int(value)
    comment = form.get(f"{question.key}--comment")
    return {"value": value} | ({"comment": comment} if comment else {})


def typed_answers(form: Form, forms: Iterable[Assessment]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed into a form, by question key, to show it again: values and comments."""
    values: dict[str, Any] = {}
    comments: dict[str, str] = {}
    for sections in parse_form(form, forms).values():
        for questions in sections.values():
            for key, given in questions.items():
                values[key], comments[key] = given["value"], given.get("comment", "")
    return values, comments


def stored_answers(user_inputs: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The same out of stored `user_inputs`, as a draft keeps them."""
    values: dict[str, Any] = {}
    comments: dict[str, str] = {}
    for sections in user_inputs.values() if isinstance(user_inputs, dict) else ():
        for questions in sections.values() if isinstance(sections, dict) else ():
            for key, given in questions.items() if isinstance(questions, dict) else ():
                values[key] = given.get("value") if isinstance(given, dict) else given
                comments[key] = str(given.get("comment") or "") if isinstance(given, dict) else ""
    return values, comments


def idea_answers(
    forms: Iterable[Assessment], answers: Answers, columns: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The same out of an idea: its answers, and the columns that stand for some of them."""
    values: dict[str, Any] = {}
    comments: dict[str, str] = {}
    for form in forms:
        for question in form.questions.values():
            given = answers.get(question.key) or {}
            column = "applications" if question.is_inventory else question.column
            value = columns[column] if column in columns else given.get("value")
            values[question.key] = (
                text_of(value) if question.kind == "rich_text" and isinstance(value, str) else value
            )
            comments[question.key] = str(given.get("comment") or "")
    return values, comments
