"""`autohub users`: accounts from, to and in the database."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from msgspec import UNSET

from autohub.access.model import OPERATOR, Caller
from autohub.cli.common import (
    count_rows,
    hub,
    json_option,
    mapping_options,
    note,
    print_json,
    print_table,
    table_options,
)
from autohub.cli.main import DONE, SOME_FAILED
from autohub.db.engine import Reading
from autohub.kit import tabular
from autohub.kit.clock import now as clock
from autohub.kit.jsonbody import convert
from autohub.kit.memory import settle
from autohub.kit.query import EVERYTHING, Page
from autohub.kit.sentences import encode
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.text import email_key, full_name
from autohub.kit.toml import read_toml
from autohub.server.lifecycle_hooks import USER_HOOKS
from autohub.users import bulk, rows, service, store
from autohub.users.columns import UserMapping, draft_mapping, is_known
from autohub.users.model import (
    BulkMode,
    BulkReport,
    Reassign,
    User,
    UserEdit,
    leave_places,
    status_word,
)
from autohub.users.planning import UnknownUser

IMPORTER = Caller(kind="operator", door="import")


SAMPLES = 3
"""The rows of which a suggested mapping shows the cells."""


@click.group()
def users() -> None:
    """Import, export, show and change accounts."""


@users.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@mapping_options
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@click.option("--yes", is_flag=True, help="Give people more rights without asking.")
@click.option("--atomic", is_flag=True, help="Write all rows or, if one fails, none.")
@click.option(
    "--mode", type=click.Choice(["upsert", "add", "edit"]), default="upsert", show_default=True
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each row to this file (csv).",
)
@table_options
@json_option
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    map_: Path | None,
    suggest_map: bool,
    encoding: str,
    sheet: str,
    header_row: int | None,
    dry_run: bool,
    yes: bool,
    atomic: bool,
    mode: BulkMode,
    report: Path | None,
    as_json: bool,
) -> int:
    """Add and edit everyone in FILE (csv, tsv, xlsx, ndjson, json).

    The headings of a table are those of the template that `autohub users export` writes; for a
    table of another system a mapping says what its columns are. An empty cell leaves the value as
    it is.
    """
    kind = tabular.format_of(file)
    mapping = read_toml(map_.read_text(encoding="utf-8"), UserMapping) if map_ else None
    choice = Choice(encoding, sheet, header_row or 0).over(mapping.choice if mapping else FOUND)
    if suggest_map:
        table = TableFile(file.read_bytes(), is_known, choice)
        samples = [row for _, row in islice(table, SAMPLES)]
        click.echo(draft_mapping(table.headings, samples, choice))
        return DONE
    settle()
    with hub(context) as (database, settings, _):
        with database.reading() as db:
            names = bulk.role_names(db)
        source = rows.Source(file.read_bytes(), kind, names, choice, mapping)
        if source.note:
            note(source.note)
        run = partial(
            bulk.run_bulk,
            database,
            IMPORTER,
            source,
            mode=mode,
            atomic=atomic,
            settings=settings,
        )
        try:
            if sys.stdin.isatty() and not (yes or dry_run):
                _ask_before_widening(run(dry_run=True, keep=bulk.FAILED))
            with progress_of(file) as progress:
                kept = bulk.ALL if report else bulk.FAILED
                done = run(dry_run=dry_run, keep=kept, progress=progress)
        except bulk.RowsFailed as error:
            done, dry_run = error.report, True
    if report is not None:
        _write_report(report, done, source)
    if as_json:
        print_json(done)
    _tell(done, source, report, dry_run)
    return SOME_FAILED if done.failed else DONE


def _ask_before_widening(tried: BulkReport) -> None:
    """At a terminal nobody gets more rights by a slip. Raises click.Abort."""
    if tried.widened:
        click.confirm(
            f"{tried.widened} of the people who are there get roles that they did not hold so far "
            "(--dry-run --report FILE says which). Go on?",
            abort=True,
            err=True,
        )


def _tell(done: BulkReport, source: rows.Source, report: Path | None, dry_run: bool) -> None:
    for result in [r for r in done.results if r.outcome == "failed"][:20]:
        for field, texts in result.errors.items():
            row = f"row {source.row_number(result.index)}, {result.user_email or 'no e-mail'}"
            note(f"{row}, {field}: {' '.join(texts)}")
    if done.failed > 20:
        note(
            f"… and {done.failed - 20} "
            f"more{f', all of them in {report}' if report else '; --report FILE lists them all'}."
        )
    would = "would be " if dry_run else ""
    changed = f"{done.created} {would}created, {done.updated} {would}updated"
    note(f"{count_rows(done.total)}: {changed}, {done.unchanged} unchanged, {done.failed} failed.")
    if done.widened:
        note(
            f"{done.widened} of the people who are there {'would ' if dry_run else ''}get roles "
            f"that they did not hold so far{'' if report else '; --report FILE says which'}."
        )
    if dry_run:
        note("Nothing was written.")


def _write_report(path: Path, done: BulkReport, source: rows.Source) -> None:
    cells: list[list[str | None]] = []
    for result in done.results:
        head: list[str | None] = [
            str(source.row_number(result.index)),
            result.user_email,
            result.outcome,
        ]
        told: list[list[str | None]] = [
            [*head, field, " ".join(texts), None, None] for field, texts in result.errors.items()
        ]
        if result.changes is not UNSET:
            told += [
                [*head, field, None, _write_value(change.before), _write_value(change.after)]
                for field, change in result.changes.items()
            ]
        cells += told or [[*head, None, None, None, None]]
    headings = ["row", "user_email", "outcome", "column", "problem", "before", "after"]
    tabular.write(path, "csv", headings, cells)


def _write_value(value: Any) -> str | None:
    """A field's value; roles as --role takes them, '6:3 8:0'."""
    if isinstance(value, list):
        return " ".join(f"{grant['role_id']}:{grant['category_id']}" for grant in value)
    return None if value is None else str(value)


