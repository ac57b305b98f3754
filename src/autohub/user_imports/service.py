"""The steps of a file: what is read, what it would do, what is corrected, and its run by the
worker."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, Right
from autohub.db import outbox
from autohub.db.engine import Database, Reading, Writing
from autohub.integrations.blobs import Blobs, Lost, new_work_key
from autohub.kit import private, tabular
from autohub.kit.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from autohub.kit.sentences import encode, say
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.text import repeated
from autohub.settings import MEGABYTE, Settings
from autohub.user_imports import store
from autohub.users import bulk
from autohub.users.bulk import RowsFailed
from autohub.users.columns import is_known, suggest_fields
from autohub.users.model import BulkReport
from autohub.users.rows import Source

JOB = "user sync"
SAMPLE, SHOWN, CHANGES_SHOWN = 3, 100, 200
_report = msgspec.json.Decoder(BulkReport)


class UserTable(NamedTuple):
    headings: list[str]
    rows: list[list[str]]


class Begun(NamedTuple):
    """The number under which an import's steps are, and what must be said of how the file was
    read, if anything."""

    sync_id: int
    note: str


def begin_import(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    *,
    name: str,
    path: Path,
    choice: Choice = FOUND,
    settings: Settings,
    now: int,
) -> Begun:
    """Keeps a file's table. Raises Invalid for what holds no table."""
    if path.stat().st_size > settings.import_limit_mb * MEGABYTE:
        raise Invalid(
            "The file is too large.",
            details={
                "file": [
                    say(
                        "must be at most {import_limit_mb} MB.",
                        import_limit_mb=settings.import_limit_mb,
                    )
                ]
            },
        )
    file = TableFile(path.read_bytes(), is_known, choice, repeats=True, asks=False)
    headings = list(file.headings)
    if any("" in cells for _, cells in file) and "" not in headings:
        headings.append("")  # for what stands beyond the headings
    rows = [[cells.get(heading, "") for heading in headings] for _, cells in file]
    if not rows:
        raise Invalid(
            "There is nothing to read.",
            details={"file": ["must hold a row of headings and at least one person below it."]},
        )
    table = UserTable(headings, rows)
    key = _store_table(blobs, table, settings)
    values = {
        "user_id": _person(caller),
        "file_name": name[:200],
        "blob_key": key,
        "headings": msgspec.json.encode(table.headings).decode(),
    }
    values |= {
        "state": "mapping",
        "total": len(table.rows),
        "created_epoch": now,
        "updated_epoch": now,
    }
    return Begun(database.write(lambda db: store.insert_import(db, values)), file.note)


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id


def _store_table(blobs: Blobs, table: UserTable, settings: Settings) -> str:
    """Stores a table as CSV and returns its key."""
    key = new_work_key()
    spool = settings.data_dir / "spool"
    private.make_folder(spool)
    with tempfile.NamedTemporaryFile(
        "w", dir=spool, delete=False, newline="", encoding="utf-8"
    ) as file:
        writer = csv.writer(file)
        writer.writerow(table.headings)
        writer.writerows([tabular.safe_cell(cell) for cell in row] for row in table.rows)
    blobs.put(key, Path(file.name))
    return key


def get_import(db: Reading, caller: Caller, sync_id: int) -> Any:
    """The file. Raises NotFound, for somebody else's too."""
    row = store.get_import(db, sync_id, _person(caller))
    if row is None:
        raise NotFound(say("You brought no file {sync_id}.", sync_id=sync_id))
    return row


def load_table(blobs: Blobs, row: Any) -> UserTable:
    """The rows of the file as they are now. Raises Conflict when they were swept."""
    lines = csv.reader(io.StringIO(_read_raw(blobs, row).decode("utf-8")))
    headings = next(lines)
    return UserTable(headings, [[tabular.plain_cell(cell) for cell in line] for line in lines])


def _read_raw(blobs: Blobs, row: Any) -> bytes:
    try:
        return b"".join(blobs.read(row.blob_key))
    except Lost as error:
        raise Conflict("The file was brought too long ago; choose it again.") from error


