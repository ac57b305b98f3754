"""Every statement about which automation a change request is about."""

from collections.abc import Sequence

from sqlalchemy import select

from autohub.access.model import Caller
from autohub.db.engine import Reading, Writing
from autohub.db.schema import change_request, idea
from autohub.ideas.store import visible


def list_change_requests(db: Reading, caller: Caller, process_id: int) -> Sequence[int]:
    """The requests to change an automation that the caller may see, newest first."""
    asked = select(change_request.c.process_id).where(change_request.c.of_process_id == process_id)
    return db.numbers(
        select(idea.c.process_id)
        .where(idea.c.process_id.in_(asked), visible(db, caller))
        .order_by(idea.c.process_id.desc())
    )


def find_original(db: Reading, caller: Caller, process_id: int) -> int | None:
    """The automation that a request wants changed, if the caller may see it."""
    of = select(change_request.c.of_process_id).where(change_request.c.process_id == process_id)
    found: int | None = db.scalar(
        select(idea.c.process_id).where(idea.c.process_id.in_(of), visible(db, caller))
    )
    return found


def link_request(db: Writing, process_id: int, of_process_id: int) -> None:
    db.insert_many(change_request, ("process_id", "of_process_id"), [(process_id, of_process_id)])
