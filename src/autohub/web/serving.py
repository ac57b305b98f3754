"""Pages and their files over HTTP: what of a request the desk needs, and its answer as the server sends it."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from anyio import to_thread
from litestar import Request, get
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from autohub.kit.errors import HubError, Invalid, NotFound, TooLarge
from autohub.settings import MEGABYTE, Settings
from autohub.web import assets, bodies, edge
from autohub.web.desk import Asked, Desk
from autohub.web.streaming import Answer
from autohub.web.views import Form, SentFile, View, pairs_of

FORM_LIMIT = 4 * MEGABYTE


def handlers(desk: Desk, views: Iterable[View], settings: Settings) -> list[HTTPRouteHandler]:
    """One handler a view, and the one for files."""
    return [*(_handler(desk, view, settings) for view in views), _static]


def headers_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The headers by lower-case name."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}


def response(answer: Answer) -> ASGIResponse:
    """An answer with its cookies, of which there may be several."""
    headers = {"content-type": answer.media} | answer.headers
    cookies = [line for line in headers.pop("set-cookie", "").split("\n") if line]
    sent = [*headers.items(), *(("set-cookie", line) for line in cookies)]
    return ASGIResponse(body=answer.content, status_code=answer.status, headers=sent)


def _handler(desk: Desk, view: View, settings: Settings) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        client = request.client.host if request.client else ""
        path = {name: str(value) for name, value in request.path_params.items()}
        asked = Asked(headers_of(request), request.scope["query_string"], path, request.url.path, client)
        with tempfile.TemporaryDirectory(prefix="autohub-form-") if view.uploads else _nowhere() as folder:
            try:
                if view.method == "POST":
                    asked.form = await (_uploaded(request, settings, Path(folder)) if view.uploads else _sent(request))
            except HubError as error:
                return response(await to_thread.run_sync(desk.unreadable, asked, error))
            return response(await to_thread.run_sync(desk.answer, view, asked))

    name = f"{view.method} {view.path}"
    return HTTPRouteHandler(view.path.replace("}", ":str}"), http_method=view.method, name=name)(handle)  # type: ignore[arg-type]


class _nowhere:
    """A folder for nothing."""

    def __enter__(self) -> str:
        return ""

    def __exit__(self, *_: object) -> None:
        pass


async def _sent(request: Request[Any, Any, Any]) -> Form:
    """Raises TooLarge, Invalid."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await bodies.read(request, FORM_LIMIT)
    if raw and media != "application/x-www-form-urlencoded":
        raise Invalid("This form is sent as application/x-www-form-urlencoded; go back and use the form on the page.")
    return Form(pairs_of(raw))


async def _uploaded(request: Request[Any, Any, Any], settings: Settings, folder: Path) -> Form:
    """A form with files, which are written into `folder`. Raises TooLarge, Invalid."""
    limit = max(settings.document_limit_mb, settings.import_limit_mb)
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > limit * MEGABYTE:
        await bodies.drained(request)
        raise TooLarge(f"What was sent is larger than the {limit} MB that this form takes.")
    try:
        sent = await request.form()
    except (ClientException, ValueError) as error:
        raise Invalid("What was sent could not be read to its end; send it again.") from error
    pairs: list[tuple[str, str]] = []
    files: dict[str, SentFile] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            path = folder / str(len(files))
            size = await to_thread.run_sync(_copied, value, path)
            if value.filename:
                files[name] = SentFile(Path(value.filename).name, value.content_type or "", path, size)
        elif isinstance(value, str):
            pairs.append((name, value))
    return Form(pairs, files)


def _copied(sent: UploadFile, path: Path) -> int:
    with path.open("wb") as out:
        while part := sent.file.read(MEGABYTE):
            out.write(part)
        return out.tell()


@get("/static/{name:path}")
async def _static(name: FromPath[str], request: Request[Any, Any, Any]) -> ASGIResponse:
    asked = headers_of(request)
    version = request.query_params.get("v", "")
    try:
        found = await to_thread.run_sync(lambda: assets.answer(str(name).lstrip("/"), version=version, headers=asked))
    except NotFound as error:
        found = edge.refusal(error)
    found.headers["x-content-type-options"] = "nosniff"
    return response(found)
