"""A JSON body with a file inside, read piece by piece: the file's base64 goes to disk, decoded; the
rest stays in memory.

So that a document of 225 MB needs no more memory than one of a kilobyte. Only the text under the
key `file_content` is taken out; in its place the remaining JSON holds "" and what was found is told
by `Spool`.
"""

import binascii
import hashlib
import re
import tempfile
from pathlib import Path
from typing import IO

from autohub.kit import private
from autohub.kit.errors import TooLarge
from autohub.kit.sentences import say

KEY = b"file_content"
_STOP = re.compile(rb'["\\]')
_BLANKS = bytes.maketrans(b"", b""), b" \r\n\t"


class Spool:
    """Fed with the body; afterwards `json` is the body without the file, `path` the file (None:
    there was none), `size` its bytes, `sha256` their hash, and `is_base64` whether it was right."""

    def __init__(self, folder: Path, *, json_limit: int) -> None:
        self._folder, self._json_limit = folder, json_limit
        self.json = bytearray()
        self.path: Path | None = None
        self.size = 0
        self.is_base64 = True
        self._hash = hashlib.sha256()
        self._file: IO[bytes] | None = None
        self._mode = "out"  # out of strings | in a string | in the file's text
        self._escaped = False
        self._string = bytearray()  # the last string, as far as it may be the key
        self._between = bytearray()  # what stood since the last string
        self._tail = b""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def feed(self, chunk: bytes) -> None:
        """Raises TooLarge when what is not the file is too long."""
        at = 0
        while at < len(chunk):
            at = {"out": self._out, "string": self._in_string, "file": self._in_file}[self._mode](
                chunk, at
            )
        if len(self.json) > self._json_limit:
            raise TooLarge(
                say(
                    "What stands around the file is larger than {json_limit} MB; send less.",
                    json_limit=self._json_limit // (1024 * 1024),
                )
            )

    def finish(self) -> None:
        """Decodes what is left and closes the file. Call it once, at the body's end."""
        self._decode(self._tail, last=True)
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Removes the file, unless it was moved away."""
        if self._file is not None:
            self._file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _out(self, chunk: bytes, at: int) -> int:
        end = chunk.find(b'"', at)
        piece = chunk[at : end if end >= 0 else len(chunk)]
        self.json += piece
        self._between += piece[:100]
        if end < 0:
            return len(chunk)
        self.json += b'"'
        is_file = self._string == KEY and self._between.strip() == b":" and self.path is None
        self._string.clear()
        self._between.clear()
        self._mode = "file" if is_file else "string"
        if is_file:
            self._open()
        return end + 1

    def _in_string(self, chunk: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            self.json += chunk[at : at + 1]
            return at + 1
        found = _STOP.search(chunk, at)
        end = found.start() if found else len(chunk)
        self.json += chunk[at:end]
        if len(self._string) <= len(KEY):
            self._string += chunk[at : min(end, at + len(KEY) + 1)]
        if not found:
            return len(chunk)
        self.json += found[0]
        if found[0] == b"\\":
            self._escaped = True
            self._string += b"\\"
        else:
            self._mode = "out"
        return end + 1

    def _in_file(self, chunk: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            letter = chunk[at : at + 1]
            if letter == b"/":
                self._take(b"/")
            elif letter not in (b"n", b"r", b"t"):
                self.is_base64 = False
            return at + 1
        found = _STOP.search(chunk, at)
        end = found.start() if found else len(chunk)
        self._take(chunk[at:end])
        if not found:
            return len(chunk)
        if found[0] == b"\\":
            self._escaped = True
        else:
            self.json += b'"'
            self._mode = "out"
        return end + 1

    def _open(self) -> None:
        private.make_folder(self._folder)
        self._file = tempfile.NamedTemporaryFile(dir=self._folder, prefix="spool-", delete=False)  # noqa: SIM115 - closed by finish
        self.path = Path(self._file.name)

    def _take(self, text: bytes) -> None:
        self._tail += text.translate(*_BLANKS)
        if len(self._tail) > 4:
            cut = (len(self._tail) - 4) // 4 * 4
            self._decode(self._tail[:cut], last=False)
            self._tail = self._tail[cut:]

    def _decode(self, text: bytes, *, last: bool) -> None:
        if not text or not self.is_base64 or self._file is None:
            return
        try:
            if len(text) % 4 or (b"=" in text and not last):
                raise binascii.Error
            raw = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            self.is_base64 = False
            return
        self._hash.update(raw)
        self.size += len(raw)
        self._file.write(raw)
