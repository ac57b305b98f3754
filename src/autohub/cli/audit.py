"""`autohub audit`."""

from pathlib import Path

import click

from autohub.audit import chain, store
from autohub.cli.common import hub, note, print_json
from autohub.kit.clock import DAY
from autohub.kit.clock import now as clock
from autohub.kit.private import new_file
from autohub.kit.query import Page
from autohub.kit.sentences import encode

AT_ONCE = 1000


@click.group()
def audit() -> None:
    """Who changed what."""


@audit.command()
@click.option("--head", help="A seal that the log named, or its beginning; it must be there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@click.pass_context
def verify(context: click.Context, head: str | None, as_json: bool) -> int:
    """Compare every entry with its seal. Exit code 1 says that an entry was changed, removed or
    slipped in after it was sealed."""
    with hub(context, must_exist=True) as (database, settings, _), database.reading() as db:
        days = settings.audit_days
        verdict = chain.verify_chain(db, deleted_before=clock() - days * DAY if days else None)
    named = (head or "").strip().lower().rstrip("…")
    if head is not None and (len(named) < 8 or not set(named) <= set("0123456789abcdef")):
        raise click.BadParameter(
            "Give at least the first 8 digits of the seal.", param_hint="--head"
        )
    is_known = any(each.startswith(named) for each in verdict.heads) if named else True
    if as_json:
        names = ("entries", "seals", "deleted_to", "unsealed", "head")
        facts = {name: getattr(verdict, name) for name in names}
        print_json(facts | {"broken": verdict.broken, "head_is_known": is_known})
    for first, last in verdict.broken:
        note(f"Entries {first} to {last} are not what was sealed.")
    if not is_known:
        note(
            "The seal that you named is not in the chain: it is younger than what was restored "
            "here, or the chain was made anew."
        )
    if verdict.deleted_to:
        note(f"Entries up to {verdict.deleted_to} were deleted when their days were over.")
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
    with (
        hub(context, must_exist=True) as (database, _, _installation),
        database.reading() as db,
        new_file(file) as out,
    ):
        while True:
            entries, _total = store.list_entries(db, Page(AT_ONCE, count))
            out.writelines(encode(entry) + b"\n" for entry in entries)
            count += len(entries)
            if len(entries) < AT_ONCE:
                break
    note(f"{count:,} entries are in {file}.")
