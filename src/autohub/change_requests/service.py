"""Linking a change request to the automation that it is about."""

from autohub.access.model import Caller
from autohub.change_requests import store
from autohub.db.engine import Writing
from autohub.ideas.rights import find_idea


def link(db: Writing, caller: Caller, process_id: int, of_process_id: int) -> None:
    """Raises NotFound for an automation that the caller may not see."""
    store.link_request(db, process_id, find_idea(db, caller, of_process_id).idea.process_id)
