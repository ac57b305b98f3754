"""`autohub mail`: invitations, for those who hand links over themselves."""

import click

from autohub.access.model import OPERATOR
from autohub.cli.common import hub, json_option, note, print_json, print_table
from autohub.invitations import service
from autohub.kit.clock import iso
from autohub.kit.clock import now as clock
from autohub.kit.query import EVERYTHING


@click.group()
def mail() -> None:
    """Show invitations and what became of their mails."""


@mail.command("list")
@click.option("--all", "everything", is_flag=True, help="Used, cancelled and expired ones too.")
@json_option
@click.pass_context
def list_(context: click.Context, everything: bool, as_json: bool) -> None:
    """Show open invitations and what became of their mails."""
    with hub(context) as (database, settings, _), database.reading() as db:
        found, _ = service.list_invitations(
            db, EVERYTHING, only_open=not everything, settings=settings, now=clock()
        )
    if as_json:
        print_json(found)
        return
    rows = [
        [
            i.invitation_id,
            i.user_email,
            i.invitation_state,
            i.delivery_state,
            i.delivery_attempts,
            i.delivery_error,
            iso(i.invitation_expires_epoch)[:10],
        ]
        for i in found
    ]
    print_table(
        ["Id", "To", "Invitation", "Mail", "Tries", "Last error", "Until"],
        rows,
        empty="No invitation is open.",
    )


@mail.command()
@click.argument("invitation_id", type=int)
@click.pass_context
def link(context: click.Context, invitation_id: int) -> None:
    """Print the one-time link of an open invitation; that it was read is written to the audit."""
    with hub(context) as (database, settings, installation):
        found = database.write(
            lambda db: service.read_link(
                db,
                OPERATOR,
                invitation_id,
                settings=settings,
                secret=installation.secret,
                now=clock(),
            )
        )
    note("Hand this link to that person and to nobody else:")
    click.echo(found.link)
