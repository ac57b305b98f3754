"""Pages and their files over HTTP: what of a request the desk needs, and its answer as the
server sends it."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import multipart
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from litestar import Request, get
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from autohub.kit import private
from autohub.kit.errors import HubError, Invalid, NotFound, TooLarge
from autohub.settings import MEGABYTE, Settings
from autohub.web import assets, bodies, edge
from autohub.web.desk import Desk, RawPageRequest
from autohub.web.streaming import Answer
from autohub.web.views import Form, SentFile, View, pairs_of

FORM_LIMIT = 4 * MEGABYTE
MOST_PARTS = 1000
PIECES_AT_ONCE = 16
_piece_makers: RunVar[CapacityLimiter | None] = RunVar("piece makers", None)
"""Threads of their own for what is read while it is sent: a slow store of files keeps no page
waiting."""


def handlers(desk: Desk, views: Iterable[View], settings: Settings) -> list[HTTPRouteHandler]:
    """One handler a view, and the one for files."""
    return [*(_handler(desk, view, settings) for view in views), _static]


def headers_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The headers by lower-case name."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in request.scope["headers"]
    }


def response(answer: Answer) -> ASGIResponse:
    """An answer with its cookies, of which there may be several, and with what is made while it
    is sent."""
    headers = {"content-type": answer.media} | answer.headers
    cookies = [line for line in headers.pop("set-cookie", "").split("\n") if line]
    sent = [*headers.items(), *(("set-cookie", line) for line in cookies)]
    if answer.rest is not None:
        return ASGIStreamingResponse(
            iterator=pieces(answer.content, answer.rest),
            status_code=answer.status,
            headers=dict(sent),
        )
    return ASGIResponse(body=answer.content, status_code=answer.status, headers=sent)


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


def _handler(desk: Desk, view: View, settings: Settings) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        client = request.client.host if request.client else ""
        path = {name: str(value) for name, value in request.path_params.items()}
        asked = RawPageRequest(
            headers_of(request), request.scope["query_string"], path, request.url.path, client
        )
        if view.uploads and (refused := await to_thread.run_sync(desk.admit, view, asked)):
            await bodies.drained(request)
            return response(refused)
        with _folder(settings) if view.uploads else nullcontext("") as folder:
            try:
                if view.method == "POST":
                    asked.form = await (
                        _uploaded(request, settings, Path(folder))
                        if view.uploads
                        else _sent(request)
                    )
            except HubError as error:
                return response(await to_thread.run_sync(desk.unreadable, asked, error))
            return response(await to_thread.run_sync(desk.answer, view, asked))

    name = f"{view.method} {view.path}"
    return HTTPRouteHandler(
        view.path.replace("}", ":str}"),
        http_method=view.method,  # type: ignore[arg-type]
        name=name,
    )(handle)


def _folder(settings: Settings) -> tempfile.TemporaryDirectory[str]:
    """Where a form's files wait, beside the blobs, into which they are moved."""
    spool = settings.data_dir / "spool"
    private.make_folder(spool)
    return tempfile.TemporaryDirectory(prefix="form-", dir=spool, ignore_cleanup_errors=True)


async def _sent(request: Request[Any, Any, Any]) -> Form:
    """Raises TooLarge, Invalid."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await bodies.read(request, FORM_LIMIT)
    if raw and media != "application/x-www-form-urlencoded":
        raise Invalid(
            "This form is sent as application/x-www-form-urlencoded; go back and use the form on "
            "the page."
        )
    return Form(pairs_of(raw))


async def _uploaded(request: Request[Any, Any, Any], settings: Settings, folder: Path) -> Form:
    """A form with files, which are written into `folder` as they arrive. Raises TooLarge,
    Invalid."""
    limit = max(settings.document_limit_mb, settings.import_limit_mb)
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > limit * MEGABYTE:
        await bodies.drained(request)
        raise TooLarge(f"What was sent is larger than the {limit} MB that this form takes.")
    _, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    reading = Parts(folder)
    try:
        with multipart.PushMultipartParser(
            options.get("boundary", ""), max_segment_count=MOST_PARTS
        ) as parser:
            async for chunk in request.stream():
                await to_thread.run_sync(reading.take, list(parser.parse(chunk)))
    except TooLarge:
        await bodies.drained(request)
        raise
    except (multipart.MultipartError, HTTPException, ValueError) as error:
        raise Invalid("What was sent could not be read to its end; send it again.") from error
    finally:
        reading.close()
    return Form(reading.pairs, reading.files)


class Parts:
    """The parts of a form as they come: files go into `folder`, texts stay in memory, FORM_LIMIT
    bytes of them together."""

    def __init__(self, folder: Path) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.files: dict[str, SentFile] = {}
        self._folder = folder
        self._segment: multipart.MultipartSegment | None = None
        self._out: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._text = bytearray()
        self._texts = 0

    def take(self, events: Iterable[multipart.MultipartSegment | bytes | bytearray | None]) -> None:
        """Goes on with what the parser found. Raises TooLarge, and ValueError for a text that is
        none."""
        for event in events:
            if isinstance(event, multipart.MultipartSegment):
                self._begin(event)
            elif event is None:
                self._end()
            elif self._out is not None:
                self._out.write(event)
                self._digest.update(event)
            else:
                self._texts += len(event)
                if self._texts > FORM_LIMIT:
                    raise TooLarge(
                        f"The texts of this form are larger than the {FORM_LIMIT // MEGABYTE} MB "
                        "that it takes."
                    )
                self._text += event

    def close(self) -> None:
        """Closes the file of a part that was not sent to its end."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _begin(self, segment: multipart.MultipartSegment) -> None:
        self._segment, self._text = segment, bytearray()
        if segment.filename:
            self._digest = hashlib.sha256()
            self._out = (self._folder / str(len(self.files))).open("wb")

    def _end(self) -> None:
        segment = self._segment
        assert segment is not None
        if self._out is None:
            self.pairs.append((segment.name, self._text.decode(segment.charset or "utf-8")))
            return
        path, size = Path(self._out.name), self._out.tell()
        self.close()
        name = Path(segment.filename or "").name
        self.files[segment.name] = SentFile(
            name, segment.content_type or "", path, size, self._digest.hexdigest()
        )


@get("/static/{name:path}")
async def _static(name: FromPath[str], request: Request[Any, Any, Any]) -> ASGIResponse:
    asked = headers_of(request)
    version = request.query_params.get("v", "")
    try:
        found = await to_thread.run_sync(
            lambda: assets.answer(str(name).lstrip("/"), version=version, headers=asked)
        )
    except NotFound as error:
        found = edge.refusal(error, "a static file")
    found.headers["x-content-type-options"] = "nosniff"
    return response(found)
