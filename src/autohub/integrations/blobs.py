"""Where the bytes of files are: a folder, or an S3-compatible store for several machines. Keys are
never reused.

A store belongs to the installation whose id lies in it. Nothing is deleted from where files are
read: what no document names any more moves to a trash in the same store, is still found there, and
only the trash is emptied.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from autohub.kit import private
from autohub.kit.errors import Unavailable

CHUNK = 256 * 1024
OWNER, TRASH, WORK = "installation", "trash", "tmp"


def new_key() -> str:
    """The key of bytes that a row will name."""
    return uuid.uuid4().hex


def new_work_key() -> str:
    """The key of bytes that are needed for a while, such as an import's table, and that no row
    need name."""
    return WORK + uuid.uuid4().hex


class Lost(Exception):
    """Bytes that should be in the store and are not; coming back does not help."""


class Blobs(Protocol):
    """Bytes by key. Every method raises Unavailable when the store cannot be reached."""

    installation: str

    def put(self, key: str, source: Path) -> None:
        """Stores the bytes of `source`, durably; the file is moved or may be removed afterwards.
        Raises Unavailable when the store belongs to another installation."""

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes, piece by piece, from the trash too. Raises Lost when they are not there."""

    def discard(self, key: str) -> None:
        """Moves the bytes to the trash; nothing happens when they are not there."""

    def restore(self, key: str) -> None:
        """Moves the bytes back from the trash; nothing happens when they are not there."""

    def erase(self, key: str) -> None:
        """Forgets bytes that lie in the trash; nothing happens when they do not."""

    def ages(self) -> dict[str, float]:
        """Every key outside the trash, and for how many seconds its bytes have been there."""

    def trash_ages(self) -> dict[str, float]:
        """Every key in the trash, and for how many seconds its bytes have been there."""

    def owner(self) -> str | None:
        """The id of the installation that the store belongs to; None while it belongs to nobody."""

    def claim(self, *, force: bool = False) -> bool:
        """Writes this installation's id into a store that belongs to nobody, or with `force` to
        whomever; whether it is ours now."""


class _Owned:
    """Refuses to put files among those of another installation, which would sweep them away."""

    _is_ours = False

    def __init__(self, installation: str) -> None:
        self.installation = installation

    def owner(self) -> str | None:
        raise NotImplementedError

    def _need_ours(self) -> None:
        if not self._is_ours:
            owner = self.owner()
            if owner not in (None, self.installation):
                raise Unavailable(
                    "The store of files belongs to another installation; the administrator runs "
                    "`autohub doctor`."
                )
            self._is_ours = owner is not None


