"""Bodies of requests, read at the edge of the hub with their limits held."""

from contextlib import suppress

from autohub.kit.errors import Invalid, TooLarge
from autohub.kit.sentences import say
from autohub.kit.spool import Spool
from autohub.settings import MEGABYTE
from autohub.web.asgi import BrokenOff, Received
from autohub.web.threads import FILES

DRAINED_AT_MOST = 64 * MEGABYTE


async def spooled(received: Received, limit: int, spool: Spool) -> None:
    """Feeds the body to `spool`, a megabyte at a time. Raises TooLarge, Invalid."""
    declared = received.headers.get("content-length", "0")
    too_large = TooLarge(
        say(
            "The body is larger than the {limit} MB that this call takes; send a link instead.",
            limit=limit // MEGABYTE,
        )
    )
    if declared.isdigit() and int(declared) > limit:
        await drained(received)
        raise too_large
    waiting = bytearray()
    size = 0
    try:
        async for part in received.stream():
            size += len(part)
            if size > limit:
                await drained(received)
                raise too_large
            waiting += part
            if len(waiting) >= MEGABYTE:
                await FILES.run(spool.feed, bytes(waiting))
                waiting.clear()
    except BrokenOff as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    await FILES.run(spool.feed, bytes(waiting))
    await FILES.run(spool.finish)


async def read(received: Received, limit: int) -> bytes:
    """The body. Raises TooLarge when it is longer than `limit`, once all of it was passed over,
    so that the client hears it."""
    declared = received.headers.get("content-length", "0")
    parts: list[bytes] = []
    size = 0
    too_large = TooLarge(
        say(
            "The body is larger than the {limit} MB that this call takes; split it, or send less.",
            limit=limit // MEGABYTE,
        )
    )
    if declared.isdigit() and int(declared) > limit:
        await drained(received)
        raise too_large
    try:
        async for part in received.stream():
            size += len(part)
            if size <= limit:
                parts.append(part)
            elif size > limit + DRAINED_AT_MOST:
                break
    except BrokenOff as error:
        raise Invalid("The body could not be read to its end; send it again.") from error
    if size > limit:
        raise too_large
    return b"".join(parts)


async def drained(received: Received) -> None:
    """Passes over a body that is refused, so that a client that sends before it listens hears
    why; not endlessly."""
    size = 0
    with suppress(BrokenOff):
        async for part in received.stream():
            size += len(part)
            if size > DRAINED_AT_MOST:
                return
