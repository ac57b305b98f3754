"""Alembic's entry: runs on the connection, and inside the transaction, that db/migrate.py hands
over."""

from alembic import context

from autohub.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
