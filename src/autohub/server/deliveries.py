"""The lane of webhooks: events are published and queued, and each receiver is served by a thread
of its own, so that one that is slow keeps no other waiting."""

import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait

from autohub.access.authentication import Installation
from autohub.db.engine import Database
from autohub.events import store as events
from autohub.integrations.outbound import Outbound
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.settings import Settings
from autohub.webhooks import service, store
from autohub.webhooks.sending import Sender

RECEIVERS = 32
"""How many receivers one process serves at the same moment."""


class Deliveries:
    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        stopped: threading.Event,
    ) -> None:
        self._database, self._stopped = database, stopped
        self._outbound = Outbound(settings)
        self.sender = Sender(database, settings, installation.keys, self._outbound)
        self._busy: dict[int, Future[None]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def run(self) -> None:
        """Publishes what waits, and begins to send to each webhook whose turn it is."""
        self.publish()
        self._busy = {key: future for key, future in self._busy.items() if not future.done()}
        with self._database.reading() as db:
            ready = store.list_ready(db, now=clock())
        for webhook_id in ready:
            if webhook_id not in self._busy and len(self._busy) < RECEIVERS:
                self._threads = self._threads or ThreadPoolExecutor(RECEIVERS, "receiver")
                self._busy[webhook_id] = self._threads.submit(self._send_to, webhook_id)

    def wait(self) -> None:
        """Returns when what is under way has ended."""
        wait(self._busy.values())

    def close(self) -> None:
        """Ends its threads and the connections that are kept."""
        if self._threads is not None:
            self._threads.shutdown()
        self._outbound.close()

    def publish(self) -> None:
        """Makes events of all that the audit says by now, and queues them."""
        while not self._stopped.is_set():
            with self._database.reading() as db:
                if not events.has_pending(db):
                    return
            self._database.write(lambda db: service.publish(db, now=clock()))

    def _send_to(self, webhook_id: int) -> None:
        try:
            self.sender.send_to(webhook_id, lambda: not self._stopped.is_set())
        except Exception as error:
            faults.note_unexpected(error, uuid.uuid4().hex, f"the webhook {webhook_id}")
