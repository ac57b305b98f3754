"""Rows that share the most telling pieces with a text: candidates for duplicates, to be looked
at closely by whoever asks."""

import msgspec
import sqlalchemy as sa
from sqlalchemy import case, func, select

from autohub.db.engine import Reading
from autohub.db.search import Search
from autohub.kit.text import like_pattern

READ_AT_MOST = 20_000
"""How many index entries are read for a name, and as many for a text."""


def find_similar(
    db: Reading,
    search: Search,
    vocabulary: str,
    names: sa.Column[str],
    name: str,
    text: str,
    *,
    limit: int,
) -> list[int]:
    """Ids, the likeliest first. `name` and `text` are folded; `vocabulary` is the FTS5 table
    that counts pieces (SQLite), `names` the folded column with a trigram index (PostgreSQL)."""
    if db.is_sqlite:
        return _sharing_pieces(db, search, vocabulary, name, text, limit=limit)
    return _sharing_words(db, search, names, name, text, limit=limit)


def _sharing_pieces(
    db: Reading, search: Search, vocabulary: str, name: str, text: str, *, limit: int
) -> list[int]:
    """SQLite: by the rarest three-letter pieces, whose lists in the index are short; a piece
    counts the more, the rarer it is."""
    weights: dict[int, float] = {}
    counts = sa.text(
        f"SELECT term, doc FROM {vocabulary} WHERE term IN (SELECT value FROM json_each(:grams))"
    )
    entries = search.entries.name
    holders = sa.text(f"SELECT rowid FROM {entries} WHERE {entries} MATCH :gram LIMIT 5000")
    for source, share in ((name, 2.0), (text[:400], 1.0)):
        grams = sorted({word[i : i + 3] for word in source.split() for i in range(len(word) - 2)})
        counted = db.rows(counts, {"grams": msgspec.json.encode(grams).decode()})
        read = 0
        for row in sorted(counted, key=lambda row: (row.doc, row.term))[:24]:
            quoted = '"' + row.term.replace('"', '""') + '"'
            for row_id in db.scalars(holders, {"gram": quoted}):
                weights[row_id] = weights.get(row_id, 0.0) + share / (1 + row.doc) ** 0.5
            read += row.doc
            if read > READ_AT_MOST:
                break
    return sorted(weights, key=lambda row_id: (-weights[row_id], row_id))[:limit]


def _sharing_words(
    db: Reading, search: Search, names: sa.Column[str], name: str, text: str, *, limit: int
) -> list[int]:
    """PostgreSQL: names that are spelled alike, then texts that hold the longest words."""
    found: list[int] = []
    if db.scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")):
        db.scalar(sa.text("SELECT set_config('pg_trgm.similarity_threshold', '0.2', true)"))
        alike = func.similarity(names, name)
        query = select(search.id).where(names.op("%")(name)).order_by(alike.desc(), search.id)
        found = db.numbers(query.limit(limit // 2))
    words = sorted({word for word in name.split() if len(word) > 3}, key=len, reverse=True)[:5]
    words += sorted({word for word in text[:400].split() if len(word) > 6}, key=len, reverse=True)[
        :5
    ]
    holds = [
        case((search.entries.c.text.like(f"%{like_pattern(word)}%", escape="\\"), 1), else_=0)
        for word in words
    ]
    if holds:
        some = sa.or_(
            *(search.entries.c.text.like(f"%{like_pattern(word)}%", escape="\\") for word in words)
        )
        many = sum(holds[1:], start=holds[0])
        found += db.numbers(
            select(search.entries.c.rowid)
            .where(some)
            .order_by(many.desc(), search.entries.c.rowid)
            .limit(limit // 2)
        )
    return list(dict.fromkeys(found))
