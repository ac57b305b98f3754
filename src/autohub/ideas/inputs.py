"""Answers as they arrive, checked against the questions: `user_inputs` of the schema calls
(contract 4.4)."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import msgspec

from autohub.assessments.model import Answers, Assessment, Question
from autohub.ideas.applications import NewApplications, invalid_data, parse_new_applications
from autohub.ideas.draftjs import BrokenDocument, plain_text
from autohub.ideas.model import NewApplication
from autohub.kit.errors import Invalid
from autohub.kit.query import MAX_NUMBER
from autohub.kit.sentences import say
from autohub.kit.text import shorten

MAX_COMMENT = 3000
LARGEST = 10**15
NOT_ANSWERED = "An answer selection is required for submission"
NAME_FAULT = "must be one line of text."
Faults = dict[str, list[str]]


class GivenAnswers(msgspec.Struct):
    """What was sent: `answers` by question key, null where an answer is taken away; `columns`
    are the answers that are kept in columns of the idea (process_name, category_id, owner,
    applications, …)."""

    answers: Answers = {}
    columns: dict[str, Any] = {}
    faults: Faults = {}
    new_applications: NewApplications = {}
    said: list[str] = []
    """The contract's own sentences about what is wrong."""


def parse_inputs(user_inputs: Any, assessments: Iterable[Assessment]) -> GivenAnswers:
    """`{"OVR": {"<section>": {"<QUESTION>": {"value": …, "comment": …}}}}`; sections may have
    any name, the question's key counts."""
    by_prefix: dict[str, dict[str, Question]] = {}
    for assessment in assessments:
        by_prefix.setdefault(assessment.prefix, {}).update(assessment.questions)
    given = GivenAnswers()
    if not isinstance(user_inputs, dict):
        given.faults["user_inputs"] = ["must be an object of assessments."]
        return given
    for prefix, sections in user_inputs.items():
        if prefix not in by_prefix or not isinstance(sections, dict):
            given.faults[f"user_inputs.{shorten(prefix)}"] = [
                say("must be an object under one of {by_prefix}.", by_prefix=", ".join(by_prefix))
            ]
            continue
        for section, questions in sections.items():
            if not isinstance(questions, dict):
                given.faults[f"user_inputs.{prefix}.{shorten(section)}"] = [
                    "must be an object of questions."
                ]
                continue
            for key, sent in questions.items():
                known = by_prefix[prefix]
                question = known.get(key) or known.get(_OTHER_NAMES.get(key, ""))
                if question is None:
                    given.faults[shorten(key)] = [
                        say(
                            "There is no such question in {prefix}; GET /idea-schema lists them.",
                            prefix=prefix,
                        )
                    ]
                else:
                    take_answer(given, question, sent)
    return given


_OTHER_NAMES = {"OVR-APPLICATIONS": "OVR-COUNT_APPS", "OVR-COUNT_APPS": "OVR-APPLICATIONS"}
"""The list of applications has one key in some forms and the other one in others."""


_COLUMNS = ("process_name", "process_description", "category_id", "owner", "submitter")


def take_answer(given: GivenAnswers, question: Question, sent: Any) -> None:
    """Adds one answer, checked. What a formula computes may be written back, and is not looked
    at."""
    if question.kind == "formula":
        return
    wrapped = sent if isinstance(sent, dict) else {"value": sent}
    value, comment = wrapped.get("value"), wrapped.get("comment")
    faults: list[str] = _unknown_keys(question, wrapped)
    new = _new_applications(wrapped.get("new_applications"), faults)
    value = (
        None if value is None or value == "" else _CHECKS[question.kind](question, value, faults)
    )
    if comment is not None and (not isinstance(comment, str) or len(comment) > MAX_COMMENT):
        faults.append(
            say(
                "The comment must be a text of at most {max_comment} characters.",
                max_comment=MAX_COMMENT,
            )
        )
    if faults:
        given.faults[question.key] = faults
        if question.kind == "applications":
            given.said.append(invalid_data(faults[0]))
        return
    if comment and (question.column in _COLUMNS or question.is_inventory):
        given.answers[question.key] = {"value": None, "comment": comment}
    if question.column in _COLUMNS:
        given.columns[question.column] = value
    elif question.kind == "applications":
        _take_applications(given, question, value, new, is_said="value" in wrapped)
    else:
        given.answers[question.key] = {"value": value} | ({"comment": comment} if comment else {})


def _unknown_keys(question: Question, wrapped: dict[str, Any]) -> list[str]:
    """No key that is sent is dropped in silence."""
    known = ["value", "comment"]
    known += ["new_applications"] if question.kind == "applications" else []
    unknown = [shorten(key) for key in wrapped if key not in known]
    if not unknown:
        return []
    return [
        say(
            "has unknown field(s): {unknown}; known are {known}.",
            unknown=", ".join(unknown[:10]),
            known=", ".join(known),
        )
    ]


