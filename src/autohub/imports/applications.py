"""The applications that cells name."""

from autohub.access.model import Caller
from autohub.applications import service, store
from autohub.applications.model import MAX_NAME
from autohub.db.engine import Writing
from autohub.imports.rows import TableRow
from autohub.kit import cells
from autohub.kit.sentences import say
from autohub.kit.text import fold, shorten


class NamedApplications:
    """The inventory by name and version, read once for all rows of a part."""

    def __init__(self, db: Writing, caller: Caller, *, now: int) -> None:
        self._db, self._caller, self._now = db, caller, now
        self._known: dict[str, int] | None = None

    def find(self, row: TableRow, category_id: int | None) -> list[int]:
        """The ids of the applications that a row names, of which those that are not there are
        added, for its category. A name that is too long is shortened, and a note says so."""
        names = cells.split_cell(row.fields.get("applications", ""))
        if not names or category_id is None:
            return []
        return sorted({self._find(row, name, category_id) for name in names})

    def _find(self, row: TableRow, name: str, category_id: int) -> int:
        known = self._load()
        short = name[:MAX_NAME].strip()
        if fold(name) not in known and short != name:
            row.notes.append(
                say(
                    "The name of the application “{name}” was shortened to {length} characters.",
                    name=shorten(name),
                    length=MAX_NAME,
                )
            )
            name = short
        if fold(name) not in known:
            known[fold(name)] = service.find_or_create_application(
                self._db, self._caller, name, "", "", category_id, now=self._now
            )
        return known[fold(name)]

    def _load(self) -> dict[str, int]:
        if self._known is None:
            self._known = {}
            for application_id, name in store.versioned_names(self._db).items():
                self._known.setdefault(fold(name), application_id)
        return self._known
