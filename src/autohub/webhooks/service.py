"""Subscriptions: who makes them, what they are told, and what happened reaching them."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.categories import store as categories
from autohub.db.engine import Reading, Row, Writing
from autohub.events import service as events
from autohub.events.catalog import unknown_types
from autohub.events.model import Event
from autohub.integrations.outbound import Outbound
from autohub.integrations.outbound_errors import AddressRefused
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.sealing import Keys, open_sealed, seal_text, sealed_place
from autohub.kit.sentences import say
from autohub.webhooks import store
from autohub.webhooks.model import (
    MOST,
    OVERLAP,
    Delivery,
    MadeWebhook,
    NewWebhook,
    Redelivery,
    Target,
    Webhook,
    WebhookChange,
    WebhookSecret,
)

URL, SECRET = sealed_place("webhook", "sealed_url"), sealed_place("webhook", "sealed_secret")
PREVIOUS = sealed_place("webhook", "sealed_previous_secret")
SECRET_BYTES = 32


def list_webhooks(db: Reading, caller: Caller, page: Page) -> tuple[list[Webhook], int]:
    """The caller's own, and those of the installation for who sets it up."""
    return store.list_webhooks(
        db,
        user_id=caller.user_id,
        with_installation=caller.may(Right.MANAGE_PLATFORM_SETUP),
        page=page,
    )


def get_webhook(db: Reading, caller: Caller, webhook_id: int) -> Webhook:
    """Raises NotFound, for one of somebody else too."""
    found = store.find_webhook(db, webhook_id)
    if found is not None:
        is_mine = found.owner_user_id is not None and found.owner_user_id == caller.user_id
        is_ours = found.owner_user_id is None and caller.may(Right.MANAGE_PLATFORM_SETUP)
        if is_mine or is_ours:
            return found
    raise NotFound(say("There is no webhook {webhook_id}.", webhook_id=webhook_id))


TOLD_ALL = (
    Right.VIEW_IDEA,
    Right.VIEW_CBA,
    Right.VIEW_COLLABORATORS,
    Right.MANAGE_USERS,
)
"""What a webhook of the installation is told takes; whoever makes one holds it."""


def add_webhook(
    db: Writing, caller: Caller, new: NewWebhook, *, outbound: Outbound, keys: Keys, now: int
) -> MadeWebhook:
    """Makes one with a secret of its own. Raises Forbidden, Invalid."""
    owner = caller.user_id if new.is_mine else None
    if owner is None:
        for right in (Right.MANAGE_PLATFORM_SETUP, *TOLD_ALL):
            caller.need(right)
    caller.need_proof()
    _check(db, outbound, url=new.url, types=new.event_types, category_ids=new.category_ids)
    db.lock(f"webhooks of {owner}")
    if store.count_of(db, owner) >= MOST:
        raise Invalid(say("There are {most} webhooks already; delete one.", most=MOST))
    secret = _make_secret()
    webhook_id = store.insert_webhook(
        db,
        {
            "owner_user_id": owner,
            "created_by_user_id": caller.user_id,
            "webhook_name": new.webhook_name,
            "host": _host(new.url),
            "sealed_url": seal_text(keys, new.url, URL),
            "sealed_secret": seal_text(keys, secret, SECRET),
            "body_format": new.body_format,
            "event_types": msgspec.json.encode(new.event_types).decode(),
            "category_ids": msgspec.json.encode(new.category_ids).decode(),
            "state": "on",
            "waits_until_epoch": 0,
            "leased_until_epoch": 0,
            "created_epoch": now,
        },
    )
    made = get_webhook(db, caller, webhook_id)
    _note(db, caller, "add webhook", made, now=now)
    return MadeWebhook(webhook=made, secret=secret)


def change_webhook(
    db: Writing,
    caller: Caller,
    webhook_id: int,
    change: WebhookChange,
    *,
    outbound: Outbound,
    keys: Keys,
    now: int,
) -> Webhook:
    """Raises NotFound, Invalid."""
    get_webhook(db, caller, webhook_id)
    sent = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET
    }
    _check(
        db,
        outbound,
        url=sent.get("url"),
        types=sent.get("event_types", []),
        category_ids=sent.get("category_ids", []),
    )
    if "url" in sent:
        caller.need_proof()
    values: dict[str, Any] = {}
    if "webhook_name" in sent:
        values["webhook_name"] = sent["webhook_name"]
    if "url" in sent:
        values |= {"host": _host(sent["url"]), "sealed_url": seal_text(keys, sent["url"], URL)}
    for name in ("event_types", "category_ids"):
        if name in sent:
            values[name] = msgspec.json.encode(sent[name]).decode()
    if "webhook_is_on" in sent:
        values |= {"state": "on" if sent["webhook_is_on"] else "off", "last_error": None}
        values |= {"failures": 0, "waits_until_epoch": 0}
        if not sent["webhook_is_on"]:
            store.skip_queued(db, webhook_id, now=now)
    if values:
        store.update_webhook(db, webhook_id, values)
    changed = get_webhook(db, caller, webhook_id)
    _note(db, caller, "change webhook", changed, now=now)
    return changed


