"""Lanes of threads: how wide they are, what comes back, and that they end."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from autohub.web.threads import Lane

T = TypeVar("T")


def _run(check: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """In a thread of its own: other tests leave a loop in the first one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(check())).result()


def _threads(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith(f"{name}-")]


def test_what_the_work_returns_or_raises_comes_back() -> None:
    async def check() -> None:
        lane = Lane("both", 2)
        assert await lane.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await lane.run(divmod, 7, 0)
        assert await lane.run(len, "and on") == 6
        lane.close()

    _run(check)


def test_so_many_work_at_once_and_no_more() -> None:
    at_work, most, lock = 0, 0, threading.Lock()
    meeting = threading.Barrier(3)

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        meeting.wait(30)  # three must be here at once, or nobody goes on
        with lock:
            at_work -= 1

    async def check() -> None:
        lane = Lane("width", 3)
        await asyncio.gather(*(lane.run(work) for _ in range(12)))
        lane.close()

    _run(check)
    assert most == 3


def test_a_caller_who_goes_away_breaks_no_thread() -> None:
    started, go_on = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        go_on.wait(30)

    async def check() -> None:
        lane = Lane("gone", 1)
        task = asyncio.ensure_future(lane.run(work))
        await asyncio.get_running_loop().run_in_executor(None, started.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        assert await lane.run(len, "next") == 4
        lane.close()

    _run(check)


def test_closed_lanes_end_their_threads() -> None:
    async def check() -> list[threading.Thread]:
        lane = Lane("ending", 2)
        await lane.run(len, "")
        there = _threads("ending")
        lane.close()
        return there

    ending = _run(check)
    assert ending
    for thread in ending:
        thread.join(30)
    assert _threads("ending") == []
