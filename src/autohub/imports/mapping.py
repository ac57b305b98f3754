"""Which column of somebody's table means what: declared in TOML, suggested, or the hub's own
headings."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from autohub.access.model import Id
from autohub.assessments.model import Question
from autohub.imports.model import FIELDS
from autohub.imports.suggesting import suggest_meanings
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.tablefile import Choice, Encoding, HeaderRow, SheetName
from autohub.kit.text import fold, shorten
from autohub.kit.toml import write_value

Prefer = Literal["hub", "file"]


class Mapping(msgspec.Struct, kw_only=True):
    """How a table becomes ideas.

    columns: heading → a field of FIELDS or a question's key. category: headings of the levels, from
    the top. key: headings that together name a row; rows that are alike in them are told apart by
    their order. status: what stands in the status column → the key of a status. defaults: field or
    question → what counts where a cell is empty. long_names: refuse, or shorten to 100 characters
    (the whole name goes to the question `full_name` when that is given). taken_names: refuse, or
    number (“ (2)” is put behind the name). create_categories, create_people: make what is not
    there. date_order: what comes first in 3/4/2024; decimal_sign: what 52.000 is; both are
    found by what stands in the column.
    prefer: whose cell counts that changed in the hub and in the file since the last import.
    encoding, sheet, header_row: where the table is in its file (kit.tablefile.Choice).
    """

    idea_flow_id: Id = 1
    columns: dict[str, str] = {}
    category: Annotated[list[str], Meta(max_length=5)] = []
    key: list[str] = []
    status: dict[str, str] = {}
    defaults: dict[str, str] = {}
    long_names: Literal["refuse", "shorten"] = "refuse"
    full_name: str = ""
    taken_names: Literal["refuse", "number"] = "refuse"
    create_categories: bool = False
    create_people: bool = False
    shorten_categories: bool = False
    date_order: Literal["found", "day", "month"] = "found"
    decimal_sign: Literal["found", "point", "comma"] = "found"
    prefer: Prefer = "hub"
    encoding: Encoding = ""
    sheet: SheetName = ""
    header_row: HeaderRow = 0

    @property
    def choice(self) -> Choice:
        return Choice(self.encoding, self.sheet, self.header_row)


def own_mapping(headings: Sequence[str], questions: dict[str, Question]) -> Mapping:
    """The mapping of a table with the hub's own headings: field names, what people call them,
    questions' keys and titles.

    Raises Invalid naming the headings that mean nothing, with suggestions.
    """
    meanings = _meanings(questions)
    columns = {
        heading: meanings[_plain(heading)] for heading in headings if _plain(heading) in meanings
    }
    unknown = [heading for heading in headings if heading and heading not in columns]
    if unknown:
        found = suggest_meanings(unknown, questions)
        details = {
            h: [
                say("means nothing here; perhaps {meaning}.", meaning=found[h])
                if h in found
                else "means nothing here."
            ]
            for h in unknown[:50]
        }
        raise Invalid(
            "Some columns are not known; name them in a mapping (--map, --suggest-map begins one).",
            details=details,
        )
    return Mapping(columns=columns)


def _meanings(questions: dict[str, Question]) -> dict[str, str]:
    found = {_plain(question.title): key for key, question in questions.items()}
    found |= {_plain(f"{key} comment"): f"{key} comment" for key in questions}
    found |= {_plain(key): key for key in questions}
    found |= {_plain(label): name for name, label in FIELDS.items()}
    return found | {_plain(name): name for name in FIELDS}


def _plain(text: str) -> str:
    return " ".join(fold(text).replace("_", " ").replace("-", " ").replace("*", " ").split())


def draft_mapping(
    headings: Sequence[str],
    questions: dict[str, Question],
    examples: dict[str, list[str]],
    choice: Choice,
) -> str:
    """A mapping to begin with, as TOML: suggestions filled in, the other columns as comments
    with some of what stands in them."""
    found = suggest_meanings(headings, questions)
    said = {name: value for name, value in choice._asdict().items() if value}
    lines = [
        *(f"{name} = {write_value(value)}" for name, value in said.items()),
        "idea_flow_id = 1",
        "category = []  # the headings of the levels, from the top",
        "key = []",
        "",
        "[columns]",
    ]
    for heading in headings:
        seen = "; ".join(shorten(text, 30) for text in examples.get(heading, ()))
        quoted = write_value(heading)
        lines.append(
            f'{quoted} = "{found[heading]}"  # {seen}'
            if heading in found
            else f'# {quoted} = ""  # {seen}'
        )
    return "\n".join([*lines, "", "[status]", "", "[defaults]", ""])


def check_meanings(
    mapping: Mapping,
    headings: Sequence[str],
    questions: dict[str, Question],
    statuses: Iterable[str],
) -> None:
    """Raises Invalid naming columns that the table lacks, meanings that there are not, and
    statuses that the hub does not know."""
    details: dict[str, list[str]] = {}
    known_statuses = set(statuses)
    for heading, meaning in mapping.columns.items():
        if heading not in headings:
            details[f"columns.{heading}"] = ["The table has no such column."]
        elif meaning not in FIELDS and meaning.removesuffix(" comment") not in questions:
            details[f"columns.{heading}"] = [
                say(
                    "“{meaning}” is neither a field ({fields}) nor a question.",
                    meaning=meaning,
                    fields=", ".join(FIELDS),
                )
            ]
    for heading in [*mapping.category, *mapping.key]:
        if heading not in headings:
            details[heading] = ["The table has no such column."]
    for text, status in mapping.status.items():
        if status not in known_statuses:
            details[f"status.{text}"] = [say("There is no status {status}.", status=status)]
    for name in mapping.defaults:
        if name not in FIELDS and name not in questions:
            details[f"defaults.{name}"] = ["is neither a field nor a question."]
    if mapping.full_name and mapping.full_name not in questions:
        details["full_name"] = [say("There is no question {key}.", key=mapping.full_name)]
    if details:
        raise Invalid("The mapping does not fit the table.", details=details)
