"""`autohub files`."""

import click

from autohub.cli.common import hub, note
from autohub.documents import sweeping
from autohub.integrations import blobs


@click.group()
def files() -> None:
    """Care for the store of files."""


@files.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.pass_context
def sweep(context: click.Context, yes: bool) -> None:
    """Sweep the store though a running hub refuses to: it becomes this installation's, and what
    the database does not name goes to the trash, where it stays for seven days."""
    with hub(context) as (database, settings, installation):
        store = blobs.open_blob_store(
            settings.blobs, settings.data_dir / "blobs", installation.tenant_id
        )
        found = sweeping.look(database, store)
        note(f"{settings.blobs or settings.data_dir / 'blobs'}: {found.text}.")
        if found.refusal:
            note(f"A running hub does not sweep it: {found.refusal}.")
        if not yes:
            click.confirm(
                "Move what the database does not name to the trash?", abort=True, err=True
            )
        swept = sweeping.sweep(database, store, force=True)
        assert swept is not None
        note(
            f"{swept.discarded} to the trash, {swept.restored} brought back, {swept.erased} "
            "erased after seven days there."
        )
