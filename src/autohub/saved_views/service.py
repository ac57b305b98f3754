"""Keeping and dropping the views that a person saved."""

from autohub.access.model import Caller
from autohub.db.engine import Writing
from autohub.saved_views import store


def save(db: Writing, caller: Caller, page: str, name: str, query: str, *, now: int) -> None:
    """Keeps a view of a page under a name; one of the same name is replaced."""
    store.save_view(db, caller.user_id or 0, page, name, query, now=now)


def drop(db: Writing, caller: Caller, page: str, name: str) -> None:
    store.delete_view(db, caller.user_id or 0, page, name)
