"""What webhooks are, and when a delivery is tried again."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.kit.clock import HOUR, MINUTE, SECOND

BodyFormat = Literal["standard", "slack", "teams"]
WebhookState = Literal["on", "off", "paused", "gone"]
DeliveryState = Literal["queued", "delivered", "failed", "skipped"]

WAITS = (
    10 * SECOND,
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
    27 * HOUR,
)
"""The pauses after the first, second, … failure: three days in all, then it is given up."""
RECEIVER_WAITS = (0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE)
"""How long a receiver is left alone after so many failures in a row, the last one from then on."""
LONGEST_WAIT = 24 * HOUR
OVERLAP = 24 * HOUR
"""For how long the secret before still signs after another one was made."""
MOST = 100
"""Webhooks of one person, and of the installation."""

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]


class NewWebhook(msgspec.Struct, kw_only=True):
    """`is_mine` 1 makes it the caller's own: it is told what they may see. Without types or
    categories it is told everything."""

    webhook_name: Name
    url: Url
    is_mine: Annotated[int, Meta(ge=0, le=1)] = 1
    body_format: BodyFormat = "standard"
    event_types: Annotated[list[str], Meta(max_length=100)] = []
    category_ids: Annotated[list[int], Meta(max_length=100)] = []


class WebhookChange(msgspec.Struct, kw_only=True):
    """What is not sent stays. `webhook_is_on` 1 also wakes one that was paused."""

    webhook_name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    event_types: Annotated[list[str], Meta(max_length=100)] | UnsetType = UNSET
    category_ids: Annotated[list[int], Meta(max_length=100)] | UnsetType = UNSET
    webhook_is_on: Annotated[int, Meta(ge=0, le=1)] | UnsetType = UNSET


class Webhook(msgspec.Struct, kw_only=True):
    """`owner_user_id` null: of the installation. Of its address the host alone is shown, since
    addresses of chats are secrets."""

    webhook_id: int
    webhook_name: str
    owner_user_id: int | None
    host: str
    body_format: BodyFormat
    event_types: list[str]
    category_ids: list[int]
    state: WebhookState
    last_error: str | None
    delivered_epoch: int | None
    waiting: int
    created_epoch: int


class WebhookSecret(msgspec.Struct, kw_only=True):
    """Shown this once."""

    webhook_id: int
    secret: str


class MadeWebhook(msgspec.Struct, kw_only=True):
    """A new webhook with the secret that signs what it is sent, shown this once."""

    webhook: Webhook
    secret: str


class Delivery(msgspec.Struct, kw_only=True):
    """One event on its way to one webhook; `status` is that of the last answer."""

    delivery_id: int
    event_id: int
    event_type: str
    subject: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str | None
    created_epoch: int
    due_epoch: int
    done_epoch: int | None


class Redelivery(msgspec.Struct, kw_only=True):
    """Which deliveries go out anew: these, or all since that moment (`only_failed` 1: those that
    were given up)."""

    delivery_ids: Annotated[list[int], Meta(max_length=1000)] = []
    since_epoch: int | None = None
    only_failed: Annotated[int, Meta(ge=0, le=1)] = 0


class Redelivered(msgspec.Struct):
    queued: int


class TestResult(msgspec.Struct, kw_only=True):
    """What came of a message that was sent to try: `error` null when it was taken."""

    status: int | None
    error: str | None


class Target(msgspec.Struct, kw_only=True):
    """Where a webhook's messages go, and what signs them; `owner_user_id` as in Webhook."""

    webhook_id: int
    owner_user_id: int | None
    url: str
    secrets: list[str]
    body_format: BodyFormat


class Due(msgspec.Struct, kw_only=True):
    """A delivery whose turn it is."""

    delivery_id: int
    event_id: int
    attempts: int


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one try. `retry_after` in milliseconds is what the receiver asked for,
    `is_gone` that it wants no more."""

    status: int | None = None
    error: str | None = None
    retry_after: int | None = None
    is_gone: bool = False
    is_skipped: bool = False
