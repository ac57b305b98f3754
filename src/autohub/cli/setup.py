"""`autohub init`, `migrate` and `config`."""

from typing import Any

import click

from autohub import settings as settings_module
from autohub.cli.common import hub, json_option, load_settings, note, print_json, print_table
from autohub.cli.main import DONE, SOME_FAILED
from autohub.db import migrate as migrations
from autohub.db.engine import Database
from autohub.users import service
from autohub.users.registration import first_person_link


@click.command()
@click.pass_context
def init(context: click.Context) -> None:
    """Create the database, if there is none, and show the link for the first person."""
    with hub(context) as (database, settings, installation):
        note(f"The database is ready. Tenant ID: {installation.tenant_id}")
        with database.reading() as db:
            if not service.lacks_administrator(db):
                note("There is an administrator already, who invites others.")
                return
        note("The first person sets a password at:")
        click.echo(first_person_link(settings=settings, installation=installation))


@click.command()
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the database up to date; a running server of the old release may stay up."""
    settings = load_settings(context)
    database = Database(settings.database_url)
    try:
        done = migrations.upgrade(database)
    finally:
        database.close()
    note(f"Done: {', '.join(done)}." if done else "The database is up to date.")


def _show(value: Any) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    return None if value is None else str(value)


@click.group()
def config() -> None:
    """Check the settings."""


@config.command()
@json_option
@click.pass_context
def check(context: click.Context, as_json: bool) -> int:
    """Show every setting, where its value comes from, and what is wrong with it."""
    sources = settings_module.inspect(data_dir=context.find_root().obj.get("data_dir"))
    rows: list[dict[str, Any]] = [
        {
            "setting": source.setting.variable,
            "value": "(secret)"
            if source.setting.secret and source.value is not None
            else _show(source.value),
            "origin": source.origin,
            "fault": source.fault,
        }
        for source in sources
    ]
    if as_json:
        print_json(rows)
    else:
        cells = [
            [row["setting"], row["value"], row["origin"], row["fault"] or "ok"] for row in rows
        ]
        print_table(["Setting", "Value", "From", "Check"], cells, empty="")
    if faults := [row for row in rows if row["fault"]]:
        note(f"{len(faults)} of {len(rows)} settings are not right.")
        return SOME_FAILED
    settings_module.load(data_dir=context.find_root().obj.get("data_dir"))
    return DONE
