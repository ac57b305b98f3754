"""Lists as CSV, for clients that ask for `text/csv`."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from autohub.kit.errors import Invalid
from autohub.kit.sentences import encode, say
from autohub.kit.tabular import row_writer, safe_cell

MOST_ROWS = 5_000


def wants_csv(accept: str) -> bool:
    """Whether a client would rather have CSV than JSON."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return "text/csv" in kinds and "application/json" not in kinds[: kinds.index("text/csv")]


def check_rows(limit: int) -> None:
    """Raises Invalid for a page that is too long to be turned into a table."""
    if limit > MOST_ROWS:
        text = say(
            "At most {limit} rows come as CSV at once; ask for them in pages.", limit=MOST_ROWS
        )
        raise Invalid(text, details={"limit": [text]})


def to_csv(records: Iterable[Any]) -> bytes:
    """A row a record under all fields that some record has, in UTF-8 with its mark, as
    spreadsheets want it; what is more than a text or number stands in its cell as JSON."""
    rows: list[Mapping[str, Any]] = [msgspec.to_builtins(record) for record in records]
    headings = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    write_row = row_writer(text)
    write_row(headings)
    for row in rows:
        write_row([_cell(row.get(name)) for name in headings])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    return safe_cell(value if isinstance(value, str) else encode(value).decode())
