"""People whom a table names and the hub does not know yet."""

import re
from collections.abc import Iterable

from autohub.access.model import Caller
from autohub.db.engine import Writing
from autohub.ideas import store
from autohub.settings import Settings
from autohub.users import service as users
from autohub.users.model import UserEdit, email_key


def make(db: Writing, caller: Caller, emails: Iterable[str], *, settings: Settings, now: int) -> int:
    """Adds a Not invited account for every address that has none, and returns how many; the names are guessed from the address.

    Raises Forbidden for a caller who may not add people, Invalid for what is no address.
    """
    wanted = {email_key(email): email for email in emails}
    missing = [email for key, email in wanted.items() if key not in store.user_ids_by_email(db, wanted)]
    for email in missing:
        first, last = names(email)
        row = UserEdit(email, user_first_name=first, user_last_name=last, user_is_active=1, user_invite_status=0)
        users.add(db, caller, row, settings=settings, now=now)
    return len(missing)


def names(email: str) -> tuple[str, str]:
    """'jane.van-doe@example.com' -> ('Jane', 'Van Doe')."""
    parts = [part.capitalize() for part in re.split(r"[._\-+]+", email.partition("@")[0]) if part]
    return (parts[0][:50] if parts else "Unknown", " ".join(parts[1:])[:50] or "Unknown")
