"""Requests as clients send them, each with what must be answered."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.support.hub import Answer, Client

GIVEN = object()
"""Some value that is neither absent nor null."""


class Row(NamedTuple):
    """`expected`: by the place in the answer, such as 'data.users.0.user_email', the value there, a
    pattern that it matches, GIVEN, or None for null or absent. A place that begins with '#' is the
    length of a list, one with '@' a header. Bytes are sent as they are."""

    request: str
    status: int = 200
    expected: Mapping[str, Any] = {}
    body: Any = None
    caller: str = "owner"
    headers: Mapping[str, str] = {}


def replay(rows: Iterable[tuple[str, Row]], callers: Mapping[str, Client]) -> list[str]:
    """What was answered otherwise than expected, with the name under which each row stands."""
    wrong = []
    for name, row in rows:
        method, _, path = row.request.partition(" ")
        raw = row.body if isinstance(row.body, bytes) else None
        answer = callers[row.caller].call(
            method,
            path,
            None if raw is not None else row.body,
            raw=raw,
            headers=dict(row.headers),
        )
        found = {place: _look(answer, place) for place in row.expected}
        differs = {p: v for p, v in found.items() if not _fits(v, row.expected[p])}
        if answer.status != row.status or differs:
            wrong.append(f"{name}: {row.caller} {row.request} → {differs} {answer}"[:600])
    return wrong


def _look(answer: Answer, place: str) -> Any:
    if place.startswith("@"):
        return answer.headers.get(place[1:])
    value: Any = answer.json
    for part in place.removeprefix("#").split("."):
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return len(value) if place.startswith("#") and value is not None else value


def _fits(value: Any, expected: Any) -> bool:
    if expected is GIVEN:
        return value is not None
    if isinstance(expected, re.Pattern):
        return expected.search(str(value)) is not None
    return bool(value == expected)
