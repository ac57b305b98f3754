"""What belongs to the account that runs the hub, and to nobody else of the machine."""

import stat
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path

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
