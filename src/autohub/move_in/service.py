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
    ("categories", basics.move_categories),
    ("applications", basics.move_applications),
    ("roles", basics.move_roles),
    ("people", people.move_people),
    ("roles of collaborators", basics.move_collaborator_roles),
    ("costs", basics.move_cost_setup),
    ("components", basics.move_components),
    ("ideas", ideas.move_ideas),
)
"""In this order, because each stands on those before."""


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
    for name, step in STEPS:
        progress(name, moving.report)
        step(moving)
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
