"""The calls about events; ours, beside the contract."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.events import service
from autohub.events.catalog import EVENT_TYPES
from autohub.events.model import Catalog, CatalogEntry, EventPage
from autohub.ideas import examples
from autohub.kit.query import Param
from autohub.web.routes import ReadApiRequest, Routes

routes = Routes("Events")
MESSAGE: dict[str, Any] = {
    "id": "evt_812",
    "type": "idea.moved",
    "timestamp": "2026-01-01T00:00:00Z",
    "data": {
        "sequence": 812,
        "subject": {"type": "idea", "id": 12},
        "actor_user_id": 7,
        "changed": ["phase_status_id"],
        "phase_status_id_before": 11,
        "phase_status_id": 21,
        "url": "https://hub.example.com/automation-profile/12",
        "record": examples.IDEA,
    },
}


@routes(
    "GET",
    "/events",
    rights=ANY_RIGHT,
    tenant_level=True,
    params=(
        Param("after", "text", "What `next` said the last time; from the oldest unless given."),
        Param("limit", "number", "How many of them at most, 20 unless given.", minimum=1),
        Param("type", "text", "Of these types alone.", multi=True),
    ),
    answer=EventPage,
    example={"events": [MESSAGE], "next": "ZTgxMg", "has_more": False},
)
def list_events(request: ReadApiRequest) -> EventPage:
    """Reads what happened since the last time, for those who cannot be called

    Repeat it with `after` set to `next`: at once while `has_more`, else after a while. A page may
    hold fewer events than `limit`, or none, though there are more. You get what you may see now.
    """
    return service.read_feed(
        request.db,
        request.caller,
        after=request.query.get("after"),
        limit=min(request.query.get("limit") or 20, service.LOOKED_AT),
        types=request.query.all("type"),
        settings=request.settings,
    )


@routes(
    "GET",
    "/events/catalog",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=Catalog,
    example={
        "event_types": [
            {
                "event_type": "idea.moved",
                "title": "Idea moved",
                "about": "An idea came to another phase or status.",
                "subject": "idea",
            }
        ]
    },
)
def list_event_types(_: ReadApiRequest) -> Catalog:
    """Lists the types of events"""
    return Catalog(
        [
            CatalogEntry(
                event_type=each.event_type,
                title=each.title,
                about=each.about,
                subject=each.subject,
            )
            for each in EVENT_TYPES
        ]
    )
