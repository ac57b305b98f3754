"""Text search over a folded column, with an index that is written in batches.

SQLite: an FTS5 trigram table; PostgreSQL: a table with a pg_trgm index, where the extension is
there. Kept row by row such an index makes a bulk import several times dearer, so changed rows are
only marked; a search scans the marked ones, and the worker indexes them.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Database, Reading, Writing
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import find_words, is_written_without_blanks, like_pattern, search_form

FEW, MOST_WORDS = 2000, 60
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SLUG = re.compile(r"#\d+|[^\W_]+(?:-[^\W_]+)+-\d+")
"""A whole address's last part, which leads to its row whatever the row is called today; a word with
one dash, such as covid-19, is none."""


class Search(NamedTuple):
    """What is searched: the table whose `id` and `search_text` columns hold the texts, its
    index, and the rows not yet in it; `names` is the column of their uuids, for rows that have
    slugs."""

    source: sa.Table
    id: sa.Column[int]
    entries: sa.Table
    pending: sa.Table
    names: sa.Column[str] | None = None

    def matching(self, db: Reading, text: str) -> sa.ColumnElement[bool]:
        """Rows in which every word of `text` stands; one or two letters of a script with
        blanks must begin a word. An exact id is found too, and where rows have `names`, so are the
        names by which the hub itself shows them: uuid, '#153', slug and former slugs, the id
        beside words, and words whatever stands between them."""
        words = search_form(text).split()
        plain = find_words(search_form(text)) if self.names is not None else words
        if len(plain) > MOST_WORDS:
            raise Invalid(
                say(
                    "A search has at most {limit} words; this one has {count}.",
                    limit=MOST_WORDS,
                    count=len(plain),
                )
            )
        ways = [words, plain] if plain and plain != words else [words]
        named = self._named(text, plain)
        matches = sa.or_(*(sa.and_(*map(self._holds, way)) for way in ways), *named)
        offered = [self._candidates(db, [word for word in way if len(word) > 2]) for way in ways]
        sure = [select(self.id).where(condition) for condition in named]
        candidates = [each for each in offered if each is not None]
        if len(candidates) < len(ways):
            return matches
        few = None if db.is_sqlite else self._few(db, candidates)
        if few is not None:
            listed = [sa.or_(db.one_of(self.id, few), *named)]
        else:
            pending = select(self.pending.c[self.id.name])
            listed = [self.id.in_(sa.union(*candidates, *sure, pending))]
        return sa.and_(*listed, matches)

    def _named(self, text: str, words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
        """Conditions for rows that `text` names; `words` are those in it."""
        last = words[-1] if words else ""
        if not (last.isascii() and last.isdigit() and len(last) < 16):
            is_uuid = self.names is not None and _UUID.fullmatch(text.strip())
            return [self.names == text.strip().lower()] if is_uuid else []  # type: ignore[list-item]
        is_id = self.id == int(last)
        alone = len(words) == 1 and (self.names is not None or text == last)
        if alone or (self.names is not None and _SLUG.fullmatch(text.strip())):
            return [is_id]
        return [sa.and_(is_id, *map(self._holds, words[:-1]))] if self.names is not None else []

    def _few(self, db: Reading, candidates: Sequence[sa.Select[Any]]) -> list[int] | None:
        """PostgreSQL: the candidates themselves when they are few, because the planner takes
        them for thousands and would rather read the whole table."""
        found = [number for each in candidates for number in db.numbers(each.limit(FEW + 1))]
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
            sa.literal_column(self.entries.name).op("MATCH")(" AND ".join(trigrams(words)))
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
