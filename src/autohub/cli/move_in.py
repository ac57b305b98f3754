"""`autohub move-in`."""

from pathlib import Path

import click

from autohub.cli.common import hub, note, print_json
from autohub.cli.main import DONE, SOME_FAILED
from autohub.cli.users import IMPORTER
from autohub.integrations import blobs
from autohub.integrations.open_api import OtherHub
from autohub.integrations.outbound import Outbound
from autohub.kit import tabular
from autohub.kit.clock import now as clock
from autohub.move_in import service
from autohub.move_in.model import Entry, MoveReport


@click.command("move-in")
@click.option("--from", "address", required=True, metavar="ADDRESS", help="The other hub.")
@click.option(
    "--token",
    envvar="MOVE_IN_TOKEN",
    required=True,
    help="TenantID/Token of a person who sees everything there; better in MOVE_IN_TOKEN.",
)
@click.option("--app-key", default="", help="The second secret of a token that has one.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every record of which something must be said to this file (csv).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def move_in(
    context: click.Context,
    address: str,
    token: str,
    app_key: str,
    report: Path | None,
    as_json: bool,
) -> int:
    """Bring in another hub, Automation Hub or one like this, by its Open API.

    Repeat it as often as you like: it writes only what changed there, and never what was changed
    here.
    """
    with hub(context) as (database, settings, installation):
        outbound = Outbound(settings, trusting=address)
        other = OtherHub(address, token, app_key, outbound=outbound)
        try:
            store = blobs.open_blob_store(
                settings.blobs, settings.data_dir / "blobs", installation.tenant_id
            )
            done = service.move_in(
                database,
                store,
                other,
                IMPORTER,
                settings,
                now=clock(),
                progress=lambda name, _: note(f"{name} …"),
            )
        finally:
            other.close()
    if report:
        _write(done, report)
    if as_json:
        counts = {kind: dict(found) for kind, found in done.counts.items()}
        print_json({"counts": counts, "entries": [entry._asdict() for entry in done.entries]})
    else:
        _show(done, report)
    return SOME_FAILED if done.has_gaps else DONE


def _show(done: MoveReport, report: Path | None) -> None:
    for kind, counts in done.counts.items():
        found = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        click.echo(f"{kind}: {found}")
    for entry in done.entries[:20]:
        note(f"{entry.kind} {entry.their_id} “{entry.name}”: {entry.outcome}. {entry.text}")
    if len(done.entries) > 20:
        where = report or "--report FILE"
        note(f"… and {len(done.entries) - 20} more; see {where}.")


def _write(done: MoveReport, path: Path) -> None:
    tabular.write(path, "csv", Entry._fields, done.entries)
