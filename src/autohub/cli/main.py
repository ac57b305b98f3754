"""`autohub …`: the commands and what they share. Each command's module is imported when it runs,
so that help is quick."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from autohub import __version__

DONE, SOME_FAILED, WRONG_USE, NOT_AVAILABLE = 0, 1, 2, 3

COMMANDS = {
    "serve": ("serve", "Start the hub."),
    "init": ("setup", "Create the database and show the link for the first person."),
    "migrate": ("setup", "Bring the database up to date."),
    "demo": ("demo", "Fill the hub with a sample organisation."),
    "token": ("tokens", "Make, list and revoke Open API tokens."),
    "users": ("users", "Import, export, show and change accounts."),
    "roles": ("roles", "Show the roles."),
    "categories": ("categories", "Import and export the category tree."),
    "applications": ("applications", "Import and export the application inventory."),
    "ideas": ("ideas", "Import and export ideas."),
    "move-in": ("move_in", "Bring in another hub by its Open API."),
    "assessments": ("assessments", "Import, export and list questionnaires."),
    "mail": ("mail", "Show invitations and what became of their mails."),
    "audit": ("audit", "Check and export who changed what."),
    "backup": ("backup", "Write everything into one file."),
    "verify": ("backup", "Check a backup."),
    "restore": ("backup", "Bring a backup into an empty database."),
    "secret": ("secret", "Show and change the secret that signs and seals."),
    "files": ("files", "Sweep the store of files by hand."),
    "config": ("setup", "Check the settings."),
    "doctor": ("doctor", "Look for what is wrong with this installation."),
}


class Lazy(click.Group):
    """Knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"autohub.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command “{args[0]}”; there are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="autohub")
@click.option(
    "--data-dir", metavar="FOLDER", help="Where the hub keeps its data (AUTOHUB_DATA_DIR)."
)
@click.pass_context
def cli(context: click.Context, data_dir: str | None) -> None:
    """A self-hosted automation hub that speaks the Automation Hub Open API.

    Settings come from AUTOHUB_… variables and autohub.toml; `autohub config check` shows them.
    """
    context.obj = {"data_dir": data_dir}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and exits with its code; an error is one sentence on stderr."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command."""
    try:
        result: Any = cli.main(arguments, prog_name="autohub", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USE
    except click.ClickException as error:
        click.echo(f"autohub: {error.format_message()}", err=True)
        return WRONG_USE
    except click.Abort:
        click.echo("autohub: stopped.", err=True)
        return SOME_FAILED
    except BrokenPipeError:
        return DONE
    except Exception as error:
        return _told(error)


def _told(error: Exception) -> int:
    """Errors of the hub in one sentence; anything else is a fault of ours and shows itself."""
    from autohub.cli.common import reason
    from autohub.db.faults import Broken, is_mistake
    from autohub.db.migrate import NewerDatabase
    from autohub.kit.errors import HubError, Unavailable
    from autohub.settings import WrongSetting

    if isinstance(error, Unavailable):
        click.echo(f"autohub: {reason(error)}", err=True)
        return NOT_AVAILABLE
    if isinstance(error, NewerDatabase):
        click.echo(f"autohub: {error}", err=True)
        return NOT_AVAILABLE
    if isinstance(error, WrongSetting):
        click.echo(f"autohub: {error}", err=True)
        return WRONG_USE
    if isinstance(error, HubError):
        details = "".join(
            f"\n  {field}: {' '.join(texts)}" for field, texts in error.details.items()
        )
        click.echo(f"autohub: {error.message}{details}", err=True)
        return WRONG_USE if error.status == 400 else SOME_FAILED
    if isinstance(error, Broken) and not is_mistake(error):
        click.echo(f"autohub: {reason(error)}", err=True)
        return NOT_AVAILABLE
    if isinstance(error, OSError):
        click.echo(
            f"autohub: {error.filename or 'A file'} cannot be used: {error.strerror or error}.",
            err=True,
        )
        return NOT_AVAILABLE
    raise error
