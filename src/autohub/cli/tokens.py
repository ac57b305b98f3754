"""`autohub token`: Open API tokens and access tokens."""

import click

from autohub.access import sessions, store, tokens
from autohub.access.model import OPERATOR, SCIM, NewToken
from autohub.cli.common import hub, json_option, note, print_json, print_table
from autohub.kit.clock import end_of_day, iso
from autohub.kit.clock import now as clock
from autohub.kit.errors import NotFound
from autohub.kit.query import EVERYTHING
from autohub.kit.text import email_key


@click.group()
def token() -> None:
    """Make, list and revoke Open API tokens."""


@token.command()
@click.option("--name", required=True, help="What the token is for.")
@click.option("--user", metavar="EMAIL", help="The active person whose rights the token has.")
@click.option(
    "--tenant-level",
    is_flag=True,
    help="A token of nobody, for what the contract lets such a token do.",
)
@click.option("--scim", "for_scim", is_flag=True, help="One for a directory, and nothing else.")
@click.option("--app-key", help="A second secret that must come with the token.")
@click.option("--expires", metavar="DATE", help="The last day on which it works, as 2027-01-31.")
@click.pass_context
def create(
    context: click.Context,
    name: str,
    user: str | None,
    tenant_level: bool,
    for_scim: bool,
    app_key: str | None,
    expires: str | None,
) -> None:
    """Make a token and print it once, as TenantID/Token."""
    if [bool(user), tenant_level, for_scim].count(True) != 1:
        raise click.UsageError(
            "Say whose token it is: --user EMAIL, --tenant-level, or --scim for a directory."
        )
    try:
        expiry = end_of_day(expires) if expires else None
    except ValueError:
        raise click.UsageError(
            f"--expires must be a date such as 2027-01-31, not “{expires}”."
        ) from None
    new = NewToken(name, user_email=user, token_expires_epoch=expiry, app_key=app_key or None)
    if for_scim:
        new.token_kind = SCIM
    with hub(context) as (database, _, installation):
        made = database.write(
            lambda db: tokens.create_token(
                db,
                OPERATOR,
                new,
                tenant_id=installation.tenant_id,
                secret=installation.secret,
                now=clock(),
            )
        )
    note(f"Token {made.record['token_id']} “{name}” is made. It is shown this once:")
    click.echo(made.bearer)


@token.command("list")
@json_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """Show all tokens, without their secrets."""
    with hub(context) as (database, _, _), database.reading() as db:
        found, _ = tokens.list_tokens(db, OPERATOR, EVERYTHING)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            t["token_id"],
            t["token_name"],
            t["token_kind"].replace("_", " "),
            t["user_email"] or "nobody",
            "yes" if t["token_is_active"] else "no",
            iso(t["token_expires_epoch"])[:10] if t["token_expires_epoch"] else "never",
            iso(t["token_last_used_epoch"]) if t["token_last_used_epoch"] else "never",
        ]
        for t in found
    ]
    print_table(
        ["Id", "Name", "Kind", "User", "Active", "Expires", "Last used"],
        rows,
        empty="There are no tokens; `autohub token create` makes one.",
    )


@token.command()
@click.argument("token_id", type=int)
@click.pass_context
def revoke(context: click.Context, token_id: int) -> None:
    """End a token for good."""
    with hub(context) as (database, _, _):
        database.write(lambda db: tokens.revoke_token(db, OPERATOR, token_id, now=clock()))
    note(f"Token {token_id} is revoked.")


@token.command()
@click.option("--user", metavar="EMAIL", required=True, help="The active person to act as.")
@click.pass_context
def access(context: click.Context, user: str) -> None:
    """Print a short-lived access token (a JWT) of a person, for use as Authorization: Bearer."""
    with hub(context) as (database, settings, installation):
        with database.reading() as db:
            person = store.find_active_account(db, email_key=email_key(user))
        if person is None:
            raise NotFound(
                f"There is no active person {user}; `autohub users list` shows who there is."
            )
        made = database.write(
            lambda db: sessions.open_session(
                db,
                user_id=person.user_id,
                door="cli",
                seconds=settings.access_token_seconds,
                installation=installation,
                now=clock(),
            )
        )
    note(f"It works for {made['expires_in']} seconds.")
    click.echo(made["access_token"])
