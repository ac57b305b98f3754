"""What **Admin › Integrations** shows: each system that the hub speaks to declares itself once.

A noun declares `INTEGRATION = Integration(…)` and `pages/admin/integrations.py` names it in
INTEGRATIONS; list, state, last error and the test of the connection follow from that.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from autohub.access.authentication import Installation
from autohub.db.engine import Database, Reading
from autohub.integrations import store
from autohub.kit.errors import HubError
from autohub.settings import Settings


class Condition(NamedTuple):
    """How an integration stands: `text` says to whom it speaks, or what is missing."""

    kind: Literal["on", "off"]
    text: str


class Surroundings(msgspec.Struct, frozen=True):
    """What the test of a connection may need."""

    database: Database
    settings: Settings
    installation: Installation


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the page. `title` and `about` are texts to translate (`N_`), `icon` one of the
    sprite's, `page` and `log` addresses of pages. `test` speaks to the other side outside any
    transaction and raises a HubError that says what is wrong."""

    name: str
    title: str
    about: str
    icon: str
    describe: Callable[[Reading, Settings], Condition]
    page: str = ""
    log: str = ""
    test: Callable[[Surroundings], None] | None = None


def test_connection(
    integration: Integration, surroundings: Surroundings, *, now: int
) -> str | None:
    """Speaks to the other side, keeps what came of it, and returns what is wrong."""
    assert integration.test is not None
    fault = None
    try:
        integration.test(surroundings)
    except HubError as error:
        fault = error.message
    surroundings.database.write(
        lambda db: store.note_check(db, integration.name, error=fault, now=now)
    )
    return fault