def suggest_columns(table: UserTable) -> list[str]:
    """For each column the field that it most likely is, '' for none."""
    samples = [dict(zip(table.headings, row, strict=False)) for row in table.rows[:SAMPLE]]
    found = suggest_fields(table.headings, samples)
    return [found.get(heading, "") for heading in table.headings]


def set_mapping(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    sync_id: int,
    fields: Sequence[str],
    settings: Settings,
    *,
    now: int,
) -> None:
    """Reads the columns as these fields, in their order, and looks the rows through. Raises
    Invalid."""
    with database.reading() as db:
        row = get_import(db, caller, sync_id)
    whole = load_table(blobs, row)
    named = [field for field in fields if field]
    if "user_email" not in named:
        raise Invalid(
            "No column is the e-mail.",
            details={"user_email": ["must be one of the columns: by it people are told apart."]},
        )
    if twice := sorted(repeated(named)):
        raise Invalid(
            "Two columns are the same.",
            details={field: ["is chosen for two columns."] for field in twice},
        )
    places = [
        (place, field)
        for place, field in enumerate(fields)
        if field and place < len(whole.headings)
    ]
    rows = [
        [line[place] if place < len(line) else "" for place, _ in places] for line in whole.rows
    ]
    key = _store_table(blobs, UserTable([field for _, field in places], rows), settings)
    _try_import(database, blobs, caller, sync_id, key, settings, now=now)


def correct_cells(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    sync_id: int,
    cells: Mapping[int, Mapping[int, str]],
    settings: Settings,
    *,
    now: int,
) -> None:
    """Puts corrected cells, by row and column, into the file, and looks it through again."""
    with database.reading() as db:
        row = get_import(db, caller, sync_id)
    whole = load_table(blobs, row)
    for index, changed in cells.items():
        if 0 <= index < len(whole.rows):
            line = whole.rows[index]
            line += [""] * (len(whole.headings) - len(line))
            for column, text in changed.items():
                if 0 <= column < len(whole.headings):
                    line[column] = text
    _try_import(
        database, blobs, caller, sync_id, _store_table(blobs, whole, settings), settings, now=now
    )


def _try_import(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    sync_id: int,
    key: str,
    settings: Settings,
    *,
    now: int,
) -> None:
    """Tries the file, and keeps what would become of it."""
    with database.reading() as db:
        names = bulk.role_names(db)
    source = Source(b"".join(blobs.read(key)), "csv", names)
    report = bulk.run_bulk(
        database,
        caller,
        source,
        mode="upsert",
        atomic=False,
        dry_run=True,
        keep=bulk.CHANGED,
        settings=settings,
    )
    with io.StringIO(b"".join(blobs.read(key)).decode("utf-8")) as text:
        headings = next(csv.reader(text))
    values = {
        "blob_key": key,
        "headings": msgspec.json.encode(headings).decode(),
        "state": "preview",
        "updated_epoch": now,
    }
    database.write(
        lambda db: store.update_import(
            db, sync_id, values | {"report": encode(_shorten_report(report))}
        )
    )


def _shorten_report(report: BulkReport) -> BulkReport:
    """At most as many rows as a page can show: those that fail, and the changed ones, those that
    give more rights first."""
    failed = [result for result in report.results if result.outcome == "failed"]
    changed = [result for result in report.results if result.outcome != "failed"]
    changed.sort(key=lambda result: result.widens is not True)
    return msgspec.structs.replace(report, results=failed[:5000] + changed[:CHANGES_SHOWN])


def report_of(row: Any) -> BulkReport | None:
    return _report.decode(row.report) if row.report else None


def list_failing_rows(
    blobs: Blobs, row: Any, text: str | None
) -> list[tuple[int, list[str], dict[str, list[str]]]]:
    """The rows that are not right, with what is wrong by column; those that hold `text`, if any."""
    report = report_of(row)
    if report is None or not report.failed:
        return []
    lines = load_table(blobs, row).rows
    found = []
    for result in report.results:
        if result.outcome == "failed" and result.index < len(lines):
            line = lines[result.index]
            if not text or any(text.casefold() in cell.casefold() for cell in line):
                found.append((result.index, line, result.errors))
    return found


