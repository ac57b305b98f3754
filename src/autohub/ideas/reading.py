"""Records as they go out: stored documents with today's names."""

import itertools
from collections.abc import Iterator, Sequence

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.ideas import store
from autohub.ideas.record import IdeaDocument
from autohub.ideas.veil import Veil
from autohub.kit.errors import NotFound
from autohub.kit.sentences import say
from autohub.record_names.model import fill, parts
from autohub.record_names.service import NameCache

FIRST, CHUNK = 32, 256
"""How many at a time: few at first, so that something arrives at once; then many, because each
piece changes threads."""


def stream_records(db: Reading, caller: Caller, ids: Sequence[int]) -> Iterator[bytes]:
    """The records of these ideas in this order, as the caller may see them, encoded and separated
    by commas, some hundred at a time."""
    names, veil = NameCache(db), Veil(db, caller)
    for start, end in itertools.pairwise([0, *range(FIRST, len(ids), CHUNK), len(ids)]):
        found = store.load_documents(db, ids[start:end])
        try:
            pieces = _pieces(found, names)
        except KeyError:  # mostly the first time alone, so that looking first would cost more
            names.learn(key for document in found for key in parts(document.marked)[1::2])
            pieces = _pieces(found, names)
        yield veil.hide(b"".join(pieces), ids[start:end])


def _pieces(found: list[IdeaDocument], names: NameCache) -> list[bytes]:
    """Everything that the records are made of, in order. Raises KeyError for a mark whose name
    is not known yet."""
    pieces: list[bytes] = []
    known = names.known
    for marked, plain in found:
        pieces.append(b",{" if pieces else b"{")
        filled = parts(marked)
        fill(filled, known)
        pieces += filled
        pieces += (b",", plain, b"}")
    return pieces


def encode_record(db: Reading, caller: Caller, process_id: int) -> bytes:
    """The record of one idea, encoded. Raises NotFound for one that the caller may not see."""
    document = store.find_visible_document(db, caller, process_id)
    if document is None:
        raise NotFound(say("There is no idea {process_id}.", process_id=process_id))
    names = NameCache(db)
    names.learn(parts(document.marked)[1::2])
    return Veil(db, caller).hide(b"".join(_pieces([document], names)), [process_id])
