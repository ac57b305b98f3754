"""Lists of ideas: filters out of a query string, and pages that are made while they are sent
(contract 4.2)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from autohub.audit.store import current_state
from autohub.db.engine import Reading
from autohub.ideas.list_store import SORTS, Filters, list_ideas
from autohub.ideas.reading import stream_records
from autohub.kit.etags import make_etag
from autohub.kit.query import PAGING, Page, Param, Query, sorting
from autohub.web.routes import ApiRequest, Stream

DEFAULT_TYPES = (1, 2)
"""Contract 4.1: what is listed unless `submissionType` is given."""

PARAMS = (
    *PAGING,
    Param("s", "text", "Free text, upper and lower case and accents alike."),
    Param("search", "text", "The same, in every type of idea unless `submissionType` is given."),
    *sorting(*SORTS),
    Param(
        "category",
        "number",
        "Those filed under this category or below it.",
        multi=True,
        alias=("hierarchy",),
    ),
    Param(
        "phase", "number", "Those in this phase.", multi=True, alias=("phases",), choices=("all",)
    ),
    Param(
        "status",
        "number",
        "Those with this phase_status_id; `all` for any.",
        multi=True,
        choices=("all",),
    ),
    Param(
        "submissionType",
        "number",
        "Of this type; 1 and 2 unless given, `all` for any.",
        multi=True,
        minimum=-1,
        choices=("all",),
    ),
    Param("bu", "text", "Submitted from this business unit.", multi=True),
    Param("applications", "number", "Those that use this application.", multi=True),
    Param("tags", "text", "Those with this tag.", multi=True),
    Param("ownerId", "number", "Owned by this user_id.", multi=True),
    Param("submitterId", "number", "Submitted by this user_id.", multi=True),
    Param("changeOf", "idea", "Change requests for this automation.", multi=True),
    Param("createdStart", "number", "Created at or after this time, in seconds or milliseconds."),
    Param("createdEnd", "number", "Created at or before this time, in seconds or milliseconds."),
    Param("updatedStart", "number", "Changed at or after this time, in seconds or milliseconds."),
    Param("updatedEnd", "number", "Changed at or before this time, in seconds or milliseconds."),
    Param(
        "deleted",
        "choice",
        "Deleted ideas too, or alone: of each one its ids, its times and process_is_deleted 1.",
        choices=("include", "only"),
    ),
    Param(
        "cursor",
        "number",
        "0 to begin, then what `nextCursor` said, until it is null: ideas by their id, of which no "
        "change meanwhile hides one. Instead of `sort`, `page` and `offset`.",
    ),
    Param("fields", "text", "Only these fields of each record, separated by commas.", multi=True),
)


def parse_filters(query: Query) -> Filters:
    def numbers(name: str) -> list[int]:
        found = query.all(name)
        return [] if "all" in found else found

    types = query.all("submissionType")
    reaches_all = query.get("search") is not None and not types
    return Filters(
        text=query.get("s") or query.get("search"),
        deleted=query.get("deleted") or "",
        after_id=query.get("cursor"),
        category_ids=query.all("category"),
        phase_ids=numbers("phase"),
        status_ids=numbers("status"),
        submission_types=numbers("submissionType") if types or reaches_all else DEFAULT_TYPES,
        business_units=query.all("bu"),
        application_ids=query.all("applications"),
        tags=query.all("tags"),
        owner_ids=query.all("ownerId"),
        submitter_ids=query.all("submitterId"),
        change_of_ids=query.all("changeOf"),
        created=(query.moment("createdStart"), query.moment("createdEnd")),
        updated=(query.moment("updatedStart"), query.moment("updatedEnd")),
    )


def _fields(query: Query) -> set[str]:
    return {name.strip() for text in query.all("fields") for name in text.split(",")} - {""}


def _narrow(records: bytes, fields: set[str]) -> bytes:
    """Encoded records with these fields alone; the id is always one of them."""
    kept = fields | {"process_id"}
    found = msgspec.json.decode(b"[%b]" % records, type=list[dict[str, msgspec.Raw]])
    narrow = [{name: part for name, part in each.items() if name in kept} for each in found]
    return msgspec.json.encode(narrow)[1:-1]


def stream_page(request: ApiRequest[Reading]) -> Stream:
    """The page that the query asks for, in its envelope, as a stream."""
    return Stream(page_etag(request), lambda: _pieces(request))


def page_etag(request: ApiRequest[Reading]) -> str:
    """Names the answer: who asks with which reach, what for, and the state of the database that
    is seen."""
    reach = repr((request.caller.user_id, request.caller.grants, request.installation.tenant_id))
    facts = "\n".join((reach, repr(request.query), current_state(request.db)))
    return f"W/{make_etag(facts.encode())}"


def _pieces(request: ApiRequest[Reading]) -> Iterator[bytes]:
    wanted, sort, walks = request.query.page, request.query.sort, request.query.get("cursor")
    if walks is not None:
        wanted, sort = Page(wanted.limit, 0), (None, False)
    ids, total = list_ideas(
        request.db, request.caller, parse_filters(request.query), wanted, sort=sort
    )
    head: dict[str, Any] = wanted.envelope("processes", [], total)
    if walks is not None:
        head = {"nextCursor": ids[-1] if total > len(ids) else None} | head
    envelope = msgspec.json.encode({"message": "Success", "statusCode": 200, "data": head})
    before, _, after = envelope.rpartition(b"[]")
    yield before + b"["
    comma = b""
    fields = _fields(request.query)
    for some in stream_records(request.db, request.caller, ids):
        yield comma + (_narrow(some, fields) if fields else some)
        comma = b","
    yield b"]" + after
