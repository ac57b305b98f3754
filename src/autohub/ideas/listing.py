"""Lists of ideas: filters out of a query string, and pages that are made while they are sent
(contract 4.2)."""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from autohub.db.engine import Reading
from autohub.ideas import store
from autohub.ideas.reading import stream_records
from autohub.ideas.store import Filters
from autohub.kit.query import PAGING, SEARCH, Param, Query, sorting
from autohub.web.routes import ApiRequest, Stream

DEFAULT_TYPES = (1, 2)
"""Contract 4.1: what is listed unless `submissionType` is given."""

PARAMS = (
    *PAGING,
    *SEARCH,
    *sorting(*store.SORTS),
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
)


def parse_filters(query: Query) -> Filters:
    def numbers(name: str) -> list[int]:
        found = query.all(name)
        return [] if "all" in found else found

    types = query.all("submissionType")
    return Filters(
        text=query.get("s"),
        category_ids=query.all("category"),
        phase_ids=numbers("phase"),
        status_ids=numbers("status"),
        submission_types=numbers("submissionType") if types else DEFAULT_TYPES,
        business_units=query.all("bu"),
        application_ids=query.all("applications"),
        tags=query.all("tags"),
        owner_ids=query.all("ownerId"),
        submitter_ids=query.all("submitterId"),
        change_of_ids=query.all("changeOf"),
        created=(query.moment("createdStart"), query.moment("createdEnd")),
        updated=(query.moment("updatedStart"), query.moment("updatedEnd")),
    )


def stream_page(request: ApiRequest[Reading]) -> Stream:
    """The page that the query asks for, in its envelope, as a stream."""
    return Stream(page_etag(request), lambda: _pieces(request))


def page_etag(request: ApiRequest[Reading]) -> str:
    """Names the answer: who asks with which reach, what for, and the state of the database that
    is seen."""
    reach = repr((request.caller.user_id, request.caller.grants, request.installation.tenant_id))
    facts = "\n".join((reach, repr(request.query), store.list_stamp(request.db)))
    return f'W/"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"'


def _pieces(request: ApiRequest[Reading]) -> Iterator[bytes]:
    wanted = request.query.page
    ids, total = store.list_ideas(
        request.db, request.caller, parse_filters(request.query), wanted, sort=request.query.sort
    )
    head: dict[str, Any] = wanted.envelope("processes", [], total)
    envelope = msgspec.json.encode({"message": "Success", "statusCode": 200, "data": head})
    before, _, after = envelope.rpartition(b"[]")
    yield before + b"["
    comma = b""
    for some in stream_records(request.db, ids):
        yield comma + some
        comma = b","
    yield b"]" + after
