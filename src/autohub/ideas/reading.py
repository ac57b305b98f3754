"""Records as they go out: stored documents with today's names."""

from collections.abc import Iterator, Sequence

from autohub.db.engine import Reading
from autohub.ideas import store
from autohub.names.model import marks, spliced
from autohub.names.service import Names

CHUNK = 256


def records(db: Reading, ids: Sequence[int]) -> Iterator[list[bytes]]:
    """The records of these ideas, encoded, in this order, some hundred at a time."""
    names = Names(db)
    for start in range(0, len(ids), CHUNK):
        found = store.documents(db, ids[start : start + CHUNK])
        names.learn(key for stored in found for key in marks(stored))
        yield [spliced(stored, names.known) for stored in found]


def record(db: Reading, process_id: int) -> bytes:
    """The record of one idea, encoded."""
    return next(records(db, [process_id]))[0]
