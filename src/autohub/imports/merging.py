"""An idea and a row of a table that is about it: what changed in the table is written, and nothing
else.

A cell that says what it said when the table was imported last leaves alone what people did in the
hub meanwhile. Where both changed, the hub's stays, and the report says so at each import until both
agree.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from autohub.ideas.model import Idea, set_person
from autohub.imports.mapping import Prefer
from autohub.imports.rows import TableRow
from autohub.imports.store import Said
from autohub.kit.sentences import say

ANSWER, COMMENT = "answer ", "comment "


class Cell(NamedTuple):
    """What a row says of one field of an idea: `text` tells cells apart, `value` is what it
    makes of the idea."""

    field: str
    text: Any
    value: Any


def said_by(row: TableRow, made: Idea) -> Iterator[Cell]:
    """Everything that a row says; `made` is the idea that it would make on its own. What a row
    does not say is left out."""
    wanted, fields = row.wanted, row.fields
    yield Cell("process_name", row.base_name, made.process_name)
    yield Cell("process_description", made.process_description, made.process_description)
    yield Cell("category_id", made.category_id, made.category_id)
    said = {
        "owner_user_id": bool(wanted.owner),
        "submitter_user_id": bool(wanted.submitter),
        "phase_status_id": wanted.phase_status_id is not None,
        "process_created_epoch": wanted.created_epoch is not None,
    }
    said |= {
        name: name in fields
        for name in ("category_other_text", "process_priority", "tags", "applications")
    }
    for name in said:
        if said[name]:
            yield Cell(name, getattr(made, name), getattr(made, name))
    for key, answer in made.answers.items():
        if key in fields or answer.get("value") is not None:
            yield Cell(f"{ANSWER}{key}", answer.get("value"), answer.get("value"))
        if answer.get("comment"):
            yield Cell(f"{COMMENT}{key}", answer["comment"], answer["comment"])


def fingerprint(value: Any) -> str:
    """Differs when values differ, and is short."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:12]


def first_said(row: TableRow, made: Idea) -> Said:
    """What there is to know of an idea that a row made."""
    return {
        cell.field: (fingerprint(cell.text), fingerprint(cell.value)) for cell in said_by(row, made)
    }


def is_as_before(said: Said, field: str, text: Any) -> bool:
    """Whether a cell says what it said last."""
    return field in said and said[field][0] == fingerprint(text)


def merge(
    before: Idea, made: Idea, row: TableRow, said: Said, *, prefer: Prefer
) -> tuple[Idea, Said]:
    """The idea that is there with what changed in the row, and what is known of the row from now
    on. A field that changed here too stays, unless the file is to `prefer`; a note of the row says
    what became of it."""
    idea = msgspec.convert(msgspec.to_builtins(before), Idea)
    known = dict(said)
    for cell in said_by(row, made):
        if is_as_before(said, cell.field, cell.text):
            continue
        here = _get(before, cell.field)
        if cell.field in said and here != cell.value and fingerprint(here) != said[cell.field][1]:
            field = name_column(row, cell.field)
            if prefer == "hub":
                row.notes.append(
                    say(
                        "{field}: changed here and in the table since the last import; what is "
                        "here stays.",
                        field=field,
                    )
                )
                continue
            row.notes.append(
                say(
                    "{field}: changed here and in the table since the last import; what the "
                    "table says is taken.",
                    field=field,
                )
            )
        if before.import_hash and not said and here not in (cell.value, None, "", []):
            row.notes.append(
                say(
                    "{field}: what was here is replaced; what the last import said of it "
                    "is not known.",
                    field=name_column(row, cell.field),
                )
            )
        _put(idea, cell.field, cell.value)
        known[cell.field] = (fingerprint(cell.text), fingerprint(cell.value))
    for which in ("owner", "submitter"):
        set_person(idea, which, getattr(idea, f"{which}_user_id"))
    idea.assessed = made.assessed | before.assessed
    return idea, known


def name_column(row: TableRow, field: str) -> str:
    """The heading under which a row says something of a field, else the field's name."""
    names = {
        "category_id": "category",
        "owner_user_id": "owner",
        "submitter_user_id": "submitter",
        "phase_status_id": "status",
    }
    for prefix, suffix in ((ANSWER, ""), (COMMENT, " comment")):
        if field.startswith(prefix):
            field = f"{field.removeprefix(prefix)}{suffix}"
    name = names.get(field, field)
    return row.wanted.fields.get(name, name)


def _get(idea: Idea, field: str) -> Any:
    for prefix, part in ((ANSWER, "value"), (COMMENT, "comment")):
        if field.startswith(prefix):
            return idea.answers.get(field.removeprefix(prefix), {}).get(part)
    return getattr(idea, field)


def _put(idea: Idea, field: str, value: Any) -> None:
    for prefix, part in ((ANSWER, "value"), (COMMENT, "comment")):
        if field.startswith(prefix):
            key = field.removeprefix(prefix)
            idea.answers[key] = idea.answers.get(key, {"value": None}) | {part: value}
            return
    setattr(idea, field, value)
