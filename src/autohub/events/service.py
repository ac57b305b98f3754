"""Publishing what the audit says, and telling it to somebody as they may see it then."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

import msgspec

from autohub.access.model import Caller, Right
from autohub.db.engine import Reading, Writing
from autohub.events import store
from autohub.events.catalog import BY_NAME, find_event_type
from autohub.events.model import Event, EventData, EventMessage, EventPage, Subject
from autohub.ideas import reading
from autohub.ideas import store as ideas
from autohub.kit.clock import iso
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.sentences import encode, say
from autohub.settings import Settings
from autohub.users import service as users

AT_ONCE = 500
LOOKED_AT = 500
"""How many events one call of the feed looks at, of which the caller may see fewer."""
SETUP = Right.MANAGE_PLATFORM_SETUP
NULL = msgspec.Raw(b"null")


def publish_pending(db: Writing) -> list[Event]:
    """Makes events of the entries that wait, AT_ONCE of them at most, and returns them."""
    waiting = store.list_pending(db, AT_ONCE)
    if not waiting:
        return []
    facts = []
    for entry in waiting:
        kind = find_event_type(entry.object_type, entry.action)
        if kind is not None:
            told = (entry.object_type, entry.object_id, entry.actor_user_id)
            facts.append((kind.event_type, entry.at_epoch, entry.audit_id, *told))
    store.settle(db, [entry.audit_id for entry in waiting])
    return store.insert_events(db, facts) if facts else []


def may_see(db: Reading, caller: Caller, event: Event) -> bool:
    """Whether the caller is told of an event now: of ideas that they see (of those that are gone
    who sees all of them), of people who manages them, of the rest who sets the hub up."""
    if event.process_id is not None:
        sees_all = caller.reach(Right.VIEW_IDEA) is None
        return sees_all or ideas.can_see(db, caller, event.process_id)
    return caller.may(Right.MANAGE_USERS if event.object_type == "user" else SETUP)


def render_event(
    db: Reading, caller: Caller, event: Event, *, settings: Settings
) -> EventMessage | None:
    """The event as the caller may see it now; None when they may not."""
    if not may_see(db, caller, event):
        return None
    before, after = None, None
    changed: list[str] = []
    if event.object_type == "idea":
        changes = store.get_changes(db, event.audit_id)
        old, new = changes.get("before") or {}, changes.get("after") or {}
        changed = sorted({*old, *new}) if event.event_type != "idea.submitted" else []
        before, after = old.get("phase_status_id"), new.get("phase_status_id")
    return EventMessage(
        id=f"evt_{event.event_id}",
        type=event.event_type,
        timestamp=iso(event.at_epoch),
        data=EventData(
            sequence=event.event_id,
            subject=Subject(event.object_type, event.object_id),
            actor_user_id=event.actor_user_id,
            changed=changed,
            phase_status_id_before=before,
            phase_status_id=after,
            url=_page_of(event, settings),
            record=_record(db, caller, event),
        ),
    )


def _record(db: Reading, caller: Caller, event: Event) -> msgspec.Raw:
    if event.object_id is None:
        return NULL
    try:
        if event.object_type == "idea":
            return msgspec.Raw(reading.encode_record(db, caller, event.object_id))
        if event.object_type == "user":
            return msgspec.Raw(encode(users.get_user(db, event.object_id)))
    except NotFound:
        pass  # it is gone since
    return NULL


def _page_of(event: Event, settings: Settings) -> str | None:
    if event.process_id is None:
        return None
    return f"{settings.base_url}/automation-profile/{event.process_id}"


def read_feed(
    db: Reading,
    caller: Caller,
    *,
    after: str | None,
    limit: int,
    types: Sequence[str],
    settings: Settings,
) -> EventPage:
    """What happened behind a cursor, as far as the caller may see it; without one from the
    oldest that is kept. Raises Invalid for a cursor or a type that there is none of."""
    if wrong := [name for name in types if name not in BY_NAME]:
        raise Invalid(
            say("There is no event type “{name}”; GET /events/catalog has them.", name=wrong[0])
        )
    position = _read_cursor(after) if after else 0
    found = store.list_events(db, after=position, limit=LOOKED_AT + 1, types=types)
    told: list[EventMessage] = []
    has_more = len(found) > LOOKED_AT
    for event in found[:LOOKED_AT]:
        if len(told) == limit:
            has_more = True
            break
        position = event.event_id
        message = render_event(db, caller, event, settings=settings)
        if message is not None:
            told.append(message)
    return EventPage(events=told, next=_make_cursor(position), has_more=has_more)


def _make_cursor(event_id: int) -> str:
    return urlsafe_b64encode(f"e{event_id}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> int:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        if not re.fullmatch("e[0-9]{1,17}", raw):
            raise ValueError
    except ValueError:
        raise Invalid(
            "The cursor `after` is none that this call gave out; leave it out to begin anew."
        ) from None
    return int(raw[1:])
