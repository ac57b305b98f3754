"""`autohub secret`."""

import secrets

import click

from autohub.cli.common import hub, note, print_table
from autohub.db import installation, resealing
from autohub.kit.errors import Conflict
from autohub.kit.sealing import Keys


@click.group()
def secret() -> None:
    """The secret that signs links and tokens, and seals those of other systems."""


@secret.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Show under which key how much is sealed, and whether a secret before is still needed."""
    with hub(context, must_exist=True) as (database, _, mine), database.reading() as db:
        counted = resealing.count_by_key(db)
    known = {Keys(each).current_id for each in mine.keys.secrets}
    rows = [
        [
            key_id,
            "present"
            if key_id == mine.keys.current_id
            else "before"
            if key_id in known
            else "gone",
            str(counted[key_id]),
        ]
        for key_id in sorted(known | counted.keys())
    ]
    print_table(["Key", "Secret", "Sealed values"], rows, empty="Nothing is sealed.")


@secret.command()
@click.pass_context
def rotate(context: click.Context) -> None:
    """Seal everything under the present secret.

    A secret that the database keeps is first replaced by a new one. Where AUTOHUB_SECRET says it,
    set it to a new one before, and AUTOHUB_PREVIOUS_SECRETS to the old one. Restart the hub after.
    """
    with hub(context, must_exist=True) as (database, settings, mine):
        keys = mine.keys
        if settings.secret is None:
            keys = Keys(secrets.token_urlsafe(32), keys.secrets)
        with database.writing() as db:
            if settings.secret is None:
                installation.replace_secret(db, keys.secret, keys.previous)
            resealed = resealing.reseal(db, keys)
    note(f"{resealed:,} values are sealed anew, under the key {keys.current_id}.")
    if settings.secret is None:
        note("Restart the hub now: until then it seals under the secret before.")
    elif not keys.previous:
        note("AUTOHUB_PREVIOUS_SECRETS names no secret before: this was no change of secrets.")


@secret.command()
@click.confirmation_option(
    prompt="Links, sessions and app keys made under the secrets before end. Go on?"
)
@click.pass_context
def forget(context: click.Context) -> None:
    """Forget the secrets before, of a database that keeps them."""
    with hub(context, must_exist=True) as (database, _, mine), database.writing() as db:
        left = resealing.count_by_key(db)
        if set(left) - {mine.keys.current_id}:
            raise Conflict("Some values are still sealed under a secret before; rotate first.")
        installation.replace_secret(db, None, ())
    note("They are forgotten. Restart the hub.")
