"""`autohub applications`: the inventory from and to a file."""

from pathlib import Path

import click

from autohub.access.model import OPERATOR
from autohub.applications import store, tables
from autohub.categories import store as category_store
from autohub.categories.model import category_paths
from autohub.cli.common import hub, note, table_options
from autohub.kit import tabular
from autohub.kit.clock import now as clock
from autohub.kit.errors import Invalid
from autohub.kit.query import EVERYTHING
from autohub.kit.tablefile import Choice


@click.group()
def applications() -> None:
    """Import and export the application inventory."""


@applications.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@table_options
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    dry_run: bool,
    encoding: str,
    sheet: str,
    header_row: int | None,
) -> None:
    """Add the applications that FILE (csv, tsv, xlsx) names, and to those that are there what it
    says of them; nothing is removed."""
    _check_format(file)
    choice = Choice(encoding, sheet, header_row or 0)
    with hub(context) as (database, _, _):
        with database.reading() as db:
            paths = category_paths(category_store.all_categories(db))
        found = tables.read(file.read_bytes(), paths, choice)
        if found.note:
            note(found.note)
        done = database.write(
            lambda db: tables.put(db, OPERATOR, found, now=clock(), dry_run=dry_run)
        )
    would = "would be " if dry_run else ""
    changed = f"{done.added} {would}added, {done.changed} {would}changed"
    note(f"{changed}, {done.unchanged} unchanged.")


@applications.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Write the inventory to FILE (csv, tsv, xlsx), in a form that `import` reads."""
    kind = _check_format(file)
    with hub(context) as (database, _, _), database.reading() as db:
        found, _ = store.list_applications(
            db, EVERYTHING, text=None, category_ids=[], sort=("application_name", False)
        )
        paths = category_paths(category_store.all_categories(db))
    count = tabular.write(file, kind, tables.HEADINGS, tables.written(found, paths))
    note(f"{count} applications are in {file}.")


def _check_format(file: Path) -> str:
    kind = tabular.format_of(file)
    if kind not in ("csv", "tsv", "xlsx"):
        raise Invalid("Applications come and go as csv, tsv or xlsx.")
    return kind