def _new_applications(sent: Any, faults: list[str]) -> list[NewApplication]:
    if sent is None:
        return []
    try:
        return parse_new_applications(sent)
    except Invalid as error:
        faults += [f"{name}: {' '.join(texts)}" for name, texts in error.details.items()]
        return []


def _take_applications(
    given: GivenAnswers,
    question: Question,
    value: Any,
    new: list[NewApplication],
    *,
    is_said: bool,
) -> None:
    """An empty list says nothing, null takes the list away (contract 4.4)."""
    if new:
        given.new_applications[question.key] = new
    if not is_said or value == []:
        return
    if question.is_inventory:
        given.columns["applications"] = value or []
    else:
        given.answers[question.key] = {"value": value or None}


def missing_questions(
    assessments: Iterable[Assessment], answers: Answers, columns: dict[str, Any]
) -> Faults:
    """The required questions that have no answer, in the words that clients know."""
    faults: Faults = {}
    for assessment in assessments:
        for question in assessment.questions.values():
            value = (
                columns.get(question.column)
                if question.column in columns
                else (answers.get(question.key) or {}).get("value")
            )
            if question.required and question.visible and (value is None or value in ("", [])):
                faults[question.key] = [NOT_ANSWERED]
    return faults


def merge_answers(before: Answers, given: Answers) -> Answers:
    """The answers with those that were sent in their place."""
    return {
        key: answer
        for key, answer in (before | given).items()
        if answer.get("value") is not None or answer.get("comment")
    }


def _text(question: Question, value: Any, faults: list[str]) -> Any:
    if not isinstance(value, str):
        faults.append("must be a text.")
        return value
    text = value.strip()
    if len(text) > question.max_length:
        faults.append(
            say(
                "must be at most {limit} characters; this one has {count}.",
                limit=question.max_length,
                count=len(text),
            )
        )
    if question.column == "process_name" and any(c in text for c in "\n\r\t"):
        faults.append(NAME_FAULT)
    if question.kind == "rich_text":
        try:
            plain_text(text)
        except BrokenDocument:
            faults.append(
                "looks like a Draft.js document and cannot be read as one; send "
                '{"blocks":[{"text":"…"}]} or plain text.'
            )
    return text


def _number(question: Question, value: Any, faults: list[str]) -> Any:
    number = value
    if isinstance(value, str):
        try:
            number = float(value.strip()) if len(value) < 40 else value
        except ValueError:
            number = value
    if (
        isinstance(number, bool)
        or not isinstance(number, int | float)
        or not -LARGEST <= number <= LARGEST
    ):
        faults.append(
            say(
                "must be a number{span}; “{value}” is not.",
                span=_span(question),
                value=shorten(value),
            )
        )
        return value
    if (question.minimum is not None and number < question.minimum) or (
        question.maximum is not None and number > question.maximum
    ):
        faults.append(
            say(
                "must be a number{span}; {value} is not.",
                span=_span(question),
                value=shorten(value),
            )
        )
    return int(number) if float(number).is_integer() else number


def _span(question: Question) -> str:
    if question.minimum is not None and question.maximum is not None:
        return f" from {question.minimum:,g} to {question.maximum:,g}"
    return f" of at least {question.minimum:g}" if question.minimum is not None else ""


def _single(question: Question, value: Any, faults: list[str]) -> Any:
    codes = [option.code for option in question.options]
    if value not in codes:
        faults.append(
            say(
                "must be one of {choices}; “{value}” is not.",
                choices=", ".join(codes),
                value=shorten(value),
            )
        )
    return value


def _multiple(question: Question, value: Any, faults: list[str]) -> Any:
    codes = [option.code for option in question.options]
    if not isinstance(value, list) or any(item not in codes for item in value):
        faults.append(say("must be a list of {codes}.", codes=", ".join(codes)))
    elif len(set(value)) < len(value):
        faults.append("must hold each answer once.")
    return value


def _applications(_: Question, value: Any, faults: list[str]) -> Any:
    if (
        not isinstance(value, list)
        or len(value) > 100
        or any(
            isinstance(item, bool) or not isinstance(item, int) or not 0 <= item <= MAX_NUMBER
            for item in value
        )
    ):
        faults.append("must be a list of at most 100 application ids.")
        return value
    return sorted(set(value))


def _date(_: Question, value: Any, faults: list[str]) -> Any:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        faults.append(
            say("must be a day such as 2026-01-31; “{value}” is not.", value=shorten(value))
        )
    elif not 1970 <= day.year <= 2100:
        faults.append(say("must be between 1970 and 2100; {value} is not.", value=value))
    return value


def _person(_: Question, value: Any, faults: list[str]) -> Any:
    if not isinstance(value, str) or len(value) > 64:
        faults.append("must be an e-mail address.")
    return value


def _category(_: Question, value: Any, faults: list[str]) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append("must be the id of a category.")
    return value


_CHECKS: dict[str, Callable[[Question, Any, list[str]], Any]] = {
    "text": _text,
    "rich_text": _text,
    "number": _number,
    "date": _date,
    "single": _single,
    "multiple": _multiple,
    "applications": _applications,
    "person": _person,
    "category": _category,
}
