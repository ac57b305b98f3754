"""Every statement about what tables said of ideas."""

from collections.abc import Mapping, Sequence

import msgspec

from autohub.db.engine import Reading, Writing
from autohub.db.schema import idea_import

_decoder = msgspec.json.Decoder(dict[str, tuple[str, str]])
Said = dict[str, tuple[str, str]]
"""By field: fingerprints of what the table said when it was imported last, and of what that made
of the idea."""


def said_of(db: Reading, ids: Sequence[int]) -> dict[int, Said]:
    """What was said of these ideas; those of which nothing is known are left out."""
    sql = f"SELECT process_id, said FROM idea_import WHERE process_id {db.driver_in}"
    return {
        process_id: _decoder.decode(raw)
        for process_id, raw in db.driver_rows(sql, (db.driver_list(ids),))
    }


def keep_said(db: Writing, said: Mapping[int, Said]) -> None:
    """Puts what was said in the place of what was known."""
    ids = list(said)
    db.change(idea_import.delete().where(db.one_of(idea_import.c.process_id, ids)))
    rows = [(process_id, msgspec.json.encode(said[process_id]).decode()) for process_id in ids]
    db.insert_many(idea_import, ("process_id", "said"), rows)
