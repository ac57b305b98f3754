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

INVISIBLE = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f"
)
"""The inside of a pattern's set: all characters of Unicode's category Cf, which nobody sees."""

_TAGS = re.compile("[\U000e0020-\U000e007f]\\Z")
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORDS = re.compile(r"[^\W_]+")
_EDGES = re.compile(rf"\A[\s{INVISIBLE}]+|[\s{INVISIBLE}]+\Z")

_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛ʼ′", "'") | dict.fromkeys("“”„‟«»″", '"'))

_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Letters of Thai, Lao, Burmese, Khmer, Japanese and Chinese."""


def is_written_without_blanks(word: str) -> bool:
    """Whether a word is of a script that puts no blanks between words, so that it stands
    anywhere in a text."""
    return bool(_WITHOUT_BLANKS.search(word))


def fold(text: str) -> str:
    """The form in which texts are searched and sorted: no case, no accents. 'Łódź' -> 'lodz',
    'STRASSE' == 'Straße'."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_UNDECOMPOSED)


def search_form(text: str) -> str:
    """`text` as searches look through it and for it: folded, with straight quotes."""
    return straighten(fold(text))


def straighten(folded: str) -> str:
    """'o’brien' -> "o'brien"."""
    return folded if folded.isascii() else folded.translate(_QUOTES)


def clean(text: str) -> str:
    """A text as it is kept: composed (NFC), without blanks and invisible characters around it.
    The tags at the end of a flag such as that of Scotland belong to it and stay."""
    if text.isascii():
        return text.strip()
    text = unicodedata.normalize("NFC", text)
    return text.strip() if _TAGS.search(text) else _EDGES.sub("", text)


def find_words(text: str) -> list[str]:
    """'Fix A/B: R&D' -> ['Fix', 'A', 'B', 'R', 'D']; letters and digits of any script."""
    return _WORDS.findall(text)


def slug(text: str) -> str:
    """'Sub-Category 2' -> 'sub-category-2'; letters and digits of any script stay."""
    return "-".join(find_words(fold(text)))


def number_at_end(text: str) -> int | None:
    """'1183' and 'check-invoices-1183' -> 1183: an idea is named by its number or by its slug. None
    for what is neither."""
    digits = text.strip().rpartition("-")[2]
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 16
    return int(digits) if is_number else None


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


def base_name(path: str) -> str:
    """A file's own name: 'C:\\docs\\a.pdf' -> 'a.pdf'. The marks that turn the direction of
    letters are taken out, because with them 'fdp.exe' is shown as 'exe.pdf'."""
    return clean(_TURNS.sub("", re.split(r"[/\\]", path)[-1])).strip(" .")


def full_name(first: str | None, last: str | None) -> str:
    """A person's names as one, '' for nobody's; who has a single name has it as `first`."""
    return " ".join(name for name in (first, last) if name)


def email_key(email: str) -> str:
    """The identity of an account: two addresses with one key are the same."""
    return unicodedata.normalize("NFC", email).casefold()
