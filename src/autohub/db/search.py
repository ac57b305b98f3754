"""Text search over a folded column, with an index that is written in batches.

SQLite: an FTS5 trigram table; PostgreSQL: a table with a pg_trgm index, where the extension is
there. Kept row by row such an index makes a bulk import several times dearer, so changed rows are
only marked; a search scans the marked ones, and the worker indexes them.
"""

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Database, Reading, Writing
from autohub.db.statements import Statement, among, bind
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import find_words, is_written_without_blanks, like_pattern, search_form

FEW, MOST_WORDS = 2000, 60
INDEXED, WITHOUT_BLANKS, SHORT = "i", "b", "s"
"""Words of three letters and more, which the index knows; shorter ones of scripts without blanks,
which are found anywhere; and others, which must begin a word."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SLUG = re.compile(r"#\d+|[^\W_]+(?:-[^\W_]+)+-\d+")
"""A whole address's last part, which leads to its row whatever the row is called today; a word with
one dash, such as covid-19, is none."""


Bind = Callable[[str], sa.ColumnElement[Any]]


COMMON_AT_MOST = 2000
_COMMON: set[tuple[Any, ...]] = set()


class Shape(NamedTuple):
    """How a search is asked, its words apart: searches of one shape are one statement."""

    ways: tuple[str, ...]  # the ways to read the text, a letter of _kind for each word
    named: str  # "", "uuid", "id", or "after " and the kinds of the words that stand before an id
    source: Literal["scan", "match", "like", "listed"]
    """All rows; what the index offers, on SQLite or on PostgreSQL; the few that it offered."""


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
        """`condition`, with its values in it."""
        shape, values = self.read(db, text)
        return self.condition(shape, lambda name: sa.literal(values[name]), values.get("few"))

    def read(self, db: Reading, text: str) -> tuple[Shape, dict[str, Any]]:
        """The shape of a search, and the values that its condition is run with.

        It finds rows in which every word of `text` stands; one or two letters of a script with
        blanks must begin a word. An exact id is found too, and where rows have `names`, so are the
        names by which the hub itself shows them: uuid, '#153', slug and former slugs, the id
        beside words, and words whatever stands between them.
        """
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
        values: dict[str, Any] = {}
        for number, way in enumerate(ways):
            values |= _patterns(f"w{number}", way)
            values[f"grams{number}"] = " AND ".join(trigrams([w for w in way if len(w) > 2]))
        named, told = self._named(text, plain)
        values |= told
        shape = Shape(tuple("".join(map(_kind, way)) for way in ways), named, "scan")
        if all(INDEXED in way for way in shape.ways):
            shape = shape._replace(source=self._find_source(db, shape, values))
        return shape, values

    def condition(
        self, shape: Shape, value: Bind = bind, few: Sequence[int] | None = None
    ) -> sa.ColumnElement[bool]:
        """Rows that a search of this shape finds; what `read` returned comes when it is run, or
        through `value` and `few`."""
        named = self._is_named(shape.named, value)
        matches = sa.or_(
            *(self._holds(f"w{number}", way, value) for number, way in enumerate(shape.ways)),
            *named,
        )
        if shape.source == "scan":
            return matches
        if shape.source == "listed":
            return sa.and_(sa.or_(among(self.id, "few", few), *named), matches)
        sure = [select(self.id).where(condition) for condition in named]
        pending = select(self.pending.c[self.id.name])
        offered = (
            self._candidates(number, way, value, matched=shape.source == "match")
            for number, way in enumerate(shape.ways)
        )
        listed = sa.union(*offered, *sure, pending)
        return sa.and_(self.id.in_(listed), matches)

    def _named(self, text: str, words: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """Whether `text` names rows, and how; `words` are those in it."""
        if self.names is not None and _UUID.fullmatch(text.strip()):
            return "uuid", {"uuid": text.strip().lower()}
        last = words[-1] if words else ""
        if not (last.isascii() and last.isdigit() and len(last) < 16):
            return "", {}
        alone = len(words) == 1 and (self.names is not None or text == last)
        if alone or (self.names is not None and _SLUG.fullmatch(text.strip())):
            return "id", {"id": int(last)}
        if self.names is None:
            return "", {}
        before = words[:-1]
        return "after " + "".join(map(_kind, before)), {"id": int(last)} | _patterns("n", before)

    def _is_named(self, named: str, value: Bind) -> list[sa.ColumnElement[bool]]:
        if not named:
            return []
        if named == "uuid":
            assert self.names is not None
            return [self.names == value("uuid")]
        is_id = self.id == value("id")
        if named == "id":
            return [is_id]
        return [sa.and_(is_id, self._holds("n", named.removeprefix("after "), value))]

    def _find_source(
        self, db: Reading, shape: Shape, values: dict[str, Any]
    ) -> Literal["scan", "match", "like", "listed"]:
        """Where rows are looked for. All are scanned where a page is found sooner in the order of
        the list than by collecting all candidates first: of `n` rows of which `m` match, a page of
        a hundred lies within about 100 n / m, fewer than m from m = 10 √n on. Of fewer the index
        is asked once, and what it offered is listed."""
        ((rows,),) = db.driver_rows(f"SELECT max({self.id.name}) FROM {self.source.name}")
        many = max(FEW, int(10 * math.sqrt(rows or 0)))
        grams = (values[f"grams{number}"] for number in range(len(shape.ways)))
        words = (self.entries.name, many // 100, *grams)
        if words in _COMMON:
            return "scan"
        few: list[int] = []
        for number, way in enumerate(shape.ways):
            offered = _offered(self, number, way, db.is_sqlite)
            few += db.scalars(offered, values | {"most": many + 1})
        if len(few) > many:
            return _note_common(words)
        if len(few) <= FEW:
            few += db.numbers(select(self.pending.c[self.id.name]).limit(FEW + 1))
        if len(few) > FEW:
            return "match" if db.is_sqlite else "like"
        values["few"] = few
        return "listed"

    def _holds(self, name: str, way: str, value: Bind) -> sa.ColumnElement[bool]:
        column = self.source.c.search_text
        parts: list[sa.ColumnElement[bool]] = []
        for number, kind in enumerate(way):
            holds: sa.ColumnElement[bool] = column.like(value(f"{name}_{number}"), escape="\\")
            if kind == SHORT:
                later = column.like(value(f"{name}_{number}_later"), escape="\\")
                holds = sa.or_(holds, later)
            parts.append(holds)
        return sa.and_(*parts)

    def _candidates(self, number: int, way: str, value: Bind, *, matched: bool) -> sa.Select[Any]:
        """The ids that the trigram index offers for one way to read a text."""
        rowid = self.entries.c.rowid
        if matched:
            entries: Any = sa.literal_column(self.entries.name)
            return select(rowid).where(entries.op("MATCH")(value(f"grams{number}")))
        words = [at for at, kind in enumerate(way) if kind == INDEXED]
        like = [self.entries.c.text.like(value(f"w{number}_{at}"), escape="\\") for at in words]
        return select(rowid).where(*like)

    def again(self, db: Writing, ids: Sequence[int]) -> None:
        """Marks rows whose entry is out of date. The mark is rewritten when it is there, so that
        an indexer that is just taking it waits for this change and reads its text."""
        if not ids:
            return
        key = self.id.name
        conflict = f"ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}"
        source = f"SELECT {key} FROM {self.source.name} WHERE {key} {db.driver_in} {conflict}"
        db.change_later(f"INSERT INTO {self.pending.name} ({key}) {source}", (db.driver_list(ids),))

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


def _note_common(words: tuple[Any, ...]) -> Literal["scan"]:
    """That words are common is not counted again until the table has grown; it makes a search slow
    or quick, never right or wrong."""
    if len(_COMMON) >= COMMON_AT_MOST:
        _COMMON.clear()
    _COMMON.add(words)
    return "scan"


@lru_cache
def _offered(search: Search, number: int, way: str, is_sqlite: bool) -> Statement:
    candidates = search._candidates(number, way, bind, matched=is_sqlite)
    return Statement(candidates.limit(bind("most", sa.BigInteger)))


def _kind(word: str) -> str:
    if len(word) > 2:
        return INDEXED
    return WITHOUT_BLANKS if is_written_without_blanks(word) else SHORT


def _patterns(name: str, words: Sequence[str]) -> dict[str, str]:
    """What `_holds` is run with."""
    found = {}
    for number, word in enumerate(words):
        pattern, is_short = like_pattern(word), _kind(word) == SHORT
        found[f"{name}_{number}"] = f"{pattern}%" if is_short else f"%{pattern}%"
        if is_short:
            found[f"{name}_{number}_later"] = f"% {pattern}%"
    return found


def trigrams(words: Sequence[str]) -> list[str]:
    """The three-letter pieces of `words`, quoted for FTS5."""
    grams = {word[i : i + 3] for word in words for i in range(len(word) - 2)}
    return ['"' + gram.replace('"', '""') + '"' for gram in sorted(grams)]
