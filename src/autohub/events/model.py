"""Events as they are stored and as they are told."""

import msgspec


class Event(msgspec.Struct, kw_only=True):
    """One event as it is stored. `event_id` rises in the order in which events were published,
    which for one subject is the order in which they happened."""

    event_id: int
    event_type: str
    at_epoch: int
    audit_id: int
    object_type: str
    object_id: int | None
    actor_user_id: int | None

    @property
    def process_id(self) -> int | None:
        """The idea that it is about."""
        return self.object_id if self.object_type == "idea" else None

    @property
    def order_key(self) -> str:
        """What events have in common that must come one after the other."""
        return f"{self.object_type}:{self.object_id}"


class Subject(msgspec.Struct, frozen=True):
    type: str
    id: int | None


class EventData(msgspec.Struct, kw_only=True):
    """What an event tells. `sequence` rises with each event, and so with each of one subject;
    `record` is the subject as it is when it is told, as the API gives it, or null."""

    sequence: int
    subject: Subject
    actor_user_id: int | None
    changed: list[str]
    phase_status_id_before: int | None
    phase_status_id: int | None
    url: str | None
    record: msgspec.Raw


class EventMessage(msgspec.Struct, kw_only=True):
    """An event as it is sent and read."""

    id: str
    type: str
    timestamp: str
    data: EventData


class EventPage(msgspec.Struct, kw_only=True):
    """A part of the feed: `next` is the cursor after it."""

    events: list[EventMessage]
    next: str
    has_more: bool


class CatalogEntry(msgspec.Struct, kw_only=True):
    event_type: str
    title: str
    about: str
    subject: str


class Catalog(msgspec.Struct):
    event_types: list[CatalogEntry]
