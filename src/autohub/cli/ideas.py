"""`autohub ideas`: whole pipelines from and to files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from msgspec import UNSET

from autohub.cli.common import (
    count_rows,
    hub,
    json_option,
    mapping_options,
    note,
    print_json,
    table_options,
)
from autohub.cli.main import DONE, SOME_FAILED
from autohub.cli.users import IMPORTER, progress_of
from autohub.flows import service as flows
from autohub.ideas import store as ideas_store
from autohub.imports import export as exporting
from autohub.imports import mapping as mappings
from autohub.imports import reading, service
from autohub.imports.mapping import Prefer
from autohub.imports.model import ImportReport
from autohub.imports.reporting import build_report
from autohub.kit import cells, tabular
from autohub.kit.clock import now as clock
from autohub.kit.encodings import FileBytes
from autohub.kit.memory import settle
from autohub.kit.query import EVERYTHING
from autohub.kit.tablefile import FOUND, Choice
from autohub.kit.tabular import Cell
from autohub.kit.toml import read_toml

flow_option = click.option(
    "--flow",
    type=int,
    default=1,
    show_default=True,
    help="The idea flow; GET /idea-flows lists them.",
)


@click.group()
def ideas() -> None:
    """Import and export ideas."""


@ideas.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@mapping_options
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@click.option("--atomic", is_flag=True, help="Write all rows or, if one fails, none.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each row to this file (csv).",
)
@click.option(
    "--prefer",
    type=click.Choice(["hub", "file"]),
    help="Whose cell counts that changed in both since the last import; the hub's unless given.",
)
@table_options
@json_option
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    encoding: str,
    sheet: str,
    header_row: int | None,
    map_: Path | None,
    suggest_map: bool,
    prefer: Prefer | None,
    dry_run: bool,
    atomic: bool,
    report: Path | None,
    as_json: bool,
) -> int:
    """Add and update the ideas in FILE (csv, tsv, xlsx, ndjson, json).

    Rows are found again by their key: importing a file a second time changes only what changed in
    it.
    """
    mapping = read_toml(map_.read_text(encoding="utf-8"), mappings.Mapping) if map_ else None
    choice = Choice(encoding, sheet, header_row or 0).over(mapping.choice if mapping else FOUND)
    table = reading.read_table(FileBytes(file), tabular.format_of(file), choice)
    if table.note:
        note(table.note)
    settle()
    with hub(context) as (database, settings, _):
        if suggest_map:
            with database.reading() as db:
                questions = service.list_questions(db, 1)
            examples: dict[str, list[str]] = {}
            for _, row in table.lines:
                for name, cell in row.items():
                    seen = examples.setdefault(name, [])
                    if cell.strip() and len(seen) < 3 and cell not in seen:
                        seen.append(cell)
            click.echo(mappings.draft_mapping(table.headings, questions, examples, choice))
            return DONE
        with progress_of(file) as progress:
            try:
                done = service.run_import(
                    database,
                    IMPORTER,
                    table.lines,
                    table.headings,
                    mapping,
                    prefer=prefer,
                    settings=settings,
                    now=clock(),
                    atomic=atomic,
                    dry_run=dry_run,
                    keep_all=report is not None,
                    progress=progress,
                )
            except service.ImportFailed as error:
                done, dry_run = error.report, True
    if report is not None:
        _write_report(report, done)
    if as_json:
        print_json(done)
    _tell(done, report, dry_run)
    return SOME_FAILED if done.failed else DONE


def _tell(done: ImportReport, report: Path | None, dry_run: bool) -> None:
    for result in [r for r in done.results if r.outcome == "failed"][:20]:
        for field, texts in result.errors.items():
            note(
                f"row {result.row}, {result.process_name or 'no name'}, {field}: {' '.join(texts)}"
            )
    notes = sum(bool(result.notes) for result in done.results)
    if notes:
        note(
            f"{count_rows(notes)} changed on the way "
            f"in{f'; {report} says how' if report else '; --report FILE says how'}."
        )
    would = "would be " if dry_run else ""
    changed = f"{done.created} {would}created, {done.updated} {would}updated"
    note(f"{count_rows(done.total)}: {changed}, {done.unchanged} unchanged, {done.failed} failed.")
    if dry_run:
        note("Nothing was written.")


def _write_report(path: Path, done: ImportReport) -> None:
    rows: list[list[str | None]] = []
    for result in done.results:
        process_id = str(result.process_id) if result.process_id else None
        head: list[str | None] = [str(result.row), process_id, result.process_name, result.outcome]
        told: list[list[str | None]] = [[*head, None, text] for text in result.notes]
        told += [[*head, field, " ".join(texts)] for field, texts in result.errors.items()]
        rows += [[*line, None, None] for line in told]
        changes = {} if result.changes is UNSET else result.changes
        rows += [
            [*head, column, None, _write_value(change.before), _write_value(change.after)]
            for column, change in changes.items()
        ]
        if not (told or changes):
            rows.append([*head, None, None, None, None])
    headings = ("row", "process_id", "process_name", "outcome", "column", "note")
    tabular.write(path, "csv", (*headings, "before", "after"), rows)


def _write_value(value: Any) -> str | None:
    if isinstance(value, list):
        return cells.join_cells(map(str, value))
    return None if value is None else str(value)


@ideas.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--report",
    is_flag=True,
    help="All ideas of all flows to count with: labels, scores, phases, costs; not to import.",
)
@flow_option
@click.pass_context
def export(context: click.Context, file: Path, flow: int, report: bool) -> None:
    """Write the ideas of one flow to FILE (csv, tsv, xlsx, ndjson, json), in a form that
    `import` reads."""
    kind = tabular.format_of(file)
    with hub(context) as (database, _, _), database.reading() as db:
        if report:
            ids = ideas_store.ids_after(db, 0, limit=EVERYTHING.limit)
            made = build_report(db, ids, with_money=True, now=clock())
            note(f"{_write(file, kind, made.headings, made.rows)} ideas are in {file}.")
            return
        columns = exporting.export_headings(db, flow, flows.get_flow(db, flow).submission_type)
        rows = exporting.export_rows(db, flow, columns)
        count = _write(file, kind, columns, rows)
    note(f"{count} ideas are in {file}.")


def _write(file: Path, kind: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    if kind not in ("ndjson", "json"):
        return tabular.write(file, kind, columns, rows)
    records = (
        {name: cell for name, cell in zip(columns, row, strict=True) if cell not in (None, "")}
        for row in rows
    )
    return tabular.write_json(file, kind, records)


@ideas.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@flow_option
@click.pass_context
def template(context: click.Context, file: Path, flow: int) -> None:
    """Write an empty table for the ideas of one flow to FILE (csv, tsv, xlsx)."""
    kind = tabular.format_of(file)
    with hub(context) as (database, _, _), database.reading() as db:
        columns = exporting.template_headings(db, flows.get_flow(db, flow).submission_type)
    tabular.write(file, kind, columns, [])
    note(f"{len(columns)} columns are in {file}.")
