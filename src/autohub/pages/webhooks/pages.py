"""Webhooks on pages: making one, looking after it, and what was sent to it."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.events.catalog import BY_NAME, EVENT_TYPES
from autohub.integrations.outbound import Outbound
from autohub.kit.clock import end_of_day
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    ChunkedPageRequest,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage
from autohub.webhooks import sending, service, store
from autohub.webhooks.model import NewWebhook, Redelivery, WebhookChange

routes = PageRoutes()
AT, ONE = "/webhooks", "/webhooks/{webhook}"
STATES = ("queued", "delivered", "failed", "skipped")
LOG = (*LISTED, Param("state", "choice", "", choices=STATES))


def list_webhooks(request: ReadPageRequest) -> RenderedPage:
    return _render_list(request, made=None)


def _render_list(request: PageRequest[Any], made: Any) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = service.list_webhooks(request.db, request.caller, part)
    paths = category_paths(categories.all_categories(request.db))
    return request.page(
        "webhooks.html",
        found=found,
        total=total,
        made=made,
        kinds=EVENT_TYPES,
        places=sorted(paths.items(), key=lambda pair: pair[1]),
        chosen=request.form.all("event_types") if request.error else [],
        manages=request.caller.may(Right.MANAGE_PLATFORM_SETUP),
    )


routes("GET", AT, rights=ANY_RIGHT, params=LISTED)(list_webhooks)


@routes("POST", AT, rights=ANY_RIGHT, on_error=list_webhooks, params=LISTED)
def add_webhook(request: WritePageRequest) -> RenderedPage:
    """Makes a webhook and shows its secret this once."""
    form = request.form
    new = {
        "webhook_name": form.get("webhook_name"),
        "url": form.get("url"),
        "is_mine": 0 if form.get("whose") == "installation" else 1,
        "body_format": form.get("body_format") or "standard",
        "event_types": form.all("event_types"),
        "category_ids": form.numbers("category_id"),
    }
    made = service.add_webhook(
        request.db,
        request.caller,
        coerce(new, NewWebhook),
        outbound=Outbound(request.settings),
        keys=request.installation.keys,
        now=request.now,
    )
    return _render_list(request, made)


def show_webhook(request: ReadPageRequest) -> RenderedPage:
    return _render_one(request, secret=None)


def _render_one(request: PageRequest[Any], secret: str | None) -> RenderedPage:
    webhook = service.get_webhook(request.db, request.caller, request.id)
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    state = request.query.get("state")
    sent, total = service.list_deliveries(request.db, request.caller, request.id, part, state=state)
    paths = category_paths(categories.all_categories(request.db))
    return request.page(
        "webhook.html",
        webhook=webhook,
        secret=secret,
        sent=sent,
        total=total,
        state=state,
        states=STATES,
        kinds=EVENT_TYPES,
        titles={name: kind.title for name, kind in BY_NAME.items()},
        chosen=request.form.all("event_types") if request.error else webhook.event_types,
        filed=[paths[each] for each in webhook.category_ids if each in paths],
    )


routes("GET", ONE, rights=ANY_RIGHT, params=LOG)(show_webhook)


def _change(request: WritePageRequest, **facts: Any) -> None:
    service.change_webhook(
        request.db,
        request.caller,
        request.id,
        coerce(facts, WebhookChange),
        outbound=Outbound(request.settings),
        keys=request.installation.keys,
        now=request.now,
    )


@routes("POST", ONE, rights=ANY_RIGHT, on_error=show_webhook, params=LOG)
def save_webhook(request: WritePageRequest) -> Redirect:
    facts: dict[str, Any] = {
        "webhook_name": request.form.get("webhook_name"),
        "event_types": request.form.all("event_types"),
    }
    if request.form.get("url"):
        facts["url"] = request.form.get("url")
    _change(request, **facts)
    return Redirect(f"{AT}/{request.id}", request.reader("The webhook is saved."))


@routes("POST", f"{ONE}/switch", rights=ANY_RIGHT, on_error=show_webhook, params=LOG)
def switch_webhook(request: WritePageRequest) -> Redirect:
    """Stops serving a webhook, or wakes it."""
    is_on = request.form.flag("webhook_is_on")
    _change(request, webhook_is_on=is_on)
    said = request.reader("The webhook is served.") if is_on else request.reader("It is off.")
    return Redirect(f"{AT}/{request.id}", said)


@routes("POST", f"{ONE}/secret", rights=ANY_RIGHT, on_error=show_webhook, params=LOG)
def rotate_secret(request: WritePageRequest) -> RenderedPage:
    """Makes another secret and shows it this once."""
    made = service.rotate_secret(
        request.db,
        request.caller,
        request.id,
        keys=request.installation.keys,
        now=request.now,
    )
    return _render_one(request, made.secret)


@routes(
    "POST",
    f"{ONE}/test",
    rights=ANY_RIGHT,
    on_error=show_webhook,
    params=LOG,
    transaction="per_chunk",
)
def send_test_message(request: ChunkedPageRequest) -> Redirect:
    """Sends a message that says that it is a test."""
    with request.db.reading() as db:
        service.get_webhook(db, request.caller, request.id)
        row = store.get_row(db, request.id)
    assert row is not None
    outbound = Outbound(request.settings)
    try:
        keys = request.installation.keys
        tried = sending.Sender(request.db, request.settings, keys, outbound).try_out(row)
    finally:
        outbound.close()
    if tried.error is not None:
        raise Invalid(tried.error)
    return Redirect(f"{AT}/{request.id}", request.reader("The receiver took the test message."))


@routes("POST", f"{ONE}/redeliver", rights=ANY_RIGHT, on_error=show_webhook, params=LOG)
def redeliver(request: WritePageRequest) -> Redirect:
    """Sends one delivery again, or all since a day."""
    form, since = request.form, None
    if form.get("since"):
        try:
            since = end_of_day(form.get("since")) - 86_400_000 + 1
        except ValueError:
            fault = {"since": [request.reader("must be a day.")]}
            raise Invalid(request.reader("Nothing is sent again."), details=fault) from None
    wanted = Redelivery(
        delivery_ids=form.numbers("delivery_id"),
        since_epoch=since,
        only_failed=int(bool(form.flag("only_failed"))),
    )
    queued = service.redeliver(request.db, request.caller, request.id, wanted, now=request.now)
    said = request.reader("%(count)s deliveries are sent again.")
    return Redirect(f"{AT}/{request.id}", said % {"count": queued})


@routes("POST", f"{ONE}/delete", rights=ANY_RIGHT, on_error=show_webhook, params=LOG)
def delete_webhook(request: WritePageRequest) -> Redirect:
    service.delete_webhook(request.db, request.caller, request.id, now=request.now)
    return Redirect(AT, request.reader("The webhook is deleted."))
