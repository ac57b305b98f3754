"""Which columns of somebody's table are likely to mean what: all headings together, each meaning
once, and rather none than a wrong one."""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from autohub.kit.text import fold

LONGEST_NAME = 5
"""Headings of more words than this are sentences, in which a single word means nothing."""
_SURE, _LIKELY, _TITLE, _NOUN, _WEAK = 9, 8, 7, 6, 5
_TYPO = 0.85
_FILLERS = frozenset(re.findall(r"\w+", "a an and any for if in is it of or the this to what with"))
_LABELS = frozenset(("name", "title", "label"))


class Meaning(NamedTuple):
    """What a column can be, in plain words (see `plain`).

    names: whole headings that mean it. perhaps: headings that mean it if nothing better does.
    nouns: last words that mean it behind nothing else than words of `beside`. behind_any: last
    words that mean it behind any word, and before a word such as name. title: a question whose
    words a longer heading may hold.
    """

    names: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    behind_any: frozenset[str] = frozenset()
    title: str = ""


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """A heading in folded words, without what stands in brackets and behind them, and without
    asterisks: 'Process_Name* (required)' -> 'process name'."""
    shown = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    words = re.sub(r"[\W_]+", " ", fold(re.sub(r"(?<=\w)\W*[\[({].*", "", shown))).split()
    return " ".join(words)


def match_columns(headings: Iterable[str], meanings: Mapping[str, Meaning]) -> dict[str, str]:
    """The likeliest meaning of each heading that has one: the surest pairs first."""
    rated = [
        (-sure, place, heading, meaning)
        for place, heading in enumerate(headings)
        for meaning, about in meanings.items()
        if (sure := _rate(plain(heading), about))
    ]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, heading, meaning in sorted(rated, key=lambda pair: pair[:2]):
        if heading not in found and meaning not in taken:
            found[heading] = meaning
            taken.add(meaning)
    return found


def _rate(heading: str, about: Meaning) -> float:
    """How sure it is that a heading means this; 0 if it does not look so."""
    if heading in about.names or heading.replace(" ", "") in about.names:
        return _SURE
    if heading in about.perhaps:
        return _WEAK
    words = [word for word in heading.split() if word not in _FILLERS]
    if about.title and _holds(words, about.title):
        return _TITLE
    if not words or len(words) > LONGEST_NAME:
        return 0
    if " of " in heading:  # the stage of development is the development's stage
        head, _, rest = heading.partition(" of ")
        words = [*rest.split(), *head.split()]
    *before, last = words
    if last in about.nouns | about.behind_any and about.beside.issuperset(before):
        return _LIKELY
    is_label = last in _LABELS and before and before[-1] in about.behind_any
    if is_label or last in about.behind_any:
        return _NOUN - 0.1 * len(before)
    return _WEAK if any(_is_typo(heading, name) for name in about.names) else 0


def _is_typo(heading: str, name: str) -> bool:
    if len(name) < 4 or heading[0] != name[0]:
        return False
    is_swapped = sorted(heading) == sorted(name)
    return is_swapped or difflib.SequenceMatcher(None, heading, name).ratio() >= _TYPO


def _holds(words: Iterable[str], title: str) -> bool:
    """Whether all words of a title of two words or more are there, in any number, and at least
    half of what is there is of the title."""
    wanted = {_singular(word) for word in title.split() if word not in _FILLERS}
    there = {_singular(word) for word in words}
    return len(wanted) > 1 and wanted <= there and len(there) <= 2 * len(wanted)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
