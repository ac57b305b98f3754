"""What is sent: the message itself, or a note for a chat; and the signature over it."""

import hmac
from base64 import b64decode, b64encode
from typing import Any

import msgspec

from autohub.events.catalog import BY_NAME
from autohub.events.model import EventMessage
from autohub.kit.sentences import encode
from autohub.webhooks.model import BodyFormat

FACTS = ("phase_name", "phase_status_name")


def write_body(message: EventMessage, body_format: BodyFormat) -> bytes:
    """The bytes of a message in one of the formats."""
    if body_format == "slack":
        return encode(_slack(message))
    if body_format == "teams":
        return encode(_teams(message))
    return encode(message)


def sign(secrets: list[str], message_id: str, seconds: int, body: bytes) -> str:
    """`webhook-signature` as Standard Webhooks wants it: one for each secret that is good now."""
    signed = b"%s.%d.%s" % (message_id.encode(), seconds, body)
    return " ".join(
        "v1," + b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()
        for secret in secrets
    )


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix("whsec_"))


def _summarize(message: EventMessage) -> tuple[str, str, str]:
    """Heading, the subject's name and its place."""
    kind = BY_NAME.get(message.type)
    record = msgspec.json.decode(message.data.record) or {}
    name = record.get("process_name") or record.get("user_email") or ""
    subject = name or f"{message.data.subject.type} {message.data.subject.id}"
    place = " – ".join(str(record[each]) for each in FACTS if record.get(each))
    return kind.title if kind else message.type, subject, place


def _slack(message: EventMessage) -> dict[str, Any]:
    title, subject, place = map(_escaped, _summarize(message))
    link = f"<{message.data.url}|{subject}>" if message.data.url else subject
    text = f"*{title}*: {link}" + (f" ({place})" if place else "")
    return {"text": text}


def _escaped(text: str) -> str:
    """Slack's three signs, and the one that would end a link's text."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("|", "¦")


def _teams(message: EventMessage) -> dict[str, Any]:
    title, subject, place = _summarize(message)
    blocks: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": _plain(title), "weight": "Bolder", "size": "Medium"},
        {"type": "TextBlock", "text": _plain(subject), "wrap": True},
    ]
    if place:
        blocks.append({"type": "TextBlock", "text": _plain(place), "isSubtle": True, "wrap": True})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    if message.data.url:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": message.data.url}]
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        ],
    }


def _plain(text: str) -> str:
    """A text in which nothing is markdown: cards read links and emphasis in it."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]()#!" else sign for sign in text)
