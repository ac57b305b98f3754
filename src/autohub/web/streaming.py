"""Answers that are made while they are sent, with ETag and gzip."""

import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from autohub.access.routes import Stream
from autohub.kit import private

AT_ONCE = 64 * 1024
"""What is shorter is sent whole."""
PIECE, KEPT_IN_MEMORY = 256 * 1024, 1024 * 1024
"""How much is sent at once, and how much of a spooled answer does not go to disk."""


class Answer(msgspec.Struct):
    """One answer; `rest` goes on where `content` ends, and must be closed."""

    status: int
    content: bytes
    media: str = "application/json"
    headers: dict[str, str] = {}
    rest: Iterator[bytes] | None = None


def answer(stream: Stream, headers: Mapping[str, str]) -> Answer:
    """304 for a client that has it already; else the beginning, and the rest for later."""
    found = {"etag": stream.etag, "vary": "accept-encoding, authorization"} | stream.headers
    if stream.etag in [tag.strip() for tag in headers.get("if-none-match", "").split(",")]:
        return Answer(304, b"", stream.media, found)
    pieces = stream.pieces()
    if takes_gzip(headers) and stream.media.startswith(("application/json", "text/")):
        pieces = _gzipped(pieces)
        found["content-encoding"] = "gzip"
    first: list[bytes] = []
    size = 0
    for piece in pieces:
        first.append(piece)
        size += len(piece)
        if size >= AT_ONCE:
            return Answer(200, b"".join(first), stream.media, found, pieces)
    return Answer(200, b"".join(first), stream.media, found)


def spool(answer: Answer, folder: Path) -> None:
    """Makes the rest of an answer now, into a file without a name, so that what it is read from is free before the client reads."""
    if answer.rest is None:
        return
    private.make_folder(folder)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - `_read` closes it
    try:
        for piece in answer.rest:
            file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    answer.rest = _read(file)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether the client said that it unpacks gzip."""
    for coding in headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = coding.strip().partition(";")
        if name.strip() == "gzip" and quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return True
    return False


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
