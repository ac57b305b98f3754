"""`autohub roles`."""

import click

from autohub.access import store
from autohub.cli.common import hub, json_option, print_json, print_table


@click.group()
def roles() -> None:
    """Show the roles."""


@roles.command("list")
@json_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """Show all roles with their ids and what they permit."""
    with hub(context) as (database, _, _), database.reading() as db:
        found = store.all_roles(db)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            r["role_id"],
            r["role_name"],
            "default" if r["role_is_default"] else "custom",
            r["role_description"],
        ]
        for r in found
    ]
    print_table(["Id", "Role", "Kind", "What for"], rows, empty="")
