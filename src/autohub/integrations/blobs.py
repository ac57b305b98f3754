"""Where the bytes of files are: a folder, or an S3-compatible store for several machines. Keys are never reused."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from autohub.kit import private
from autohub.kit.errors import Unavailable

CHUNK = 256 * 1024


class Blobs(Protocol):
    """Bytes by key. Every method raises Unavailable when the store cannot be reached."""

    def put(self, key: str, source: Path) -> None:
        """Stores the bytes of `source`, durably; the file is moved or may be removed afterwards."""

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes, piece by piece. Raises Unavailable when they are not there."""

    def delete(self, key: str) -> None:
        """Forgets the bytes; nothing happens when they are not there."""

    def older_than(self, seconds: float) -> list[str]:
        """The keys of what was stored at least so long ago."""


class FolderBlobs:
    """Each blob a file, under two letters of its key so that no folder grows too long."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def put(self, key: str, source: Path) -> None:
        path = self._path(key)
        private.make_folder(path.parent)
        source.chmod(0o600)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, key: str) -> Iterator[bytes]:
        try:
            with self._path(key).open("rb") as file:
                while piece := file.read(CHUNK):
                    yield piece
        except OSError as error:
            raise Unavailable("The file's bytes cannot be read; the administrator finds the reason in the blob folder.") from error

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def older_than(self, seconds: float) -> list[str]:
        limit = time.time() - seconds
        return [path.name for path in self._folder.glob("??/*") if path.stat().st_mtime <= limit]


class S3Blobs:
    """An S3-compatible store through obstore; endpoint and credentials come from the AWS_* variables that every such tool reads."""

    def __init__(self, url: str) -> None:
        import obstore.store

        self._store: Any = obstore.store.S3Store.from_url(url)

    def put(self, key: str, source: Path) -> None:
        import obstore

        with _told(), source.open("rb") as file:
            obstore.put(self._store, key, file, chunk_size=8 * 1024 * 1024, max_concurrency=2)
        source.unlink()

    def read(self, key: str) -> Iterator[bytes]:
        import obstore

        with _told():
            for piece in obstore.get(self._store, key).stream(min_chunk_size=CHUNK):
                yield bytes(piece)

    def delete(self, key: str) -> None:
        import obstore

        with _told():
            obstore.delete(self._store, key)

    def older_than(self, seconds: float) -> list[str]:
        import obstore

        with _told():
            found = [meta for page in obstore.list(self._store) for meta in page]
        return [meta["path"] for meta in found if time.time() - meta["last_modified"].timestamp() >= seconds]


class _told:
    """Turns the store's errors into one that the caller can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        import obstore.exceptions

        if isinstance(error, obstore.exceptions.BaseError | OSError):
            raise Unavailable("The store of files cannot be reached; try again in a moment.") from error


def opened(url: str | None, folder: Path) -> Blobs:
    """The store that the settings name; the folder when they name none."""
    return S3Blobs(url) if url else FolderBlobs(folder)
