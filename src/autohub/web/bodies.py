"""Bodies of requests, read at the edge of the hub with their limits held."""

from typing import Any

from anyio import to_thread
from litestar import Request
from litestar.exceptions import HTTPException

from autohub.kit.errors import Invalid, TooLarge
from autohub.kit.sentences import say
from autohub.kit.spool import Spool
from autohub.settings import MEGABYTE

DRAINED_AT_MOST = 64 * MEGABYTE


async def spooled(request: Request[Any, Any, Any], limit: int, spool: Spool) -> None:
    """Feeds the body to `spool`, a megabyte at a time. Raises TooLarge, Invalid."""
    declared = request.headers.get("content-length", "0")
    too_large = TooLarge(
        say(
            "The body is larger than the {limit} MB that this call takes; send a link instead.",
            limit=limit // MEGABYTE,
        )
    )
    if declared.isdigit() and int(declared) > limit:
        await drained(request)
        raise too_large
    waiting = bytearray()
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                await drained(request)
                raise too_large
            waiting += part
            if len(waiting) >= MEGABYTE:
                await to_thread.run_sync(spool.feed, bytes(waiting))
                waiting.clear()
    except HTTPException as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    await to_thread.run_sync(spool.feed, bytes(waiting))
    await to_thread.run_sync(spool.finish)


async def read(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The body. Raises TooLarge when it is longer than `limit`, once all of it was passed over,
    so that the client hears it."""
    declared = request.headers.get("content-length", "0")
    parts: list[bytes] = []
    size = 0
    too_large = TooLarge(
        say(
            "The body is larger than the {limit} MB that this call takes; split it, or send less.",
            limit=limit // MEGABYTE,
        )
    )
    if declared.isdigit() and int(declared) > limit:
        await drained(request)
        raise too_large
    try:
        async for part in request.stream():
            size += len(part)
            if size <= limit:
                parts.append(part)
            elif size > limit + DRAINED_AT_MOST:
                break
    except HTTPException as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    if size > limit:
        raise too_large
    return b"".join(parts)


async def drained(request: Request[Any, Any, Any]) -> None:
    """Passes over a body that is refused, so that a client that sends before it listens hears
    why; not endlessly."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > DRAINED_AT_MOST:
            return
