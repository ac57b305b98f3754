"""What happens by itself: mails go out, searches are indexed, counts are summed up, old rows are
swept.

Every server process has a thread for each lane, so that what is slow in one keeps nothing of
another waiting; leases of jobs and idempotent work keep two processes from doing the same thing.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence

from autohub.access.authentication import Authenticator, Installation
from autohub.audit import chain
from autohub.audit import store as audit
from autohub.audit.model import Actor
from autohub.db import tally
from autohub.db.engine import Database, Writing
from autohub.db.outbox import Job
from autohub.db.search import Search
from autohub.documents import sweeping
from autohub.ideas import store as ideas
from autohub.imports import runs
from autohub.integrations.blobs import Blobs
from autohub.integrations.mail import SEND_SECONDS
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.notifications import service as notices
from autohub.server import retention
from autohub.server.deliveries import Deliveries
from autohub.server.jobs import Jobs
from autohub.server.mailing import Mailing
from autohub.settings import Settings
from autohub.user_imports import service as syncs
from autohub.users import store as users
from autohub.web.refusals import Refusal, Refusals

_log = logging.getLogger("autohub")
BATCH_SECONDS, PAUSE_SECONDS = 0.005, 0.001
SMALLEST_BATCH, LARGEST_BATCH = 250, 5000
"""How long the search index is written before others get their turn, and how many rows at once."""
SWEEP_SECONDS, SEAL_SECONDS, LEASE_SECONDS = 600, 60, 20
QUIET_SECONDS = 1.0
PATIENCE = 30
STOP_SECONDS = SEND_SECONDS + 5
"""How long a stop waits for what is under way; longer than one mail takes."""


class Every:
    """Says yes once in so many seconds, by a clock that nobody sets; at first at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._last = seconds, -seconds

    def is_due(self) -> bool:
        if time.monotonic() - self._last < self._seconds:
            return False
        self._last = time.monotonic()
        return True

    def again(self) -> None:
        """Makes the next question be answered yes."""
        self._last = -self._seconds


