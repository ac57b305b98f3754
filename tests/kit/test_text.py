import re
import sys
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit import jsonbody, tabular
from autohub.kit.errors import Invalid
from autohub.kit.text import (
    INVISIBLE,
    base_name,
    clean,
    fold,
    like_pattern,
    repeated,
    shorten,
    slug,
)


def test_folding_takes_case_and_accents_away() -> None:
    pairs = {
        "Łódź": "lodz",
        "STRASSE": "strasse",
        "Straße": "strasse",
        "ØRE": "ore",
        "İzmir": "izmir",
        "Ångström": "angstrom",
        "ﬁn": "fin",
        "𝐀": "a",
    }
    assert {text: fold(text) for text in pairs} == pairs


@given(st.text())
def test_folding_twice_is_folding_once_and_case_never_matters(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    if text.isascii():
        assert fold(text.upper()) == fold(text)


@given(st.text())
def test_a_like_pattern_has_no_bare_wildcard(text: str) -> None:
    bare = like_pattern(text).replace("\\\\", "").replace("\\%", "").replace("\\_", "")
    assert "%" not in bare and "_" not in bare


def test_slugs_and_short_values() -> None:
    assert (
        slug("Sub-Category 2") == "sub-category-2" and slug("Löschen & Ändern") == "loschen-andern"
    )
    assert shorten("x" * 100) == "x" * 39 + "…" and shorten("a\nb") == "a�b"


@given(st.lists(st.integers(0, 5)))
def test_what_is_repeated_is_named_once_in_the_order_in_which_it_came(values: list[int]) -> None:
    expected = [v for i, v in enumerate(values) if v not in values[:i] and v in values[i + 1 :]]
    assert repeated(values) == expected


def cpu(work: Callable[[], object]) -> float:
    """Seconds of this thread's CPU that `work` takes; a refusal is its end."""
    began = time.thread_time()
    with pytest.raises(Invalid):
        work()
    return time.thread_time() - began


def test_finding_what_is_repeated_takes_no_longer_than_reading_it() -> None:
    names = [f"k{i}" for i in range(20_000)]
    body = "{" + ",".join(f'"{name}":0' for name in names)
    broken, twice = f"{body},}}".encode(), f'{body},"k19999":0}}'.encode()
    assert cpu(lambda: jsonbody.parse(twice)) < 20 * cpu(lambda: jsonbody.parse(broken))
    empty = [[], *([""] for _ in names)]
    assert cpu(lambda: tabular.headings(iter([[*names, "k19999"]]))) < 20 * max(
        cpu(lambda: list(tabular.table(iter(empty)))), 0.002
    )


def test_the_invisible_characters_are_those_of_unicode() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    listed = set(re.findall(f"[{INVISIBLE}]", every))
    assert listed >= {c for c in every if unicodedata.category(c) == "Cf"}
    assert {unicodedata.category(c) for c in listed} <= {"Cf", "Cn"}


@given(st.text())
def test_a_clean_text_is_composed_and_begins_and_ends_with_what_people_see(text: str) -> None:
    once = clean(text)
    assert clean(once) == once == unicodedata.normalize("NFC", once) == once.strip()


def test_marks_around_a_text_go_and_those_inside_stay() -> None:
    assert clean("\ufeff Jose\u0301\u200b ") == "José"
    assert clean("می\u200cخواهم\u200f") == "می\u200cخواهم"
    scotland = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert clean(scotland) == scotland


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("C:\\docs\\a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069.txt\u200f", "a.txt"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
        ("..", ""),
    ],
)
def test_the_name_of_a_file_has_no_folder_and_cannot_be_turned_round(path: str, name: str) -> None:
    assert base_name(path) == name
