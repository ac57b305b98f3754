"""How many rows a list has in all: counted once, and kept until something changes. Whoever turns
its pages, or asks every minute, does not count again."""

from collections.abc import Callable, Hashable

from autohub.db.engine import Reading

_KEPT: dict[Hashable, int] = {}
_KEPT_AT_MOST = 5000


def keep_total(db: Reading, state: str, key: Hashable, count: Callable[[], int]) -> int:
    """What `count` returns for `key` while the database is in `state`, which says all that may
    change it (audit.store.current_state)."""
    if not db.is_snapshot:  # a writer may have changed what it has not told of yet
        return count()
    where = (tuple(sorted(db.stamps().items())), state, key)
    if where not in _KEPT:
        if len(_KEPT) >= _KEPT_AT_MOST:
            _KEPT.clear()
        _KEPT[where] = count()
    return _KEPT[where]
