"""A driver that costs little itself: requests over keep-alive connections, and what they cost the
server."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

CONNECTIONS = 8
TICK = os.sysconf("SC_CLK_TCK")


class Call(NamedTuple):
    method: str
    path: str  # with the mount
    body: Any = None


class Figures(NamedTuple):
    per_second: float
    cpu_ms: float
    """User and system time of the server's processes, a request."""


class Target(NamedTuple):
    """A server of its own process group."""

    port: int
    group: int
    headers: dict[str, str]


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """What is started here stays on this core; on one core alone nothing is pinned."""
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    os.sched_setaffinity(0, {cores[number % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def drive(target: Target, call: Callable[[int], Call], count: int, *, first: int = 0) -> Figures:
    """Makes `count` calls, `call(first)` and on, over CONNECTIONS connections, none of which may
    fail."""
    before = cpu_seconds(target.group)
    started = time.perf_counter()
    with on_core(1):
        asyncio.run(_drive(target, call, range(first, first + count)))
    taken = time.perf_counter() - started
    return Figures(count / taken, (cpu_seconds(target.group) - before) / count * 1e3)


async def _drive(target: Target, call: Callable[[int], Call], numbers: range) -> None:
    waiting = iter(numbers)
    await asyncio.gather(*(_connection(target, call, waiting) for _ in range(CONNECTIONS)))


async def _connection(target: Target, call: Callable[[int], Call], waiting: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    try:
        for number in waiting:
            asked = call(number)
            writer.write(_bytes_of(target, asked))
            status, body = await _answer(reader)
            if status not in (200, 201):
                raise AssertionError(f"{asked} was answered {status}: {body[:300]!r}")
    finally:
        writer.close()


def _bytes_of(target: Target, call: Call) -> bytes:
    body = b"" if call.body is None else msgspec.json.encode(call.body)
    headers = {"host": "127.0.0.1", "accept-encoding": "identity", **target.headers}
    if body:
        headers |= {"content-type": "application/json"}
    headers["content-length"] = str(len(body))
    lines = [f"{call.method} {call.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await _chunks(reader)
    return int(head[0].split()[1]), body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = []
    while size := int((await reader.readline()).partition(b";")[0], 16):
        found.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(found)


def cpu_seconds(group: int) -> float:
    """What all processes of a group have used, those apart that ended."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK
