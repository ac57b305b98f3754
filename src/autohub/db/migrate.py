"""Brings a database to the form that this code expects, and refuses one that is ahead of it."""

from pathlib import Path

import sqlalchemy as sa

from autohub.db import stamps
from autohub.db.engine import Database, Reading, Writing

SEARCHED = ("user_search", "idea_search")
VERSIONS = Path(__file__).parent / "migrations" / "versions"


class NewerDatabase(Exception):
    """The database was written by a later release; one sentence says what to do."""


def revisions() -> list[str]:
    """The ids of all migrations, oldest first; a file's name is its id."""
    return sorted(path.stem for path in VERSIONS.glob("m*.py"))


def current_revision(db: Reading) -> str | None:
    """The id of the last migration that the database has seen, None for an empty one."""
    if not sa.inspect(db.connection).has_table("alembic_version"):
        return None
    version: str | None = db.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def is_current(database: Database) -> bool:
    """Raises NewerDatabase."""
    with database.reading() as db:
        return _checked(db) == revisions()[-1]


def upgrade(database: Database, *, to: str = "head") -> list[str]:
    """Runs the migrations that are missing, in one transaction, and returns their ids. Raises
    NewerDatabase."""
    with database.writing() as db:
        db.take_time()
        db.lock("migrate")
        before = _checked(db)
        _run(db, "upgrade", to)
        index_search(db)
        if sa.inspect(db.connection).has_table("stamp"):
            stamps.install(db)
        known = revisions()
        after = current_revision(db)
        first = known.index(before) + 1 if before else 0
        return known[first : known.index(after) + 1] if after else []


def downgrade(database: Database, *, to: str) -> None:
    """Undoes migrations down to `to` ('base' for all of them). What they added is lost."""
    with database.writing() as db:
        db.take_time()
        _run(db, "downgrade", to)


def _checked(db: Reading) -> str | None:
    version = current_revision(db)
    if version is not None and version not in revisions():
        raise NewerDatabase(
            f"The database is at version {version}, which this release does not know; install the "
            "release that wrote it."
        )
    return version


def _run(db: Writing, verb: str, to: str) -> None:
    from alembic import (
        command,
    )  # half a second of imports, which a start on a current database saves
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.attributes["connection"] = db.connection
    getattr(command, verb)(config, to)


def index_search(db: Writing) -> bool:
    """Adds the trigram index to PostgreSQL's search tables where pg_trgm can be had; whether a
    search is indexed."""
    if db.is_sqlite:
        return True
    db.take_time()
    if not db.scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")):
        if not db.scalar(
            sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        ):
            return False
        try:
            with db.connection.begin_nested():
                db.change(sa.text("CREATE EXTENSION pg_trgm"))
        except sa.exc.DBAPIError:
            return False  # the account may not install it; `autohub doctor` tells who can
    for name in SEARCHED:
        if sa.inspect(db.connection).has_table(name):
            index = f"ix_{name}_text ON {name} USING gin (text gin_trgm_ops)"
            db.change(sa.text(f"CREATE INDEX IF NOT EXISTS {index} WITH (fastupdate = on)"))
    if sa.inspect(db.connection).has_table("idea"):
        db.change(
            sa.text(
                "CREATE INDEX IF NOT EXISTS ix_idea_name_pieces ON idea USING gin "
                "(process_name_key gin_trgm_ops)"
            )
        )
    return True
