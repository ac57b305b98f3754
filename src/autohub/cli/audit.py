"""`autohub audit`."""

from pathlib import Path

import click

from autohub.audit import chain, store
from autohub.cli.common import hub, note, print_json
from autohub.kit import private
from autohub.kit.query import Page
from autohub.kit.sentences import encode

AT_ONCE = 1000


@click.group()
def audit() -> None:
    """Who changed what."""


@audit.command()
@click.option("--head", default="", help="A seal that the log named; it must be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@click.pass_context
def verify(context: click.Context, head: str, as_json: bool) -> int:
    """Compare every entry with its seal. Exit code 1 says that an entry was changed, removed or
    slipped in after it was sealed."""
    with hub(context) as (database, _, _installation), database.reading() as db:
        verdict = chain.verify_chain(db)
    is_known = not head or head.strip().lower() in verdict.heads
    if as_json:
        facts = {name: getattr(verdict, name) for name in ("entries", "seals", "unsealed", "head")}
        print_json(facts | {"broken": verdict.broken, "head_is_known": is_known})
    for first, last in verdict.broken:
        note(f"Entries {first} to {last} are not what was sealed.")
    if not is_known:
        note("The seal that you named is not in the chain: it was made anew since.")
    if verdict.broken or not is_known:
        return 1
    note(
        f"{verdict.entries:,} entries are as they were sealed ({verdict.seals:,} seals); "
        f"{verdict.unsealed:,} are not sealed yet. The last seal is {verdict.head or 'none'}."
    )
    return 0


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Write all entries to FILE, newest first, a JSON object per line."""
    count = 0
    private.make_file(file)
    with (
        hub(context) as (database, _, _installation),
        database.reading() as db,
        file.open("wb") as out,
    ):
        while True:
            entries, _total = store.list_entries(db, Page(AT_ONCE, count))
            out.writelines(encode(entry) + b"\n" for entry in entries)
            count += len(entries)
            if len(entries) < AT_ONCE:
                break
    note(f"{count:,} entries are in {file}.")
