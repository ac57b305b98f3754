"""Text search over a folded column, with an index that is written in batches.

SQLite: an FTS5 trigram table; PostgreSQL: a table with a pg_trgm index, where the extension is
there. Kept row by row such an index makes a bulk import several times dearer, so changed rows are
only marked; a search scans the marked ones, and the worker indexes them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Database, Reading, Writing
from autohub.kit.text import is_written_without_blanks, like_pattern, search_form

FEW = 2000


class Search(NamedTuple):
    """What is searched: the table whose `id` and `search_text` columns hold the texts, its
    index, and the rows not yet in it."""

    source: sa.Table
    id: sa.Column[int]
    entries: sa.Table
    pending: sa.Table

    def matching(self, db: Reading, text: str) -> sa.ColumnElement[bool]:
        """Rows in which every word of `text` stands; one or two letters of a script with
        blanks must begin a word. An exact id is found too."""
        words = search_form(text).split()
        matches = sa.and_(*(self._holds(word) for word in words))
        is_id = text.isascii() and text.isdigit() and len(text) < 16
        exact = self.id == int(text) if is_id else sa.false()
        candidates = self._candidates(db, [word for word in words if len(word) > 2])
        if candidates is None:
            return sa.or_(matches, exact)
        few = None if db.is_sqlite else self._few(db, candidates)
        if few is not None:
            return sa.and_(
                db.one_of(self.id, [*few, *([int(text)] if is_id else [])]), sa.or_(matches, exact)
            )
        listed = sa.union(candidates, select(self.pending.c[self.id.name]))
        if is_id:
            listed = sa.union(
                candidates,
                select(self.pending.c[self.id.name]),
                select(sa.literal(int(text), sa.BigInteger)),
            )
        return sa.and_(self.id.in_(listed), sa.or_(matches, exact))

    def _few(self, db: Reading, candidates: sa.Select[Any]) -> list[int] | None:
        """PostgreSQL: the candidates themselves when they are few, because the planner takes
        them for thousands and would rather read the whole table."""
        found = db.numbers(candidates.limit(FEW + 1))
        if len(found) <= FEW:
            found += db.numbers(select(self.pending.c[self.id.name]).limit(FEW + 1))
        return found if len(found) <= FEW else None

    def _holds(self, word: str) -> sa.ColumnElement[bool]:
        pattern, column = like_pattern(word), self.source.c.search_text
        if len(word) > 2 or is_written_without_blanks(word):
            return column.like(f"%{pattern}%", escape="\\")
        return sa.or_(
            column.like(f"{pattern}%", escape="\\"), column.like(f"% {pattern}%", escape="\\")
        )

    def _candidates(self, db: Reading, words: Sequence[str]) -> sa.Select[Any] | None:
        """The ids that the trigram index offers; None when no word is long enough for it."""
        if not words:
            return None
        rowid = self.entries.c.rowid
        if not db.is_sqlite:
            return select(rowid).where(
                *(
                    self.entries.c.text.like(f"%{like_pattern(word)}%", escape="\\")
                    for word in words
                )
            )
        return select(rowid).where(
            sa.text(f"{self.entries.name} MATCH :grams").bindparams(
                grams=" AND ".join(trigrams(words))
            )
        )

    def again(self, db: Writing, ids: Sequence[int]) -> None:
        """Marks rows whose entry is out of date. The mark is rewritten when it is there, so that
        an indexer that is just taking it waits for this change and reads its text."""
        if not ids:
            return
        key = self.id.name
        conflict = f"ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}"
        source = f"SELECT {key} FROM {self.source.name} WHERE {key} {db.driver_in} {conflict}"
        db.driver_change(
            f"INSERT INTO {self.pending.name} ({key}) {source}", (db.driver_list(ids),)
        )

    def mark_new(self, db: Writing, ids: Sequence[int]) -> None:
        """`again` for rows that were just inserted."""
        db.insert_many(self.pending, (self.id.name,), [(row_id,) for row_id in ids])

    def forget(self, db: Writing, row_id: int) -> None:
        db.change(self.pending.delete().where(self.pending.c[self.id.name] == row_id))
        db.change(self.entries.delete().where(self.entries.c.rowid == row_id))

    def index_some(self, db: Writing, *, limit: int) -> int:
        """Brings up to `limit` rows into the index and returns how many they were."""
        key, pending = self.id.name, self.pending.name
        chosen = f"SELECT {key} FROM {pending} ORDER BY {key} LIMIT {limit}"
        # As an array PostgreSQL looks for them once; as a subquery it may look anew for every row.
        wanted = (
            f"IN ({chosen})" if db.is_sqlite else f"= ANY(ARRAY({chosen} FOR UPDATE SKIP LOCKED))"
        )
        ids = db.scalars(sa.text(f"DELETE FROM {pending} WHERE {key} {wanted} RETURNING {key}"))
        if not ids:
            return 0
        bound = (db.driver_list(ids),)
        db.driver_change(f"DELETE FROM {self.entries.name} WHERE rowid {db.driver_in}", bound)
        texts = (
            f"SELECT {key}, search_text FROM {self.source.name} WHERE {key} {db.driver_in} AND "
            "search_text IS NOT NULL"
        )
        db.driver_change(
            f"INSERT INTO {self.entries.name} (rowid, text) {texts} ORDER BY {key}", bound
        )
        return len(ids)

    def tidy(self, database: Database) -> None:
        """After much was indexed, lets PostgreSQL throw away what is left of the marks, empty
        the trigram index's own waiting list, and see how large the tables are now; a search
        would read through all of it, or scan everything. SQLite needs none of this."""
        if not database.is_sqlite:
            for table in (self.pending, self.entries):
                database.outside_transactions(f"VACUUM (ANALYZE) {table.name}")
            database.outside_transactions(f"ANALYZE {self.source.name}")

    def waiting(self, db: Reading) -> int:
        """How many rows are not yet in the index."""
        return int(db.scalar(select(func.count()).select_from(self.pending)))


def trigrams(words: Sequence[str]) -> list[str]:
    """The three-letter pieces of `words`, quoted for FTS5."""
    grams = {word[i : i + 3] for word in words for i in range(len(word) - 2)}
    return ['"' + gram.replace('"', '""') + '"' for gram in sorted(grams)]
