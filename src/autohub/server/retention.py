"""What is done with does not stay for ever."""

from collections.abc import Callable
from typing import Protocol

from autohub.access import attempt_store, attempts, credential_store, factor_store
from autohub.audit import chain
from autohub.db import idempotency, outbox
from autohub.db.engine import Database, Writing
from autohub.events import store as events
from autohub.imports import store as import_runs
from autohub.kit.clock import DAY
from autohub.notifications import store as notifications
from autohub.settings import Settings
from autohub.user_imports import store as syncs
from autohub.webhooks import store as webhooks

AT_ONCE = 1000


class Sweep(Protocol):
    def __call__(self, db: Writing, *, before: int, limit: int) -> int: ...


SWEEPS: tuple[Sweep, ...] = (
    outbox.delete_done,
    credential_store.delete_ended_sessions,
    notifications.delete_old,
    syncs.delete_old,
    import_runs.delete_old_runs,
    webhooks.delete_old,
    events.delete_old,
)
"""What is kept for AUTOHUB_KEEP_DAYS."""


def sweep(database: Database, settings: Settings, *, now: int, goes_on: Callable[[], bool]) -> None:
    """Takes away what is older than it is kept, some in each transaction, while `goes_on`."""
    before = now - settings.keep_days * DAY
    for delete in SWEEPS:
        while goes_on() and (
            database.write(lambda db, delete=delete: delete(db, before=before, limit=AT_ONCE))  # type: ignore[misc]
            == AT_ONCE
        ):
            pass
    database.write(lambda db: idempotency.delete_old(db, hours=settings.idempotency_hours, now=now))
    database.write(lambda db: attempt_store.delete_old(db, before=now - attempts.FORGOTTEN_AFTER))
    database.write(lambda db: factor_store.delete_old_challenges(db, now=now))
    if settings.audit_days:
        chain.prune(database, before=now - settings.audit_days * DAY)
