"""The one place where everything is wired."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from anyio import to_thread
from litestar import Litestar, Request, Response, Router, get, post
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

from autohub.above import ABOVE
from autohub.access import api as access
from autohub.access.routes import Route, Upload
from autohub.apps import api as apps
from autohub.assessments import api as assessments
from autohub.benefits import api as benefits
from autohub.categories import api as categories
from autohub.collaborators import api as collaborators
from autohub.components import api as components
from autohub.db import outbox, tally
from autohub.discussions import api as discussions
from autohub.documents import api as documents
from autohub.drafts import api as drafts
from autohub.flows import api as flows
from autohub.ideas import api as ideas
from autohub.ideas import store as idea_store
from autohub.imports import api as imports
from autohub.install import opened
from autohub.invitations import api as invitations
from autohub.kit.errors import HubError, Invalid, NotFound, TooLarge, Unavailable, WrongMethod
from autohub.kit.spool import Spool
from autohub.notices import api as notices
from autohub.settings import MEGABYTE, Settings
from autohub.users import api as users
from autohub.users import store as user_store
from autohub.users.pages import Registration
from autohub.web import edge, openapi
from autohub.web.edge import Edge
from autohub.web.metrics import Metrics
from autohub.web.mount import Mount
from autohub.web.pages import REFERENCE_HEADERS, Page, page
from autohub.web.streaming import Answer
from autohub.worker import Worker

log = logging.getLogger("autohub")
DRAINED_AT_MOST = 64 * MEGABYTE
STATIC = Path(__file__).parent / "web" / "static"

ROUTES: tuple[Route, ...] = tuple(
    route
    for noun in (
        users.routes,
        invitations.routes,
        access.role_routes,
        access.token_routes,
        categories.routes,
        apps.routes,
        ideas.routes,
        drafts.routes,
        collaborators.routes,
        discussions.routes,
        documents.routes,
        components.routes,
        benefits.routes,
        notices.routes,
        imports.routes,
        assessments.routes,
        flows.routes,
        access.audit_routes,
    )
    for route in noun.all
)
"""Every call of the Open API."""


class Hub:
    """One server process: its database, its edge, its worker, and the ASGI application over them."""

    def __init__(self, settings: Settings, *, with_worker: bool = True) -> None:
        self.settings = settings
        self.database, self.installation = opened(settings)
        self.edge = Edge(self.database, settings, self.installation, ABOVE)
        self.worker = Worker(self.database, settings, self.installation, self.edge.authenticator, self.edge.blobs)
        self.metrics = Metrics()
        self._with_worker = with_worker
        self._document = msgspec.json.encode(openapi.document(ROUTES, base_url=settings.base_url))
        self.asgi: ASGIApp = Mount(self._litestar(), settings)

    def _litestar(self) -> Litestar:
        handlers: list[Any] = [self._handler(route) for route in ROUTES]
        api = Router(openapi.PREFIX, route_handlers=handlers)
        static = create_static_files_router(path="/static", directories=[STATIC], opt={"exclude_from_auth": True})
        return Litestar(
            [api, static, *self._plain_handlers()],
            exception_handlers={Exception: _failed},
            openapi_config=None,
            logging_config=None,
            lifespan=[self._lifespan],
            request_max_body_size=None,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        if self._with_worker:
            self.worker.start()
        try:
            yield
        finally:
            self.worker.stop()
            self.database.close()

    def _handler(self, route: Route) -> HTTPRouteHandler:
        settings = self.settings
        limit = _limit(route, settings) * MEGABYTE

        async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
            started = time.perf_counter()
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
            client = request.client.host if request.client else ""
            asked = edge.Request(headers, request.scope["query_string"], request.path_params, client)
            answer = await self._served(route, asked, request, limit)
            self.metrics.note(route.method, route.path, answer.status, time.perf_counter() - started)
            return _response(answer)

        path = route.path.replace("}", ":str}")
        return HTTPRouteHandler(path, http_method=route.method, name=openapi.operation_id(route), status_code=route.status)(handle)  # type: ignore[arg-type]

    async def _served(self, route: Route, asked: edge.Request, request: Request[Any, Any, Any], limit: int) -> Answer:
        if (route.large or route.uploads) and (refused := await self.edge.admit(route, asked)):
            await _drained(request)
            return refused
        try:
            if route.uploads:
                return await self._uploaded(route, asked, request, limit)
            if route.body is not None:
                asked.body = await _read(request, limit)
        except HubError as error:
            return edge.refusal(error)
        return await self.edge.serve(route, asked)

    async def _uploaded(self, route: Route, asked: edge.Request, request: Request[Any, Any, Any], limit: int) -> Answer:
        """Serves a call whose body brings a file, which goes to disk while it arrives."""
        spool = Spool(self.settings.data_dir / "spool", json_limit=self.settings.body_limit_mb * MEGABYTE)
        try:
            await _spooled(request, limit, spool)
            asked.body = bytes(spool.json)
            asked.upload = Upload(spool.path, spool.size, spool.sha256, spool.is_base64)
            return await self.edge.serve(route, asked)
        finally:
            await to_thread.run_sync(spool.discard)

    def _plain_handlers(self) -> list[Any]:
        registration = Registration(self.database, self.settings, self.installation)

        @get("/healthz", sync_to_thread=False)
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @get("/readyz")
        async def readyz() -> Response[bytes]:
            return _response(await to_thread.run_sync(self._ready))

        @get("/metrics")
        async def metrics() -> Response[bytes]:
            return _response(await to_thread.run_sync(self._measured))

        @get("/api/v1/api-doc", sync_to_thread=False)
        def reference() -> Response[bytes]:
            return _html(page("api-doc.html", headers=REFERENCE_HEADERS))

        @get("/api/v1/api-doc/openapi.json", sync_to_thread=False)
        def document() -> Response[bytes]:
            return _response(Answer(200, self._document))

        @get("/register/{token:str}")
        async def show(token: FromPath[str]) -> Response[bytes]:
            return _html(await to_thread.run_sync(registration.show, token))

        @post("/register/{token:str}")
        async def submit(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
            raw = await _read(request, MEGABYTE)
            fields = dict(parse_qsl(raw.decode("utf-8", errors="replace"), max_num_fields=50))
            return _html(await to_thread.run_sync(registration.submit, token, fields))

        @get("/", sync_to_thread=False)
        def home() -> Response[bytes]:
            return Response(b"", status_code=303, headers={"location": "/api/v1/api-doc/"})

        return [healthz, readyz, metrics, reference, document, show, submit, home]

    def _ready(self) -> Answer:
        try:
            with self.database.reading() as db:
                tally.count(db, user_store.TALLY)
        except Unavailable as error:
            return edge.refusal(error)
        return Answer(200, b'{"status":"ready"}')

    def _measured(self) -> Answer:
        with self.database.reading() as db:
            states = outbox.waiting(db)
            gauges = {
                "users": ("Accounts outside the trash.", float(tally.count(db, user_store.TALLY))),
                "outbox_queued": ("Mails and jobs that wait.", float(states.get("queued", 0))),
                "outbox_failed": ("Mails and jobs that were given up.", float(states.get("failed", 0))),
                "search_pending": (
                    "Accounts and ideas that are not yet in the search index.",
                    float(user_store.SEARCH.waiting(db) + idea_store.SEARCH.waiting(db)),
                ),
            }
        return Answer(200, self.metrics.text(gauges).encode(), "text/plain; version=0.0.4; charset=utf-8")


def create(settings: Settings, *, with_worker: bool = True) -> ASGIApp:
    """The ASGI application."""
    return Hub(settings, with_worker=with_worker).asgi


def _limit(route: Route, settings: Settings) -> int:
    """The largest body of a call, in megabytes."""
    if route.uploads:
        return settings.document_limit_mb
    return settings.import_limit_mb if route.large else settings.body_limit_mb


async def _spooled(request: Request[Any, Any, Any], limit: int, spool: Spool) -> None:
    """Feeds the body to `spool`, a megabyte at a time. Raises TooLarge, Invalid."""
    declared = request.headers.get("content-length", "0")
    too_large = TooLarge(f"The body is larger than the {limit // MEGABYTE} MB that this call takes; send a link instead.")
    if declared.isdigit() and int(declared) > limit:
        await _drained(request)
        raise too_large
    waiting = bytearray()
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                await _drained(request)
                raise too_large
            waiting += part
            if len(waiting) >= MEGABYTE:
                await to_thread.run_sync(spool.feed, bytes(waiting))
                waiting.clear()
    except HTTPException as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    await to_thread.run_sync(spool.feed, bytes(waiting))
    await to_thread.run_sync(spool.finish)


async def _read(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The body. Raises TooLarge when it is longer than `limit`, once all of it was passed over, so that the client hears it."""
    declared = request.headers.get("content-length", "0")
    parts: list[bytes] = []
    size = 0
    too_large = TooLarge(f"The body is larger than the {limit // MEGABYTE} MB that this call takes; split it, or send less.")
    if declared.isdigit() and int(declared) > limit:
        await _drained(request)
        raise too_large
    try:
        async for part in request.stream():
            size += len(part)
            if size <= limit:
                parts.append(part)
            elif size > limit + DRAINED_AT_MOST:
                break
    except HTTPException as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    if size > limit:
        raise too_large
    return b"".join(parts)


