"""Changing the draft of an assessment: its questions, answers and formulas, and what counts how
much in which score."""

from collections.abc import Iterator
from typing import Any

import msgspec

from autohub.assessments import service as assessments
from autohub.assessments.model import Assessment, Version, VersionChange
from autohub.flows.model import key_part
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.pages.admin.forms import ADDED, AT, EFFECT, RIGHTS, show_version
from autohub.web.forms import Form
from autohub.web.page_requests import PageRequest, PageRoutes, Redirect, WritePageRequest

routes = PageRoutes()
Raw = dict[str, Any]


@routes("POST", f"{AT}/{{version}}", rights=RIGHTS, on_error=show_version, params=EFFECT)
def save_draft_questions(request: WritePageRequest) -> Redirect:
    """Saves what the form says of a draft's questions and scores."""
    request.check_stamp(
        "assessment_version",
        request.id,
        lambda: _named(assessments.get_version(request.db, request.id)),
        lambda named: _shown_texts(named[1]),
    )
    raw = _load_raw_draft(request)
    for question in _questions(raw):
        _put_texts(request.form, question)
    for score in raw["scores"]:
        for factor in score["factors"]:
            _put_figures(request, f"{score['key']}--{factor['question']}", factor)
    return _save_raw_draft(
        request, raw, name=coerce({"n": request.form.get("version_name")}, _Name).n
    )


def _named(version: Version) -> tuple[str, Assessment]:
    return version.version_name, version.definition


def _shown_texts(definition: Assessment) -> dict[str, str]:
    """What the draft's fields for texts show."""
    parts = ("title", "help")
    return {
        f"{q.key}--{part}": getattr(q, part)
        for q in definition.questions.values()
        for part in parts
    }


class _Name(msgspec.Struct):
    n: str


def _load_raw_draft(request: PageRequest[Any]) -> Raw:
    """The draft's definition as JSON has it, to be changed."""
    return dict(msgspec.to_builtins(assessments.get_version(request.db, request.id).definition))


def _questions(raw: Raw) -> Iterator[Raw]:
    for section in raw["sections"]:
        yield from section["questions"]


def _save_raw_draft(request: WritePageRequest, raw: Raw, name: str | None = None) -> Redirect:
    wanted = VersionChange(name, coerce(raw, Assessment, lines=True))
    assessments.update_version(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect(f"{AT}/{request.id}", request.reader("The draft is saved."))


def _put_texts(form: Form, question: Raw) -> None:
    key = question["key"]
    if f"{key}--title" not in form:
        return
    question |= {"title": form.get(f"{key}--title"), "help": form.get(f"{key}--help")}
    question |= {
        "required": bool(form.flag(f"{key}--required")),
        "visible": bool(form.flag(f"{key}--visible")),
    }
    if question.get("kind") == "formula" and f"{key}--formula" in form:
        question["formula"] = form.get(f"{key}--formula")
    for option in question.get("options", ()):
        option["label"] = form.get(f"{key}--option--{option['code']}") or option["label"]
        if (number := f"{key}--number--{option['code']}") in form:
            option["number"] = form.get(number)


def _put_figures(request: PageRequest[Any], at: str, factor: Raw) -> None:
    for name in ("weight", "worst", "best"):
        if f"{at}--{name}" in request.form:
            factor[name] = _parse_figure(request, f"{at}--{name}")


def _parse_figure(request: PageRequest[Any], field: str) -> float:
    number = request.form.decimal(field)
    if number is None:
        raise Invalid(
            request.reader("The draft was not saved."),
            details={field: [request.reader("is required.")]},
        )
    return number


# --- questions ---


@routes("POST", f"{AT}/{{version}}/questions", rights=RIGHTS, on_error=show_version, params=EFFECT)
def put_question(request: WritePageRequest) -> Redirect:
    """Adds a question to a section of a draft, or takes one away that no score and no formula
    needs."""
    form, raw = request.form, _load_raw_draft(request)
    if dropped := form.get("drop"):
        for section in raw["sections"]:
            section["questions"] = [
                question for question in section["questions"] if question["key"] != dropped
            ]
        raw["sections"] = [section for section in raw["sections"] if section["questions"]]
    else:
        _section(request, raw)["questions"].append(_new_question(form, raw))
    return _save_raw_draft(request, raw)


def _section(request: PageRequest[Any], raw: Raw) -> Raw:
    """The section that the form names, or a new one. Raises Invalid."""
    text, sections = request.reader, raw["sections"]
    if title := request.form.get("new_section"):
        key = f"ah-section-{raw['key'].lower()}-{len(sections)}"
        while key in {section["key"] for section in sections}:
            key += "-2"
        made: Raw = {"key": key, "title": title, "questions": []}
        sections.append(made)
        return made
    found: Raw | None = next(
        (each for each in sections if each["key"] == request.form.get("section")), None
    )
    if found is None:
        raise Invalid(
            text("The question was not added."),
            details={"section": [text("is none of this assessment.")]},
        )
    return found


def _new_question(form: Form, raw: Raw) -> Raw:
    """Its key is made of its title; answers stand one a line and count 1, 2, 3, …"""
    title = form.get("title")
    key = f"{raw['prefix']}-{key_part(title)[:60]}"
    taken = {question["key"] for question in _questions(raw)}
    while key in taken:
        key += "_2"
    kind = next((each for each in ADDED if each == form.get("kind")), "text")
    made: Raw = {
        "key": key,
        "title": title,
        "kind": kind,
        "help": form.get("help"),
        "required": bool(form.flag("required")),
    }
    if kind in ("single", "multiple"):
        labels = [line.strip() for line in form.get("answers").split("\n") if line.strip()]
        made["options"] = [
            {"code": f"{key.lower()}-{n}", "label": label, "number": str(n)}
            for n, label in enumerate(labels, start=1)
        ]
    if kind == "formula":
        made |= {"formula": form.get("formula"), "comments": False, "required": False}
    return made


# --- scores ---


@routes("POST", f"{AT}/{{version}}/factors", rights=RIGHTS, on_error=show_version, params=EFFECT)
def put_factor(request: WritePageRequest) -> Redirect:
    """Lets a question count in a score of a draft, old or new, or no longer."""
    form, raw, text = request.form, _load_raw_draft(request), request.reader
    if dropped := form.get("drop"):
        key, _, question = dropped.partition("--")
        for score in raw["scores"]:
            if score["key"] == key:
                score["factors"] = [
                    factor for factor in score["factors"] if factor["question"] != question
                ]
        raw["scores"] = [score for score in raw["scores"] if score["factors"]]
        return _save_raw_draft(request, raw)
    factor: Raw = {"question": form.get("question")} | {
        name: _parse_figure(request, name) for name in ("weight", "worst", "best")
    }
    if title := form.get("new_score"):
        key = key_part(title).lower() or "score"
        raw["scores"].append({"key": key, "title": title, "method": "mean", "factors": [factor]})
        return _save_raw_draft(request, raw)
    found = next((score for score in raw["scores"] if score["key"] == form.get("score")), None)
    if found is None:
        raise Invalid(
            text("The draft was not saved."),
            details={"score": [text("is none of this assessment; name a new one.")]},
        )
    found["factors"] = [
        each for each in found["factors"] if each["question"] != factor["question"]
    ] + [factor]
    return _save_raw_draft(request, raw)
