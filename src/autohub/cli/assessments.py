"""`autohub assessments`: questionnaires from and to files."""

from pathlib import Path

import click
import msgspec

from autohub.access.model import OPERATOR
from autohub.assessments import service
from autohub.assessments.model import Assessment, NewVersion, SetLive
from autohub.cli.common import hub, note, print_table
from autohub.kit.clock import now as clock
from autohub.kit.jsonbody import read


@click.group()
def assessments() -> None:
    """Import, export and list the versions of assessments."""


@assessments.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """Show all versions, and where each is live."""
    with hub(context) as (database, _, _), database.reading() as db:
        found = service.list_versions(db, None)
    rows = [
        [
            v.version_id,
            v.assessment_key,
            v.version_name,
            v.state,
            ", ".join(map(str, v.category_ids)) or None,
        ]
        for v in found
    ]
    print_table(
        ["id", "assessment", "name", "state", "live in categories"],
        rows,
        empty="There are no versions.",
    )


@assessments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default=None, help="The version's name; the file's name unless given.")
@click.option(
    "--live",
    type=int,
    default=None,
    metavar="CATEGORY",
    help="Set it live in this category at once; 0 is everywhere.",
)
@click.pass_context
def import_(context: click.Context, file: Path, name: str | None, live: int | None) -> None:
    """Make a version from FILE (JSON, as `export` writes it)."""
    definition = read(file.read_bytes(), Assessment, lines=True)
    with hub(context) as (database, _, _):
        new = NewVersion((name or file.stem)[:50], definition)
        made = database.write(lambda db: service.create_version(db, OPERATOR, new, now=clock()))
        if live is not None:
            database.write(
                lambda db: service.put_live(
                    db, OPERATOR, made.version_id, SetLive(live), now=clock()
                )
            )
    note(
        f"Version {made.version_id} of {definition.key} is "
        f"{'live' if live is not None else 'a draft'}."
    )


@assessments.command()
@click.argument("version", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, version: int, file: Path) -> None:
    """Write a version's definition to FILE (JSON)."""
    with hub(context) as (database, _, _), database.reading() as db:
        found = service.get_version(db, version)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(found.definition)) + b"\n")
    note(f"{found.version_name} is in {file}.")