def delete_webhook(db: Writing, caller: Caller, webhook_id: int, *, now: int) -> None:
    """Deletes it with its log. Raises NotFound."""
    gone = get_webhook(db, caller, webhook_id)
    store.delete_webhook(db, webhook_id)
    _note(db, caller, "delete webhook", gone, now=now)


def rotate_secret(
    db: Writing, caller: Caller, webhook_id: int, *, keys: Keys, now: int
) -> WebhookSecret:
    """Makes another secret; the one before signs beside it for OVERLAP. Raises NotFound."""
    found = get_webhook(db, caller, webhook_id)
    db.lock_row("webhook", webhook_id)
    row = store.get_row(db, webhook_id)
    assert row is not None
    before, secret = open_sealed(keys, row.sealed_secret, SECRET), _make_secret()
    store.update_webhook(
        db,
        webhook_id,
        {
            "sealed_secret": seal_text(keys, secret, SECRET),
            "sealed_previous_secret": seal_text(keys, before, PREVIOUS),
            "previous_until_epoch": now + OVERLAP,
        },
    )
    _note(db, caller, "rotate webhook secret", found, now=now)
    return WebhookSecret(webhook_id=webhook_id, secret=secret)


def list_deliveries(
    db: Reading, caller: Caller, webhook_id: int, page: Page, *, state: str | None = None
) -> tuple[list[Delivery], int]:
    """The log of one webhook, the last first. Raises NotFound."""
    get_webhook(db, caller, webhook_id)
    return store.list_deliveries(db, webhook_id, page, state=state)


def redeliver(db: Writing, caller: Caller, webhook_id: int, wanted: Redelivery, *, now: int) -> int:
    """Puts deliveries into the queue again, and returns how many. Raises NotFound, Invalid."""
    get_webhook(db, caller, webhook_id)
    if (wanted.since_epoch is None) == (not wanted.delivery_ids):
        raise Invalid("Choose deliveries, or a time since when: one of the two.")
    return store.requeue(
        db,
        webhook_id,
        delivery_ids=wanted.delivery_ids,
        since=wanted.since_epoch,
        only_failed=bool(wanted.only_failed),
        now=now,
    )


def open_target(row: Row, keys: Keys, *, now: int) -> Target:
    """Where the messages of a stored webhook go. Raises Unsealable."""
    signing = [open_sealed(keys, row.sealed_secret, SECRET)]
    if row.sealed_previous_secret and (row.previous_until_epoch or 0) > now:
        signing.append(open_sealed(keys, row.sealed_previous_secret, PREVIOUS))
    return Target(
        webhook_id=row.webhook_id,
        owner_user_id=row.owner_user_id,
        url=open_sealed(keys, row.sealed_url, URL),
        secrets=signing,
        body_format=row.body_format,
    )


def publish(db: Writing, *, now: int) -> int:
    """Makes events of what the audit says, and queues each for whom it may concern; whether they
    may see it is asked when it is sent. Returns how many events there were."""
    published = events.publish_pending(db)
    listening = store.list_open_webhooks(db) if published else []
    if listening:
        ids = {each.process_id for each in published if each.process_id is not None}
        filed = store.category_paths_of(db, ids) if any(w.category_ids for w in listening) else {}
        store.insert_deliveries(
            db,
            [
                (webhook.webhook_id, event)
                for event in published
                for webhook in listening
                if _concerns(webhook, event, filed)
            ],
            now=now,
        )
    return len(published)


def _concerns(webhook: Webhook, event: Event, filed: dict[int, set[int]]) -> bool:
    if webhook.event_types and event.event_type not in webhook.event_types:
        return False
    if event.process_id is None:
        return webhook.owner_user_id is None and not webhook.category_ids
    chain = filed.get(event.process_id, set())
    return not webhook.category_ids or bool(chain & set(webhook.category_ids))


def _check(
    db: Reading,
    outbound: Outbound,
    *,
    url: str | None,
    types: Sequence[str],
    category_ids: Sequence[int],
) -> None:
    faults: dict[str, list[str]] = {}
    if url is not None:
        try:
            outbound.check(url)
        except AddressRefused as error:
            faults["url"] = [error.message]
    if wrong := unknown_types(types):
        faults["event_types"] = [
            say("There is no event type “{name}”; GET /events/catalog has them.", name=wrong[0])
        ]
    known = set(categories.all_categories(db)) if category_ids else set()
    if missing := [each for each in category_ids if each not in known]:
        faults["category_ids"] = [
            say("There is no category {category_id}.", category_id=missing[0])
        ]
    if faults:
        raise Invalid("The webhook is not right.", details=faults)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _make_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _note(db: Writing, caller: Caller, action: Any, found: Webhook, *, now: int) -> None:
    facts = {"webhook_name": found.webhook_name, "host": found.host}
    audit.record(db, actor(caller), action, "webhook", found.webhook_id, now=now, after=facts)
