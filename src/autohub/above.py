"""What floors above do inside a transaction of a lower one: the one place where the two are brought together."""

from autohub.access.model import Caller
from autohub.access.routes import Above
from autohub.db.engine import Writing
from autohub.ideas import service as ideas


def _reassign(db: Writing, caller: Caller, leaver: int, heir: int, now: int) -> dict[str, int]:
    return ideas.inherit(db, caller, leaver, heir, now=now)


ABOVE = Above(reassign=_reassign)
