"""Passwords that are guessed first.

NIST SP 800-63B asks to refuse what is common, expected or compromised. No list of millions lies
here; what guessers try first follows few patterns, and these are refused as such: one thing again
and again, a row of keys or letters, a common word with digits and signs around it, and what the
person or the organisation is called.
"""

import re
import unicodedata
from collections.abc import Iterable

ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "yxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb",
)
FEWEST_DIFFERENT = 5
LONGEST_ROW = 0.75
"""The share of a password that may be one row of keys or letters, and less."""
_LEET = str.maketrans("@4310$5!7", "aaeiosslt")
_WORDS = """
    drowssap fruehling herbst motdepasse
    access admin administrator adventure anaconda angel apple august autohub automation autumn
    barcelona baseball basketball batman beautiful biteme butterfly captain champion changeme
    charlie charlotte cheese chelsea chocolate christmas company computer cookie corvette cowboy
    daniel december default demo diamond donald dragon elephant england everton facebook
    february football forever freedom friends galaxy garfield geheim george ginger google guest
    hallo hello hockey house hunter iloveyou internet january jennifer jessica jordan joshua
    july june justin killer kitten letmein liverpool login london lovely loveme lovers madrid
    manager march marina master matrix maverick mercedes michael michelle microsoft minecraft
    monday money monkey mustang mypassword nicole nothing november october office oliver orange
    pa55word parola pass passord passw0rd password passwords passwort patrick pepper phoenix
    player please pokemon porsche princess purple rainbow ranger robert root samantha samsung
    scorpion secret security september service shadow silver snoopy soccer sommer spiderman
    spring starwars strawberry summer sunday sunflower sunshine superman support system taylor
    temp temporary test thomas thunder tigger trustno trustnoone unknown user victoria welcome
    whatever william willkommen windows winter wizard yankees
"""
WORDS = frozenset(_WORDS.split())


def find_password_fault(password: str, own: Iterable[str] = ()) -> str:
    """Why a password is guessed too easily, '' if it is not; `own` are the names and addresses of
    whose it is."""
    text = unicodedata.normalize("NFKC", password).lower()
    if len(set(text)) < FEWEST_DIFFERENT:
        return "has too few different characters."
    ends = _in_rows(text[::2]) + _in_rows(text[1::2])  # 1029384756: from both ends at once
    if max(_in_rows(text), ends) > LONGEST_ROW * len(text):
        return "is a row of keys or letters; whoever guesses begins with such."
    if _is_repeated(text):
        return "is the same thing again and again."
    core = _core(text)
    if core in WORDS or _is_made_of_words(core):
        return "is a common word with little around it; add words that only you would think of."
    for name in own:
        local, _, domain = name.lower().partition("@")
        parts = [_core(part) for part in re.split(r"[\s.]+", local)]
        names = {*parts, "".join(parts), _core(name.lower()), _core(domain)}
        if core in {one for one in names if len(one) > 3}:
            return "is your own name or address with little around it."
    return ""


def _core(text: str) -> str:
    """The letters in the middle, with the usual signs read as the letters that they stand for."""
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    return re.sub(r"[\W\d_]", "", (stripped or text).translate(_LEET))


def _is_made_of_words(core: str) -> bool:
    """Whether it is two common words, one twice, or a long one with little around it."""
    pairs = any(core[:at] in WORDS and core[at:] in WORDS for at in range(3, len(core) - 2))
    return pairs or any(
        len(word) >= 6 and word in core and len(core) - len(word) <= 4 for word in WORDS
    )


def _is_repeated(text: str) -> bool:
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1)
    )


def _in_rows(text: str) -> int:
    """How many characters stand in pieces of four and more of rows, forwards or backwards."""
    covered, at = 0, 0
    while at < len(text):
        longest = max(_longest_at(text, at, row) for row in ROWS)
        covered += longest if longest >= 4 else 0
        at += max(longest if longest >= 4 else 0, 1)
    return covered


def _longest_at(text: str, at: int, row: str) -> int:
    """How long the piece from `at` on is that stands in the row, or in the row written twice."""
    length = 0
    for each in (row * 2, (row * 2)[::-1]):
        while at + length < len(text) and text[at : at + length + 1] in each:
            length += 1
    return length
