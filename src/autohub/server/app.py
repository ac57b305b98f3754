"""The one place where everything is wired."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter, move_on_after, to_thread
from litestar import Litestar, Request, Response, Router, get
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from autohub.db import installation, outbox, tally
from autohub.ideas import store as idea_store
from autohub.kit.clock import now as clock
from autohub.kit.errors import HubError, Invalid, NotFound, Unavailable, WrongMethod
from autohub.kit.sentences import encode, say
from autohub.server.bootstrap import open_database
from autohub.server.lifecycle_hooks import USER_HOOKS
from autohub.server.reference import ENGLISH, build_document, show_dictionary
from autohub.server.routes import PAGES, ROUTES, output_dictionary
from autohub.server.worker import Worker
from autohub.settings import Settings
from autohub.users import store as user_store
from autohub.web import envelopes, openapi, serving
from autohub.web.dispatcher import Context, Dispatcher
from autohub.web.envelopes import EnvelopePresenter
from autohub.web.metrics import Metrics
from autohub.web.mount import Mount
from autohub.web.page_presenter import PagePresenter
from autohub.web.pages import REFERENCE_HEADERS, RenderedPage, page
from autohub.web.patience import Patience
from autohub.web.preconditions import find_readers
from autohub.web.routes import Route
from autohub.web.streaming import Answer

READY, READY_SECONDS = "GET /readyz", 5
WRITTEN_SECONDS = 5
"""How long a write that worked is believed, so that whoever asks often does not write often."""


class Hub:
    """One server process: its database, its dispatcher, its worker, and the ASGI application over
    them."""

    def __init__(self, settings: Settings, *, with_worker: bool = True) -> None:
        self.settings = settings
        self.database, self.installation = open_database(settings)
        self.context = Context(self.database, settings, self.installation, USER_HOOKS)
        self.worker = Worker(
            self.database,
            settings,
            self.installation,
            self.context.authenticator,
            self.context.blobs,
        )
        self.pages = PagePresenter(self.context, PAGES)
        self.dispatcher = Dispatcher(
            self.context,
            {"envelope": EnvelopePresenter(self.context), "page": self.pages},
            find_readers(ROUTES),
        )
        self.metrics = Metrics()
        self._with_worker = with_worker
        self._written = -float(WRITTEN_SECONDS)
        self._limiters: dict[str, CapacityLimiter] = {}
        self._document = encode(
            build_document(
                ROUTES,
                base_url=settings.base_url,
                organization=settings.organisation,
                tenant=settings.tenant,
            )
        )
        self.asgi: ASGIApp = Patience(
            Mount(self._litestar(), settings), settings.client_timeout_seconds
        )

    def _litestar(self) -> Litestar:
        def serve(route: Route) -> HTTPRouteHandler:
            return serving.handler(self.dispatcher, self.metrics, route)

        api = Router(openapi.PREFIX, route_handlers=[serve(route) for route in ROUTES])
        pages = [serve(route) for route in PAGES]
        return Litestar(
            [api, *pages, serving.static_file, *self._plain_handlers()],
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

    def _plain_handlers(self) -> list[Any]:
        @get("/healthz", sync_to_thread=False)
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @get("/readyz")
        async def readyz() -> ASGIResponse:
            return serving.response(await self._ready())

        @get("/metrics")
        async def metrics() -> ASGIResponse:
            return serving.response(await to_thread.run_sync(self._measured))

        @get("/api/v1/api-doc", sync_to_thread=False)
        def reference() -> ASGIResponse:
            return _respond_with_page(page("api-doc.html", ENGLISH, headers=REFERENCE_HEADERS))

        @get("/api/v1/api-doc/openapi.json", sync_to_thread=False)
        def document() -> ASGIResponse:
            return serving.response(Answer(200, self._document))

        @get("/api/v1/api-doc/dictionary", sync_to_thread=True)
        def dictionary() -> ASGIResponse:
            fields = output_dictionary().fields
            return _respond_with_page(show_dictionary(fields, REFERENCE_HEADERS))

        return [healthz, readyz, metrics, reference, document, dictionary]

    def _failed(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Whatever did not come out of the dispatcher: unknown paths, wrong methods, and
        faults of our own."""
        where = f"{request.method} {request.url.path}"
        if isinstance(error, MethodNotAllowedException):
            answer = envelopes.refusal(
                WrongMethod(
                    say(
                        "{call} is not offered; the API reference at /api/v1/api-doc/ lists what "
                        "is.",
                        call=where,
                    )
                ),
                where,
            )
            answer.headers |= dict(error.headers or {})
        elif isinstance(error, HTTPException) and error.status_code == 404:
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return serving.plain_response(self.pages.lost(serving.incoming_of(request)))
            text = say(
                "There is nothing at {path}; the API reference at /api/v1/api-doc/ lists what is.",
                path=request.url.path,
            )
            answer = envelopes.refusal(NotFound(text), where)
        elif isinstance(error, HTTPException) and error.status_code < 500:
            answer = envelopes.refusal(
                Invalid("The request cannot be read; see the API reference at /api/v1/api-doc/."),
                where,
            )
        elif isinstance(error, HubError):
            answer = envelopes.refusal(error, where)
        else:
            answer = envelopes.unexpected(error, where)
        return serving.plain_response(answer)

    async def _ready(self) -> Answer:
        """Whether the database can be read and written, told within READY_SECONDS even when it
        answers nothing."""
        limiter = self._limiters.setdefault(
            "ready", CapacityLimiter(1)
        )  # no other call takes its thread
        with move_on_after(READY_SECONDS):
            return await to_thread.run_sync(self._checked, limiter=limiter, abandon_on_cancel=True)
        return envelopes.refusal(Unavailable("The database does not answer."), READY)

    def _checked(self) -> Answer:
        try:
            with self.database.checking() as db:
                tally.count(db, user_store.TALLY)
            if time.monotonic() - self._written >= WRITTEN_SECONDS:
                self.database.try_write(lambda db: installation.note_check(db, now=clock()))
                self._written = time.monotonic()
        except Unavailable as error:
            return envelopes.refusal(error, READY)
        except Exception as error:
            return envelopes.unexpected(error, READY)
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


def _respond_with_page(shown: RenderedPage) -> ASGIResponse:
    """A page outside the routes."""
    return serving.response(
        Answer(
            status=shown.status,
            content=shown.html.encode(),
            media="text/html; charset=utf-8",
            headers=shown.headers,
        )
    )
