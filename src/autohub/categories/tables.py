"""Categories in a table: a level a column, a category a row."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.text import fold, shorten


class Chains(NamedTuple):
    """The names from the top in each row; `note` is what must be said of how the file was read."""

    chains: list[list[str]]
    note: str


def read_chains(
    raw: bytes,
    level_names: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
    choice: Choice = FOUND,
) -> Chains:
    """The names from the top in each row; rows in which no level says anything are passed over. The
    levels are in `columns`, or in those that have the level's names.

    Raises Invalid when they are not there, and for rows that name a category without the one above
    it.
    """
    found: list[list[str]] = []
    faults: dict[str, list[str]] = {}
    folded = {fold(name) for name in columns or level_names}
    file = TableFile(raw, lambda heading: fold(heading) in folded, choice, repeats=True)
    chosen = list(columns) if columns else _named(file.headings, level_names)
    _check_there(chosen, file.headings, level_names)
    for number, cells in file:
        chain = [" ".join(cells.get(name, "").split()) for name in chosen]
        while chain and not chain[-1]:
            chain.pop()
        if "" in chain:
            faults[f"row {number}"] = [
                say("names a category without the one above it: {chain}.", chain=" > ".join(chain))
            ]
        elif chain:
            found.append(chain)
    if faults:
        raise Invalid(
            "Some rows are not right; nothing was added.", details=dict(list(faults.items())[:20])
        )
    unread = [] if columns else [name for name in file.headings if not _is_read(name, chosen)]
    told = say(
        "The columns {unread} are no levels; they were not read.",
        unread=", ".join(f"“{shorten(name)}”" for name in unread),
    )
    notes = [note for note in (file.note, told if unread else "") if note]
    return Chains(found, notes[0] if len(notes) == 1 else " ".join(notes))


def _is_read(heading: str, chosen: Sequence[str]) -> bool:
    """Whether a column is a level, or the id that our own exports write beside the levels."""
    return heading in chosen or fold(heading) in ("", "category_id")


def _named(cells: Iterable[str], level_names: Iterable[str]) -> list[str]:
    by_name = {fold(heading): heading for heading in cells}
    return [by_name[fold(name)] for name in level_names if fold(name) in by_name]


def _check_there(chosen: Sequence[str], cells: Iterable[str], level_names: Iterable[str]) -> None:
    lacking = [name for name in chosen if name not in cells] if chosen else list(level_names)
    if lacking:
        known = ", ".join(f"“{shorten(name)}”" for name in list(cells)[:12])
        raise Invalid(
            say(
                "The columns {lacking} are not there; the table has {known}. Name the "
                "levels so in its first row.",
                lacking=", ".join(lacking),
                known=known,
            )
        )
