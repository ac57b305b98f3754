"""What went wrong on our side, in the log: each kind in full once a minute, without the values
of any row."""

import errno
import logging
import os
import shutil
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from autohub.kit.errors import Unavailable

log = logging.getLogger("autohub")
QUIET_SECONDS = 60
WITH_VALUES = ("DETAIL:", "CONTEXT:")
"""PostgreSQL's lines that hold the values of a row."""
DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE for a disk that is full (its documentation, appendix A)."""


NOT_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_watched: list[Path] = []


def watch(*places: Path) -> None:
    """Names where this process keeps files: a fault of writing tells how it stands with them,
    because neither the system nor SQLite says which one it was."""
    _watched[:] = places


class Quiet:
    """Lets the first of a kind through, and the next one after QUIET_SECONDS with the number of
    those between."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def lets(self, kind: str) -> int | None:
        """None to be quiet; else how many of this kind were not told since the last one that
        was."""
        now = monotonic()
        with self._lock:
            since, held = self._seen.get(kind, (now - QUIET_SECONDS, 0))
            if now - since < QUIET_SECONDS:
                self._seen[kind] = since, held + 1
                return None
            self._seen[kind] = now, 0
            return held


_quiet = Quiet()


def note_unavailable(error: Unavailable, where: str) -> None:
    """Logs why something could not be done now."""
    cause = root(error)
    held = _quiet.lets(f"{error.message} {type(cause).__name__} {code_of(cause)}")
    if held is not None:
        reason = "" if cause is error else f" Cause: {type(cause).__name__}: {_first_line(cause)}"
        log.warning("%s: %s%s%s", where, error.message, reason, _further(held))


def note_unexpected(error: BaseException, fault_id: str, where: str) -> None:
    """Logs a fault under its id: where it came from once a minute, else that it came again."""
    cause = root(error)
    trace = traceback.extract_tb(cause.__traceback__) or traceback.extract_tb(error.__traceback__)
    place = f"{trace[-1].filename}:{trace[-1].lineno}" if trace else ""
    where += describe_places(error)
    held = _quiet.lets(f"{type(cause).__name__} {code_of(cause)} {place}")
    if held is None:
        kind = type(cause).__name__
        log.error(
            "error %s at %s: %s again, at %s", fault_id, where, kind, place, extra=_fields(fault_id)
        )
    else:
        log.error(
            "error %s at %s%s\n%s",
            fault_id,
            where,
            _further(held),
            trace_of(error),
            extra=_fields(fault_id),
        )


def trace_of(error: BaseException) -> str:
    """Where an error came from, without the values of any row."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(line for line in lines if not line.startswith(WITH_VALUES))


def _fields(fault_id: str) -> dict[str, object]:
    return {"fields": {"request_id": fault_id}}


def is_full(error: BaseException) -> bool:
    """Whether a disk or a quota is full, in the words of the file system, SQLite or PostgreSQL."""
    for each in _chain(error):
        is_file = isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT)
        if is_file or code_of(each) in (sqlite3.SQLITE_FULL, DISK_FULL):
            return True
    return False


def describe_places(error: BaseException) -> str:
    """How it stands with the places that are watched, when a file could not be written."""
    if not any(_is_of_writing(each) for each in _chain(error)):
        return ""
    return "".join(f"; {_describe(place)}" for place in _watched)


def _is_of_writing(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in NOT_WRITTEN:
        return True
    return code_of(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


def _describe(place: Path) -> str:
    try:
        free = shutil.disk_usage(place).free // 2**20
    except OSError as error:
        return f"{place} is not there ({error.strerror})"
    may = "may" if os.access(place, os.W_OK) else "may not"
    return f"{place} has {free} MB free, and this account {may} write there"


def root(error: BaseException) -> BaseException:
    """What it all began with."""
    return list(_chain(error))[-1]


def code_of(error: BaseException) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else getattr(error, "sqlstate", None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = getattr(found, "orig", None) or found.__cause__


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:300]


def _further(held: int) -> str:
    return f" ({held} more of this kind since it was last told)" if held else ""
