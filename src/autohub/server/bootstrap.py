"""Opening a database: bringing it up to date, and laying down what a new installation starts
with."""

import secrets
from contextlib import suppress

from autohub.access import store as access
from autohub.access.authentication import Installation
from autohub.access.model import DEFAULT_ROLES, FIRST_CUSTOM_ROLE, OPERATOR
from autohub.access.tokens import new_guid
from autohub.assessments import service as assessments
from autohub.categories import service as categories
from autohub.db import installation, migrate
from autohub.db.connections import database_file
from autohub.db.engine import Database, Writing
from autohub.db.schema import collaborator_role, idea_flow, role
from autohub.documents import service as documents
from autohub.flows import service as flows
from autohub.flows.model import FIRST_CUSTOM_FLOW
from autohub.ideas import service as ideas
from autohub.ideas.model import FIRST_CUSTOM_COLLABORATOR_ROLE
from autohub.kit import private
from autohub.kit.clock import now as clock
from autohub.kit.text import fold
from autohub.settings import Settings

OWN_FILES = ("*.db", "*.db-*", "blobs", "blobs/**/*", "spool", "spool/*")


def open_database(settings: Settings) -> tuple[Database, Installation]:
    """The database, migrated and filled with what every installation has. Raises NewerDatabase,
    Unavailable."""
    _keep_private(settings)
    database = Database(settings.database_url)
    is_old = not migrate.is_current(database)
    if is_old:
        migrate.upgrade(database)
    with database.reading() as db:
        facts = installation.load_facts(db)
    if "tenant_id" not in facts:
        facts = database.write(_install)
    elif is_old:
        database.write(_seed_defaults_added_later)
    kept = facts.get(installation.PREVIOUS_SECRETS, "").split()
    secret = settings.secret or facts["secret"]
    previous = [each for each in (*settings.previous_secrets, *kept) if each != secret]
    return database, Installation(facts["tenant_id"], secret, tuple(previous))


def has_hub(settings: Settings) -> bool:
    """Whether there is an installation; nothing is made to find that out. Raises Unavailable."""
    file = database_file(settings.database_url)
    if file is not None and not file.exists():
        return False
    database = Database(settings.database_url)
    try:
        with database.reading() as db:
            return migrate.current_revision(db) is not None
    finally:
        database.close()


def _keep_private(settings: Settings) -> None:
    """Closes the data folder to other accounts of the machine, as earlier releases did not; what
    cannot be closed, `doctor` tells."""
    private.make_folder(settings.data_dir)
    with suppress(OSError):
        private.close(settings.data_dir, OWN_FILES)


def _install(db: Writing) -> dict[str, str]:
    """Makes the tenant's GUID and the signing secret, and lays down the rest; does nothing the
    second time."""
    db.lock("install")
    facts = installation.load_facts(db)
    if "tenant_id" in facts:
        return facts
    facts = {"tenant_id": new_guid(), "secret": secrets.token_urlsafe(32)}
    installation.store_facts(db, facts)
    seed_defaults(db)
    return facts


def seed_defaults(db: Writing) -> None:
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
    installation.start_ids_at(db, role, FIRST_CUSTOM_ROLE)  # contract 2.1
    categories.seed_categories(db, OPERATOR, now=clock())
    _seed_defaults_added_later(db)


def _seed_defaults_added_later(db: Writing) -> None:
    """What came with later releases, unless it is there: flows, assessments, collaborator roles."""
    db.lock("install")
    if flows.seed_flows(db):
        installation.start_ids_at(db, idea_flow, FIRST_CUSTOM_FLOW)
    assessments.seed_assessments(db, now=clock())
    documents.seed_document_types(db)
    if ideas.seed_collaborator_roles(db):
        installation.start_ids_at(db, collaborator_role, FIRST_CUSTOM_COLLABORATOR_ROLE)
