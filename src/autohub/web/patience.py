"""Ends connections of clients that stop reading their answer, or stop sending their body."""

import asyncio
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


class ClientTooSlow(ConnectionError):
    """The client took nothing of its answer for as long as is waited; the server closes the
    connection."""


class Patience:
    """Waits at most `seconds` for each piece that a client sends or takes, however many there
    are."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def receive_in_time() -> Any:
            """What comes of the body; a client that sends nothing more counts as gone."""
            nonlocal is_whole
            if is_whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._seconds)
            except TimeoutError:
                return {"type": "http.disconnect"}
            is_whole = not message.get("more_body", False)
            return message

        async def send_in_time(message: Message) -> None:
            try:
                await asyncio.wait_for(send(message), self._seconds)
            except TimeoutError:
                raise ClientTooSlow from None

        try:
            await self._app(scope, receive_in_time, send_in_time)
        except ClientTooSlow:
            return
