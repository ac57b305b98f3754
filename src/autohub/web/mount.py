"""The three addresses at which the same calls answer (contract 1.1), and HEAD, which is GET
without the body."""

from typing import cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from autohub.kit.errors import NotFound
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.settings import Settings
from autohub.web.envelopes import refusal

MARK = "automationhub_"


class Mount:
    """Takes `/automationhub_` or `/{org}/{tenant}/automationhub_` off the path, and refuses
    another organisation's."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "HEAD":
            scope, send = cast("Scope", {**scope, "method": "GET"}), _without_body(send)
        if "path" in scope:
            parts = scope["path"].split("/", 4)[1:]
            if parts and parts[0].lower() == MARK:
                _strip(scope, 1)
            elif len(parts) > 3 and parts[2].lower() == MARK:
                ours = (self._settings.organisation.lower(), self._settings.tenant.lower())
                if (parts[0].lower(), parts[1].lower()) != ours:
                    await _refuse(
                        send,
                        say(
                            "Tenant “{tenant}” not found in organization “{organization}”.",
                            tenant=shorten(parts[1]),
                            organization=shorten(parts[0]),
                        ),
                    )
                    return
                _strip(scope, 3)
        await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
        elif not message.get("more_body"):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sent


def _strip(scope: Scope, segments: int) -> None:
    """Drops the first segments from the path."""
    scope["path"] = "/" + scope["path"].split("/", segments + 1)[-1]
    raw = scope.get("raw_path")
    if raw:
        scope["raw_path"] = b"/" + raw.split(b"/", segments + 1)[-1]


async def _refuse(send: Send, text: str) -> None:
    answer = refusal(NotFound(text), "an address of another tenant")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.content)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content, "more_body": False})
