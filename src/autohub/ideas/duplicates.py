"""Ideas that may be the same one: ranked, and told why (contract 4.4's flow, product 3 step 1).

How much alike two texts are is the share of three-letter pieces that they have in common, weighted
by how rare a piece is among the candidates, so that “invoice” tells more than “process”; names
count for more than descriptions. A name is compared by what the shorter one has in the longer one
as well, so that a cut name is still found.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.ideas import store
from autohub.ideas.model import Duplicate, slug_of
from autohub.ideas.record import text_of
from autohub.kit.sentences import say
from autohub.kit.text import fold, search_form

CANDIDATES = 200
SHOWN_AT_MOST = 20
COMPARED, COMPARED_OF_NAMES = 600, 300
"""How many characters of a description, and of a name, are compared; no idea's name is longer."""
SHOWN_FROM = 55.0
"""The similarity below which nothing is shown; chosen where precision and recall met on the
pairs of docs/performance.md."""
NAME_WEIGHT = 0.7
_FILLING = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "with",
        "der",
        "die",
        "das",
        "und",
        "von",
        "zu",
    ]
)


def find_duplicates(
    db: Reading, caller: Caller, name: str, description: str, *, other_than: int = 0
) -> list[Duplicate]:
    """The ideas that the caller may see and that may be the same as this text, the likeliest
    first."""
    name = name[:COMPARED_OF_NAMES]
    ids = [
        i
        for i in store.find_similar_ideas(
            db, caller, search_form(name), search_form(text_of(description)), limit=CANDIDATES
        )
        if i != other_than
    ]
    return rank_duplicates(name, description, store.names_and_descriptions(db, ids))


def rank_duplicates(
    name: str, description: str, candidates: Mapping[int, tuple[str, str]]
) -> list[Duplicate]:
    """`candidates` holds names and descriptions by id."""
    if not candidates:
        return []
    name_pieces = {i: _pieces(text) for i, (text, _) in candidates.items()}
    text_pieces = {i: _pieces(text_of(text)[:COMPARED]) for i, (_, text) in candidates.items()}
    rarity = _rarity([*name_pieces.values(), *text_pieces.values()])
    own_name, own_text = _pieces(name), _pieces(text_of(description)[:COMPARED])
    found = []
    for process_id, (text, _) in candidates.items():
        by_name = _likeness(own_name, name_pieces[process_id], rarity)
        by_text = _likeness(own_text, text_pieces[process_id], rarity)
        both = (
            NAME_WEIGHT * by_name + (1 - NAME_WEIGHT) * by_text
            if own_text and text_pieces[process_id]
            else by_name
        )
        similarity = round(100 * max(both, by_text * 0.9), 1)
        if similarity >= SHOWN_FROM:
            because = _explain(name, text, by_name, by_text)
            found.append(
                Duplicate(
                    process_id=process_id,
                    process_name=text,
                    process_slug=slug_of(text, process_id),
                    similarity=similarity,
                    name_similarity=round(100 * by_name, 1),
                    description_similarity=round(100 * by_text, 1),
                    because=because,
                )
            )
    return sorted(found, key=lambda d: (-d.similarity, d.process_id))[:SHOWN_AT_MOST]


def _words(text: str) -> list[str]:
    return [
        word
        for word in "".join(c if c.isalnum() else " " for c in fold(text)).split()
        if word not in _FILLING
    ]


def _pieces(text: str) -> frozenset[str]:
    """The three-letter pieces of a text's words, the start of each marked."""
    return frozenset(piece for word in _words(text) for piece in _of_word(word))


def _of_word(word: str) -> list[str]:
    marked = f"^{word}$"
    return [marked[i : i + 3] for i in range(max(1, len(marked) - 2))]


def _rarity(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    counts = Counter(piece for text in texts for piece in text)
    return {piece: math.log(1 + len(texts) / count) for piece, count in counts.items()}


def _likeness(one: frozenset[str], other: frozenset[str], rarity: Mapping[str, float]) -> float:
    """0 to 1: the mean of what they share of both together, and of the lesser of the two."""
    if not one or not other:
        return 0.0
    unknown = max(rarity.values(), default=1.0)

    def weight(pieces: frozenset[str]) -> float:
        return sum(rarity.get(piece, unknown) for piece in pieces)

    shared = weight(one & other)
    smaller = min(weight(one), weight(other))
    return (shared / weight(one | other) + shared / smaller) / 2


def _explain(name: str, other: str, by_name: float, by_text: float) -> str:
    """One sentence for the person who is about to hand in the same thing again."""
    if fold(" ".join(name.split())) == fold(" ".join(other.split())):
        return "The names are the same."
    shared = [word for word in dict.fromkeys(_words(name)) if word in set(_words(other))]
    parts = []
    if shared:
        parts.append(say("The names share “{shared}”.", shared=" ".join(shared[:5])))
    elif by_name > 0.4:
        parts.append("The names are spelled alike.")
    if by_text > 0.4:
        parts.append(
            "The descriptions say much the same." if by_text > 0.7 else "The descriptions overlap."
        )
    return " ".join(parts) or "Name and description are alike as a whole."
