"""Sending to one webhook: whose turn it is, what came of it, and when it is tried again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from autohub.access import store as access
from autohub.access.model import OPERATOR, Caller
from autohub.db.engine import Database, Reading, Row, Writing
from autohub.events import service as events
from autohub.events import store as event_store
from autohub.events.model import EventData, EventMessage, Subject
from autohub.integrations.outbound import Outbound, Reply
from autohub.integrations.outbound_errors import OutboundError
from autohub.kit.clock import MINUTE, SECOND, iso
from autohub.kit.clock import now as clock
from autohub.kit.sealing import Keys, Unsealable
from autohub.kit.sentences import say
from autohub.notifications import service as notices
from autohub.notifications.model import AccountNotice
from autohub.settings import Settings
from autohub.webhooks import bodies, service, store
from autohub.webhooks.model import (
    LONGEST_WAIT,
    RECEIVER_WAITS,
    WAITS,
    Due,
    Outcome,
    Target,
    TestResult,
)

AT_ONCE, IN_PARALLEL = 8, 4
"""Deliveries to one receiver in a round, each about something else, and how many of them at the
same moment."""
SECONDS, LEASE = 15.0, 40 * SECOND
"""How long a receiver may take for one, and how long a worker has it to itself: longer than a round
can take, and as long as nobody serves it after a worker died."""
READ = 200
"""Bytes of an answer that are looked at."""


class Sender:
    """Sends what is due, for all workers of a process."""

    def __init__(
        self, database: Database, settings: Settings, keys: Keys, outbound: Outbound
    ) -> None:
        self._database, self._settings = database, settings
        self._keys, self._outbound = keys, outbound

    def send_to(self, webhook_id: int, goes_on: Callable[[], bool]) -> None:
        """Sends to one webhook until nothing is due or it fails; nobody else does so meanwhile."""
        now = clock()
        if not self._database.write(
            lambda db: store.lease(db, webhook_id, now=now, until=now + LEASE)
        ):
            return
        with ThreadPoolExecutor(IN_PARALLEL, thread_name_prefix="webhook") as threads:
            while goes_on() and self._send_round(webhook_id, threads):
                pass
        self._database.write(lambda db: store.release(db, webhook_id))

    def _send_round(self, webhook_id: int, threads: ThreadPoolExecutor) -> bool:
        """One round; False when there is no more to do now."""
        now = clock()
        with self._database.reading() as db:
            row = store.get_row(db, webhook_id)
            due = store.list_due(db, webhook_id, limit=AT_ONCE, now=now)
        if row is None or row.state != "on" or not due or row.waits_until_epoch > now:
            return False
        try:
            target = service.open_target(row, self._keys, now=now)
        except Unsealable as error:
            # A secret that was just rotated is known after the restart that follows.
            waits = {"last_error": str(error), "waits_until_epoch": now + 5 * MINUTE}
            self._database.write(lambda db: store.update_webhook(db, webhook_id, waits))
            return False
        stopped = threading.Event()
        outcomes = list(threads.map(lambda each: self._send(target, each, stopped), due))
        tried = [(each, made) for each, made in zip(due, outcomes, strict=True) if made]
        self._database.write(lambda db: _settle(db, row, tried, now=clock()))
        return all(made and made.error is None and not made.is_gone for made in outcomes)

    def _send(self, target: Target, due: Due, stopped: threading.Event) -> Outcome | None:
        """Renders and sends one; None when it was left alone, because the receiver fails."""
        if stopped.is_set():
            return None
        with self._database.reading() as db:
            message = self._render(db, target, due.event_id)
        if message is None:
            return Outcome(is_skipped=True)
        made = self._post(target, message)
        if made.error is not None:
            stopped.set()
        return made

    def _render(self, db: Reading, target: Target, event_id: int) -> EventMessage | None:
        caller = _subscriber(db, target.owner_user_id)
        event = event_store.load_events(db, [event_id]).get(event_id)
        if caller is None or event is None:
            return None
        return events.render_event(db, caller, event, settings=self._settings)

    def _post(self, target: Target, message: EventMessage) -> Outcome:
        body = bodies.write_body(message, target.body_format)
        seconds = clock() // SECOND
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": bodies.sign(target.secrets, message.id, seconds, body),
        }
        try:
            with self._outbound.stream(
                "POST", target.url, headers=headers, content=body, seconds=SECONDS, silence=SECONDS
            ) as answer:
                text = b"" if 200 <= answer.status < 300 else answer.read_some(READ)
                reply = Reply(status=answer.status, headers=answer.headers, body=text)
        except OutboundError as error:
            return Outcome(error=error.message)
        return _judge(reply)

    def try_out(self, row: Row) -> TestResult:
        """Sends a message that says that it is a test."""
        try:
            target = service.open_target(row, self._keys, now=clock())
        except Unsealable as error:
            return TestResult(status=None, error=str(error))
        made = self._post(target, _test_message(self._settings))
        return TestResult(status=made.status, error=made.error)


def _subscriber(db: Reading, owner_user_id: int | None) -> Caller | None:
    """In whose eyes events are told: its owner's, or the installation's, which sees all."""
    if owner_user_id is None:
        return OPERATOR
    return access.load_caller(db, owner_user_id, door="webhook")


def _judge(reply: Reply) -> Outcome:
    if 200 <= reply.status < 300:
        return Outcome(status=reply.status)
    said = " ".join(reply.body.decode(errors="replace").split())
    error = say("The receiver answered {status}.", status=reply.status)
    if 300 <= reply.status < 400:
        error = say(
            "The receiver answered {status}; redirects are not followed.", status=reply.status
        )
    if said:
        error = say("{error} It said: {said}", error=error, said=said)
    return Outcome(
        status=reply.status,
        error=error,
        retry_after=_retry_after(reply.headers.get("retry-after", "")),
        is_gone=reply.status == 410,
    )


def _retry_after(value: str) -> int | None:
    """Milliseconds, out of seconds or a date; None for neither."""
    if value.isascii() and value.isdigit():
        return min(int(value[:9]) * SECOND, LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    wait = (moment - datetime.now(UTC)).total_seconds()
    return min(max(0, int(wait * SECOND)), LONGEST_WAIT)


def _settle(db: Writing, row: Row, tried: list[tuple[Due, Outcome]], *, now: int) -> None:
    """Notes what came of a round, and what it means for the webhook."""
    db.lock_row("webhook", row.webhook_id)
    values: dict[str, object] = {"leased_until_epoch": now + LEASE}
    failed = [made for _, made in tried if made.error is not None]
    if any(made.status and made.error is None for _, made in tried):
        values |= {"delivered_epoch": now}
    if failed:
        failures = row.failures + 1
        wait = RECEIVER_WAITS[min(failures, len(RECEIVER_WAITS)) - 1]
        asked = max((made.retry_after or 0) for made in failed)
        values |= {"failures": failures, "last_error": failed[-1].error}
        values |= {"waits_until_epoch": now + max(wait, asked)}
    elif tried and (row.failures or row.last_error):
        values |= {"failures": 0, "last_error": None, "waits_until_epoch": 0}
    store.update_deliveries(db, [_facts(due, made, now=now) for due, made in tried])
    store.update_webhook(db, row.webhook_id, values)
    if any(made.is_gone for made in failed):
        store.update_webhook(db, row.webhook_id, {"state": "gone"})
        store.skip_queued(db, row.webhook_id, now=now)
        _tell(db, row, "webhook ended", now=now)
    elif any(made.error and due.attempts >= len(WAITS) for due, made in tried):
        delivered = row.delivered_epoch or 0
        if delivered < now - sum(WAITS):
            _pause(db, row, str(failed[-1].error), now=now)


def _facts(due: Due, made: Outcome, *, now: int) -> tuple[object, ...]:
    """A delivery's columns after a try, its id last."""
    attempts = due.attempts + (0 if made.is_skipped else 1)
    if made.is_skipped:
        return ("skipped", attempts, None, None, now, now, due.delivery_id)
    if made.error is None:
        return ("delivered", attempts, made.status, None, now, now, due.delivery_id)
    if due.attempts >= len(WAITS):
        return ("failed", attempts, made.status, made.error, now, now, due.delivery_id)
    wait = max(WAITS[due.attempts], made.retry_after or 0)
    return ("queued", attempts, made.status, made.error, now + wait, None, due.delivery_id)


def _pause(db: Writing, row: Row, reason: str, *, now: int) -> None:
    store.update_webhook(db, row.webhook_id, {"state": "paused", "last_error": reason})
    _tell(db, row, "webhook paused", now=now)


def _tell(db: Writing, row: Row, notice: AccountNotice, *, now: int) -> None:
    """Mails its owner, or for one of the installation those who administer it."""
    told = {row.owner_user_id} if row.owner_user_id else access.list_active_administrators(db)
    notices.notify_account(db, Caller(kind="job", door="job"), notice, told, now=now)


def _test_message(settings: Settings) -> EventMessage:
    return EventMessage(
        id=f"test_{clock()}",
        type="webhook.test",
        timestamp=iso(clock()),
        data=EventData(
            sequence=0,
            subject=Subject("webhook", None),
            actor_user_id=None,
            changed=[],
            phase_status_id_before=None,
            phase_status_id=None,
            url=settings.base_url,
            record=events.NULL,
        ),
    )
