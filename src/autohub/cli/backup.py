"""`autohub backup`, `autohub verify` and `autohub restore`."""

from pathlib import Path

import click

from autohub.backups import service
from autohub.backups.archive import Manifest, Progress
from autohub.cli.common import hub, load_settings, note, print_json
from autohub.db.engine import Database
from autohub.integrations.blobs import open_blob_store
from autohub.kit import private
from autohub.kit.clock import now as clock

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_quiet = click.option("--quiet", is_flag=True, help="Say nothing of each table.")


@click.command()
@_file
@_quiet
@click.pass_context
def backup(context: click.Context, file: Path, quiet: bool) -> int:
    """Write everything into FILE: all tables as they are at one moment, and all files. The hub
    runs on. FILE holds what signs links and tokens; keep it as safe as the database."""
    with hub(context, must_exist=True) as (database, settings, installation):
        blobs = open_blob_store(settings.blobs, settings.data_dir / "blobs", installation.tenant_id)
        manifest = service.make_backup(database, blobs, file, now=clock(), tell=_tell(quiet))
    return _report(f"{file} is written", manifest)


@click.command()
@_file
@click.option("--json", "as_json", is_flag=True, help="Print what it holds as JSON.")
def verify(file: Path, as_json: bool) -> int:
    """Read all of a backup and compare it with what was written."""
    manifest = service.verify_backup(file)
    if as_json:
        print_json(manifest)
    return _report(f"{file} is whole", manifest)


@click.command()
@_file
@_quiet
@click.pass_context
def restore(context: click.Context, file: Path, quiet: bool) -> int:
    """Bring a backup into an empty database, SQLite or PostgreSQL, whichever it came from. Start
    the hub afterwards; its search finds everything once its index is written."""
    settings = load_settings(context)
    manifest = service.verify_backup(file)
    private.make_folder(settings.data_dir)
    database = Database(settings.database_url)
    try:
        blobs = open_blob_store(settings.blobs, settings.data_dir / "blobs", manifest.tenant_id)
        folder = settings.data_dir / "spool"
        service.restore_backup(database, blobs, file, folder=folder, tell=_tell(quiet))
    finally:
        database.close()
    return _report(f"{file} is restored", manifest)


def _tell(quiet: bool) -> Progress:
    return (lambda _: None) if quiet else note


def _report(what: str, manifest: Manifest) -> int:
    rows = sum(part.rows for part in manifest.tables.values())
    tables, files = len(manifest.tables), len(manifest.files)
    note(f"{what}: {rows:,} rows, {tables} tables, {files:,} files, release {manifest.release}.")
    if manifest.missing:
        note(
            f"{len(manifest.missing):,} files were not in the store when it was made: "
            f"{', '.join(manifest.missing[:5])}{' …' if len(manifest.missing) > 5 else ''}"
        )
        return 1
    return 0
