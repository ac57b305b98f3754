"""What every step of a move in works with."""

from collections.abc import Callable
from typing import Any, NamedTuple

from autohub.access.model import Caller
from autohub.db.engine import Database, Reading, Writing
from autohub.integrations.blobs import Blobs
from autohub.integrations.open_api import OtherHub
from autohub.kit.errors import HubError
from autohub.move_in import store
from autohub.move_in.model import (
    DELETED,
    KnownRecord,
    MoveReport,
    decide,
    fingerprint,
    why_kept,
)
from autohub.settings import Settings


class Record(NamedTuple):
    """One record that is to come here. `theirs` is all that it says there. `read_ours` returns
    what stands here in its place (None if nothing does), `write` adds it (None) or changes it and
    returns its id here, `find` that of what was here before anything was moved in."""

    kind: str
    their_id: str
    name: str
    theirs: Any
    read_ours: Callable[[Reading, int], Any]
    write: Callable[[Writing, int | None], int]
    find: Callable[[Reading], int | None] = lambda _: None


class Moving:
    """One run. `ids` holds, by kind, the ids here of the ids there."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        hub: OtherHub,
        caller: Caller,
        settings: Settings,
        *,
        started: int,
        now: int,
    ) -> None:
        self.database, self.blobs, self.hub, self.caller = database, blobs, hub, caller
        self.settings, self.started, self.now = settings, started, now
        self.source = hub.address
        self.report = MoveReport()
        self.ids: dict[str, dict[int, int]] = {}

    def ours(self, kind: str, their_id: Any) -> int | None:
        """The id here of what has `their_id` there."""
        return self.ids.get(kind, {}).get(their_id)

    def fact(self, our_id: int, theirs: str = "", ours: str = "") -> KnownRecord:
        """What is known of a record from now on."""
        return KnownRecord(our_id=our_id, theirs=theirs, ours=ours, seen_epoch=self.started)

    def bring(self, record: Record) -> int | None:
        """Writes a record unless it is as it was, or is kept as it is here; returns its id here,
        None for one that cannot come, of which the report says why."""
        try:
            return self.database.write(lambda db: self.bring_within(db, record))
        except HubError as error:
            self.report.add(record.kind, record.their_id, record.name, "failed", *error.faults)
            return None

    def bring_within(self, db: Writing, record: Record) -> int | None:
        """The same in a transaction of the caller's. Raises HubError."""
        kind, their_id = record.kind, record.their_id
        known = store.load_known(db, self.source, kind, [their_id]).get(their_id)
        theirs = fingerprint(record.theirs)
        our_id = known.our_id if known else record.find(db)
        there = None if our_id is None else record.read_ours(db, our_id)
        if known is not None and there is None:
            self.report.add(kind, their_id, record.name, "kept", DELETED)
            return None
        ours = None if our_id is None else fingerprint(there)
        outcome = decide(known, theirs, ours)
        if outcome in ("created", "updated"):
            our_id = record.write(db, our_id)
            ours = fingerprint(record.read_ours(db, our_id))
        assert our_id is not None
        if known is None or outcome == "updated":
            fact = self.fact(our_id, theirs, "" if outcome == "kept" else ours or "")
            store.keep_known(db, self.source, kind, {their_id: fact})
        self.report.add(kind, their_id, record.name, outcome, *why_kept(outcome, known))
        return our_id
