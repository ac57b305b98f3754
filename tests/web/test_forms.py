"""Numbers as people type them into forms."""

import pytest

from autohub.kit.errors import Invalid
from autohub.web.forms import decimal


def test_what_is_no_number_and_what_could_be_two_is_told_at_its_field() -> None:
    assert decimal("1,250.5", "price") == 1250.5
    for text, told in (
        ("ten", "such as 1250.5"),
        ("8,000", "could be 8000 or 8.000; write 8000 for the one, 8.0000 for the other."),
    ):
        with pytest.raises(Invalid) as refused:
            decimal(text, "price")
        assert (
            list(refused.value.details) == ["price"] and told in refused.value.details["price"][0]
        )


def test_an_empty_field_is_no_number() -> None:
    assert decimal("", "price") is None
