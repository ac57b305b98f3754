"""A JSON body with a file inside, read piece by piece."""

import base64
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autohub.kit.errors import TooLarge
from autohub.kit.spool import Spool


def spooled(folder: Path, raw: bytes, cuts: list[int] | None = None) -> Spool:
    spool = Spool(folder, json_limit=100_000)
    places = sorted({min(c, len(raw)) for c in cuts or []} | {0, len(raw)})
    for start, end in itertools.pairwise(places):
        spool.feed(raw[start:end])
    spool.finish()
    return spool


@given(
    st.binary(max_size=300),
    st.lists(st.integers(0, 900), max_size=12),
    st.text(max_size=20),
    st.sampled_from([None, "\n", "/"]),
    st.integers(0, 2),
)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_whatever_the_pieces_the_file_and_the_rest_are_the_same(
    tmp_path: Path, content: bytes, cuts: list[int], text: str, escaped: str | None, place: int
) -> None:
    encoded = base64.b64encode(content).decode()
    if escaped == "\n":
        encoded = "\n".join(encoded[i : i + 10] for i in range(0, len(encoded), 10))
    fields: list[tuple[str, Any]] = [
        ("title", text),
        ("file_content\\", text),
        ("x", ["file_content", {"y": "file_content"}]),
    ]
    fields.insert(
        place, ("file", {"file_name": text, "file_content": encoded, "file_encoding": "base64"})
    )
    raw = json.dumps(dict(fields)).encode()
    if escaped == "/":
        raw = raw.replace(b"/", b"\\/")
    spool = spooled(tmp_path, raw, cuts)
    wanted: dict[str, Any] = json.loads(raw)
    wanted["file"]["file_content"] = ""
    assert json.loads(bytes(spool.json)) == wanted
    assert spool.path is not None and spool.path.read_bytes() == content
    assert (spool.size, spool.sha256, spool.is_base64) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
        True,
    )
    spool.discard()
    assert not spool.path.exists()


@pytest.mark.parametrize(
    "text", ["A", "AAA", "AA=A", "====", "A?==", "AAAA=", "AA==AAAA", "Ä\\u00c4", "AAA\\u003d"]
)
def test_what_is_no_base64_is_told(tmp_path: Path, text: str) -> None:
    spool = spooled(tmp_path, f'{{"file_content": "{text}"}}'.encode())
    assert not spool.is_base64
    spool.discard()


def test_a_body_without_a_file_is_left_as_it_is_and_broken_json_too(tmp_path: Path) -> None:
    for raw in (
        b'{"a": "file_content"}',
        b'{"file_content": 5}',
        b"",
        b'"',
        b'{"file_content": "QUJD',
        b"\xff\xfe",
    ):
        spool = spooled(tmp_path, raw)
        assert bytes(spool.json) == raw.replace(b"QUJD", b"")
        spool.discard()


def test_what_stands_around_the_file_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        spooled(tmp_path, b'{"a": "' + b"x" * 200_000 + b'"}')
