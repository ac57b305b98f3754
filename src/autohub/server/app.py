"""The one place where everything is wired."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from anyio import CapacityLimiter, move_on_after, to_thread
from babel import Locale
from litestar import Litestar, Request, Response, Router, get
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.types import ASGIApp

from autohub.applications import api as apps
from autohub.assessments import api as assessments
from autohub.benefits import api as benefits
from autohub.categories import api as categories
from autohub.collaborators import api as collaborators
from autohub.components import api as components
from autohub.db import installation, outbox, tally
from autohub.discussions import api as discussions
from autohub.documents import api as documents
from autohub.drafts import api as drafts
from autohub.flows import api as flows
from autohub.ideas import api as ideas
from autohub.ideas import store as idea_store
from autohub.imports import api as imports
from autohub.invitations import api as invitations
from autohub.kit.clock import now as clock
from autohub.kit.errors import HubError, Invalid, NotFound, Unavailable, WrongMethod
from autohub.kit.spool import Spool
from autohub.notifications import api as notices
from autohub.pages.account import pages as account
from autohub.pages.admin import access as console_access
from autohub.pages.admin import account as console_account
from autohub.pages.admin import apps as console_apps
from autohub.pages.admin import audit as console_audit
from autohub.pages.admin import documents as console_documents
from autohub.pages.admin import drafting as console_drafting
from autohub.pages.admin import flows as console_flows
from autohub.pages.admin import forms as console_forms
from autohub.pages.admin import pipeline as console_pipeline
from autohub.pages.admin import setup as console_setup
from autohub.pages.admin import user_actions as console_user_actions
from autohub.pages.admin import user_imports as syncs
from autohub.pages.admin import user_panel as console_user_panel
from autohub.pages.admin import users as console_users
from autohub.pages.dashboards import pages as dashboards
from autohub.pages.home import components as home_components
from autohub.pages.home import offers as home_offers
from autohub.pages.home import pages as home
from autohub.pages.idea import assess as profile_assess
from autohub.pages.idea import files as profile_files
from autohub.pages.idea import money as profile_money
from autohub.pages.idea import pages as profile
from autohub.pages.idea import people as profile_people
from autohub.pages.pipeline import many as pipeline_many
from autohub.pages.pipeline import pages as pipeline
from autohub.pages.submit import pages as submit
from autohub.roles import api as access
from autohub.roles import credentials_api
from autohub.server.bootstrap import open_database
from autohub.server.lifecycle_hooks import USER_HOOKS
from autohub.server.worker import Worker
from autohub.settings import MEGABYTE, Settings
from autohub.users import api as users
from autohub.users import store as user_store
from autohub.web import bodies, edge, openapi, serving
from autohub.web.desk import Desk
from autohub.web.edge import Edge
from autohub.web.metrics import Metrics
from autohub.web.mount import Mount
from autohub.web.pages import REFERENCE_HEADERS, page
from autohub.web.patience import Patience
from autohub.web.reader import Reader
from autohub.web.routes import Route, Upload
from autohub.web.streaming import Answer
from autohub.web.views import View

READY, READY_SECONDS = "GET /readyz", 5
WRITTEN_SECONDS = 5
"""How long a write that worked is believed, so that whoever asks often does not write often."""

ROUTES: tuple[Route, ...] = tuple(
    route
    for noun in (
        users.routes,
        invitations.routes,
        access.role_routes,
        credentials_api.token_routes,
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

PAGES: tuple[View, ...] = tuple(
    view
    for noun in (
        account,
        home,
        home_components,
        home_offers,
        pipeline,
        pipeline_many,
        submit,
        profile,
        profile_assess,
        profile_files,
        profile_money,
        profile_people,
        console_account,
        console_audit,
        console_access,
        console_users,
        console_user_panel,
        console_user_actions,
        console_setup,
        console_apps,
        console_documents,
        console_forms,
        console_drafting,
        console_flows,
        console_pipeline,
        syncs,
        dashboards,
    )
    for view in noun.views.all
)
"""Every page."""
ENGLISH = Reader(Locale("en", "GB"), ZoneInfo("UTC"))


class Hub:
    """One server process: its database, its edge, its worker, and the ASGI application over
    them."""

    def __init__(self, settings: Settings, *, with_worker: bool = True) -> None:
        self.settings = settings
        self.database, self.installation = open_database(settings)
        self.edge = Edge(self.database, settings, self.installation, USER_HOOKS)
        self.worker = Worker(
            self.database, settings, self.installation, self.edge.authenticator, self.edge.blobs
        )
        self.desk = Desk(self.edge)
        self.metrics = Metrics()
        self._with_worker = with_worker
        self._written = -float(WRITTEN_SECONDS)
        self._limiters: dict[str, CapacityLimiter] = {}
        self._document = msgspec.json.encode(openapi.document(ROUTES, base_url=settings.base_url))
        self.asgi: ASGIApp = Patience(
            Mount(self._litestar(), settings), settings.client_timeout_seconds
        )

    def _litestar(self) -> Litestar:
        handlers: list[Any] = [self._handler(route) for route in ROUTES]
        api = Router(openapi.PREFIX, route_handlers=handlers)
        return Litestar(
            [api, *serving.handlers(self.desk, PAGES, self.settings), *self._plain_handlers()],
            exception_handlers={Exception: self._failed},
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
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in request.scope["headers"]
            }
            client = request.client.host if request.client else ""
            asked = edge.RawApiRequest(
                headers, request.scope["query_string"], request.path_params, client
            )
            answer = await self._served(route, asked, request, limit)
            self.metrics.note(
                route.method, route.path, answer.status, time.perf_counter() - started
            )
            return _response(answer)

        path = route.path.replace("}", ":str}")
        return HTTPRouteHandler(
            path,
            http_method=route.method,  # type: ignore[arg-type]
            name=openapi.operation_id(route),
            status_code=route.status,
        )(handle)

    async def _served(
        self, route: Route, asked: edge.RawApiRequest, request: Request[Any, Any, Any], limit: int
    ) -> Answer:
        if (route.large or route.uploads or route.admits) and (
            refused := await self.edge.admit(route, asked)
        ):
            await bodies.drained(request)
            return refused
        try:
            if route.uploads:
                return await self._uploaded(route, asked, request, limit)
            if route.body is not None:
                asked.body = await bodies.read(request, limit)
        except HubError as error:
            return edge.refusal(error, edge.where(route))
        return await self.edge.serve(route, asked)

    async def _uploaded(
        self, route: Route, asked: edge.RawApiRequest, request: Request[Any, Any, Any], limit: int
    ) -> Answer:
        """Serves a call whose body brings a file, which goes to disk while it arrives."""
        spool = Spool(
            self.settings.data_dir / "spool", json_limit=self.settings.body_limit_mb * MEGABYTE
        )
        try:
            await bodies.spooled(request, limit, spool)
            asked.body = bytes(spool.json)
            asked.upload = Upload(spool.path, spool.size, spool.sha256, spool.is_base64)
            return await self.edge.serve(route, asked)
        finally:
            await to_thread.run_sync(spool.discard)

    def _plain_handlers(self) -> list[Any]:
        @get("/healthz", sync_to_thread=False)
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @get("/readyz")
        async def readyz() -> Response[bytes]:
            return _response(await self._ready())

        @get("/metrics")
        async def metrics() -> Response[bytes]:
            return _response(await to_thread.run_sync(self._measured))

        @get("/api/v1/api-doc", sync_to_thread=False)
        def reference() -> Response[bytes]:
            shown = page("api-doc.html", ENGLISH, headers=REFERENCE_HEADERS)
            return _response(
                Answer(shown.status, shown.html.encode(), "text/html; charset=utf-8", shown.headers)
            )

        @get("/api/v1/api-doc/openapi.json", sync_to_thread=False)
        def document() -> Response[bytes]:
            return _response(Answer(200, self._document))

        return [healthz, readyz, metrics, reference, document]

    def _failed(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Whatever did not come out of the edge or the desk: unknown paths, wrong methods, and
        faults of our own."""
        where = f"{request.method} {request.url.path}"
        if isinstance(error, MethodNotAllowedException):
            answer = edge.refusal(
                WrongMethod(
                    f"{where} is not offered; the API reference at /api/v1/api-doc/ lists what is."
                ),
                where,
            )
            answer.headers |= dict(error.headers or {})
        elif isinstance(error, HTTPException) and error.status_code == 404:
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return _response(self.desk.lost(serving.headers_of(request), request.url.path))
            text = (
                f"There is nothing at {request.url.path}; the API reference at /api/v1/api-doc/ "
                "lists what is."
            )
            answer = edge.refusal(NotFound(text), where)
        elif isinstance(error, HTTPException) and error.status_code < 500:
            answer = edge.refusal(
                Invalid("The request cannot be read; see the API reference at /api/v1/api-doc/."),
                where,
            )
        elif isinstance(error, HubError):
            answer = edge.refusal(error, where)
        else:
            answer = edge.unexpected(error, where)
        return _response(answer)

    async def _ready(self) -> Answer:
        """Whether the database can be read and written, told within READY_SECONDS even when it
        answers nothing."""
        limiter = self._limiters.setdefault(
            "ready", CapacityLimiter(1)
        )  # no other call takes its thread
        with move_on_after(READY_SECONDS):
            return await to_thread.run_sync(self._checked, limiter=limiter, abandon_on_cancel=True)
        return edge.refusal(Unavailable("The database does not answer."), READY)

    def _checked(self) -> Answer:
        try:
            with self.database.checking() as db:
                tally.count(db, user_store.TALLY)
            if time.monotonic() - self._written >= WRITTEN_SECONDS:
                self.database.try_write(lambda db: installation.note_check(db, now=clock()))
                self._written = time.monotonic()
        except Unavailable as error:
            return edge.refusal(error, READY)
        except Exception as error:
            return edge.unexpected(error, READY)
        return Answer(200, b'{"status":"ready"}')

    def _measured(self) -> Answer:
        with self.database.reading() as db:
            states = outbox.count_by_state(db)
            gauges = {
                "users": ("Accounts outside the trash.", float(tally.count(db, user_store.TALLY))),
                "outbox_queued": ("Mails and jobs that wait.", float(states.get("queued", 0))),
                "outbox_failed": (
                    "Mails and jobs that were given up.",
                    float(states.get("failed", 0)),
                ),
                "search_pending": (
                    "Accounts and ideas that are not yet in the search index.",
                    float(user_store.SEARCH.waiting(db) + idea_store.SEARCH.waiting(db)),
                ),
            }
        return Answer(
            200, self.metrics.text(gauges).encode(), "text/plain; version=0.0.4; charset=utf-8"
        )


def create(settings: Settings, *, with_worker: bool = True) -> ASGIApp:
    """The ASGI application."""
    return Hub(settings, with_worker=with_worker).asgi


def _limit(route: Route, settings: Settings) -> int:
    """The largest body of a call, in megabytes."""
    if route.uploads:
        return settings.document_limit_mb
    return settings.import_limit_mb if route.large else settings.body_limit_mb


def _response(answer: Answer) -> Response[Any]:
    headers = {
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
    } | answer.headers
    if answer.rest is not None:
        return Stream(
            serving.pieces(answer.content, answer.rest),
            status_code=answer.status,
            media_type=answer.media,
            headers=headers,
        )
    return Response(
        answer.content, status_code=answer.status, media_type=answer.media, headers=headers
    )
