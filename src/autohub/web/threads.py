"""Threads on which blocking work is done, a lane for each kind of it."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Lane:
    """At most `size` threads, started as they are needed. A hop through one costs a tenth of what
    a hop through a general pool with cancellation and context does."""

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, size
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads, self._idle = 0, 0

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """What `work` returns, or raises. Work that has begun goes on when the caller is gone."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put((loop, future, work, arguments))
        if not self._idle:
            self._grow()
        return await future

    def close(self) -> None:
        """Ends the threads, each once it has nothing left to do."""
        with self._lock:
            for _ in range(self._threads):
                self._waiting.put(None)
            self._threads = 0

    def _grow(self) -> None:
        with self._lock:
            if self._threads >= self._size:
                return
            self._threads += 1
            number = self._threads
        threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._idle += 1  # a hint only: where two threads miscount it, one more is started
            job = self._waiting.get()
            self._idle -= 1
            if job is None:
                return
            loop, future, work, arguments = job
            try:
                result = work(*arguments)
            except BaseException as error:
                _tell(loop, _fail, future, error)
            else:
                _tell(loop, _resolve, future, result)
            del job, future, work, arguments  # what they hold is not kept until the next one comes


FILES = Lane("files", 16)
"""For what is written and read while bodies and answers pass: a slow store of files keeps no page
waiting."""


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what, *arguments)


def _resolve(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
