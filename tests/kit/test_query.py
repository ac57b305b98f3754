import pytest
from hypothesis import given
from hypothesis import strategies as st

from autohub.kit.errors import Invalid
from autohub.kit.query import PAGING, Page, Param, Query

PARAMS = (
    *PAGING,
    Param("name", multi=True),
    Param("id", "number", multi=True),
    Param("since", "number"),
)


def test_names_may_hold_commas_and_ids_are_split() -> None:
    query = Query(b"name=a,b&name=c&id=1,2&id=3", PARAMS)
    assert query.all("name") == ["a,b", "c"] and query.all("id") == [1, 2, 3]


def test_values_come_once_and_at_most_200_of_them() -> None:
    repeated = Query(b"id=" + b",".join([b"7"] * 200), PARAMS)
    assert repeated.all("id") == [7] and Query(b"name=a&name=a", PARAMS).all("name") == ["a"]
    for raw in (b"id=" + b",".join([b"7"] * 201), b"&".join([b"name=a"] * 201)):
        with pytest.raises(Invalid) as refused:
            Query(raw, PARAMS)
        assert "at most 200 values; this one has 201" in str(refused.value.details)


def test_times_come_in_seconds_and_milliseconds() -> None:
    assert (
        Query(b"since=1700000000", PARAMS).moment("since")
        == Query(b"since=1700000000000", PARAMS).moment("since")
        == 1_700_000_000_000
    )


@pytest.mark.parametrize("raw", [b"%ff=1&name=%ff", b"name=%00", "name=é".encode()])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        Query(raw, PARAMS)


@given(st.binary(max_size=60))
def test_no_query_string_breaks_it(raw: bytes) -> None:
    try:
        Query(raw, PARAMS)
    except Invalid as error:
        assert error.message


@given(total=st.integers(0, 500), limit=st.integers(1, 40))
def test_a_walk_over_the_pages_passes_every_item_once(total: int, limit: int) -> None:
    seen, number = [], 1
    while True:
        page = Query(f"limit={limit}&page={number}".encode(), PARAMS).page
        envelope = page.envelope(
            "items", list(range(total))[page.offset : page.offset + page.limit], total
        )
        seen += envelope["items"]
        assert envelope["page"] == number
        if number == envelope["totalPages"]:
            break
        number += 1
    assert seen == list(range(total)) and Page(5, 0).envelope("items", [], 0)["totalPages"] == 1
