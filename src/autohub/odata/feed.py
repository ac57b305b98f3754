"""An entity set's page, one entity, or how many there are, for a caller."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from autohub.access.model import Caller
from autohub.db.engine import Reading, Row
from autohub.kit.errors import Forbidden, NotFound
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.odata import store
from autohub.odata.model import SETS, EntitySet
from autohub.odata.options import NotOffered, Options, read_options, write_token
from autohub.odata.records import Record, make_records
from autohub.web.routes import check_rights

_PATH = re.compile(r"/(\w+)(?:\((?:\w+=)?(\d{1,15})\))?(/\$count)?/?")

EXPANDED = 50
"""How many ideas a page has at most whose other rows come with them."""


class Feed(NamedTuple):
    """Who asks, and where the feed is."""

    db: Reading
    caller: Caller
    base: str
    now: int
    page_size: int | None = None
    """How many rows the reader wants at once at most."""


def read(feed: Feed, path: str, query: Mapping[str, str]) -> Any:
    """The answer as JSON, or a number. Raises NotFound, Forbidden, Invalid, NotOffered."""
    matched = _PATH.fullmatch(path)
    entity_set = SETS.get(matched[1]) if matched else None
    if matched is None or entity_set is None:
        text = say(
            "There is nothing at {path}; there are {sets}.",
            path=shorten(path),
            sets=", ".join(SETS),
        )
        raise NotFound(text)
    check_caller(feed.caller, entity_set)
    options = read_options(entity_set, query)
    if matched[2] is not None:
        if matched[3] or len(entity_set.key) > 1:
            raise NotOffered("Ask for the set with $filter instead.")
        return _entity(feed, entity_set, int(matched[2]), options)
    if matched[3]:
        _refuse_for_answers(entity_set, "$count")
        counted = options._replace(counts=True, top=None, skip=0, after=(), orders=())
        return store.list_page(feed.db, feed.caller, entity_set, counted, 0).total
    if options.skip or options.counts:
        _refuse_for_answers(entity_set, "$skip" if options.skip else "$count")
    return _page(feed, entity_set, options, query)


def check_caller(caller: Caller, entity_set: EntitySet) -> None:
    """Raises Forbidden as the call does that answers the same records."""
    if caller.is_tenant_level and not entity_set.tenant_level:
        raise Forbidden
    check_rights(caller, entity_set.rights, any_category=entity_set.any_category)


def _refuse_for_answers(entity_set: EntitySet, option: str) -> None:
    if entity_set.name == "Answers":
        raise NotOffered(
            say("Answers take no {option}; they are read page by page.", option=option)
        )


def _page(
    feed: Feed, entity_set: EntitySet, options: Options, query: Mapping[str, str]
) -> dict[str, Any]:
    limit = min(entity_set.per_page, feed.page_size or entity_set.per_page)
    if options.expand:
        limit = min(limit, EXPANDED)
    if options.top is not None:
        limit = min(limit, options.top)
    found = store.list_page(feed.db, feed.caller, entity_set, options, limit)
    records = _records(feed, entity_set, found.rows, options)
    if options.top is not None:
        records = records[: options.top]
    answer: dict[str, Any] = {"@odata.context": _context(feed.base, entity_set, options)}
    if found.total is not None:
        answer["@odata.count"] = found.total
    answer["value"] = records
    left = None if options.top is None else options.top - len(records)
    if found.after is not None and (left is None or left > 0):
        sent = {name: value for name, value in query.items() if name != "$skip"}
        sent["$skiptoken"] = write_token(found.after)
        if left is not None:
            sent["$top"] = str(left)
        asked = urlencode(sent, quote_via=quote, safe="$,")
        answer["@odata.nextLink"] = f"{feed.base}/{entity_set.name}?{asked}"
    return answer


def _entity(feed: Feed, entity_set: EntitySet, key: int, options: Options) -> dict[str, Any]:
    wanted = options._replace(filter=f"{entity_set.key[0]} eq {key}", orders=(), after=())
    found = store.list_page(feed.db, feed.caller, entity_set, wanted, 1)
    records = _records(feed, entity_set, found.rows, options)
    if not records:
        raise NotFound(say("{set} has no {key}.", set=entity_set.name, key=key))
    return {"@odata.context": f"{_context(feed.base, entity_set, options)}/$entity"} | records[0]


def _records(feed: Feed, entity_set: EntitySet, rows: Any, options: Options) -> list[Record]:
    found = make_records(feed.db, feed.caller, entity_set.name, rows, now=feed.now)
    ids = [record[entity_set.key[0]] for record in found]
    if options.select:
        found = [{name: record[name] for name in options.select} for record in found]
    for name in options.expand:
        parts = _expanded(feed, name, ids)
        for number, record in zip(ids, found, strict=True):
            record[name] = parts.get(number, [])
    return found


def _expanded(feed: Feed, name: str, process_ids: list[int]) -> dict[int, list[Record]]:
    """What belongs to each idea of another entity set, for a caller who may read that. Raises
    Forbidden."""
    check_caller(feed.caller, SETS[name])
    rows: list[Row] = list(store.list_rows_of(feed.db, feed.caller, name, process_ids))
    found: dict[int, list[Record]] = {}
    for record in make_records(feed.db, feed.caller, name, rows, now=feed.now):
        found.setdefault(record["process_id"], []).append(record)
    return found


def _context(base: str, entity_set: EntitySet, options: Options) -> str:
    parts = [*options.select, *(f"{name}()" for name in options.expand)]
    return f"{base}/$metadata#{entity_set.name}" + (f"({','.join(parts)})" if parts else "")