async def _drained(request: Request[Any, Any, Any]) -> None:
    """Passes over a body that is refused, so that a client that sends before it listens hears why; not endlessly."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > DRAINED_AT_MOST:
            return


def _response(answer: Answer) -> Response[Any]:
    headers = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"} | answer.headers
    if answer.rest is not None:
        return Stream(_pieces(answer.content, answer.rest), status_code=answer.status, media_type=answer.media, headers=headers)
    return Response(answer.content, status_code=answer.status, media_type=answer.media, headers=headers)


async def _pieces(first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The beginning at once, then piece by piece, each made in a worker thread while the one before is sent; closed also when the
    client goes away."""
    making = asyncio.ensure_future(to_thread.run_sync(next, rest, None))
    try:
        yield first
        while (piece := await making) is not None:
            making = asyncio.ensure_future(to_thread.run_sync(next, rest, None))
            yield piece
    finally:
        await asyncio.wait([making])
        close = getattr(rest, "close", None)
        if close:
            await to_thread.run_sync(close)


def _html(shown: Page) -> Response[bytes]:
    return Response(shown.html.encode(), status_code=shown.status, media_type="text/html; charset=utf-8", headers=shown.headers)


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Whatever did not come out of the edge: unknown paths, wrong methods, and faults of our own."""
    where = f"{request.method} {request.url.path}"
    if isinstance(error, MethodNotAllowedException):
        answer = edge.refusal(WrongMethod(f"{where} is not offered; the API reference at /api/v1/api-doc/ lists what is."))
        answer.headers |= dict(error.headers or {})
    elif isinstance(error, HTTPException) and error.status_code == 404:
        answer = edge.refusal(NotFound(f"There is nothing at {request.url.path}; the API reference at /api/v1/api-doc/ lists what is."))
    elif isinstance(error, HTTPException) and error.status_code < 500:
        answer = edge.refusal(Invalid("The request cannot be read; see the API reference at /api/v1/api-doc/."))
    elif isinstance(error, HubError):
        answer = edge.refusal(error)
    else:
        answer = edge.unexpected(where)
    return _response(answer)
