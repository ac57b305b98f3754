from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.text import fold, like_pattern, shorten, slug


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
    assert slug("Sub-Category 2") == "sub-category-2" and slug("Löschen & Ändern") == "loschen-andern"
    assert shorten("x" * 100) == "x" * 39 + "…" and shorten("a\nb") == "a�b"
