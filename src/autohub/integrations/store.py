"""Every statement about how integrations stand."""

import msgspec
from sqlalchemy import select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import integration_check


class Check(msgspec.Struct, kw_only=True):
    """When the other side was last spoken to, and what was wrong then."""

    checked_epoch: int
    error: str | None


def list_checks(db: Reading) -> dict[str, Check]:
    """What is known of each integration by its name."""
    return {
        row.integration: Check(checked_epoch=row.checked_epoch, error=row.error)
        for row in db.rows(select(integration_check))
    }


def note_check(db: Writing, integration: str, *, error: str | None, now: int) -> None:
    """Keeps what came of speaking to the other side; None when all went well."""
    facts = {"checked_epoch": now, "error": error[:500] if error else None}
    mine = integration_check.c.integration == integration
    if not db.change(integration_check.update().where(mine).values(facts)):
        db.insert_new(integration_check, {"integration": integration} | facts)
