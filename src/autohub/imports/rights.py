"""What an importer may do, row by row: the same as by hand (contract 1.3)."""

from collections.abc import Iterable, Sequence

from autohub.access import store as access
from autohub.access.model import Caller, Right, covers
from autohub.db.engine import Reading
from autohub.ideas.model import Idea


class ImporterRights:
    """Looks rights up once for a part of a table; who holds them everywhere costs nothing."""

    def __init__(self, db: Reading, caller: Caller) -> None:
        self._db = db
        self._edits, self._moves, self._sets_up = (
            caller.reach(right)
            for right in (Right.EDIT_ANY_IDEA, Right.UPDATE_STATUS, Right.MANAGE_PLATFORM_SETUP)
        )

    def find_locked(self, ideas: Iterable[Idea]) -> set[int]:
        """The ids of those that the caller may not change."""
        if self._edits is None:
            return set()
        known = list(ideas)
        chains = access.category_chains(self._db, {idea.category_id for idea in known})
        return {
            idea.process_id for idea in known if not covers(self._edits, chains[idea.category_id])
        }

    def may_move(self, chain: Sequence[int]) -> bool:
        """Whether the caller may give an idea filed under `chain` any status."""
        return covers(self._moves, chain)

    @property
    def may_add_categories(self) -> bool:
        return self._sets_up is None
