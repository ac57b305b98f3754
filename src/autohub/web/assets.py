"""The files that browsers fetch: each under its own digest, so that a browser keeps it for good,
and packed once."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from autohub.kit.errors import NotFound
from autohub.kit.etags import is_among
from autohub.web.streaming import Answer, takes_gzip

STATIC = Path(__file__).parent / "static"
PREFIX = "/static"
STYLES = ("base", "frame", "parts", "lists", "layouts", "charts", "profile", "explore", "console")
"""What hub.css is put together from, out of static/css/, in this order: one request for all."""
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "public, no-cache"


@cache
def address(name: str) -> str:
    """Where the file `name` below static/ is found; the address changes with its bytes. KeyError
    for one that is not there."""
    return f"{PREFIX}/{name}?v={_file(name)[1]}"


def answer(name: str, *, version: str, headers: Mapping[str, str]) -> Answer:
    """The file; kept for good by the browser when `version` is its digest. Raises NotFound."""
    try:
        raw, digest = _file(name)
    except KeyError:
        raise NotFound(f"There is no file {name}.") from None
    etag = f'"{digest}"'
    sent = {
        "etag": etag,
        "vary": "accept-encoding",
        "cache-control": _FOR_GOOD if version == digest else _ASKED_EACH_TIME,
    }
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if is_among(etag, headers.get("if-none-match", "")):
        return Answer(status=304, content=b"", media=media, headers=sent)
    if takes_gzip(headers) and not media.startswith("image/png"):
        return Answer(
            status=200,
            content=_packed(name),
            media=media,
            headers=sent | {"content-encoding": "gzip"},
        )
    return Answer(status=200, content=raw, media=media, headers=sent)


@cache
def _names() -> dict[str, Path]:
    return {
        path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()
    }


@cache
def _file(name: str) -> tuple[bytes, str]:
    if name == "hub.css":
        raw = b"".join(_names()[f"css/{part}.css"].read_bytes() for part in STYLES)
    else:
        raw = _names()[name].read_bytes()
    return raw, hashlib.sha256(raw).hexdigest()[:16]


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_file(name)[0], 9, mtime=0)
