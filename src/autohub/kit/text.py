"""Folding, checking and shortening of texts, the same on every database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that no single-line text may hold (contract 1.4)."""

CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""The same for texts of several lines, where tab and line ends are welcome."""

_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


def fold(text: str) -> str:
    """The form in which texts are searched and sorted: no case, no accents. 'Łódź' -> 'lodz',
    'STRASSE' == 'Straße'."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_UNDECOMPOSED)


def slug(text: str) -> str:
    """'Sub-Category 2' -> 'sub-category-2'; letters and digits of any script stay."""
    return "-".join(re.findall(r"\w+", fold(text).replace("_", " ")))


def like_pattern(text: str) -> str:
    r"""`text` made safe for LIKE … ESCAPE '\'."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def shorten(value: object, limit: int = 40) -> str:
    """A value as an error message shows it."""
    text = value if isinstance(value, str) else repr(value)
    text = CONTROL.sub("�", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def repeated(values: Iterable[T]) -> list[T]:
    """Those of `values` that come more than once, each once, in the order of their first coming.

    In one pass: what is sent may be long, and looking each value up in the rest of it is not.
    """
    return [value for value, times in Counter(values).items() if times > 1]


def N_(text: str) -> str:
    """Marks a text of a page for the catalogue where it is not shown yet."""
    return text
