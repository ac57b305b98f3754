"""SQLite has one writer at a time. Those who wait for their turn share a commit: each works in a
savepoint of its own, the last one commits for all, and nobody is answered before."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from autohub.db.connections import WAIT_SECONDS
from autohub.kit.errors import Unavailable

T = TypeVar("T")

MOST_MEMBERS = 64
SHARED_SECONDS = 0.02
"""After how long a commit is not left to the next one any more."""


class Transaction(Protocol):
    """What a turn needs of a transaction."""

    def begun(self) -> Any: ...

    def savepoint(self, what: str) -> None: ...


W = TypeVar("W", bound=Transaction)


class _Group:
    """A transaction that several calls share; `error` is why none of them was kept."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.until = time.monotonic() + SHARED_SECONDS
        self.members = 0
        self.error: BaseException | None = None
        self.ended = threading.Event()


class Turns:
    """Hands out the writer's turn within this process; other processes wait at the file."""

    def __init__(self, engine: sa.Engine, transaction: Callable[[sa.Connection], W]) -> None:
        self._engine, self._transaction = engine, transaction
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._joining = 0  # calls that wait for a turn to share
        self._group: _Group | None = None  # left open for one of them
        self.last_commit = 0.0  # time.monotonic()

    @contextmanager
    def alone(self) -> Iterator[Any]:
        """A transaction that shares its commit with nobody. Raises Unavailable."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("The database is busy writing; try again in a moment.")
        try:
            if self._group is not None:
                self._end(self._group)
            with self._engine.begin() as connection:
                yield self._transaction(connection).begun()
            self.last_commit = time.monotonic()
        finally:
            self._turn.release()

    def shared(self, work: Callable[[Any], T]) -> T:
        """Runs `work` in a transaction that others may share; returns when it is on disk. What
        `work` raises undoes its own changes alone. Raises Unavailable."""
        self._join()
        group = None
        try:
            group = self._group or self._open()
            db = self._transaction(group.connection)
            result = self._run(group, db, work)
        except BaseException:
            self._leave(group)
            raise
        self._leave(group)
        group.ended.wait()
        if group.error is not None:
            raise group.error
        return result

    def _join(self) -> None:
        with self._counting:
            self._joining += 1
        if self._turn.acquire(timeout=WAIT_SECONDS):
            with self._counting:
                self._joining -= 1
            return
        with self._counting:  # the one before may just have left the group to this call
            self._joining -= 1
            if self._turn.acquire(blocking=False):
                return
        raise Unavailable("The database is busy writing; try again in a moment.")

    def _open(self) -> _Group:
        connection = self._engine.connect()
        try:
            connection.begin()
            self._transaction(connection).begun()
        except BaseException:
            connection.close()
            raise
        self._group = _Group(connection)
        return self._group

    def _run(self, group: _Group, db: Transaction, work: Callable[[Any], T]) -> T:
        db.savepoint("SAVEPOINT member")
        try:
            result = work(db)
            db.savepoint("RELEASE member")
        except BaseException as error:
            try:
                db.savepoint("ROLLBACK TO member")
                db.savepoint("RELEASE member")
            except sa.exc.DBAPIError:  # a full disk, for one, undoes the whole transaction
                group.error = error
            raise
        group.members += 1
        return result

    def _leave(self, group: _Group | None) -> None:
        """Leaves the group to the next one who waits for it, or ends it."""
        if group is not None:
            with self._counting:
                is_open = group.members < MOST_MEMBERS and time.monotonic() < group.until
                if self._joining and is_open and group.error is None:
                    self._turn.release()
                    return
            self._end(group)
        self._turn.release()

    def _end(self, group: _Group) -> None:
        self._group = None
        try:
            if group.error is None and group.members:
                group.connection.commit()
                self.last_commit = time.monotonic()
        except BaseException as error:
            group.error = error
        finally:
            group.connection.close()  # undoes what was not committed
            group.ended.set()