class Worker:
    """Runs until `stop`."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        authenticator: Authenticator | None = None,
        files: Blobs | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._database, self._settings = database, settings
        self._authenticator = authenticator
        self._files = files
        self._refusals = Refusals() if refusals is None else refusals
        self._stopped = threading.Event()
        self._jobs = Jobs(database, self._stopped)
        self.mailing = Mailing(database, settings, installation, self._jobs)
        self.deliveries = Deliveries(database, settings, installation, self._stopped)
        self.sweeps, self.seals = Every(SWEEP_SECONDS), Every(SEAL_SECONDS)
        self._leases = Every(LEASE_SECONDS)
        self._waited = 0
        self._batch = SMALLEST_BATCH
        self.lanes: dict[str, Callable[[], object]] = {
            "notices": self.spread_notices,
            "mails": self.mailing.send_mails,
            "imports": self._run_files,
            "webhooks": self.deliveries.run,
            "index": self._index_when_quiet,
            "sweeps": self._sweep,
            "leases": self._keep_leases,
        }
        """What each lane does when it looks; a lane of its own for whatever may take its time."""
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for name, lane in self.lanes.items():
            thread = threading.Thread(
                target=self._run, args=(name, lane), name=f"autohub-{name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Returns when what is under way has ended, or after STOP_SECONDS."""
        self._stopped.set()
        until = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0, until - time.monotonic()))
        self.deliveries.close()

    def _run(self, name: str, lane: Callable[[], object]) -> None:
        while not self._stopped.wait(self._settings.worker_seconds):
            try:
                lane()
            except Unavailable as error:
                faults.note_unavailable(error, f"the worker's {name}")
            except Exception as error:
                faults.note_unexpected(error, uuid.uuid4().hex, f"the worker's {name}")

    def round(self) -> None:
        """Does everything that is due, once."""
        for name, lane in self.lanes.items():
            if name != "index":
                lane()
        self.deliveries.wait()
        self._index()

    def _keep_leases(self) -> None:
        if self._leases.is_due():
            self._jobs.keep_leases()

    def _sweep(self) -> None:
        self._flush()
        self._seal()
        if not self.sweeps.is_due():
            return
        self._database.write(lambda db: tally.compact_rows(db))
        retention.sweep(
            self._database,
            self._settings,
            now=clock(),
            goes_on=lambda: not self._stopped.is_set(),
        )
        if self._files is not None:
            sweeping.sweep_spool(self._settings.data_dir / "spool")
            sweeping.sweep(self._database, self._files)

    def _flush(self) -> None:
        if self._authenticator and self._authenticator.has_used:
            self._database.write(self._authenticator.flush_used)

    def _seal(self) -> None:
        """Writes refused calls to the audit and seals its new entries; the log, which lies
        elsewhere, names each seal."""
        if not self.seals.is_due():
            return
        if counted := self._refusals.take():
            self._database.write(lambda db: _record_refusals(db, counted))
        while not self._stopped.is_set():
            made = chain.seal_entries(self._database, now=clock())
            if made is None:
                break
            _log.info("audit sealed up to entry %d: %s", made.last_audit_id, made.digest.hex())

    def _index_when_quiet(self) -> None:
        if self._is_quiet():
            self._index()

    def _is_quiet(self) -> bool:
        """Whether the search index is better written now than later: while writers are busy it
        would only slow them down, but they are not waited for longer than PATIENCE rounds."""
        busy = time.monotonic() - self._database.last_write < QUIET_SECONDS
        self._waited = self._waited + 1 if busy else 0
        return not busy or self._waited % PATIENCE == 0

    def _index(self) -> None:
        """Brings the search indexes up to date, in batches that keep no writer waiting for longer
        than BATCH_SECONDS: how many rows that is, the ones before tell."""
        for search in (users.SEARCH, ideas.SEARCH):
            with self._database.reading() as db:
                waiting = search.waiting(db)
            done = 0
            while done < waiting and not self._stopped.is_set():
                indexed, seconds = self._database.write(
                    lambda db, search=search: _index_some(db, search, self._batch)  # type: ignore[misc]
                )
                if not indexed:
                    break  # another worker has the rest
                done += indexed
                fitting = int(indexed * BATCH_SECONDS / seconds)
                self._batch = max(SMALLEST_BATCH, min(fitting, 2 * self._batch, LARGEST_BATCH))
                self._stopped.wait(PAUSE_SECONDS)  # who let go of a lock would get it again
            if done >= LARGEST_BATCH:
                search.tidy(self._database)

    def spread_notices(self) -> None:
        """Tells those who are told of an idea in their number, some in each transaction."""
        self._jobs.do_each([notices.SPREAD], self._spread)

    def _spread(self, job: Job) -> None:
        notices.spread_notices(self._database, job)

    def _run_files(self) -> None:
        """Runs the files of users and of ideas that somebody agreed to import."""
        if self._files is not None:
            self._jobs.do_each([syncs.JOB, runs.JOB], self._run_file)

    def _run_file(self, job: Job) -> None:
        assert self._files is not None
        run = syncs.run_import if job.kind == syncs.JOB else runs.run_queued
        run(
            self._database,
            self._files,
            job.payload["sync_id" if job.kind == syncs.JOB else "run_id"],
            settings=self._settings,
            now=clock(),
        )


def _index_some(db: Writing, search: Search, limit: int) -> tuple[int, float]:
    """How many rows were indexed, and how long that took without the wait for the turn."""
    started = time.perf_counter()
    return search.index_some(db, limit=limit), time.perf_counter() - started


def _record_refusals(db: Writing, counted: Sequence[tuple[Refusal, int]]) -> None:
    for refusal, times in counted:
        who = Actor(refusal.user_id, refusal.token_id, refusal.door)
        facts = {"why": refusal.why, "client": refusal.client, "times": times}
        after = facts | {"call": refusal.call}
        audit.record(db, who, "refuse call", "call", None, now=clock(), after=after)
