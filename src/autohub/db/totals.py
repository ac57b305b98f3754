"""What takes long to count or to add up is kept until something changes: whoever turns the pages of
a list, or looks at a dashboard again, does not wait again."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from autohub.db.engine import Reading

T = TypeVar("T")
_KEPT: dict[Hashable, Any] = {}
_KEPT_AT_MOST = 5000


def keep_total(db: Reading, state: str, key: Hashable, count: Callable[[], T]) -> T:
    """What `count` returns for `key` while the database is in `state`, which says all that may
    change it (audit.store.current_state). Nobody changes what it returned."""
    if not db.is_snapshot:  # a writer may have changed what it has not told of yet
        return count()
    where = (tuple(sorted(db.stamps().items())), state, key)
    if where not in _KEPT:
        if len(_KEPT) >= _KEPT_AT_MOST:
            _KEPT.clear()
        _KEPT[where] = count()
    found: T = _KEPT[where]
    return found
