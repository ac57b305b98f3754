"""Long imports of ideas, which the worker runs part by part, and which can be stopped."""

from typing import Any

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, Right
from autohub.db import outbox
from autohub.db.engine import Database, Reading, Writing
from autohub.imports import reading, service
from autohub.imports import store as records
from autohub.imports.mapping import Mapping
from autohub.imports.model import ImportReport
from autohub.integrations.blobs import Blobs, Lost
from autohub.kit.errors import Conflict, Forbidden, HubError, NotFound
from autohub.kit.sentences import encode, say
from autohub.settings import Settings

JOB = "pipeline import"
KEPT = 2000
"""The rows of a report that are kept."""
_report = msgspec.json.Decoder(ImportReport)
_mapping = msgspec.json.Decoder(Mapping)


class Stopped(Exception):
    """Somebody stopped the run; the parts that are written stay."""


def queue_run(
    db: Writing,
    caller: Caller,
    *,
    file_name: str,
    blob_key: str,
    mapping: Mapping,
    total: int,
    now: int,
) -> int:
    """Has the worker import a kept file in the caller's name, and returns the run's number."""
    if caller.user_id is None:
        raise Forbidden
    values = {
        "user_id": caller.user_id,
        "file_name": file_name[:200],
        "blob_key": blob_key,
        "mapping": msgspec.json.encode(mapping).decode(),
        "state": "queued",
        "total": total,
        "created_epoch": now,
        "updated_epoch": now,
    }
    run_id = records.insert_run(db, values)
    outbox.enqueue(db, kind=JOB, payload={"run_id": run_id}, user_id=caller.user_id, now=now)
    return run_id


def get_run(db: Reading, caller: Caller, run_id: int) -> Any:
    """Raises NotFound, for somebody else's too."""
    row = records.get_run(db, run_id, caller.user_id or 0)
    if row is None:
        raise NotFound(say("You started no import {run_id}.", run_id=run_id))
    return row


def report_of(row: Any) -> ImportReport | None:
    return _report.decode(row.report) if row.report else None


def stop_run(db: Writing, caller: Caller, run_id: int, *, now: int) -> None:
    """Ends a run after the part that is being written. Raises NotFound, Conflict for one that has
    ended."""
    row = get_run(db, caller, run_id)
    if row.state not in ("queued", "running"):
        raise Conflict("This import has ended already.")
    state = "stopped" if row.state == "queued" else "stopping"
    records.update_run(db, run_id, {"state": state, "updated_epoch": now})


def run_queued(
    database: Database,
    blobs: Blobs,
    run_id: int,
    *,
    settings: Settings,
    now: int,
) -> None:
    """Imports the file in the name of who brought it, with the rights that they have now. Running
    it again changes nothing: rows are found by their keys."""
    with database.reading() as db:
        row = records.get_run(db, run_id)
        if row is None or row.state not in ("queued", "running", "stopping"):
            return
        caller = access.load_caller(db, row.user_id, door="import")

    def note(**values: Any) -> None:
        database.write(lambda db: records.update_run(db, run_id, values | {"updated_epoch": now}))

    def note_part(report: ImportReport) -> None:
        note(done=report.total, report=encode(_shorten(report)))
        with database.reading() as db:
            current = records.get_run(db, run_id)
        if current is not None and current.state == "stopping":
            raise Stopped

    if row.state == "queued":
        note(state="running")
    try:
        if caller is None:
            raise Forbidden
        caller.need(Right.IMPORT_PIPELINE)
        mapping = _mapping.decode(row.mapping)
        file = reading.open_table(b"".join(blobs.read(row.blob_key)), mapping.choice)
        report = service.run_import(
            database,
            caller,
            file,
            file.headings,
            mapping,
            settings=settings,
            now=now,
            progress=note_part,
        )
        note(state="done", done=report.total, report=encode(_shorten(report)))
    except Stopped:
        note(state="stopped")
    except Lost:
        note(state="failed", trouble="The file is not there any more; choose it again.")
    except HubError as error:
        note(state="failed", trouble=str(error.message))


def _shorten(report: ImportReport) -> ImportReport:
    return msgspec.structs.replace(report, results=report.results[:KEPT])
