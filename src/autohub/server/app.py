"""The one place where everything is wired."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from autohub import __version__
from autohub.agents.serving import Agents
from autohub.db import installation, outbox, tally
from autohub.ideas import store as idea_store
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import HubError, Unauthenticated, Unavailable
from autohub.kit.seal import same
from autohub.kit.sentences import encode
from autohub.odata import api as odata
from autohub.scim import api as scim
from autohub.server.bootstrap import open_database
from autohub.server.lifecycle_hooks import USER_HOOKS
from autohub.server.reference import ENGLISH, build_document, show_dictionary
from autohub.server.routes import MOUNTS, PAGES, ROUTES, output_dictionary
from autohub.server.worker import Worker
from autohub.settings import Settings
from autohub.users import store as user_store
from autohub.web import envelopes, openapi, serving
from autohub.web.addresses import Addresses, Handler, NoAddress, NoMethod
from autohub.web.asgi import Received
from autohub.web.connector import build_connector
from autohub.web.dispatcher import Context, Dispatcher
from autohub.web.envelopes import EnvelopePresenter
from autohub.web.metrics import Metrics
from autohub.web.mounts import MountPresenter
from autohub.web.page_presenter import PagePresenter
from autohub.web.pages import REFERENCE_HEADERS, RenderedPage, page
from autohub.web.postman import build_collection
from autohub.web.preconditions import find_readers
from autohub.web.streaming import Answer
from autohub.web.threads import Lane

READY, READY_SECONDS = "GET /readyz", 5
INSIDE = ("/healthz", "/readyz", "/metrics")
"""What a proxy hides from outside."""
WRITTEN_SECONDS = 5
"""How long a write that worked is believed, so that whoever asks often does not write often."""


class Hub:
    """One server process: its database, its dispatcher, its worker, and the ASGI application over
    them."""

    def __init__(self, settings: Settings, *, with_worker: bool = True) -> None:
        self.settings = settings
        self.database, self.installation = open_database(settings)
        file = self.database.url.database if self.database.is_sqlite else None
        faults.watch(settings.data_dir, *([Path(file)] if file else []))
        self.context = Context(self.database, settings, self.installation, USER_HOOKS)
        self.worker = Worker(
            self.database,
            settings,
            self.installation,
            self.context.authenticator,
            self.context.blobs,
            self.context.refusals,
        )
        self.pages = PagePresenter(self.context, PAGES)
        self.dispatcher = Dispatcher(
            self.context,
            {
                "envelope": EnvelopePresenter(self.context),
                "page": self.pages,
                "scim": MountPresenter(self.context, scim.PROTOCOL),
                "odata": MountPresenter(self.context, odata.PROTOCOL),
            },
            find_readers(ROUTES),
        )
        self.metrics = Metrics()
        self.agents = Agents(self.dispatcher, ROUTES, settings, __version__)
        self._with_worker = with_worker
        self._written = -float(WRITTEN_SECONDS)
        self._readiness, self._few = Lane("ready", 1), Lane("few", 2)
        document = build_document(
            ROUTES,
            base_url=settings.base_url,
            organization=settings.organisation,
            tenant=settings.tenant,
        )
        self._document = encode(document)
        self._connector = encode(build_connector(document, base_url=settings.base_url))
        self._collection = encode(build_collection(ROUTES, base_url=settings.base_url))
        self.asgi = serving.Application(
            self._addresses(), settings, failed=self._failed, lifespan=self._lifespan
        )

    def _addresses(self) -> Addresses:
        found = Addresses()
        for route in ROUTES:
            handler = serving.handler(self.dispatcher, self.metrics, route)
            found.add(route.method, openapi.PREFIX + route.path, handler)
        for route in (*PAGES, *MOUNTS):
            handler = serving.handler(self.dispatcher, self.metrics, route)
            found.add(route.method, route.path, handler)
        found.add("GET", "/static/{name:path}", serving.static_file)
        if self.settings.mcp != "off":
            found.add("POST", "/mcp", self.agents.handle)
        for path, plain in self._plain_handlers().items():
            if path in INSIDE:
                found.add_exactly(path, plain)
            else:
                found.add("GET", path, plain)
        return found

    def close(self) -> None:
        """Ends its threads and its connections to the database."""
        for lane in (self._readiness, self._few):
            lane.close()
        self.dispatcher.close()
        self.database.close()

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        if self._with_worker:
            self.worker.start()
        try:
            yield
        finally:
            self.worker.stop()
            self.close()

    def _plain_handlers(self) -> dict[str, Handler]:
        async def healthz(_: Received) -> Answer:
            return Answer(200, b'{"status":"ok"}')

        async def readyz(received: Received) -> Answer:
            return await self._ready(received.request_id)

        async def metrics(received: Received) -> Answer:
            wanted = self.settings.metrics_token
            scheme, _, given = received.headers.get("authorization", "").partition(" ")
            is_bearer = scheme.lower() == "bearer"
            if wanted is not None and not (is_bearer and same(given.strip(), wanted)):
                raise Unauthenticated("Send the header Authorization: Bearer, and the token.")
            return await self._few.run(self._measured)

        async def reference(_: Received) -> Answer:
            return _answer_with(page("api-doc.html", ENGLISH, headers=REFERENCE_HEADERS))

        async def document(_: Received) -> Answer:
            return Answer(200, self._document)

        async def connector(_: Received) -> Answer:
            return Answer(200, self._connector)

        async def collection(_: Received) -> Answer:
            return Answer(200, self._collection)

        async def dictionary(_: Received) -> Answer:
            return await self._few.run(_dictionary)

        return {
            "/healthz": healthz,
            "/readyz": readyz,
            "/metrics": metrics,
            "/api/v1/api-doc": reference,
            "/api/v1/api-doc/openapi.json": document,
            "/api/v1/api-doc/dictionary": dictionary,
            "/api/v1/api-doc/power-platform.json": connector,
            "/api/v1/api-doc/postman.json": collection,
        }

    def _failed(self, received: Received, error: Exception) -> Answer:
        """Whatever did not come out of the dispatcher: unknown paths, wrong methods, and faults of
        our own."""
        where = f"{received.method} {received.route or 'another address'}"
        if not isinstance(error, HubError):
            return envelopes.unexpected(error, where, received.request_id)
        is_page = received.method == "GET" and "text/html" in received.headers.get("accept", "")
        if isinstance(error, NoAddress) and is_page:
            return self.pages.lost(serving.incoming_of(received))
        answer = envelopes.refusal(error, where)
        if isinstance(error, NoMethod):
            answer.headers |= {"allow": error.offered}
        return answer

    async def _ready(self, request_id: str) -> Answer:
        """Whether the database can be read and written, told within READY_SECONDS even when it
        answers nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                return await self._readiness.run(self._checked, request_id)  # its own thread
        return envelopes.refusal(Unavailable("The database does not answer."), READY)

    def _checked(self, request_id: str) -> Answer:
        try:
            with self.database.checking() as db:
                tally.count(db, user_store.TALLY)
            if time.monotonic() - self._written >= WRITTEN_SECONDS:
                self.database.try_write(lambda db: installation.note_check(db, now=clock()))
                self._written = time.monotonic()
        except Unavailable as error:
            return envelopes.refusal(error, READY)
        except Exception as error:
            return envelopes.unexpected(error, READY, request_id)
        return Answer(200, b'{"status":"ready"}')

    def _measured(self) -> Answer:
        with self.database.reading() as db:
            states = outbox.count_by_state(db)
            gauges = {
                "users": ("Accounts outside the trash.", float(tally.count(db, user_store.TALLY))),
                "outbox_queued": ("Mails and jobs that wait.", float(states.get("queued", 0))),
                "outbox_oldest_seconds": (
                    "For how long the mail or job that waits the longest has been due.",
                    outbox.get_longest_wait(db, now=clock()) / 1000,
                ),
                "outbox_failed": (
                    "Mails and jobs that were given up.",
                    float(states.get("failed", 0)),
                ),
                "search_pending": (
                    "Accounts and ideas that are not yet in the search index.",
                    float(user_store.SEARCH.waiting(db) + idea_store.SEARCH.waiting(db)),
                ),
                "disk_free_bytes": (
                    "Free space where the data folder is.",
                    float(shutil.disk_usage(self.settings.data_dir).free),
                ),
            }
        return Answer(
            200, self.metrics.text(gauges).encode(), "text/plain; version=0.0.4; charset=utf-8"
        )


def create(settings: Settings, *, with_worker: bool = True) -> serving.Application:
    """The ASGI application."""
    return Hub(settings, with_worker=with_worker).asgi


def _dictionary() -> Answer:
    return _answer_with(show_dictionary(output_dictionary().fields, REFERENCE_HEADERS))


def _answer_with(shown: RenderedPage) -> Answer:
    """A page outside the routes."""
    return Answer(
        status=shown.status,
        content=shown.html.encode(),
        media="text/html; charset=utf-8",
        headers=shown.headers,
    )
