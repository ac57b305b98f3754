"""`autohub categories`: the tree from and to a file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import click

from autohub.access.model import OPERATOR
from autohub.categories import service, store, tables
from autohub.categories.model import LEVELS, MAX_NAME, OTHER, Category, shorten_names
from autohub.cli.common import hub, note, table_options
from autohub.db.engine import Reading
from autohub.kit import tabular
from autohub.kit.clock import now as clock
from autohub.kit.errors import Invalid
from autohub.kit.tablefile import Choice


@click.group()
def categories() -> None:
    """Import and export the category tree."""


@categories.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--columns",
    metavar="A,B,…",
    help="The columns that hold the levels, from the top; the level names unless given.",
)
@click.option(
    "--shorten",
    is_flag=True,
    help="Shorten names above 50 characters instead of refusing the file; each is told.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@table_options
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    columns: str | None,
    shorten: bool,
    dry_run: bool,
    encoding: str,
    sheet: str,
    header_row: int | None,
) -> None:
    """Add the categories that FILE (csv, tsv, xlsx) names, one column a level; nothing is
    changed or removed."""
    with hub(context) as (database, _, _), database.reading() as db:
        levels = _level_names(db)
    chains = _chains(
        file,
        levels,
        next(csv.reader(io.StringIO(columns))) if columns else None,
        Choice(encoding, sheet, header_row or 0),
    )
    long = sorted({name for chain in chains for name in chain if len(name) > MAX_NAME})
    if long and not shorten:
        details = {name[:60]: [f"has {len(name)} characters"] for name in long[:20]}
        raise Invalid(
            f"{len(long)} names are longer than {MAX_NAME} characters; shorten them, or add "
            "--shorten.",
            details=details,
        )
    short = shorten_names(long)
    for name, kept in short.items():
        note(f"shortened: “{name}” to “{kept}”")
    unique = list(dict.fromkeys(tuple(short.get(name, name) for name in chain) for chain in chains))
    with hub(context) as (database, _, _):
        if dry_run:
            note(
                f"{len(unique)} categories and paths are named in {file.name}; nothing was written."
            )
            return
        counts = database.write(
            lambda db: service.add_chains(
                db, OPERATOR, [list(chain) for chain in unique], now=clock()
            )
        )
    note(
        f"{counts['added']} categories were added; {len(unique)} paths of {file.name} are there "
        "now."
    )


def _level_names(db: Reading) -> list[str]:
    return [level.category_level_name for level in store.list_levels(db)]


def _chains(
    file: Path, levels: Sequence[str], columns: Sequence[str] | None, choice: Choice
) -> list[list[str]]:
    """The path of names in each row; a word on how the file was read is said where one is due."""
    kind = tabular.format_of(file)
    if kind not in ("csv", "tsv", "xlsx"):
        raise Invalid("Categories come as csv, tsv or xlsx.")
    found = tables.read_chains(file.read_bytes(), levels, columns=columns, choice=choice)
    if found.note:
        note(found.note)
    return found.chains


@categories.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Write the tree to FILE (csv, tsv, xlsx), one row a category, in a form that `import` reads.

    The last column is the category's id, for the category_id1, … columns of `autohub users import`.
    """
    kind = tabular.format_of(file)
    if kind not in ("csv", "tsv", "xlsx"):
        raise Invalid("Categories go out as csv, tsv or xlsx.")
    with hub(context) as (database, _, _), database.reading() as db:
        tree, levels = service.get_hierarchy(db).categories, _level_names(db)
    rows = [row for node in tree for row in _rows(node, ())]
    tabular.write(file, kind, (*levels, "category_id"), rows)
    note(f"{len(rows)} categories are in {file}.")


def _rows(node: Category, above: tuple[str, ...]) -> list[list[str | None]]:
    if node.category_is_other and node.category_name == OTHER:
        return []
    chain = (*above, node.category_name)
    row: list[str | None] = [*chain, *([None] * (len(LEVELS) - len(chain))), str(node.category_id)]
    return [row, *(below for child in node.subcategories for below in _rows(child, chain))]