class FolderBlobs(_Owned):
    """Each blob a file, under two letters of its key so that no folder grows too long."""

    def __init__(self, folder: Path, installation: str) -> None:
        super().__init__(installation)
        self._folder = folder
        self._trash = folder / TRASH

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def put(self, key: str, source: Path) -> None:
        self._need_ours()
        path = self._path(key)
        private.make_folder(path.parent)
        source.chmod(0o600)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(path)
        _sync_folder(path.parent)

    def read(self, key: str) -> Iterator[bytes]:
        with self._opened(key) as file:
            while piece := file.read(CHUNK):
                yield piece

    def _opened(self, key: str) -> IO[bytes]:
        for path in (
            self._path(key),
            self._trash / key,
            self._path(key),
        ):  # it may come back from the trash meanwhile
            with contextlib.suppress(FileNotFoundError):
                return path.open("rb")
        raise Lost(key)

    def discard(self, key: str) -> None:
        self._move(self._path(key), self._trash / key)

    def restore(self, key: str) -> None:
        self._move(self._trash / key, self._path(key))

    def _move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.utime(source)  # the time in the trash counts, not the time since the upload
            source.replace(target)
        except FileNotFoundError:
            return  # another process moved it
        _sync_folder(target.parent)

    def erase(self, key: str) -> None:
        (self._trash / key).unlink(missing_ok=True)

    def ages(self) -> dict[str, float]:
        return _ages(self._folder, "??/*")

    def trash_ages(self) -> dict[str, float]:
        return _ages(self._trash, "*")

    def owner(self) -> str | None:
        try:
            return (self._folder / OWNER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def claim(self, *, force: bool = False) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        own = self._folder / f"{OWNER}.{uuid.uuid4().hex}"
        own.write_text(self.installation, encoding="utf-8")
        try:
            if force:
                own.replace(self._folder / OWNER)
            else:
                os.link(own, self._folder / OWNER)
        except FileExistsError:
            pass
        finally:
            own.unlink(missing_ok=True)
        return self.owner() == self.installation


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ages(folder: Path, pattern: str) -> dict[str, float]:
    ages, now = {}, time.time()
    for path in folder.glob(pattern):
        try:
            ages[path.name] = now - path.stat().st_mtime
        except FileNotFoundError:
            continue  # another process moved it
    return ages


class S3Blobs(_Owned):
    """An S3-compatible store through obstore; endpoint and credentials come from the AWS_*
    variables that every such tool reads."""

    def __init__(self, url: str, installation: str) -> None:
        import obstore.store

        super().__init__(installation)
        self._store: Any = obstore.store.S3Store.from_url(url)

    def put(self, key: str, source: Path) -> None:
        import obstore

        self._need_ours()
        with _told(), source.open("rb") as file:
            obstore.put(self._store, key, file, chunk_size=8 * 1024 * 1024, max_concurrency=2)
        source.unlink()

    def read(self, key: str) -> Iterator[bytes]:
        import obstore

        with _told():
            try:
                found = obstore.get(self._store, key)
            except FileNotFoundError:
                found = self._from_trash(key)
            for piece in found.stream(min_chunk_size=CHUNK):
                yield bytes(piece)

    def _from_trash(self, key: str) -> Any:
        import obstore

        try:
            return obstore.get(self._store, f"{TRASH}/{key}")
        except FileNotFoundError as error:
            raise Lost(key) from error

    def discard(self, key: str) -> None:
        self._move(key, f"{TRASH}/{key}")

    def restore(self, key: str) -> None:
        self._move(f"{TRASH}/{key}", key)

    def _move(self, source: str, target: str) -> None:
        import obstore

        with _told():
            try:
                obstore.rename(self._store, source, target)
            except FileNotFoundError:
                return  # another process moved it

    def erase(self, key: str) -> None:
        import obstore

        with _told():
            obstore.delete(self._store, f"{TRASH}/{key}")

    def ages(self) -> dict[str, float]:
        return {path: age for path, age in self._listed(None) if "/" not in path and path != OWNER}

    def trash_ages(self) -> dict[str, float]:
        return {path.removeprefix(f"{TRASH}/"): age for path, age in self._listed(TRASH)}

    def _listed(self, prefix: str | None) -> list[tuple[str, float]]:
        import obstore

        with _told():
            found = [meta for page in obstore.list(self._store, prefix) for meta in page]
        return [(meta["path"], time.time() - meta["last_modified"].timestamp()) for meta in found]

    def owner(self) -> str | None:
        import obstore

        with _told():
            try:
                return bytes(obstore.get(self._store, OWNER).bytes()).decode().strip()
            except FileNotFoundError:
                return None

    def claim(self, *, force: bool = False) -> bool:
        import obstore

        with _told(), contextlib.suppress(FileExistsError, obstore.exceptions.AlreadyExistsError):
            obstore.put(
                self._store,
                OWNER,
                self.installation.encode(),
                mode="overwrite" if force else "create",
            )
        return self.owner() == self.installation


class _told:
    """Turns the store's errors into one that the caller can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        import obstore.exceptions

        if isinstance(error, obstore.exceptions.BaseError | OSError):
            raise Unavailable(
                "The store of files cannot be reached; try again in a moment."
            ) from error


def open_blob_store(url: str | None, folder: Path, installation: str) -> Blobs:
    """The store that the settings name; the folder when they name none."""
    return S3Blobs(url, installation) if url else FolderBlobs(folder, installation)
