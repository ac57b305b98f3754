"""`autohub init`, `migrate`, `config` and `doctor`."""

import shutil
import tempfile
from typing import Any
from urllib.parse import urlsplit

import click

from autohub import settings as settings_module
from autohub.cli.common import hub, json_option, load_settings, note, print_json, print_table, reason
from autohub.cli.main import DONE, SOME_FAILED
from autohub.db import installation, outbox, tally
from autohub.db import migrate as migrations
from autohub.db.engine import Database
from autohub.db.faults import Broken
from autohub.kit import private
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.users import service
from autohub.users import store as users
from autohub.users.registration import first_person_link

LITTLE_SPACE_MB = 500


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
            else (None if source.value is None else str(source.value)),
            "origin": source.origin,
            "fault": source.fault,
        }
        for source in sources
    ]
    if as_json:
        print_json(rows)
    else:
        cells = [[row["setting"], row["value"], row["origin"], row["fault"] or "ok"] for row in rows]
        print_table(["Setting", "Value", "From", "Check"], cells, empty="")
    if faults := [row for row in rows if row["fault"]]:
        note(f"{len(faults)} of {len(rows)} settings are not right.")
        return SOME_FAILED
    settings_module.load(data_dir=context.find_root().obj.get("data_dir"))
    return DONE


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    """Look for what is wrong with this installation and say what helps."""
    findings: list[dict[str, Any]] = []

    def find(what: str, ok: bool, text: str) -> None:
        findings.append({"check": what, "ok": ok, "finding": text})

    settings = load_settings(context)
    try:
        with hub(context) as (database, _, _):
            _look(database, settings, find)
            _look_at_writing(database, find)
    except (Unavailable, migrations.NewerDatabase, Broken) as error:
        find("database", False, reason(error))
    _look_at_folder(settings, find)
    if as_json:
        print_json(findings)
    else:
        print_table(["Check", "State", "Finding"], [[f["check"], "ok" if f["ok"] else "LOOK", f["finding"]] for f in findings], empty="")
    return DONE if all(f["ok"] for f in findings) else SOME_FAILED


def _look_at_writing(database: Database, find: Any) -> None:
    try:
        database.try_write(lambda db: installation.note_check(db, now=clock()))
    except (Unavailable, Broken) as error:
        find("writing", False, reason(error))
    else:
        find("writing", True, "the database takes changes")


def _look_at_folder(settings: settings_module.Settings, find: Any) -> None:
    """Whether files can be kept there, and by whom they can be read."""
    folder = settings.data_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        find("files", False, f"{folder} takes no file: {error.strerror}")
    else:
        free = shutil.disk_usage(folder).free // settings_module.MEGABYTE
        find("files", free >= LITTLE_SPACE_MB, f"{folder} takes files; {free} MB are free")
    open_to_others = [path for path in (folder, *folder.glob("*.db*")) if private.is_open(path)]
    text = "only the hub's own account can read the data"
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others)
        text = f"other accounts of this machine can read {names}; `chmod -R go= {folder}` closes it"
    find("privacy", not open_to_others, text)


def _look(database: Database, settings: settings_module.Settings, find: Any) -> None:
    with database.reading() as db:
        find("database", True, f"{database.url.get_backend_name()}, at {migrations.current(db)}")
        counted = sum(users.statuses(db).values())
        told = tally.count(db, users.TALLY)
        find(
            "counts",
            counted == told,
            f"{counted} accounts" + ("" if counted == told else f", but the tally says {told}; please report this"),
        )
        pending = users.SEARCH.waiting(db)
        find("search index", pending < 10_000, f"{pending} accounts wait to be indexed; a running server does it")
        states = outbox.waiting(db)
        failed = states.get("failed", 0)
        find(
            "outbox",
            not failed,
            f"{states.get('queued', 0)} wait, {failed} given up" + ("; `autohub mail list` tells why" if failed else ""),
        )
    if not database.is_sqlite:
        indexed = database.write(migrations.index_search)
        text = (
            "pg_trgm is there"
            if indexed
            else "pg_trgm is missing, so a search reads every account; a superuser can run CREATE EXTENSION pg_trgm"
        )
        find("text search", indexed, text)
    smtp = (
        "mails go to the set server"
        if settings.smtp_url
        else "no mail server is set (AUTOHUB_SMTP_URL); invitations wait, their links can be handed over"
    )
    find("mail", bool(settings.smtp_url), smtp)
    find("address", *_judged_address(settings))


def _judged_address(settings: settings_module.Settings) -> tuple[bool, str]:
    is_local = urlsplit(settings.base_url).hostname in ("127.0.0.1", "localhost", "::1")
    if is_local and settings.smtp_url:
        return (
            False,
            f"{settings.base_url} works on this machine alone, but mails link to it; set AUTOHUB_BASE_URL to the address that people type",
        )
    if not is_local and settings.base_url.startswith("http://"):
        return False, f"{settings.base_url} is not encrypted; put TLS before it and set AUTOHUB_BASE_URL to https://…"
    return True, settings.base_url
