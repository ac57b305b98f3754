"""Several values in one cell: separated by a semicolon, quoted where one holds it."""

import csv
import io
from collections.abc import Iterable


def join_cells(values: Iterable[str]) -> str:
    """'a', 'b;c' -> 'a;"b;c"'; `split` undoes it."""
    items = list(values)
    if not items:
        return ""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(items)
    return out.getvalue()


def split_cell(text: str) -> list[str]:
    """The values in a cell, without blanks around them and without empty ones."""
    if not text.strip():
        return []
    rows = list(csv.reader([text.replace("\n", ";")], delimiter=";", skipinitialspace=True))
    return [value.strip() for row in rows for value in row if value.strip()]
