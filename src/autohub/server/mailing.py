"""The lane of the mails."""

import time

from autohub.access.authentication import Installation
from autohub.db import outbox
from autohub.db.engine import Database
from autohub.db.outbox import Job
from autohub.integrations.mail import (
    Mailer,
    MailFailed,
    MailRefused,
    MailServerAway,
    message,
    open_mailer,
)
from autohub.kit.clock import now as clock
from autohub.server import mails
from autohub.server.jobs import JobFailed, JobMustWait, Jobs
from autohub.settings import Settings

PAUSE_SECONDS = 60
"""How long a mail server that cannot be reached is left alone."""


class Mailing:
    """Sends what is due; `mailer` None leaves the mails where they are."""

    def __init__(
        self, database: Database, settings: Settings, installation: Installation, jobs: Jobs
    ) -> None:
        self._database, self._settings, self._installation = database, settings, installation
        self._jobs = jobs
        self._rests_until = 0.0
        self.mailer: Mailer | None = open_mailer(settings)

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
        if self.mailer is None or time.monotonic() < self._rests_until:
            return
        if not self._jobs.do_each([*mails.WRITERS], self._send):
            self._rests_until = time.monotonic() + PAUSE_SECONDS

    def _send(self, job: Job) -> str | None:
        """Sends outside any transaction."""
        assert self.mailer is not None
        with self._database.reading() as db:
            written = mails.write_mail(
                db, job, mails.MailContext(self._settings, self._installation.secret, clock())
            )
        if written is None:
            return "cancelled"
        mail = message(
            sender=self._settings.mail_from,
            to=written.to,
            subject=written.subject,
            text=written.text,
            message_id=f"<outbox-{job.outbox_id}@{self._installation.tenant_id}>",
        )
        try:
            self.mailer.send(mail)
        except MailServerAway as error:
            raise JobMustWait(str(error)) from error
        except (MailRefused, MailFailed) as error:
            raise JobFailed(str(error), for_good=isinstance(error, MailRefused)) from error
        return None
