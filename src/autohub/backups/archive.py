"""The file: a zip of `manifest.json`, `tables/{name}.ndjson` (a JSON array per row, bytes as
base64) and `files/{key}`. The manifest is written last and names every part with its SHA-256, so
that a file that was not written to its end, or was changed since, is none."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from autohub.kit import private
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say

FORMAT = 1
_UNREADABLE = (zipfile.BadZipFile, zlib.error, msgspec.DecodeError)
MANIFEST = "manifest.json"
PIECE = 1024 * 1024


class Part(msgspec.Struct, kw_only=True):
    """What one entry of the zip holds; `rows` and `columns` of a table, `binary` those of its
    columns that hold bytes."""

    sha256: str
    rows: int = 0
    columns: list[str] = []
    binary: list[str] = []


class Manifest(msgspec.Struct, kw_only=True):
    """`sequences` are the last ids given out by table; `missing` are the keys of files that a row
    names and the store did not have."""

    format: int = FORMAT
    release: str
    revision: str
    tenant_id: str
    made_epoch: int
    tables: dict[str, Part] = {}
    files: dict[str, Part] = {}
    sequences: dict[str, int] = {}
    missing: list[str] = []


class Damaged(Invalid):
    """The file is no backup, or not what was written."""


class Writer:
    """Writes the parts one after the other."""

    def __init__(self, zip_: zipfile.ZipFile) -> None:
        self._zip = zip_

    def add_table(
        self, name: str, columns: list[str], binary: list[str], rows: Iterable[Any]
    ) -> Part:
        digest, count = hashlib.sha256(), 0
        encode = msgspec.json.Encoder().encode
        with self._zip.open(f"tables/{name}.ndjson", "w", force_zip64=True) as out:
            for row in rows:
                line = encode(tuple(row)) + b"\n"
                digest.update(line)
                out.write(line)
                count += 1
        return Part(sha256=digest.hexdigest(), rows=count, columns=columns, binary=binary)

    def add_file(self, key: str, pieces: Iterable[bytes]) -> Part:
        digest = hashlib.sha256()
        info = zipfile.ZipInfo(f"files/{key}")  # most documents are packed already
        with self._zip.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
        return Part(sha256=digest.hexdigest())

    def add_manifest(self, manifest: Manifest) -> None:
        self._zip.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def create(path: Path) -> Iterator[Writer]:
    """A new file, which is there under its name once it is whole. Raises Invalid when there is
    one."""
    with (
        private.new_file(path) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as file,
    ):
        yield Writer(file)


class Reader:
    """A backup, whose parts are checked as they are read. Raises Damaged."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise Invalid(say("{path} is not there.", path=str(path)))
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)
        except (OSError, KeyError, EOFError, ValueError, RuntimeError, *_UNREADABLE) as error:
            raise Damaged(
                say("{path} is no backup, or was not written to its end.", path=str(path))
            ) from error
        if self.manifest.format > FORMAT:
            raise Damaged(
                say(
                    "{path} was written by a later release ({release}); use that one.",
                    path=str(path),
                    release=self.manifest.release,
                )
            )

    def close(self) -> None:
        self._zip.close()

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table, as they were."""
        part, name = self.manifest.tables[table], f"tables/{table}.ndjson"
        binary = [part.columns.index(column) for column in part.binary]
        decode = msgspec.json.Decoder(list[Any]).decode
        count = 0
        with self._opened(name, part) as lines:
            for line in lines:
                row = decode(line)
                for index in binary:
                    if row[index] is not None:
                        row[index] = msgspec.convert(row[index], bytes)
                count += 1
                yield tuple(row)
        if count != part.rows:
            raise Damaged(say("{name} has not all of its rows.", name=name))

    def pieces(self, key: str) -> Iterator[bytes]:
        """The bytes of a file."""
        with self._opened(f"files/{key}", self.manifest.files[key]) as file:
            while piece := file.read(PIECE):
                yield piece

    @contextmanager
    def _opened(self, name: str, part: Part) -> Iterator["_Digesting"]:
        try:
            with self._zip.open(name) as raw:
                file = _Digesting(raw)
                yield file
                while file.read(PIECE):
                    pass
        except (OSError, KeyError, EOFError, ValueError, RuntimeError, *_UNREADABLE) as error:
            raise Damaged(say("{name} cannot be read.", name=name)) from error
        if file.sha256 != part.sha256:
            raise Damaged(say("{name} is not what was written.", name=name))


class _Digesting:
    """A stream, and the SHA-256 of what was read of it."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._digest = raw, hashlib.sha256()

    def read(self, size: int) -> bytes:
        return self._seen(self._raw.read(size))

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._seen(self._raw.readline()), b"")

    def _seen(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


Progress = Callable[[str], None]
