"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.numbers import NotANumber, TwoNumbers, find_mark, read, write

FORMATS = (
    "{whole}.{decimals}",
    "{whole},{decimals}",
    "{points},{decimals}",
    "{commas}.{decimals}",
    "{blanks},{decimals}",
    "{apostrophes}.{decimals}",
    "${commas}.{decimals}",
    "{points},{decimals} €",
    "EUR {blanks},{decimals}",
)


@given(
    st.integers(0, 10**12),
    st.text("0123456789", min_size=1, max_size=8),
    st.sampled_from(FORMATS),
    st.sampled_from(("", "-")),
)
def test_a_number_is_the_same_in_every_countrys_writing_or_is_asked_about(
    whole: int, decimals: str, form: str, sign: str
) -> None:
    grouped = f"{whole:,}"
    text = form.format(
        whole=whole,
        decimals=decimals,
        commas=grouped,
        points=grouped.replace(",", "."),
        blanks=grouped.replace(",", "\u00a0"),
        apostrophes=grouped.replace(",", "’"),
    )
    text = f"{sign}{text}"
    if len(decimals) == 3 and 0 < whole < 1000:
        with pytest.raises(TwoNumbers) as asked:
            read(text)
        assert float(asked.value.large) == float(f"{sign}{whole}{decimals}") and float(
            asked.value.small
        ) == float(f"{sign}{whole}.{decimals}")
    else:
        assert read(text) == float(f"{sign}{whole}.{decimals}")


@given(
    st.floats(-1e14, 1e14).map(lambda value: round(value, 6))
    | st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
)
def test_what_is_written_is_read_again(value: float) -> None:
    assert read(write(value)) == pytest.approx(value, rel=1e-15, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.000.000", 1e6),
        ("12,34,567.5", 1234567.5),
        (".5", 0.5),
        ("5.", 5),
        ("0,125", 0.125),
        ("\u22127", -7),
        ("€ 1 200", 1200),
        ("+3", 3),
        ("1 250.500", 1250.5),
        ("1,234,567", 1234567),
    ],
)
def test_usual_writings(text: str, number: float) -> None:
    assert read(text) == number


@pytest.mark.parametrize("text", ["52.000", "52,000", "$52,000", "-1.125", "999,999 €"])
def test_what_can_be_read_in_two_ways_is_never_guessed(text: str) -> None:
    with pytest.raises(TwoNumbers, match="could be"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ten",
        "1e9",
        "nan",
        "inf",
        "٣",
        "--1",
        ".",
        ",",
        "9" * 16,
        "1.00.000",
        "1 00",
        "1,2,3",
        "1.234,567.8",
        "1.234 567",
        "$",
        "5$5",
        "1 000 00",
        "1" * 41,
        "12 ,5",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        read(text)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234,56", ","),
        ("1,234.56", "."),
        ("12,5", ","),
        ("12.5 €", "."),
        ("1.234.567", ","),
        ("1,234,567", "."),
        ("52.000", ""),
        ("52,000", ""),
        ("1 250", ""),
        ("12.", ""),
        ("42", ""),
        ("about 5", ""),
    ],
)
def test_a_number_that_can_be_read_in_one_way_proves_the_decimal_mark(text: str, mark: str) -> None:
    assert find_mark(text) == mark


def test_a_known_decimal_mark_decides_what_could_be_two_numbers() -> None:
    assert [read("52.000", mark) for mark in (".", ",")] == [52, 52000]
    assert [read("-1,250 €", mark) for mark in (".", ",")] == [-1250, -1.25]
    assert read("1250.5", ",") == 1250.5
