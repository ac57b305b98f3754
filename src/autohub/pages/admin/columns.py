"""The mapping of a pipeline's columns as a form: what each column is, and what happens to what
does not fit."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from autohub.assessments.model import Question
from autohub.flows.model import Status
from autohub.imports import mapping as mappings
from autohub.imports.model import FIELDS
from autohub.imports.suggesting import suggest_meanings
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import N_, fold
from autohub.kit.toml import check_entries
from autohub.pages.admin.uploads import read_choice
from autohub.web.forms import Form
from autohub.web.reader import Reader

LEVELS = 5
DEFAULTS = 3
LEVEL = "level-"
CHOICES = (
    ("create_categories", N_("Make categories that are not there")),
    ("shorten_categories", N_("Shorten names of categories that are too long")),
    ("create_people", N_("Add people who are not there, not invited yet")),
)


KEPT = (
    "idea_flow_id",
    "long_names",
    "taken_names",
    "full_name",
    "prefer",
    "date_order",
    "decimal_sign",
    "encoding",
    "sheet",
    "header_row",
)
"""The rest of a mapping that the form holds as it is."""


class Column(NamedTuple):
    """A column of the file: its heading, some of what stands in it, what it is, and whether it
    helps to find a row again."""

    heading: str
    sample: str
    meaning: str
    is_key: bool


class StatusText(NamedTuple):
    """A text of the status column, and the status that it stands for."""

    text: str
    status: str


def mapping_from_form(form: Form, headings: Sequence[str]) -> mappings.Mapping:
    """What the form says, right or not; `check` tells. Raises Invalid for a flow that is no
    number."""
    meanings = {heading: form.get(f"column-{i}") for i, heading in enumerate(headings)}
    levels = sorted(
        (meaning, heading) for heading, meaning in meanings.items() if meaning.startswith(LEVEL)
    )
    statuses = zip(form.all("status-text"), form.all("status-key"), strict=False)
    defaults = zip(form.all("default-field"), form.all("default-value"), strict=False)
    raw: dict[str, Any] = {
        "idea_flow_id": form.number("idea_flow_id") or 1,
        "columns": {
            heading: meaning
            for heading, meaning in meanings.items()
            if meaning and not meaning.startswith(LEVEL)
        },
        "category": [heading for _, heading in levels],
        "key": [heading for i, heading in enumerate(headings) if form.flag(f"key-{i}")],
        "status": {text: key for text, key in statuses if key},
        "defaults": {field: value for field, value in defaults if field and value},
        "long_names": form.get("long_names") or "refuse",
        "taken_names": form.get("taken_names") or "refuse",
        "full_name": form.get("full_name"),
        "prefer": form.get("prefer") or "hub",
        "date_order": form.get("date_order") or "found",
        "decimal_sign": form.get("decimal_sign") or "found",
    } | read_choice(form)._asdict()
    return mappings.Mapping(**(raw | {name: bool(form.flag(name)) for name, _ in CHOICES}))


def check_columns(wanted: mappings.Mapping) -> None:
    """Raises Invalid for what a mapping cannot hold, and for two columns that are said to be the
    same: only one would be read."""
    named: dict[str, list[str]] = {}
    for heading, meaning in wanted.columns.items():
        named.setdefault(meaning, []).append(heading)
    twice = [headings for headings in named.values() if len(headings) > 1]
    if twice:
        details = {
            f"columns.{h}": [
                say("is the same as “{headings}”; choose one of them.", headings=headings[0])
            ]
            for headings in twice
            for h in headings[1:]
        }
        raise Invalid("Some columns are said to be the same.", details=details)
    check_entries(msgspec.to_builtins(wanted), mappings.Mapping)


def suggest_mapping(headings: Sequence[str], questions: Mapping[str, Question]) -> mappings.Mapping:
    """A mapping to begin with: what the headings are likely to mean."""
    return mappings.Mapping(columns=suggest_meanings([h for h in headings if h], dict(questions)))


def describe_columns(
    headings: Sequence[str], examples: Mapping[str, Sequence[str]], wanted: mappings.Mapping
) -> list[Column]:
    levels = {heading: f"{LEVEL}{n}" for n, heading in enumerate(wanted.category, start=1)}
    found = levels | wanted.columns
    return [
        Column(
            heading=h,
            sample=" · ".join(examples.get(h, ())),
            meaning=found.get(h, ""),
            is_key=h in wanted.key,
        )
        for h in headings
    ]


def match_statuses(
    texts: Iterable[str], known: Mapping[int, Status], wanted: mappings.Mapping
) -> list[StatusText]:
    """Every text of the status column with the status that is chosen for it, else the one that
    is called most alike."""
    keys = {
        fold(f"{s.phase_name} – {s.phase_status_name}"): s.phase_status_key for s in known.values()
    }
    chosen = {fold(text): key for text, key in wanted.status.items()}
    found = []
    for text in texts:
        near = difflib.get_close_matches(fold(text), keys, n=1, cutoff=0.6)
        found.append(StatusText(text, chosen.get(fold(text)) or (keys[near[0]] if near else "")))
    return found


def list_meanings(
    text: Reader, questions: Mapping[str, Question]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can be, in groups."""
    levels = [(f"{LEVEL}{n}", text("Category, level %s") % n) for n in range(1, LEVELS + 1)]
    fields = [(name, text(label)) for name, label in FIELDS.items() if name != "category"]
    asked = [(key, text(question.title)) for key, question in questions.items()]
    remarks = [
        (f"{key} comment", text("Comment: %s") % text(question.title))
        for key, question in questions.items()
        if question.comments
    ]
    return [
        (
            text("The idea"),
            [
                ("process_name", text("Name")),
                *[pair for pair in fields if pair[0] != "process_name"],
            ],
        ),
        (
            text("Where it is filed"),
            [("category", text("Category, as a path such as Finance > Invoices")), *levels],
        ),
        (text("Questions"), asked),
        (text("Comments on questions"), remarks),
    ]


def mapping_facts(wanted: mappings.Mapping) -> dict[str, Any]:
    """The rest of a mapping, as the form shows it."""
    kept = msgspec.to_builtins(wanted)
    defaults = [*wanted.defaults.items(), *[("", "")] * DEFAULTS]
    return {name: kept[name] for name in (*KEPT, *dict(CHOICES))} | {"defaults": defaults}
