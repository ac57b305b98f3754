"""The careful reading of JSON, and that the fast one of bulk rows never reads otherwise."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert, parse, read
from autohub.users.model import UserEdit
from autohub.users.rows import parse_json_row

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {"user_email": st.sampled_from(["a@example.com", " a@example.com ", "x"]) | ANYTHING},
    optional={
        name: st.text(max_size=60) | ANYTHING
        for name in ("user_first_name", "user_job_title", "user_location")
    }
    | {
        "user_is_active": st.sampled_from([0, 1, "1", 2, True]) | ANYTHING,
        "user_invite_status": st.integers(-1, 4),
        "extra": ANYTHING,
    }
    | {
        "user_roles": st.lists(
            st.fixed_dictionaries(
                {"role_id": st.integers(0, 20) | st.just("5"), "category_id": st.integers(0, 3)}
            ),
            max_size=3,
        )
        | ANYTHING
    },
)


@given(FIELDS)
@settings(max_examples=300)
def test_the_fast_reading_of_a_row_agrees_with_the_careful_one(values: dict) -> None:
    raw = msgspec.json.encode(values)
    parsed = parse_json_row(raw)
    try:
        careful: UserEdit | None = read(raw, UserEdit)
    except Invalid:
        careful = None
    assert parsed.edit == careful and bool(parsed.faults) is (careful is None)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    try:
        parse(raw)
    except Invalid as error:
        assert error.message
    assert parse_json_row(raw).edit is None or raw


@given(ANYTHING)
def test_no_value_breaks_the_conversion(value: object) -> None:
    try:
        convert(value, UserEdit)
    except Invalid as error:
        assert error.details
