"""Answers that are made while they are sent, with ETag and gzip."""

import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from autohub.kit import private
from autohub.kit.errors import Unavailable
from autohub.kit.etags import is_among
from autohub.web.routes import Stream

AT_ONCE = 256 * 1024
"""What is shorter is sent whole, and may be kept to be sent again."""
PIECE, KEPT_IN_MEMORY = 256 * 1024, 1024 * 1024
"""How much is sent at once, and how much of a spooled answer does not go to disk."""


class Room:
    """How many bytes of spooled answers may wait for their clients at once in this process."""

    def __init__(self, limit: int) -> None:
        self.limit, self.taken = limit, 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Raises Unavailable when there is no room left."""
        with self._lock:
            if self.taken + size > self.limit:
                raise Unavailable(
                    "Too many long answers wait for their clients; try again in a moment."
                )
            self.taken += size

    def give(self, size: int) -> None:
        with self._lock:
            self.taken -= size


ROOM = Room(4 * 1024**3)


VARY = "accept, accept-encoding, authorization"
"""What an answer depends on beside its address."""


class Answer(msgspec.Struct):
    """One answer; `rest` goes on where `content` ends, and must be closed."""

    status: int
    content: bytes
    media: str = "application/json"
    headers: dict[str, str] = {}
    rest: Iterator[bytes] | None = None


def answer(stream: Stream, headers: Mapping[str, str]) -> Answer:
    """304 for a client that has it already; else the beginning, and the rest for later."""
    found = {"etag": stream.etag, "vary": VARY} | stream.headers
    if is_among(stream.etag, headers.get("if-none-match", "")):
        return Answer(status=304, content=b"", media=stream.media, headers=found)
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
            return Answer(
                status=200, content=b"".join(first), media=stream.media, headers=found, rest=pieces
            )
    return Answer(status=200, content=b"".join(first), media=stream.media, headers=found)


def spool(answer: Answer, folder: Path) -> None:
    """Makes the rest of an answer now, into a file without a name, so that what it is read from
    is free before the client reads."""
    if answer.rest is None:
        return
    private.make_folder(folder)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - `_Spooled` closes it
    spooled = _Spooled(file)
    try:
        for piece in answer.rest:
            spooled.write(piece)
        file.seek(0)
    except BaseException:
        spooled.close()
        raise
    answer.rest = spooled


class _Spooled:
    """The rest of an answer in a file; its room is free again once it was read or closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._size = file, 0

    def write(self, piece: bytes) -> None:
        ROOM.take(len(piece))
        self._size += len(piece)
        self._file.write(piece)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(PIECE) if not self._file.closed else b""
        if not piece:
            self.close()
            raise StopIteration
        return piece

    def close(self) -> None:
        ROOM.give(self._size)
        self._size = 0
        self._file.close()

    def __del__(self) -> None:
        self.close()


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether the client said that it unpacks gzip."""
    for coding in headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = coding.strip().partition(";")
        if name.strip() == "gzip" and quality.replace(" ", "") not in (
            "q=0",
            "q=0.0",
            "q=0.00",
            "q=0.000",
        ):
            return True
    return False


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
