"""Requests as the server hands them over, and answers as it takes them (ASGI 3)."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
)
from typing import Any

from autohub.kit.logs import choose_request_id
from autohub.web.streaming import Answer
from autohub.web.threads import FILES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
HEADERS = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
"""What every answer says unless it says otherwise."""


class BrokenOff(ConnectionError):
    """The client ended its request, or stopped taking its answer, before the end."""


class Received:
    """A request. Header names are lower-case, `path` is below the mount, `parameters` are the parts
    of the path that its address left open, `route` is that address, once it is found."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, patience: float) -> None:
        """`patience` is how many seconds each piece of the body may take."""
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        client = scope.get("client")
        self.client: str = client[0] if client else ""
        self.parameters: Mapping[str, str] = {}
        self.request_id = choose_request_id(self.headers.get("x-request-id", ""))
        self.route: str | None = None
        self._receive, self._patience, self._is_whole = receive, patience, False

    async def gone(self) -> None:
        """Returns when the client is."""
        try:
            async for _ in self.stream():
                pass
        except BrokenOff:
            return
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def stream(self) -> AsyncIterator[bytes]:
        """What is left of the body, as it comes. Raises BrokenOff."""
        while not self._is_whole:
            try:
                async with asyncio.timeout(self._patience):
                    message = await self._receive()
            except TimeoutError:
                raise BrokenOff from None
            if message["type"] == "http.disconnect":
                raise BrokenOff
            self._is_whole = not message.get("more_body", False)
            yield message.get("body", b"")


async def send_answer(
    answer: Answer, received: Received, send: Send, *, patience: float, with_body: bool = True
) -> None:
    """Sends an answer with its cookies, of which there may be several, and with what is made while
    it is sent. Raises BrokenOff when the client takes nothing for `patience` seconds."""

    async def send_in_time(message: Message) -> None:
        try:
            async with asyncio.timeout(patience):
                await send(message)
        except TimeoutError:
            raise BrokenOff from None

    start = {"type": "http.response.start", "status": answer.status, "headers": _headers(answer)}
    if answer.rest is None or not with_body:
        await send_in_time(start)
        content = answer.content if with_body else b""
        await send_in_time({"type": "http.response.body", "body": content, "more_body": False})
        if answer.rest is not None:
            await FILES.run(_close, answer.rest)
        return
    gone = asyncio.ensure_future(received.gone())
    made = _pieces(answer.content, answer.rest)
    try:
        await send_in_time(start)
        async for piece in made:
            if gone.done():
                return
            await send_in_time({"type": "http.response.body", "body": piece, "more_body": True})
        await send_in_time({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        await made.aclose()


async def _pieces(first: bytes, rest: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The beginning at once, then piece by piece, each made while the one before is sent; closed
    also when the client goes away."""

    def make() -> asyncio.Future[bytes | None]:
        return asyncio.ensure_future(FILES.run(next, rest, None))

    making = make()
    try:
        yield first
        while (piece := await making) is not None:
            making = make()
            yield piece
    finally:
        await asyncio.wait([making])
        await FILES.run(_close, rest)


def _close(rest: Iterator[bytes]) -> None:
    close = getattr(rest, "close", None)
    if close:
        close()


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    headers = HEADERS | {"content-type": answer.media} | answer.headers
    cookies = headers.pop("set-cookie", "")
    if answer.rest is None and answer.status not in (204, 304):
        headers["content-length"] = str(len(answer.content))
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return [*lines, *((b"set-cookie", line.encode()) for line in cookies.split("\n") if line)]