class progress_of:
    """A bar on a terminal, plain lines elsewhere."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        self._bar: Any = None

    def __enter__(self) -> Callable[[Any], None]:
        if not sys.stderr.isatty():
            return lambda report: note(f"{count_rows(report.total)} read")
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed} rows"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._bar.start()
        task = self._bar.add_task(self._name, total=None)
        return lambda report: self._bar.update(task, completed=report.total)

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()


@users.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--template", is_flag=True, help="Only the headings, to be filled in.")
@click.pass_context
def export(context: click.Context, file: Path, template: bool) -> None:
    """Write all accounts to FILE (csv, tsv, xlsx, ndjson, json), in a form that `import` reads."""
    kind = tabular.format_of(file)
    found: list[User] = []
    with hub(context) as (database, _, _), database.reading() as db:
        if not template:
            found = _all(db)
    records = [rows.export_row(user) for user in found]
    if kind in ("ndjson", "json"):
        tabular.write_json(file, kind, records)
    else:
        most = max((len(record["user_roles"]) for record in records), default=1)
        tabular.write(
            file,
            kind,
            rows.export_headings(most),
            (rows.export_cells(record, most) for record in records),
        )
    note(f"{len(records)} accounts are in {file}.")


def _all(
    db: Reading,
    *,
    text: str | None = None,
    status: str | None = None,
    limit: int = EVERYTHING.limit,
) -> list[User]:
    found, _ = store.list_users(
        db,
        Page(limit, 0),
        text=text,
        filters={},
        statuses=status,
        role_ids=[],
        sort=(None, False),
        trashed=False,
    )
    return found


@users.command("list")
@click.option("--search", help="Name, e-mail, job title, business unit, department or id.")
@click.option("--status", type=click.Choice(["all", "active", "pending", "inactive"]))
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@click.pass_context
def list_(
    context: click.Context, search: str | None, status: str | None, limit: int, as_json: bool
) -> None:
    """Show accounts."""
    with hub(context) as (database, _, _), database.reading() as db:
        found = _all(db, text=search, status=status, limit=limit)
    if as_json:
        print_json(found)
        return
    cells = [
        [
            u.user_id,
            full_name(u.user_first_name, u.user_last_name),
            u.user_email,
            status_word(u.user_is_active, u.user_invite_status),
            u.user_department,
        ]
        for u in found
    ]
    print_table(
        ["Id", "Name", "E-mail", "Status", "Department"],
        cells,
        empty="Nobody is there, or nobody matches.",
    )


@users.command()
@click.argument("email")
@json_option
@click.pass_context
def show(context: click.Context, email: str, as_json: bool) -> None:
    """Show one account and why the person may do what."""
    with hub(context) as (database, _, _), database.reading() as db:
        user_id = _id_of(db, email)
        record, why = service.get_user(db, user_id), service.explain_access(db, user_id)
    if as_json:
        print_json(record | {"access": why})
        return
    record["user_status"] = status_word(record["user_is_active"], record["user_invite_status"])
    for key, value in record.items():
        click.echo(f"{key:22} {value if not isinstance(value, list) else encode(value).decode()}")
    for right in why["rights"]:
        if right["granted"]:
            reasons = {
                f"{by['role_name']} on {by['category_id'] or 'all categories'}"
                + (f" by group {by['group_name']}" if by["group_name"] else "")
                for by in right["by"]
            }
            click.echo(f"  may {right['permission']}: {', '.join(sorted(reasons))}")


def _id_of(db: Reading, email: str) -> int:
    """Raises UnknownUser; a former address leads to its account."""
    key = email_key(email)
    found = store.load_accounts_by_email(db, [key]).get(key)
    user_id = found.user_id if found else store.accounts_by_alias(db, [key]).get(key)
    if user_id is None:
        raise UnknownUser(f"There is no user {email}; `autohub users list` shows who there is.")
    return user_id


def _fields(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        ("--first-name", "user_first_name"),
        ("--last-name", "user_last_name"),
        ("--job-title", "user_job_title"),
        ("--business-unit", "user_business_unit"),
        ("--department", "user_department"),
        ("--city", "user_location"),
        ("--invite-status", "user_invite_status"),
    )
    for option, field in reversed(options):
        command = click.option(option, field)(command)
    role_help = (
        "A role id, and after a colon the category it holds for: 5:3. Without one: where it is "
        "held, else everywhere. May be repeated."
    )
    return click.option(
        "--role", "roles", multiple=True, metavar="ROLE[:CATEGORY]", help=role_help
    )(command)


def _row(
    email: str, roles: tuple[str, ...], fields: dict[str, str | None], **more: Any
) -> UserEdit:
    values: dict[str, Any] = (
        {"user_email": email}
        | {key: value for key, value in fields.items() if value is not None}
        | more
    )
    if roles:
        pairs = [role.partition(":") for role in roles]
        values["user_roles"] = [
            {"role_id": role_id, "category_id": category or "0"} for role_id, _, category in pairs
        ]
    row = convert(values, UserEdit)
    leave_places(row, [bool(role.partition(":")[2]) for role in roles])
    return row


@users.command()
@click.argument("email")
@_fields
@json_option
@click.pass_context
def add(
    context: click.Context,
    /,
    email: str,
    roles: tuple[str, ...],
    as_json: bool,
    **fields: str | None,
) -> None:
    """Add an account; --invite-status 2 mails an invitation. Leave --last-name out for a person
    with a single name."""
    fields["user_last_name"] = fields["user_last_name"] or ""
    _change(context, _row(email, roles, fields), service.add_user, "added", as_json)


@users.command()
@click.argument("email")
@_fields
@json_option
@click.pass_context
def edit(
    context: click.Context,
    /,
    email: str,
    roles: tuple[str, ...],
    as_json: bool,
    **fields: str | None,
) -> None:
    """Change what is given; --role replaces all roles."""
    _change(context, _row(email, roles, fields), service.edit_user, "changed", as_json)


@users.command()
@click.argument("email")
@click.pass_context
def deactivate(context: click.Context, email: str) -> None:
    """Make an account Inactive; all its tokens and sessions end."""
    _change(context, UserEdit(email, user_is_active=0), service.edit_user, "Inactive", False)


@users.command()
@click.argument("email")
@click.pass_context
def reactivate(context: click.Context, email: str) -> None:
    """Make an Inactive account Active again, or Pending if the person never registered."""
    _change(context, UserEdit(email, user_is_active=1), service.edit_user, "reactivated", False)


def _change(
    context: click.Context, row: UserEdit, act: Callable[..., User], done: str, as_json: bool
) -> None:
    with hub(context) as (database, settings, _):
        user = database.write(lambda db: act(db, OPERATOR, row, settings=settings, now=clock()))
    if as_json:
        print_json(user)
    else:
        note(
            f"{user.user_email} is {done}; status "
            f"{status_word(user.user_is_active, user.user_invite_status)}."
        )


@users.command()
@click.argument("email")
@click.option("--to", "successor", metavar="EMAIL", required=True, help="Who takes over.")
@click.option("--keep-active", is_flag=True, help="Do not make the leaver Inactive.")
@click.pass_context
def reassign(context: click.Context, email: str, successor: str, keep_active: bool) -> None:
    """Give a leaver's duties to somebody else and make the leaver Inactive."""
    with hub(context) as (database, settings, _):

        def act(db: Any) -> dict[str, int]:
            wanted = Reassign(_id_of(db, successor), 0 if keep_active else 1)
            return service.reassign_user(
                db,
                OPERATOR,
                _id_of(db, email),
                wanted,
                settings=settings,
                now=clock(),
                above=USER_HOOKS,
            )

        moved = database.write(act)
    note(f"{successor} took over from {email}; {moved['tokens']} tokens of {email} ended.")
