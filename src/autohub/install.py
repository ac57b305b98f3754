"""Opening a database: bringing it up to date, and laying down what a new installation starts with."""

import secrets

from autohub.access import store as access
from autohub.access.authentication import Installation
from autohub.access.model import DEFAULT_ROLES, FIRST_CUSTOM_ROLE, OPERATOR
from autohub.access.tokens import new_guid
from autohub.categories import service as categories
from autohub.db import installation, migrate
from autohub.db.engine import Database, Writing
from autohub.db.schema import idea_flow, role
from autohub.flows import service as flows
from autohub.flows.model import FIRST_CUSTOM_FLOW
from autohub.kit.clock import now as clock
from autohub.kit.text import fold
from autohub.settings import Settings


def opened(settings: Settings) -> tuple[Database, Installation]:
    """The database, migrated and filled with what every installation has. Raises NewerDatabase, Unavailable."""
    database = Database(settings.database_url)
    is_old = not migrate.is_current(database)
    if is_old:
        migrate.upgrade(database)
    with database.reading() as db:
        facts = installation.facts(db)
    if "tenant_id" not in facts:
        facts = database.write(_install)
    elif is_old:
        database.write(_lay_down_flows)
    return database, Installation(facts["tenant_id"], settings.secret or facts["secret"])


def _install(db: Writing) -> dict[str, str]:
    """Makes the tenant's GUID and the signing secret, and lays down the rest; does nothing the second time."""
    db.lock("install")
    facts = installation.facts(db)
    if "tenant_id" in facts:
        return facts
    facts = {"tenant_id": new_guid(), "secret": secrets.token_urlsafe(32)}
    installation.lay_down(db, facts)
    lay_down(db)
    return facts


def lay_down(db: Writing) -> None:
    """What every installation starts with: the default roles, and the example tree."""
    for r in DEFAULT_ROLES:
        values = {
            "role_id": r.role_id,
            "role_name": r.role_name,
            "role_name_key": fold(r.role_name),
            "role_key": r.role_key,
            "role_description": r.role_description,
            "role_is_default": 1,
        }
        access.add_role(db, values, r.rights, r.assigned)
    installation.next_id(db, role, FIRST_CUSTOM_ROLE)  # contract 2.1
    categories.install(db, OPERATOR, now=clock())
    _lay_down_flows(db)


def _lay_down_flows(db: Writing) -> None:
    """Phases, statuses and default flows, unless they are there."""
    db.lock("install")
    if flows.install(db):
        installation.next_id(db, idea_flow, FIRST_CUSTOM_FLOW)
