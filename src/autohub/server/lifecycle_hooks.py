"""What floors above do inside a transaction of a lower one: the one place where the two are
brought together."""

from autohub.access.model import Caller
from autohub.db.engine import Writing
from autohub.discussions import store as discussions
from autohub.drafts import store as drafts
from autohub.ideas import service as ideas
from autohub.imports import store as import_records
from autohub.move_in import store as moved
from autohub.notifications import store as notices
from autohub.saved_views import store as views
from autohub.user_imports import store as syncs
from autohub.web.routes import UserHooks
from autohub.webhooks import store as webhooks


def _reassign(db: Writing, caller: Caller, leaver: int, heir: int, now: int) -> dict[str, int]:
    return ideas.hand_over_ideas(db, caller, leaver, heir, now=now)


def _erase(db: Writing, user_id: int) -> None:
    drafts.delete_drafts_of(db, user_id)
    discussions.unfollow_all(db, user_id)
    notices.set_switched_off(db, user_id, ())
    notices.set_switched_off(db, user_id, (), here=True)
    notices.delete_of_user(db, user_id)
    views.delete_views_of(db, user_id)
    syncs.delete_of_user(db, user_id)
    import_records.delete_runs_of_user(db, user_id)
    moved.forget_user(db, user_id)
    webhooks.delete_webhooks_of(db, user_id)


USER_HOOKS = UserHooks(reassign=_reassign, erase=_erase)
