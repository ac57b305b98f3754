"""In which order lists stand, the same on both databases."""

from typing import Any

import sqlalchemy as sa


def directed(column: sa.ColumnElement[Any], down: bool) -> sa.ColumnElement[Any]:
    """The column upwards or downwards; rows without a value come last either way, as the
    databases themselves do not agree."""
    ordered = column.desc() if down else column.asc()
    return ordered.nulls_last() if getattr(column, "nullable", True) else ordered
