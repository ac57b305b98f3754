"""What happens by itself: mails go out, searches are indexed, counts are summed up, old rows are swept.

A thread in every server process; leases in the outbox keep two of them from doing the same thing.
"""

import threading
import time
import uuid

from autohub import mails
from autohub.access.authentication import Authenticator, Installation
from autohub.db import idempotency, outbox, tally
from autohub.db.engine import Database
from autohub.db.outbox import Job
from autohub.documents import sweeping
from autohub.ideas import store as ideas
from autohub.integrations.blobs import Blobs
from autohub.integrations.mail import Mailer, MailFailed, MailRefused, SmtpMailer, message
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.settings import Settings
from autohub.syncs import service as syncs
from autohub.users import store as users

INDEX_BATCH = 5000
SWEEP_SECONDS = 600
QUIET_SECONDS = 1.0
PATIENCE = 30


class Worker:
    """Runs until `stop`; `mailer` None leaves the mails where they are."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        authenticator: Authenticator | None = None,
        files: Blobs | None = None,
    ) -> None:
        self._database, self._settings, self._installation = database, settings, installation
        self._authenticator = authenticator
        self._files = files
        self._mailer: Mailer | None = SmtpMailer(settings.smtp_url) if settings.smtp_url else None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="autohub-worker", daemon=True)
        self._next_sweep = 0
        self._waited = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the round that runs has ended."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopped.wait(self._settings.worker_seconds):
            try:
                self.round(index=self._is_quiet())
            except Unavailable as error:
                faults.note_unavailable(error, "the worker")
            except Exception as error:
                faults.note_unexpected(error, uuid.uuid4().hex, "the worker")

    def round(self, *, index: bool = True) -> None:
        """Does everything that is due, once; `index` False leaves the search index for later."""
        while self._send_some() and not self._stopped.is_set():
            pass
        self._sync_users()
        if self._authenticator and self._authenticator.has_used:
            self._database.write(self._authenticator.flush_used)
        if index:
            self._index()
        if clock() >= self._next_sweep:
            self._next_sweep = clock() + SWEEP_SECONDS * 1000
            self._database.write(lambda db: tally.compact(db))
            self._database.write(lambda db: idempotency.sweep(db, hours=self._settings.idempotency_hours, now=clock()))
            if self._files is not None:
                sweeping.sweep_spool(self._settings.data_dir / "spool")
                sweeping.sweep(self._database, self._files)

    def _is_quiet(self) -> bool:
        """Whether the search index is better written now than later: while writers are busy it would only slow them down,
        but they are not waited for longer than PATIENCE rounds."""
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
                indexed = self._database.write(lambda db, search=search: search.index_some(db, limit=INDEX_BATCH))  # type: ignore[misc]
                if not indexed:
                    break  # another worker has the rest
                done += indexed
            if done >= INDEX_BATCH:
                search.tidy(self._database)

    def _send_some(self) -> bool:
        if self._mailer is None:
            return False
        with self._database.reading() as db:
            if not outbox.is_due(db, kinds=[*mails.WRITERS], now=clock()):
                return False
        jobs = self._database.write(lambda db: outbox.lease(db, kinds=[*mails.WRITERS], now=clock()))
        for job in jobs:
            self._send(self._mailer, job)
        return bool(jobs)

    def _sync_users(self) -> None:
        """Runs the files of users whose preview somebody agreed to."""
        if self._files is None:
            return
        with self._database.reading() as db:
            if not outbox.is_due(db, kinds=[syncs.JOB], now=clock()):
                return
        for job in self._database.write(lambda db: outbox.lease(db, kinds=[syncs.JOB], now=clock())):
            syncs.run(self._database, self._files, job.payload["sync_id"], settings=self._settings, now=clock())
            self._database.write(lambda db, job=job: outbox.done(db, job.outbox_id, now=clock()))  # type: ignore[misc]

    def _send(self, mailer: Mailer, job: Job) -> None:
        """Sends outside any transaction, then notes what became of it."""
        with self._database.reading() as db:
            written = mails.written(db, job, mails.Post(self._settings, self._installation.secret, clock()))
        if written is None:
            self._database.write(lambda db: outbox.done(db, job.outbox_id, now=clock(), state="cancelled"))
            return
        message_id = f"<outbox-{job.outbox_id}@{self._installation.tenant_id}>"
        mail = message(sender=self._settings.mail_from, to=written.to, subject=written.subject, text=written.text, message_id=message_id)
        try:
            mailer.send(mail)
        except (MailRefused, MailFailed) as error:
            reason, for_good = str(error), isinstance(error, MailRefused)
            self._database.write(lambda db: outbox.failed(db, job, error=reason, now=clock(), for_good=for_good))
        else:
            self._database.write(lambda db: outbox.done(db, job.outbox_id, now=clock()))
