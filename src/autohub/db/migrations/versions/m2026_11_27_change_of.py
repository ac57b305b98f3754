"""The automation that a change request wants changed is a field of the idea, and of its record."""

import sqlalchemy as sa
from alembic import op

revision = "m2026_11_27_change_of"
down_revision = "m2026_11_26_imports"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF = "SELECT of_process_id FROM change_request r WHERE r.process_id = {table}.process_id"


def upgrade() -> None:
    op.add_column("idea", sa.Column("change_of_process_id", Number))
    op.execute(f"UPDATE idea SET change_of_process_id = ({OF.format(table='idea')})")
    op.execute(f"UPDATE idea_document SET document = {_with_field()} WHERE {_lacks_field()}")
    given = sa.text("change_of_process_id IS NOT NULL")
    op.create_index(
        "ix_idea_change_of",
        "idea",
        ["change_of_process_id"],
        postgresql_where=given,
        sqlite_where=given,
    )
    op.drop_table("change_request")


def downgrade() -> None:
    """The records keep the field, which says the same as the table."""
    op.create_table(
        "change_request",
        sa.Column("process_id", Number, autoincrement=False, nullable=False),
        sa.Column("of_process_id", Number, nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
    )
    op.create_index("ix_change_request_of_process_id", "change_request", ["of_process_id"])
    op.execute(
        "INSERT INTO change_request (process_id, of_process_id) SELECT process_id, "
        "change_of_process_id FROM idea WHERE change_of_process_id IS NOT NULL"
    )
    op.drop_index("ix_idea_change_of", "idea")
    op.drop_column("idea", "change_of_process_id")


def _with_field() -> str:
    """A record without its braces, and one more field at its end."""
    field = (
        ',"change_of_process_id":\' || '
        f"COALESCE(CAST(({OF.format(table='idea_document')}) AS TEXT), 'null')"
    )
    if op.get_bind().dialect.name == "sqlite":
        return f"CAST(CAST(document AS TEXT) || '{field} AS BLOB)"
    return f"document || convert_to('{field}, 'UTF8')"


def _lacks_field() -> str:
    """A record has the field when the hub was at this revision before."""
    if op.get_bind().dialect.name == "sqlite":
        return "instr(document, CAST('\"change_of_process_id\":' AS BLOB)) = 0"
    return "position(convert_to('\"change_of_process_id\":', 'UTF8') IN document) = 0"