def start_import(
    db: Writing, caller: Caller, sync_id: int, *, atomic: bool, may_widen: bool, now: int
) -> None:
    """Has the worker run the file. Raises Conflict for one that was run, or was not looked
    through, Invalid for one that gives people more rights unless it `may_widen` them, and
    ProofNeeded."""
    row = get_import(db, caller, sync_id)
    if row.state != "preview":
        raise Conflict("This file is not waiting to be run; look at its preview first.")
    caller.need_proof()
    report = report_of(row)
    if report is not None and report.widened and not may_widen:
        raise Invalid(
            "Nothing was written yet.",
            details={"may_widen": ["must be ticked: some people would get more rights."]},
        )
    store.update_import(
        db, sync_id, {"state": "queued", "atomic": int(atomic), "done": 0, "updated_epoch": now}
    )
    outbox.enqueue(db, kind=JOB, payload={"sync_id": sync_id}, user_id=caller.user_id, now=now)


class Stopped(Exception):
    """Somebody stopped the run; the parts that are written stay, or none if all or none were
    wanted."""


def stop_import(db: Writing, caller: Caller, sync_id: int, *, now: int) -> None:
    """Ends the run of a file after the part that is being written. Raises NotFound, Conflict for
    one that has ended."""
    row = get_import(db, caller, sync_id)
    if row.state not in ("queued", "running"):
        raise Conflict("This import has ended already.")
    state = "stopped" if row.state == "queued" else "stopping"
    store.update_import(db, sync_id, {"state": state, "updated_epoch": now})


def run_import(
    database: Database,
    blobs: Blobs,
    sync_id: int,
    *,
    settings: Settings,
    now: int,
) -> None:
    """Writes everybody in the file in the name of who brought it, with the rights that they have
    now. Running it twice changes nothing the second time."""
    with database.reading() as db:
        row = store.get_import(db, sync_id)
        if row is None or row.state not in ("queued", "running", "stopping"):
            return
        caller = access.load_caller(db, row.user_id, door="import")
        names = bulk.role_names(db)

    def note(values: Mapping[str, Any]) -> None:
        database.write(lambda db: store.update_import(db, sync_id, values))

    def note_part(part: BulkReport) -> None:
        if not row.atomic:
            note({"done": part.total, "report": encode(_shorten_report(part))})
        with database.reading() as db:
            current = store.get_import(db, sync_id)
        if current is not None and current.state == "stopping":
            raise Stopped

    if row.state == "queued":
        note({"state": "running"})
    try:
        if caller is None:
            raise Forbidden
        caller.need(Right.MANAGE_USERS)
        report = bulk.run_bulk(
            database,
            caller,
            Source(_read_raw(blobs, row), "csv", names),
            mode="upsert",
            atomic=bool(row.atomic),
            dry_run=False,
            keep=bulk.FAILED,
            settings=settings,
            progress=note_part,
        )
        note(
            {
                "state": "done",
                "done": report.total,
                "report": encode(_shorten_report(report)),
                "updated_epoch": now,
            }
        )
    except Stopped:
        note({"state": "stopped", "updated_epoch": now})
    except RowsFailed as error:
        kept = encode(_shorten_report(error.report))
        note({"state": "failed", "trouble": error.message, "report": kept, "updated_epoch": now})
    except HubError as error:
        note({"state": "failed", "trouble": error.message, "updated_epoch": now})


def list_failed_rows(blobs: Blobs, row: Any) -> Iterator[list[str | None]]:
    """The rows that failed as a table, with a last column that says why."""
    for _, line, errors in list_failing_rows(blobs, row, None):
        yield [
            *line,
            "; ".join(f"{column} {text}" for column, texts in errors.items() for text in texts),
        ]
