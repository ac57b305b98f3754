"""One hub moved into another."""

from collections.abc import Callable

from autohub.access.model import Caller
from autohub.db.engine import Database
from autohub.integrations.blobs import Blobs
from autohub.integrations.open_api import NotGiven, OtherHub
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.move_in import basics, ideas, people, store
from autohub.move_in.model import MoveReport
from autohub.move_in.moving import Moving
from autohub.settings import Settings

STEPS: tuple[tuple[str, Callable[[Moving], None]], ...] = (
    ("category", basics.move_categories),
    ("application", basics.move_applications),
    ("role", basics.move_roles),
    ("user", people.move_people),
    ("collaborator role", basics.move_collaborator_roles),
    (basics.RATES, basics.move_cost_setup),
    ("component", basics.move_components),
    ("idea", ideas.move_ideas),
)
"""What each brings, in this order, because each stands on those before. What the other hub does not
give is left out, and the report says so."""


def move_in(
    database: Database,
    blobs: Blobs,
    hub: OtherHub,
    caller: Caller,
    settings: Settings,
    *,
    now: int,
    progress: Callable[[str, MoveReport], None] = lambda *_: None,
) -> MoveReport:
    """Brings what another hub holds, and says what became of each record. Repeated, it writes
    only what changed there since, and never what was changed here; broken off, it goes on with
    the ideas that were not done yet. `progress` is called before each step.

    Raises OtherHubFails; Invalid for a token that shows no ideas.
    """
    _check_token(hub)
    started = database.write(lambda db: store.begin_run(db, hub.address, now=now))
    moving = Moving(database, blobs, hub, caller, settings, started=started, now=now)
    for kind, step in STEPS:
        progress(kind, moving.report)
        try:
            step(moving)
        except NotGiven as error:
            moving.report.add(kind, "", "", "not given", error.message)
    database.write(lambda db: store.finish_run(db, hub.address, now=now))
    return moving.report


def _check_token(hub: OtherHub) -> None:
    try:
        hub.get("automations", limit=1)
    except NotGiven as error:
        raise Invalid(
            say(
                "The token shows no ideas ({error}) A token of a person who sees them all, such "
                "as an Account Owner, is needed; a tenant-level token is not enough.",
                error=error.message,
            )
        ) from error
