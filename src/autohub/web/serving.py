"""Routes over HTTP: what of a request the dispatcher needs, and its answer as the server sends
it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from autohub.kit.errors import HubError, NotFound
from autohub.kit.spool import Spool
from autohub.settings import MEGABYTE, Settings
from autohub.web import assets, bodies, envelopes, form_bodies
from autohub.web.dispatcher import Dispatcher, Incoming
from autohub.web.metrics import Metrics
from autohub.web.routes import Route, Upload
from autohub.web.streaming import Answer

HEADERS = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
"""What every answer says unless it says otherwise."""
PIECES_AT_ONCE = 16
_piece_makers: RunVar[CapacityLimiter | None] = RunVar("piece makers", None)
"""Threads of their own for what is read while it is sent: a slow store of files keeps no page
waiting."""


def handler(dispatcher: Dispatcher, metrics: Metrics, route: Route) -> HTTPRouteHandler:
    """What the server calls for one route."""

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        started = time.perf_counter()
        answer = await _serve(dispatcher, route, request)
        metrics.note(route.method, route.path, answer.status, time.perf_counter() - started)
        return response(answer)

    return HTTPRouteHandler(
        route.path.replace("}", ":str}"),
        http_method=route.method,  # type: ignore[arg-type]
        name=route.name,
        status_code=route.status,
    )(handle)


def incoming_of(request: Request[Any, Any, Any]) -> Incoming:
    """The request as the dispatcher takes it, its body apart."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in request.scope["headers"]
    }
    return Incoming(
        headers=headers,
        query=request.scope["query_string"],
        path={name: str(value) for name, value in request.path_params.items()},
        address=request.url.path,
        client=request.client.host if request.client else "",
    )


async def _serve(dispatcher: Dispatcher, route: Route, request: Request[Any, Any, Any]) -> Answer:
    incoming = incoming_of(request)
    if (route.large or route.uploads or route.admits) and (
        refused := await dispatcher.admit(route, incoming)
    ):
        await bodies.drained(request)
        return refused
    try:
        async with _receive(route, request, incoming, dispatcher.context.settings):
            return await dispatcher.serve(route, incoming)
    except HubError as error:
        return await dispatcher.refuse(route, incoming, error)


@asynccontextmanager
async def _receive(
    route: Route, request: Request[Any, Any, Any], incoming: Incoming, settings: Settings
) -> AsyncIterator[None]:
    """Reads the body into `incoming`; its files last as long as this. Raises TooLarge, Invalid."""
    folder = settings.data_dir / "spool"
    if route.presenter == "page":
        if route.method == "GET":
            yield
        elif route.uploads:
            limit = max(settings.document_limit_mb, settings.import_limit_mb)
            async with form_bodies.read_with_files(request, limit, folder) as incoming.form:
                yield
        else:
            incoming.form = await form_bodies.read(request)
            yield
        return
    limit = _limit(route, settings) * MEGABYTE
    if not route.uploads:
        if route.body is not None:
            incoming.body = await bodies.read(request, limit)
        yield
        return
    if form_bodies.is_multipart(request):
        async with form_bodies.read_with_files(request, limit // MEGABYTE, folder) as form:
            incoming.body, incoming.upload = form_bodies.as_json(form)
            yield
        return
    spool = Spool(folder, json_limit=settings.body_limit_mb * MEGABYTE)
    try:
        await bodies.spooled(request, limit, spool)
        incoming.body = bytes(spool.json)
        incoming.upload = Upload(
            path=spool.path, size=spool.size, sha256=spool.sha256, is_base64=spool.is_base64
        )
        yield
    finally:
        await to_thread.run_sync(spool.discard)


def _limit(route: Route, settings: Settings) -> int:
    """The largest body of a call, in megabytes."""
    if route.uploads:
        return settings.document_limit_mb
    return settings.import_limit_mb if route.large else settings.body_limit_mb


def response(answer: Answer) -> ASGIResponse:
    """An answer with its cookies, of which there may be several, and with what is made while it
    is sent."""
    headers = HEADERS | {"content-type": answer.media} | answer.headers
    cookies = [line for line in headers.pop("set-cookie", "").split("\n") if line]
    sent = [*headers.items(), *(("set-cookie", line) for line in cookies)]
    if answer.rest is not None:
        return ASGIStreamingResponse(
            iterator=pieces(answer.content, answer.rest),
            status_code=answer.status,
            headers=dict(sent),
        )
    return ASGIResponse(body=answer.content, status_code=answer.status, headers=sent)


def plain_response(answer: Answer) -> Response[bytes]:
    """A short answer where the framework takes no other kind: for what it raised itself."""
    return Response(
        answer.content,
        status_code=answer.status,
        media_type=answer.media,
        headers=HEADERS | answer.headers,
    )


async def pieces(first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The beginning at once, then piece by piece, each made in a worker thread while the one
    before is sent; closed also when the client goes away."""

    def make() -> asyncio.Future[bytes | None]:
        return asyncio.ensure_future(to_thread.run_sync(next, rest, None, limiter=limiter))

    limiter = _piece_makers.get(None) or CapacityLimiter(PIECES_AT_ONCE)
    _piece_makers.set(limiter)
    making = make()
    try:
        yield first
        while (piece := await making) is not None:
            making = make()
            yield piece
    finally:
        await asyncio.wait([making])
        close = getattr(rest, "close", None)
        if close:
            await to_thread.run_sync(close)


@get("/static/{name:path}")
async def static_file(name: FromPath[str], request: Request[Any, Any, Any]) -> ASGIResponse:
    asked = incoming_of(request).headers
    version = request.query_params.get("v", "")
    try:
        found = await to_thread.run_sync(
            lambda: assets.answer(str(name).lstrip("/"), version=version, headers=asked)
        )
    except NotFound as error:
        found = envelopes.refusal(error, "a static file")
    return response(found)
