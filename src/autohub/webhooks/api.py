"""The calls about webhooks; ours, beside the contract."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.integrations.outbound import Outbound
from autohub.kit.query import PAGING, Param
from autohub.web.routes import (
    ChunkedApiRequest,
    Paged,
    ReadApiRequest,
    Routes,
    WriteApiRequest,
)
from autohub.webhooks import sending, service, store
from autohub.webhooks.model import (
    Delivery,
    MadeWebhook,
    NewWebhook,
    Redelivered,
    Redelivery,
    TestResult,
    Webhook,
    WebhookChange,
    WebhookSecret,
)

routes = Routes("Webhooks")
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1}
_NEW = {
    "webhook_name": "Service desk",
    "url": "https://desk.example.com/hooks/ideas",
    "is_mine": 1,
    "body_format": "standard",
    "event_types": ["idea.submitted", "idea.moved"],
    "category_ids": [],
}
_WEBHOOK: dict[str, Any] = {
    "webhook_id": 3,
    "webhook_name": "Service desk",
    "owner_user_id": 7,
    "host": "desk.example.com",
    "body_format": "standard",
    "event_types": ["idea.submitted", "idea.moved"],
    "category_ids": [],
    "state": "on",
    "last_error": None,
    "delivered_epoch": 1767225600000,
    "waiting": 0,
    "created_epoch": 1767225600000,
}
_DELIVERY: dict[str, Any] = {
    "delivery_id": 91,
    "event_id": 812,
    "event_type": "idea.moved",
    "subject": "idea:12",
    "state": "delivered",
    "attempts": 1,
    "status": 204,
    "error": None,
    "created_epoch": 1767225600000,
    "due_epoch": 1767225600000,
    "done_epoch": 1767225600400,
}
_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDxxxxxxxxxxx="  # noqa: S105 - an example


@routes(
    "GET",
    "/webhooks",
    rights=ANY_RIGHT,
    tenant_level=True,
    params=PAGING,
    answer=Paged("webhooks", Webhook),
    example=_PAGE | {"webhooks": [_WEBHOOK]},
)
def list_webhooks(request: ReadApiRequest) -> Any:
    """Lists the caller's own webhooks, and those of the installation for who sets it up"""
    page = request.query.page
    found, total = service.list_webhooks(request.db, request.caller, page)
    return page.envelope("webhooks", found, total)


@routes(
    "GET",
    "/webhooks/{webhook_id}",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=Webhook,
    example=_WEBHOOK,
)
def get_webhook(request: ReadApiRequest) -> Webhook:
    """Shows one webhook"""
    return service.get_webhook(request.db, request.caller, request.id)


@routes(
    "POST",
    "/webhooks",
    rights=ANY_RIGHT,
    tenant_level=True,
    body=NewWebhook,
    body_example=_NEW,
    status=201,
    message="Resource Created",
    answer=MadeWebhook,
    example={"webhook": _WEBHOOK, "secret": _SECRET},
    holds_secret=True,
    location=lambda made: f"/webhooks/{made.webhook.webhook_id}",
)
def add_webhook(request: WriteApiRequest) -> MadeWebhook:
    """Subscribes another system to events

    It is called with each event from now on. `Location` names the subscription, and DELETE on it
    ends it. The secret, which signs what is sent, is shown this once.
    """
    return service.add_webhook(
        request.db,
        request.caller,
        request.body,
        outbound=Outbound(request.settings),
        keys=request.installation.keys,
        now=request.now,
    )


@routes(
    "PATCH",
    "/webhooks/{webhook_id}",
    rights=ANY_RIGHT,
    tenant_level=True,
    body=WebhookChange,
    body_example={"event_types": ["idea.moved"], "webhook_is_on": 1},
    answer=Webhook,
    example=_WEBHOOK,
)
def change_webhook(request: WriteApiRequest) -> Webhook:
    """Changes a webhook, or wakes one that was paused"""
    return service.change_webhook(
        request.db,
        request.caller,
        request.id,
        request.body,
        outbound=Outbound(request.settings),
        keys=request.installation.keys,
        now=request.now,
    )


@routes(
    "DELETE",
    "/webhooks/{webhook_id}",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=None,
    example=None,
)
def delete_webhook(request: WriteApiRequest) -> None:
    """Ends a subscription and deletes its log"""
    service.delete_webhook(request.db, request.caller, request.id, now=request.now)


@routes(
    "POST",
    "/webhooks/{webhook_id}/secret",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=WebhookSecret,
    example={"webhook_id": 3, "secret": _SECRET},
    holds_secret=True,
)
def rotate_webhook_secret(request: WriteApiRequest) -> WebhookSecret:
    """Makes another secret

    For a day both sign: `webhook-signature` holds two signatures, and either will do. The new one
    is shown this once.
    """
    return service.rotate_secret(
        request.db,
        request.caller,
        request.id,
        keys=request.installation.keys,
        now=request.now,
    )


@routes(
    "POST",
    "/webhooks/{webhook_id}/test",
    rights=ANY_RIGHT,
    tenant_level=True,
    transaction="per_chunk",
    answer=TestResult,
    example={"status": 204, "error": None},
)
def send_test_message(request: ChunkedApiRequest) -> TestResult:
    """Sends a message of the type `webhook.test` at once, and says what came of it"""
    with request.db.reading() as db:
        service.get_webhook(db, request.caller, request.id)
        row = store.get_row(db, request.id)
    assert row is not None
    outbound = Outbound(request.settings)
    try:
        keys = request.installation.keys
        return sending.Sender(request.db, request.settings, keys, outbound).try_out(row)
    finally:
        outbound.close()


@routes(
    "GET",
    "/webhooks/{webhook_id}/deliveries",
    rights=ANY_RIGHT,
    tenant_level=True,
    params=(
        *PAGING,
        Param(
            "state",
            "choice",
            "Those in this state.",
            choices=("queued", "delivered", "failed", "skipped"),
        ),
    ),
    answer=Paged("deliveries", Delivery),
    example=_PAGE | {"deliveries": [_DELIVERY]},
)
def list_deliveries(request: ReadApiRequest) -> Any:
    """Lists what was sent to a webhook and what waits for it, the last first"""
    page = request.query.page
    found, total = service.list_deliveries(
        request.db, request.caller, request.id, page, state=request.query.get("state")
    )
    return page.envelope("deliveries", found, total)


@routes(
    "POST",
    "/webhooks/{webhook_id}/redeliver",
    rights=ANY_RIGHT,
    tenant_level=True,
    body=Redelivery,
    body_example={"since_epoch": 1767225600000, "only_failed": 1},
    answer=Redelivered,
    example={"queued": 12},
)
def redeliver(request: WriteApiRequest) -> Redelivered:
    """Sends one, some or all deliveries since a moment again

    Each is told as it may be seen now, under the `webhook-id` that it had.
    """
    queued = service.redeliver(
        request.db, request.caller, request.id, request.body, now=request.now
    )
    return Redelivered(queued)
