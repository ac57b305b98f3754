"""People whom somebody names by their addresses, for a part in an idea."""

from collections.abc import Iterable
from typing import NamedTuple

from autohub.db.engine import Reading
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.users import store


class NamedPerson(NamedTuple):
    user_id: int
    is_active: bool


class NamedPeople:
    """Accounts outside the trash by their addresses, each looked up once in a transaction."""

    def __init__(self, db: Reading, emails: Iterable[str | None] = ()) -> None:
        self._db = db
        self._known: dict[str, NamedPerson | None] = {}
        self.learn(emails)

    def learn(self, emails: Iterable[str | None]) -> None:
        wanted = {email_key(email) for email in emails if email} - self._known.keys()
        if wanted:
            self._known |= dict.fromkeys(wanted)
            self._known |= {
                key: NamedPerson(user_id, bool(is_active))
                for key, (user_id, is_active) in store.find_named(self._db, wanted).items()
            }

    def id_of(self, email: str) -> int | None:
        """The id of the account, None when there is none."""
        found = self._find(email)
        return found.user_id if found else None

    def is_active(self, email: str) -> bool:
        found = self._find(email)
        return bool(found and found.is_active)

    def find_fault(self, email: str, *, now: int | None = None, of_past: bool = False) -> str:
        """Why the person cannot have the part, '' if they can: there is no such account, or it is
        inactive. Who has the part `now` keeps it, and who had it in the past may be told of."""
        found = self._find(email)
        if found is None:
            return say("There is no user with the address {email}.", email=email)
        if found.is_active or of_past or found.user_id == now:
            return ""
        return say("{email} is inactive; name somebody else.", email=email)

    def _find(self, email: str) -> NamedPerson | None:
        self.learn([email])
        return self._known[email_key(email)]
