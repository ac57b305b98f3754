"""What the commands share: the open hub, and how they print."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from autohub import settings as settings_module
from autohub.access.authentication import Installation
from autohub.db.engine import Database
from autohub.kit import faults
from autohub.kit.errors import HubError
from autohub.kit.sentences import encode
from autohub.server.bootstrap import has_hub, open_database
from autohub.settings import Settings

T = TypeVar("T", bound=Callable[..., Any])


def table_options(command: T) -> T:
    """The options that say where in a file the table is; see `choice_of`."""
    for option in reversed(
        (
            click.option(
                "--encoding", default="", help="Of a text that is not UTF-8, such as cp1252."
            ),
            click.option("--sheet", default="", help="The sheet of a workbook, by its name."),
            click.option(
                "--header-row",
                type=click.IntRange(1),
                help="The row of the headings, as a spreadsheet counts.",
            ),
        )
    ):
        command = option(command)
    return command


def mapping_options(command: T) -> T:
    """--map and --suggest-map of the imports that take tables of other systems."""
    command = click.option(
        "--suggest-map", is_flag=True, help="Print a mapping to begin with, and do nothing else."
    )(command)
    return click.option(
        "--map",
        "map_",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="How the columns are to be read (TOML).",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def load_settings(context: click.Context, **overrides: Any) -> Settings:
    """Raises WrongSetting."""
    return settings_module.load(
        data_dir=overrides.pop("data_dir", None) or context.find_root().obj.get("data_dir"),
        **overrides,
    )


@contextmanager
def hub(
    context: click.Context, *, must_exist: bool = False, **overrides: Any
) -> Iterator[tuple[Database, Settings, Installation]]:
    """The open database, created first when there is none, unless it `must_exist`; works beside a
    running server and without one."""
    settings = load_settings(context, **overrides)
    if must_exist and not has_hub(settings):
        raise click.ClickException(
            f"There is no hub in {settings.data_dir.absolute()} with this database. Name the right "
            "place with --data-dir, AUTOHUB_DATA_DIR or AUTOHUB_DATABASE_URL."
        )
    database, installation = open_database(settings)
    try:
        yield database, settings, installation
    finally:
        database.close()


def reason(error: Exception) -> str:
    """An error in one line, with what it began with."""
    cause = faults.root(error)
    began = (str(cause).splitlines() or [""])[0]
    if isinstance(error, HubError):
        return error.message if cause is error else f"{error.message} ({began})"
    return f"{error}" if cause is error else f"The database refuses: {began}."


def count_rows(number: int) -> str:
    """'1 row', '2133 rows'."""
    return f"{number} row{'' if number == 1 else 's'}"


def note(text: str) -> None:
    """For the person at the terminal; results go to stdout, this to stderr."""
    click.echo(text, err=True)


def print_json(value: Any) -> None:
    click.echo(msgspec.json.format(encode(value)).decode())


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """A table on a terminal, tab-separated lines into a pipe."""
    if not rows:
        note(empty)
        return
    if not sys.stdout.isatty():
        for row in (headings, *rows):
            click.echo("\t".join("" if cell is None else str(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, header_style="bold", box=None)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
