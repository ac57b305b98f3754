"""`autohub doctor`."""

import shutil
import tempfile
from typing import Any
from urllib.parse import urlsplit

import click

from autohub import settings as settings_module
from autohub.cli.common import hub, json_option, load_settings, print_json, print_table, reason
from autohub.cli.main import DONE, SOME_FAILED
from autohub.db import installation as facts
from autohub.db import migrate as migrations
from autohub.db import outbox, tally
from autohub.db.engine import Database
from autohub.db.faults import Broken
from autohub.documents import sweeping
from autohub.integrations import blobs
from autohub.integrations.blobs import Blobs
from autohub.kit import private
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.users import store as users

LITTLE_SPACE_MB = 500


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    """Look for what is wrong with this installation and say what helps."""
    findings: list[dict[str, Any]] = []

    def find(what: str, ok: bool, text: str, *, is_note: bool = False) -> None:
        state = "note" if ok and is_note else "ok" if ok else "LOOK"
        findings.append({"check": what, "ok": ok, "state": state, "finding": text})

    settings = load_settings(context)
    try:
        with hub(context) as (database, _, installation):
            _look(database, settings, find)
            _look_at_writing(database, find)
            _look_at_files(
                database,
                blobs.open_blob_store(
                    settings.blobs, settings.data_dir / "blobs", installation.tenant_id
                ),
                find,
            )
    except (Unavailable, migrations.NewerDatabase, Broken) as error:
        find("database", False, reason(error))
    _look_at_folder(settings, find)
    if as_json:
        print_json(findings)
    else:
        print_table(
            ["Check", "State", "Finding"],
            [[f["check"], f["state"], f["finding"]] for f in findings],
            empty="",
        )
    return DONE if all(f["ok"] for f in findings) else SOME_FAILED


def _look_at_writing(database: Database, find: Any) -> None:
    try:
        database.try_write(lambda db: facts.note_check(db, now=clock()))
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
        find("space", False, f"{folder} takes no file: {error.strerror}")
    else:
        free = shutil.disk_usage(folder).free // settings_module.MEGABYTE
        find("space", free >= LITTLE_SPACE_MB, f"{folder} takes files; {free} MB are free")
    open_to_others = [path for path in (folder, *folder.glob("*.db*")) if private.is_open(path)]
    text = "only the hub's own account can read the data"
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others)
        text = f"other accounts of this machine can read {names}; `chmod -R go= {folder}` closes it"
    find("privacy", not open_to_others, text)


def _look_at_files(database: Database, store: Blobs, find: Any) -> None:
    try:
        found = sweeping.look(database, store)
    except Unavailable as error:
        find("files", False, reason(error))
        return
    advice = (
        "check AUTOHUB_DATABASE_URL, AUTOHUB_DATA_DIR and AUTOHUB_BLOBS; when they are right, "
        "`autohub files sweep` makes the store this"
        " installation's"
    )
    text = f"; not swept, because {found.refusal}: {advice}" if found.refusal else ""
    find("files", not found.refusal, found.text + text)


def _look(database: Database, settings: settings_module.Settings, find: Any) -> None:
    with database.reading() as db:
        find(
            "database",
            True,
            f"{database.url.get_backend_name()}, at {migrations.current_revision(db)}",
        )
        counted = sum(users.count_by_status(db).values())
        told = tally.count(db, users.TALLY)
        find(
            "counts",
            counted == told,
            f"{counted} accounts"
            + ("" if counted == told else f", but the tally says {told}; please report this"),
        )
        pending = users.SEARCH.waiting(db)
        find(
            "search index",
            pending < 10_000,
            f"{pending} accounts wait to be indexed; a running server does it",
        )
        states, trouble = outbox.count_by_state(db), outbox.get_trouble(db)
        failed = states.get("failed", 0)
        find(
            "outbox",
            not failed,
            f"{states.get('queued', 0)} wait, {failed} given up"
            + ("; `autohub mail list` tells why" if failed else ""),
        )
    if not database.is_sqlite:
        indexed = database.write(migrations.index_search)
        text = (
            "pg_trgm is there"
            if indexed
            else "pg_trgm is missing, so a search reads every account; a superuser can run CREATE "
            "EXTENSION pg_trgm"
        )
        find("text search", indexed, text)
    _look_at_mail(trouble, settings, find)
    find("address", *_judged_address(settings))


def _look_at_mail(trouble: str | None, settings: settings_module.Settings, find: Any) -> None:
    if not settings.smtp_url:
        text = "no mail server is set (AUTOHUB_SMTP_URL); invitations wait, their links can be "
        find("mail", True, text + "handed over", is_note=True)
    elif trouble:
        find("mail", False, f"what waits could not be sent yet: {trouble}")
    else:
        find("mail", True, "mails go to the set server")


def _judged_address(settings: settings_module.Settings) -> tuple[bool, str]:
    is_local = urlsplit(settings.base_url).hostname in ("127.0.0.1", "localhost", "::1")
    if is_local and settings.smtp_url:
        return (
            False,
            f"{settings.base_url} works on this machine alone, but mails link to it; set "
            "AUTOHUB_BASE_URL to the address that people type",
        )
    if not is_local and settings.base_url.startswith("http://"):
        return (
            False,
            f"{settings.base_url} is not encrypted; put TLS before it and set AUTOHUB_BASE_URL to "
            "https://…",
        )
    return True, settings.base_url
