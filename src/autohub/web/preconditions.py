"""Changes that are made only if nothing changed meanwhile: If-Match (RFC 9110, section 13.1)."""

from collections.abc import Mapping, Sequence

from autohub.db.engine import Writing
from autohub.kit.errors import HubError
from autohub.web.routes import Route

_ROWS = {"process_id": "idea", "user_id": "user_account"}
"""The rows that writers of these ids lock; every other record is locked by its address."""


GUARDS_NOTHING = (
    "If-Match counts for nothing here: the call adds something, or changes many records."
)


class ChangedMeanwhile(HubError):
    """What the caller saw is not what is there; `etag` names that."""

    status = 412

    def __init__(self, etag: str) -> None:
        super().__init__(
            "It was changed since you read it, and stays as it is; read it again, and repeat the "
            "change if it still fits."
        )
        self.etag = etag


def find_readers(routes: Sequence[Route]) -> dict[str, Route]:
    """By the name of a change: the call that reads what it changes. That is GET of the same
    address, or of the longest part of it that names a record; for a record that no call reads
    alone, the list in which it stands."""
    reads = {route.path: route for route in routes if route.method == "GET" and not route.streams}
    found: dict[str, Route] = {}
    for route in routes:
        if route.method == "GET" or route.transaction != "write":
            continue
        whole = route.subject_path or route.path
        parts = whole.split("/")
        addresses = ["/".join(parts[:end]) for end in range(len(parts), 1, -1)]
        of_record = [one for one in addresses if "{" in one]
        of_list = [one for one in addresses if "{" not in one]
        if route.method == "POST" and not of_record:
            continue  # it adds something
        reader = next((reads[one] for one in of_record + of_list if one in reads), None)
        if reader is not None:
            found[route.name] = reader
    return found


def lock_subject(db: Writing, path: Mapping[str, int]) -> None:
    """Waits until nobody else changes what these ids name."""
    for name, number in path.items():
        if name in _ROWS:
            db.lock_row(_ROWS[name], number)
            return
    db.lock(f"if-match {sorted(path.items())}")
