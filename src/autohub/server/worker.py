"""What happens by itself: mails go out, searches are indexed, counts are summed up, old rows are
swept.

Two threads in every server process, one for mails and one for the rest, so that a mail server that
hangs keeps nothing else waiting; leases in the outbox keep two of them from doing the same thing.
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
from autohub.db import outbox, tally
from autohub.db.engine import Database, Writing
from autohub.db.outbox import Job
from autohub.documents import sweeping
from autohub.ideas import store as ideas
from autohub.imports import runs
from autohub.integrations.blobs import Blobs
from autohub.integrations.mail import Mailer, MailFailed, MailRefused, SmtpMailer, message
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.notifications import service as notices
from autohub.server import mails, retention
from autohub.settings import Settings
from autohub.user_imports import service as syncs
from autohub.users import store as users
from autohub.web.refusals import Refusal, Refusals

_log = logging.getLogger("autohub")
INDEX_BATCH = 5000
SWEEP_SECONDS, SEAL_SECONDS = 600, 60
QUIET_SECONDS = 1.0
PATIENCE = 30
STOP_SECONDS = 30
"""How long a stop waits for what is under way; longer than a mail server may take to answer."""


class Worker:
    """Runs until `stop`; `mailer` None leaves the mails where they are."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        authenticator: Authenticator | None = None,
        files: Blobs | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._database, self._settings, self._installation = database, settings, installation
        self._authenticator = authenticator
        self._files = files
        self._refusals = Refusals() if refusals is None else refusals
        self._mailer: Mailer | None = SmtpMailer(settings.smtp_url) if settings.smtp_url else None
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run, args=(lane,), name=f"autohub-{lane.__name__}", daemon=True
            )
            for lane in (self.send_mails, self.do_jobs)
        ]
        self._next_sweep = self._next_seal = 0
        self._waited = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when what is under way has ended, or after STOP_SECONDS."""
        self._stopped.set()
        until = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=max(0, until - time.monotonic()))

    def _run(self, lane: Callable[[], None]) -> None:
        while not self._stopped.wait(self._settings.worker_seconds):
            try:
                lane()
            except Unavailable as error:
                faults.note_unavailable(error, "the worker")
            except Exception as error:
                faults.note_unexpected(error, uuid.uuid4().hex, "the worker")

    def round(self) -> None:
        """Does everything that is due, once."""
        self.spread_notices()
        self.send_mails()
        self._run_files()
        self._flush()
        self._index()
        self._sweep()
        self._seal()

    def send_mails(self) -> None:
        """Sends the mails that are due, and cancels those that nobody needs any more."""
        now = clock()
        before = now - mails.NEWS_LIFE
        with self._database.reading() as db:
            is_stale = outbox.is_stale(db, kinds=mails.NEWS, before=before, now=now)
        if is_stale:
            self._database.write(
                lambda db: outbox.cancel_stale(db, kinds=mails.NEWS, before=before, now=now)
            )
        if self._mailer is not None:
            self._do_each([*mails.WRITERS], self._send)

    def do_jobs(self) -> None:
        """Does what is due beside the mails."""
        self.spread_notices()
        self._run_files()
        self._flush()
        if self._is_quiet():
            self._index()
        self._sweep()
        self._seal()

    def _do_each(self, kinds: Sequence[str], work: Callable[[Job], None]) -> None:
        """Does the due jobs one by one. One that cannot be done counts an attempt and lets the
        next one pass."""
        while not self._stopped.is_set() and (job := self._leased(kinds)) is not None:
            try:
                work(job)
            except Unavailable:
                raise  # it is nothing about this job; its lease runs out
            except Exception as error:
                fault_id = uuid.uuid4().hex
                faults.note_unexpected(error, fault_id, f"the job {job.outbox_id} ({job.kind})")
                self._failed(job, f"It went wrong; the log says why under {fault_id}.")

    def _leased(self, kinds: Sequence[str]) -> Job | None:
        with self._database.reading() as db:
            if not outbox.is_due(db, kinds=kinds, now=clock()):
                return None
        return self._database.write(lambda db: outbox.lease(db, kinds=kinds, now=clock()))

    def _failed(self, job: Job, reason: str, *, for_good: bool = False) -> None:
        self._database.write(
            lambda db: outbox.mark_failed(db, job, error=reason, now=clock(), for_good=for_good)
        )

    def _flush(self) -> None:
        if self._authenticator and self._authenticator.has_used:
            self._database.write(self._authenticator.flush_used)

    def _sweep(self) -> None:
        if clock() < self._next_sweep:
            return
        self._next_sweep = clock() + SWEEP_SECONDS * 1000
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

    def _seal(self) -> None:
        """Writes refused calls to the audit and seals its new entries; the log, which lies
        elsewhere, names each seal."""
        if clock() < self._next_seal:
            return
        self._next_seal = clock() + SEAL_SECONDS * 1000
        if counted := self._refusals.take():
            self._database.write(lambda db: _record_refusals(db, counted))
        while not self._stopped.is_set():
            made = chain.seal_entries(self._database, now=clock())
            if made is None:
                break
            _log.info("audit sealed up to entry %d: %s", made.last_audit_id, made.digest.hex())

    def _is_quiet(self) -> bool:
        """Whether the search index is better written now than later: while writers are busy it
        would only slow them down, but they are not waited for longer than PATIENCE rounds."""
        busy = time.monotonic() - self._database.last_write < QUIET_SECONDS
        self._waited = self._waited + 1 if busy else 0
        return not busy or self._waited % PATIENCE == 0

    def _index(self) -> None:
        """Brings the search indexes up to date, batch by batch."""
        for search in (users.SEARCH, ideas.SEARCH):
            with self._database.reading() as db:
                waiting = search.waiting(db)
            done = 0
            while done < waiting and not self._stopped.is_set():
                indexed = self._database.write(
                    lambda db, search=search: search.index_some(  # type: ignore[misc]
                        db, limit=INDEX_BATCH
                    )
                )
                if not indexed:
                    break  # another worker has the rest
                done += indexed
            if done >= INDEX_BATCH:
                search.tidy(self._database)

    def spread_notices(self) -> None:
        """Tells those who are told of an idea in their number, some in each transaction."""
        self._do_each([notices.SPREAD], self._spread)

    def _spread(self, job: Job) -> None:
        notices.spread_notices(self._database, job)
        self._database.write(lambda db: outbox.mark_done(db, job.outbox_id, now=clock()))

    def _run_files(self) -> None:
        """Runs the files of users and of ideas that somebody agreed to import."""
        if self._files is not None:
            self._do_each([syncs.JOB, runs.JOB], self._run_file)

    def _run_file(self, job: Job) -> None:
        assert self._files is not None

        def renew() -> None:
            self._database.write(lambda db: outbox.renew(db, job.outbox_id, now=clock()))

        run = syncs.run_import if job.kind == syncs.JOB else runs.run_queued
        run(
            self._database,
            self._files,
            job.payload["sync_id" if job.kind == syncs.JOB else "run_id"],
            settings=self._settings,
            now=clock(),
            progress=renew,
        )
        self._database.write(lambda db: outbox.mark_done(db, job.outbox_id, now=clock()))

    def _send(self, job: Job) -> None:
        """Sends outside any transaction, then notes what became of it."""
        assert self._mailer is not None
        with self._database.reading() as db:
            written = mails.write_mail(
                db, job, mails.MailContext(self._settings, self._installation.secret, clock())
            )
        if written is None:
            self._database.write(
                lambda db: outbox.mark_done(db, job.outbox_id, now=clock(), state="cancelled")
            )
            return
        message_id = f"<outbox-{job.outbox_id}@{self._installation.tenant_id}>"
        mail = message(
            sender=self._settings.mail_from,
            to=written.to,
            subject=written.subject,
            text=written.text,
            message_id=message_id,
        )
        try:
            self._mailer.send(mail)
        except (MailRefused, MailFailed) as error:
            self._failed(job, str(error), for_good=isinstance(error, MailRefused))
        else:
            self._database.write(lambda db: outbox.mark_done(db, job.outbox_id, now=clock()))


def _record_refusals(db: Writing, counted: Sequence[tuple[Refusal, int]]) -> None:
    for refusal, times in counted:
        who = Actor(refusal.user_id, refusal.token_id, refusal.door)
        facts = {"why": refusal.why, "client": refusal.client, "times": times}
        after = facts | {"call": refusal.call}
        audit.record(db, who, "refuse call", "call", None, now=clock(), after=after)
