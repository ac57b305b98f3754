"""Secrets of other systems under the hub's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.sealing import Keys, Unsealable, is_current, open_sealed, seal_text

OLD, NEW = "an old secret of the hub, long enough", "the new secret of the hub, long enough"
PLACE = "connection.sealed_password"


@given(st.text())
def test_what_is_sealed_opens_and_shows_nothing(text: str) -> None:
    sealed = seal_text(Keys(NEW), text, PLACE)
    assert open_sealed(Keys(NEW), sealed, PLACE) == text
    assert sealed.isascii() and (len(text) < 4 or text not in sealed)


def test_the_same_text_is_sealed_otherwise_each_time() -> None:
    assert seal_text(Keys(NEW), "a", PLACE) != seal_text(Keys(NEW), "a", PLACE)


def test_a_secret_before_opens_what_it_sealed_and_seals_nothing_more() -> None:
    sealed = seal_text(Keys(OLD), "password", PLACE)
    keys = Keys(NEW, (OLD,))
    assert open_sealed(keys, sealed, PLACE) == "password"
    assert not is_current(keys, sealed)
    assert is_current(keys, seal_text(keys, "password", PLACE))


@pytest.mark.parametrize("wrong", ["", ".", "plain", "é.é"])
def test_what_was_never_sealed_does_not_open(wrong: str) -> None:
    with pytest.raises(Unsealable):
        open_sealed(Keys(NEW), wrong, PLACE)


def test_a_value_of_another_place_or_secret_or_a_damaged_one_does_not_open() -> None:
    sealed = seal_text(Keys(NEW), "password", PLACE)
    other = sealed[:-4] + ("AAAA" if not sealed.endswith("AAAA") else "BBBB")
    for keys, value, place in (
        (Keys(NEW), sealed, "webhook.sealed_secret"),
        (Keys(OLD), sealed, PLACE),
        (Keys(NEW), other, PLACE),
        (Keys(NEW), sealed[:12], PLACE),
    ):
        with pytest.raises(Unsealable):
            open_sealed(keys, value, place)
