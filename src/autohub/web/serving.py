"""Routes over HTTP: what of a request the dispatcher needs, and its answer as the server sends
it."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

from autohub.kit.errors import HubError, NotFound
from autohub.kit.logs import REQUESTS
from autohub.kit.spool import Spool
from autohub.settings import MEGABYTE, Settings
from autohub.web import assets, bodies, envelopes, form_bodies
from autohub.web.addresses import Addresses, Handler, NoMethod
from autohub.web.asgi import BrokenOff, Receive, Received, Send, send_answer
from autohub.web.clients import client_finder
from autohub.web.dispatcher import Dispatcher, Incoming
from autohub.web.metrics import Metrics
from autohub.web.mount import path_below
from autohub.web.routes import Route, Upload
from autohub.web.streaming import Answer
from autohub.web.threads import FILES

Failed = Callable[[Received, Exception], Answer]
Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Application:
    """What the server calls (ASGI 3). HEAD is GET without the body; OPTIONS tells the methods of an
    address."""

    def __init__(
        self, addresses: Addresses, settings: Settings, *, failed: Failed, lifespan: Lifespan
    ) -> None:
        """`failed` answers for whatever no handler answered."""
        self._addresses, self._settings = addresses, settings
        self._failed, self._lifespan = failed, lifespan
        self._find_client = client_finder(settings.trusted_proxies)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        started, patience = time.perf_counter(), self._settings.client_timeout_seconds
        received = Received(scope, receive, patience)
        if self._settings.trusted_proxies:
            forwarded = received.headers.get("x-forwarded-for", "")
            received.client = self._find_client(received.client, forwarded)
        try:
            answer = await self._answer(received)
        except Exception as error:
            answer = self._failed(received, error)
        if self._settings.base_url.startswith("https:"):
            answer.headers = answer.headers | {"strict-transport-security": "max-age=31536000"}
        answer.headers = answer.headers | {"x-request-id": received.request_id}
        try:
            await send_answer(
                answer, received, send, patience=patience, with_body=received.method != "HEAD"
            )
        except BrokenOff:  # the server closes the connection
            is_whole = False
        else:
            is_whole = True
        _log(received, answer, time.perf_counter() - started, is_whole)

    async def _answer(self, received: Received) -> Answer:
        received.path = path_below(received.path, self._settings)
        method = "GET" if received.method == "HEAD" else received.method
        try:
            handler, received.parameters = self._addresses.find(method, received.path)
        except NoMethod as error:
            if method == "OPTIONS":
                return Answer(204, b"", headers={"allow": error.offered})
            raise
        return await handler(received)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _log(received: Received, answer: Answer, seconds: float, is_whole: bool) -> None:
    """One line for a request. It names the route, not the path, and nobody who calls: paths hold
    links that open accounts, and names."""
    if not REQUESTS.isEnabledFor(logging.INFO):
        return
    route = received.route or "no route"
    fields = {
        "request_id": received.request_id,
        "method": received.method,
        "route": route,
        "status": answer.status,
        "milliseconds": round(seconds * 1000, 1),
        "bytes": len(answer.content) if answer.rest is None else None,
        "is_whole": is_whole,
    }
    text = f"{received.method} {route} {answer.status}"
    REQUESTS.info(text, extra={"fields": fields})


def handler(dispatcher: Dispatcher, metrics: Metrics, route: Route) -> Handler:
    """What answers for one route."""

    async def handle(received: Received) -> Answer:
        started = time.perf_counter()
        received.route = route.path
        answer = await _serve(dispatcher, route, received)
        metrics.note(route.method, route.path, answer.status, time.perf_counter() - started)
        return answer

    return handle


def incoming_of(received: Received) -> Incoming:
    """The request as the dispatcher takes it, its body apart."""
    return Incoming(
        headers=received.headers,
        query=received.query,
        path=received.parameters,
        address=received.path,
        client=received.client,
        request_id=received.request_id,
    )


async def _serve(dispatcher: Dispatcher, route: Route, received: Received) -> Answer:
    incoming = incoming_of(received)
    if (route.large or route.uploads or route.admits) and (
        refused := await dispatcher.admit(route, incoming)
    ):
        await bodies.drained(received)
        return refused
    try:
        async with _receive(route, received, incoming, dispatcher.context.settings):
            return await dispatcher.serve(route, incoming)
    except HubError as error:
        return await dispatcher.refuse(route, incoming, error)


@asynccontextmanager
async def _receive(
    route: Route, received: Received, incoming: Incoming, settings: Settings
) -> AsyncIterator[None]:
    """Reads the body into `incoming`; its files last as long as this. Raises TooLarge, Invalid."""
    folder = settings.data_dir / "spool"
    if route.presenter == "page":
        if route.method == "GET":
            yield
        elif route.uploads:
            limit = max(settings.document_limit_mb, settings.import_limit_mb)
            async with form_bodies.read_with_files(received, limit, folder) as incoming.form:
                yield
        else:
            incoming.form = await form_bodies.read(received)
            yield
        return
    limit = _limit(route, settings) * MEGABYTE
    if not route.uploads:
        if route.body is not None:
            incoming.body = await bodies.read(received, limit)
        yield
        return
    if form_bodies.is_multipart(received):
        async with form_bodies.read_with_files(received, limit // MEGABYTE, folder) as form:
            incoming.body, incoming.upload = form_bodies.as_json(form)
            yield
        return
    spool = Spool(folder, json_limit=settings.body_limit_mb * MEGABYTE)
    try:
        await bodies.spooled(received, limit, spool)
        incoming.body = bytes(spool.json)
        incoming.upload = Upload(
            path=spool.path, size=spool.size, sha256=spool.sha256, is_base64=spool.is_base64
        )
        yield
    finally:
        await FILES.run(spool.discard)


def _limit(route: Route, settings: Settings) -> int:
    """The largest body of a call, in megabytes."""
    if route.uploads:
        return settings.document_limit_mb
    return settings.import_limit_mb if route.large else settings.body_limit_mb


async def static_file(received: Received) -> Answer:
    version = "".join(parse_qs(received.query.decode("latin-1")).get("v", []))
    name = received.parameters["name"]
    try:
        return await FILES.run(_asset, name, version, received.headers)
    except NotFound as error:
        return envelopes.refusal(error, "a static file")


def _asset(name: str, version: str, headers: Mapping[str, str]) -> Answer:
    return assets.answer(name, version=version, headers=headers)
