"""The jobs of the outbox, done one by one, each under a lease that is kept while it is worked
on."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from autohub.db import outbox
from autohub.db.engine import Database
from autohub.db.outbox import Job
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable


class JobFailed(Exception):
    """A job could not be done; its reason is kept with it. It is tried again after a pause that
    grows, unless `for_good`."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


class JobMustWait(Exception):
    """What a job needs is away, for it and for all others of its lane: it waits, and this counts
    as no attempt."""


class Jobs:
    """Shared by the lanes of one process."""

    def __init__(self, database: Database, stopped: threading.Event) -> None:
        self._database, self._stopped = database, stopped
        self._held: set[int] = set()
        self._lock = threading.Lock()

    def do_each(self, kinds: Sequence[str], work: Callable[[Job], None | str]) -> bool:
        """Does the due jobs of these kinds until none is left or the worker stops; False when
        they have to wait. `work` returns the state a job ends in when that is not `sent`.

        A job whose work raises counts an attempt and lets the next one pass.
        """
        while not self._stopped.is_set() and (job := self._lease(kinds)) is not None:
            try:
                with self._holding(job):
                    state = work(job) or "sent"
            except Unavailable:
                raise  # it is nothing about this job; its lease runs out
            except JobMustWait as error:
                self._postpone(job, str(error))
                return False
            except JobFailed as error:
                self._fail(job, str(error), for_good=error.for_good)
            except Exception as error:
                fault_id = uuid.uuid4().hex
                faults.note_unexpected(error, fault_id, f"the job {job.outbox_id} ({job.kind})")
                self._fail(job, f"It went wrong; the log says why under {fault_id}.")
            else:
                self._finish(job, state)
        return True

    def keep_leases(self) -> None:
        """Renews the leases of the jobs under way."""
        with self._lock:  # none ends meanwhile, and is leased anew when it is done with
            if self._held:
                held = list(self._held)
                self._database.write(lambda db: outbox.renew(db, held, now=clock()))

    def _lease(self, kinds: Sequence[str]) -> Job | None:
        with self._database.reading() as db:
            if not outbox.is_due(db, kinds=kinds, now=clock()):
                return None
        return self._database.write(lambda db: outbox.lease(db, kinds=kinds, now=clock()))

    @contextmanager
    def _holding(self, job: Job) -> Iterator[None]:
        with self._lock:
            self._held.add(job.outbox_id)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(job.outbox_id)

    def _finish(self, job: Job, state: str) -> None:
        self._database.write(
            lambda db: outbox.mark_done(db, job.outbox_id, now=clock(), state=state)
        )

    def _fail(self, job: Job, reason: str, *, for_good: bool = False) -> None:
        self._database.write(
            lambda db: outbox.mark_failed(db, job, error=reason, now=clock(), for_good=for_good)
        )

    def _postpone(self, job: Job, reason: str) -> None:
        self._database.write(lambda db: outbox.postpone(db, job, error=reason, now=clock()))
