"""What belongs to the account that runs the hub, and to nobody else of the machine."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from autohub.kit.errors import Invalid
from autohub.kit.sentences import say

OTHERS = 0o077


def make_folder(folder: Path) -> None:
    """Makes a folder for its owner alone, with the folders above it that are missing; one that
    is there stays as it is."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def make_file(path: Path) -> None:
    """Makes an empty file for its owner alone; one that is there is taken from everybody else,
    if it is ours."""
    path.touch(mode=0o600, exist_ok=True)
    if is_open(path):
        with suppress(PermissionError):
            path.chmod(path.stat().st_mode & ~OTHERS)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone, which is there under its name once it is whole and on disk.
    Raises Invalid when there is one of that name already, or no folder for it."""
    if path.exists() or path.is_symlink():
        raise Invalid(say("{path} is there already; name another file.", path=str(path)))
    if not path.absolute().parent.is_dir():
        raise Invalid(say("There is no folder {folder}.", folder=str(path.absolute().parent)))
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    make_file(part)
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def close(folder: Path, own: Iterable[str]) -> None:
    """Takes a folder, and what in it matches `own`, from everybody but the owner. Raises OSError
    when it is somebody else's.

    Does nothing in a folder that is closed already, and in one that everybody is meant to write to,
    such as /tmp.
    """
    if not is_open(folder) or folder.stat().st_mode & stat.S_ISVTX:
        return
    for path in (*chain.from_iterable(folder.glob(pattern) for pattern in own), folder):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~OTHERS)


def is_open(path: Path) -> bool:
    """Whether others than the owner may read or enter it."""
    return path.exists() and bool(path.stat().st_mode & OTHERS)
