"""Applications in a table: one a row, with all its categories in one cell."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from autohub.access.model import Caller
from autohub.applications import service, store
from autohub.applications.model import Application, ApplicationInput
from autohub.db.engine import Writing
from autohub.kit import cells
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import InvalidBody, coerce
from autohub.kit.sentences import say
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.text import CONTROL, fold, shorten

HEADINGS = ("Name", "Version", "Language", "Category")


class Line(msgspec.Struct):
    """What a table says of one application; `category_ids` None: nothing."""

    number: int
    name: str
    version: str
    language: str
    category_ids: list[int] | None


class Lines(NamedTuple):
    """What the rows say; `note` is what must be said of how the file was read, if anything."""

    lines: list[Line]
    note: str


def written(apps: Iterable[Application], paths: Mapping[int, str]) -> Iterator[list[str | None]]:
    """Rows under HEADINGS that `read` takes; `paths` are the categories' names from the top."""
    for app in apps:
        places = cells.join_cells(paths[i] for i in app.category_ids if i in paths)
        yield [app.application_name, app.application_version, app.application_language, places]


def is_known(heading: str) -> bool:
    return fold(heading) in {fold(name) for name in HEADINGS}


def read(raw: bytes, paths: Mapping[int, str], choice: Choice = FOUND) -> Lines:
    """What the rows say. Raises Invalid for a table without a column of names, and naming every
    row that is not right."""
    places = {_path(path): category_id for category_id, path in paths.items()}
    found: list[Line] = []
    faults: dict[str, list[str]] = {}
    file = TableFile(raw, is_known, choice)
    if fold("Name") not in set(map(fold, file.headings)):
        raise Invalid(
            say(
                "The table has no column “Name”; its columns must be {headings}.",
                headings=", ".join(HEADINGS),
            )
        )
    for number, row in file:
        said = _said(row)
        names = cells.split_cell(said["Category"])
        lost = [name for name in names if _path(name) not in places]
        if wrong := CONTROL.search("".join(said.values())):
            faults[f"row {number}"] = [
                say("holds the control character U+{found:04X}; remove it.", found=ord(wrong[0]))
            ]
        elif not said["Name"]:
            faults[f"row {number}"] = ["names no application."]
        elif lost:
            faults[f"row {number}"] = [
                say("names the category “{name}”, which is not there.", name=shorten(name))
                for name in lost
            ]
        else:
            ids = [places[_path(name)] for name in names] if names else None
            found.append(
                Line(
                    number=number,
                    name=said["Name"],
                    version=said["Version"],
                    language=said["Language"],
                    category_ids=ids,
                )
            )
    if faults:
        raise Invalid(
            "Some rows are not right; nothing was read in.", details=dict(list(faults.items())[:20])
        )
    return Lines(found, file.note)


class Counts(msgspec.Struct):
    """What became of the applications that a table names; `note` as in Lines."""

    added: int
    changed: int
    unchanged: int
    note: str | UnsetType = UNSET


def put(db: Writing, caller: Caller, table: Lines, *, now: int, dry_run: bool = False) -> Counts:
    """Adds the applications that are not there, and adds to those that are what the table says
    of them: categories are joined, an empty cell leaves what is there. A dry run writes nothing.
    Raises Invalid naming the row."""
    wanted: dict[str, ApplicationInput] = {}
    there: dict[str, ApplicationInput] = {}
    for line in table.lines:
        key = fold(f"{line.name}\x1f{line.version}")
        app = wanted.get(key) or _known(db, line)
        there.setdefault(key, msgspec.structs.replace(app))
        app.application_language = line.language or app.application_language
        app.category_ids = list(dict.fromkeys([*app.category_ids, *(line.category_ids or ())]))
        try:
            wanted[key] = coerce(msgspec.to_builtins(app), ApplicationInput)
        except InvalidBody as error:
            raise Invalid(
                error.message,
                details={
                    f"row {line.number}, {name}": texts for name, texts in error.details.items()
                },
            ) from None
    changed = [app for key, app in wanted.items() if app != there[key] or not app.application_id]
    if not dry_run:
        service.save_applications(db, caller, changed, now=now)
    added = sum(app.application_id is None for app in changed)
    return Counts(
        added=added,
        changed=len(changed) - added,
        unchanged=len(wanted) - len(changed),
        note=table.note or UNSET,
    )


def _known(db: Writing, line: Line) -> ApplicationInput:
    known = store.find_by_name(db, line.name, line.version)
    if known is None:
        return ApplicationInput(
            application_name=line.name,
            category_ids=[],
            application_id=None,
            application_version=line.version,
            application_language=line.language,
        )
    app = service.get_application(db, known)
    return ApplicationInput(
        application_name=app.application_name,
        category_ids=app.category_ids,
        application_id=known,
        application_version=app.application_version,
        application_language=app.application_language,
    )


def _said(row: Mapping[str, str]) -> dict[str, str]:
    by_name = {fold(heading): cell.strip() for heading, cell in row.items()}
    return {heading: by_name.get(fold(heading), "") for heading in HEADINGS}


def _path(text: str) -> tuple[str, ...]:
    """'Finance > Accounts payable' and 'finance › accounts payable' -> the same folded names."""
    return tuple(fold(" ".join(part.split())) for part in re.split("[>›]", text))
