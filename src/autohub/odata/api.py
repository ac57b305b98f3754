"""OData over HTTP: everything below `/odata/`. The parser is imported when the first reader
calls."""

import re
from functools import cache
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.kit.errors import HubError
from autohub.kit.sentences import encode
from autohub.odata.metadata import build_metadata, service_document
from autohub.web.mounts import MountRequest, ODataRoutes, Protocol
from autohub.web.streaming import Answer

PREFIX = "/odata"
JSON = "application/json;odata.metadata=minimal"
routes = ODataRoutes("OData")
_PAGE_SIZE = re.compile(r"(?:odata\.)?maxpagesize=(\d{1,6})")


def render_error(error: HubError) -> bytes:
    faults = [f"{name}: {' '.join(texts)}" for name, texts in error.details.items()]
    told = {"code": str(error.status), "message": " ".join([error.message, *faults])}
    return encode({"error": told})


PROTOCOL = Protocol(
    media="application/json",
    challenge='Basic realm="A token of the hub as password", charset="UTF-8"',
    render_error=render_error,
    takes_basic=True,
)


@cache
def _load_serving() -> Any:
    from autohub.odata import feed

    return feed


@cache
def _metadata() -> bytes:
    from autohub.odata import store

    return build_metadata({name: frozenset(found) for name, found in store.COLUMNS.items()})


def _serve(request: MountRequest) -> Answer:
    """Reads the hub's data as OData v4"""
    base = request.settings.base_url + PREFIX
    if request.rest == "/":
        return _answer(encode(service_document(base)))
    if request.rest == "/$metadata":
        return _answer(_metadata(), "application/xml")
    served = _load_serving()
    wanted = _PAGE_SIZE.search(request.headers.get("prefer", "").lower())
    feed = served.Feed(
        db=request.db,
        caller=request.caller,
        base=base,
        now=request.now,
        page_size=max(int(wanted[1]), 1) if wanted else None,
    )
    found = served.read(feed, request.rest, request.query)
    if isinstance(found, int):
        return _answer(str(found).encode(), "text/plain")
    return _answer(encode(found))


def _answer(content: bytes, media: str = JSON) -> Answer:
    return Answer(status=200, content=content, media=media, headers={"odata-version": "4.0"})


for path in (PREFIX, f"{PREFIX}/{{rest:path}}"):
    routes("GET", path, rights=ANY_RIGHT, tenant_level=True)(_serve)
