"""What floors above do inside a transaction of a lower one: the one place where the two are brought together."""

from autohub.access.model import Caller
from autohub.access.routes import Above
from autohub.db.engine import Writing
from autohub.discussions import store as discussions
from autohub.drafts import store as drafts
from autohub.ideas import service as ideas
from autohub.notices import store as notices
from autohub.pipeline import store as views
from autohub.syncs import store as syncs


def _reassign(db: Writing, caller: Caller, leaver: int, heir: int, now: int) -> dict[str, int]:
    return ideas.inherit(db, caller, leaver, heir, now=now)


def _erase(db: Writing, user_id: int) -> None:
    drafts.delete_of(db, user_id)
    discussions.unfollow_all(db, user_id)
    notices.set_off(db, user_id, ())
    notices.set_off(db, user_id, (), here=True)
    notices.forget(db, user_id)
    views.forget(db, user_id)
    syncs.forget(db, user_id)


ABOVE = Above(reassign=_reassign, erase=_erase)
