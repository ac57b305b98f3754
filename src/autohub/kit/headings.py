"""Where the headings of a table are: titles, section rows and blank lines may stand above."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

HEAD = 30
"""The rows of a table among which its headings are looked for."""

_HINT = re.compile(
    r"(?:required|optional|mandatory)\b.*|(?:e\.g\.|example:|for example|max\.|up to \d).*|"
    r"\(.*\)|\[.*\]|text|number|date|yes/no|yes or no|free text|drop-?down|"
    r"(?:[dmyhs]{1,4}[-/.: ]){2,}[dmyhs]{1,4}",
    re.IGNORECASE | re.DOTALL,
)

Knows = Callable[[str], bool]
"""Whether a heading means something to who reads the table."""


def knows_nothing(_: str) -> bool:
    return False


def count_above(rows: Iterable[Sequence[str]], knows: Knows = knows_nothing) -> int:
    """How many rows stand above the headings. The headings are the first row that names two
    known columns or more and is wider than all above it; where there is none such, the first row
    with more than one cell; in a table of one column its first text."""
    head = _filled(rows)
    widest = 0
    for place, row in enumerate(head):
        if len(row) > widest and _count_known(row, knows) > 1:
            return place
        widest = max(widest, len(row))
    first = next((place for place, row in enumerate(head) if row), 0)
    if not head or _count_known(head[first], knows):
        return first
    return next((place for place, row in enumerate(head) if len(row) > 1), first)


def rate_head(rows: Iterable[Sequence[str]], knows: Knows) -> tuple[int, int]:
    """How much rows look like the head of a table, more being better: by the known columns that
    one of them names, and by whether there are cells beside and below each other."""
    head = _filled(rows)
    known = max((_count_known(row, knows) for row in head), default=0)
    wide = sum(len(row) > 1 for row in head)
    return (known if known > 1 else 0, 3 if wide > 1 else 2 if wide else int(any(head)))


def _count_known(row: Iterable[str], knows: Knows) -> int:
    return sum(map(knows, set(row)))


def _filled(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    return [[text for cell in row if (text := cell.strip())] for row in islice(rows, HEAD)]


def is_hint_row(cells: Iterable[str]) -> bool:
    """Whether a row only says what belongs under the headings: 'required', 'e.g. Finance',
    '(yyyy-mm-dd)', 'max. 100 characters'. One cell alone says too little."""
    filled = [text for cell in cells if (text := cell.strip())]
    return len(filled) > 1 and all(map(_HINT.fullmatch, filled))
