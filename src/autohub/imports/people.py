"""People whom a table names and the hub does not know yet."""

import re
from collections.abc import Iterable

import msgspec

from autohub.access.model import Caller
from autohub.db.engine import Writing
from autohub.kit.errors import Conflict, Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.text import email_key
from autohub.settings import Settings
from autohub.users import service as users
from autohub.users import store as user_store
from autohub.users.model import NewUser, UserEdit


def create_missing_users(
    db: Writing, caller: Caller, emails: Iterable[str], *, settings: Settings, now: int
) -> int:
    """Adds a Not invited account for every address that has none, and returns how many; the names
    are guessed from the address. What is no address is passed over: its rows are told that there is
    nobody of that name.

    Raises Forbidden for a caller who may not add people.
    """
    wanted = {email_key(email): email for email in emails}
    known, made = user_store.user_ids_by_email(db, wanted), 0
    for email in (email for key, email in wanted.items() if key not in known):
        first, last = guess_names(email)
        try:
            row = convert(
                {"user_email": email, "user_first_name": first, "user_last_name": last}, NewUser
            )
            users.add_user(
                db, caller, UserEdit(**msgspec.structs.asdict(row)), settings=settings, now=now
            )
        except (Invalid, Conflict):
            continue
        made += 1
    return made


def guess_names(email: str) -> tuple[str, str]:
    """'jane.van-doe@example.com' -> ('Jane', 'Van Doe'); the last name may be empty."""
    parts = [part.capitalize() for part in re.split(r"[._\-+]+", email.partition("@")[0]) if part]
    return (parts[0][:50] if parts else "Unknown", " ".join(parts[1:])[:50])
