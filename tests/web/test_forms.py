"""Numbers as people type them into forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.errors import Invalid
from autohub.web.views import decimal


@given(st.integers(-(10**14), 10**14), st.text("0123456789", max_size=8), st.sampled_from(".,"))
def test_a_number_is_what_was_typed_with_a_point_or_a_comma_or_it_is_asked_about(whole: int, decimals: str, mark: str) -> None:
    text = f"{whole}{mark}{decimals}" if decimals else str(whole)
    if mark == "," and len(decimals) == 3 and whole != 0:
        with pytest.raises(Invalid, match="not right") as refused:
            decimal(text, "price")
        assert f"could be {whole}{decimals} or {whole}.{decimals}" in refused.value.details["price"][0]
    else:
        assert decimal(text, "price") == float(f"{whole}.{decimals or 0}")


@pytest.mark.parametrize("text", ["ten", "1 000", "1.000.000", "1,000.5", "1e9", "nan", "inf", "٣", "--1", ".5", "5.", "9" * 16])
def test_what_is_no_plain_number_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        decimal(text, "price")
    assert list(refused.value.details) == ["price"] and "such as 1250.5" in refused.value.details["price"][0]


def test_an_empty_field_is_no_number() -> None:
    assert decimal("", "price") is None
