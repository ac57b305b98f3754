"""Forms as browsers send them, with files and without."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import multipart

from autohub.kit import private
from autohub.kit.errors import Invalid, TooLarge
from autohub.kit.sentences import say
from autohub.kit.text import base_name
from autohub.settings import MEGABYTE
from autohub.web import bodies
from autohub.web.asgi import BrokenOff, Received
from autohub.web.forms import Form, SentFile, pairs_of
from autohub.web.routes import NOTHING, Upload
from autohub.web.threads import FILES

FORM_LIMIT = 4 * MEGABYTE
MOST_PARTS = 1000


async def read(received: Received) -> Form:
    """What a form without files sent. Raises TooLarge, Invalid."""
    media = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await bodies.read(received, FORM_LIMIT)
    if raw and media != "application/x-www-form-urlencoded":
        raise Invalid(
            "This form is sent as application/x-www-form-urlencoded; go back and use the form on "
            "the page."
        )
    return Form(pairs_of(raw))


def is_multipart(received: Received) -> bool:
    media = received.headers.get("content-type", "").partition(";")[0]
    return media.strip().lower() == "multipart/form-data"


def as_json(form: Form) -> tuple[bytes, Upload]:
    """A call's form as the JSON body that says the same, and the file in its part `file`, whose
    bytes came as they are."""
    body: dict[str, Any] = dict(form.pairs)
    sent = form.files.get("file")
    if sent is None:
        return msgspec.json.encode(body), NOTHING
    body["file"] = {
        "file_name": sent.name,
        "mimetype": sent.media or "application/octet-stream",
        "file_content": "",
        "file_encoding": "base64",
    }
    return msgspec.json.encode(body), Upload(path=sent.path, size=sent.size, sha256=sent.sha256)


@asynccontextmanager
async def read_with_files(received: Received, limit: int, folder: Path) -> AsyncIterator[Form]:
    """A form with files, `limit` megabytes of them at most, which are written below `folder` as
    they arrive, beside the blobs into which they are moved, and are gone in the end. Raises
    TooLarge, Invalid."""
    private.make_folder(folder)
    with tempfile.TemporaryDirectory(
        prefix="form-", dir=folder, ignore_cleanup_errors=True
    ) as kept:
        yield await _read_parts(received, limit, Path(kept))


async def _read_parts(received: Received, limit: int, folder: Path) -> Form:
    declared = received.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > limit * MEGABYTE:
        await bodies.drained(received)
        raise TooLarge(
            say("What was sent is larger than the {limit} MB that this form takes.", limit=limit)
        )
    _, options = multipart.parse_options_header(received.headers.get("content-type", ""))
    reading = Parts(folder)
    try:
        with multipart.PushMultipartParser(
            options.get("boundary", ""), max_segment_count=MOST_PARTS
        ) as parser:
            async for chunk in received.stream():
                await FILES.run(reading.take, list(parser.parse(chunk)))
    except TooLarge:
        await bodies.drained(received)
        raise
    except (multipart.MultipartError, BrokenOff, ValueError) as error:
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
                        say(
                            "The texts of this form are larger than the {form_limit} MB "
                            "that it takes.",
                            form_limit=FORM_LIMIT // MEGABYTE,
                        )
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
        name = base_name(segment.filename or "")
        self.files[segment.name] = SentFile(
            name=name,
            media=segment.content_type or "",
            path=path,
            size=size,
            sha256=self._digest.hexdigest(),
        )
