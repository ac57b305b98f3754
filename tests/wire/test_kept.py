"""Nothing that a call accepts is dropped: each key of each body that adds or changes something is
found again by GET."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from tests.support.hub import Client, TestHub
from tests.wire.cases import CASES

from autohub.server.routes import ROUTES
from autohub.web.routes import Route

NOT_READ = {
    "POST /users/{user_id}/invitations": {"send_mail": "says what is done, not what is kept"},
    "POST /automations/status": {
        "process_id": "the address of what is read",
        "force": "an alias that changes nothing",
        "duplicate_of": "stands in the reason, in words",
        "owner": "for ideas that have none, which no call makes",
    },
    "POST /idea-from-schema": {"change_of_process_id": "as in POST /automations"},
    "POST /automationidea": {"category": "an alias of category_id"},
    "POST /coe-automationidea": {"category": "an alias of category_id"},
    "POST /processmining-idea": {"category": "an alias of category_id"},
    "POST /tokens": {"app_key": "a secret, of which only a hash is kept"},
}
"""Keys that no GET shows under their name, with the reason."""

NO_CASE = {
    "POST /users/bulk": "the rows of adduser and edituser",
    "POST /users/{user_id}/reassign": "says what is done, not what is kept",
    "POST /webhooks/{webhook_id}/redeliver": "says what is done, not what is kept",
    "POST /sessions": "a credential, which is checked and not kept",
    "POST /automations/bulk": "the bodies of the single calls",
    "POST /automations/import": "tables, whose columns the import itself reports",
    "POST /categories/import": "tables, whose columns the import itself reports",
    "POST /appinventory/import": "tables, whose columns the import itself reports",
    "POST /automations/{process_id}/assessments": "answers, as in PATCH of the idea",
    "POST /automations/{process_id}/runs": "summed up by month",
    "POST /assessments": "a definition, read back whole by its own tests",
    "PATCH /assessments/{version_id}": "a definition, read back whole by its own tests",
    "POST /idea-flows": "a definition, read back whole by its own tests",
}
BYTES = ("file_content", "file_encoding")
"""What GET /download/file gives back, as it was sent."""

OTHER_NAMES = {
    "phase_variable": "phase_key",
    "status_variable": "phase_status_key",
    "role_ids": "role_id",
    "phase_status_id": "to_status_id",
}


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Each key with its value, at any depth."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from _pairs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(part)


def _leaves(key: str, sent: Any) -> Iterator[tuple[str, Any]]:
    """What a key says in the end: for a structure, each of the plain values in it."""
    if isinstance(sent, dict) and "value" in sent:
        yield key, sent["value"]
    elif isinstance(sent, dict):
        for name, part in sent.items():
            yield from _leaves(name, part)
    elif isinstance(sent, list) and sent and isinstance(sent[0], dict):
        for part in sent:
            yield from _leaves(key, part)
    else:
        yield key, sent


def _is_told(key: str, sent: Any, there: list[tuple[str, Any]]) -> bool:
    """Whether the answer says this under the key, with or without its assessment before it; people
    by their address, things in lists by their id."""
    names = {key.lower(), OTHER_NAMES.get(key, key)}
    said = [v for k, v in there if k in names or any(k.endswith(f"-{name}") for name in names)]
    said += [part for value in said for _, part in _pairs(value)]
    return all(
        any(value == one or str(value) == str(one) for value in said)
        for one in (sent if isinstance(sent, list) and sent not in said else [sent])
    )


def _keys(route: Route) -> set[str]:
    kinds = (route.body, *get_args(route.body))
    structs = [kind for kind in kinds if hasattr(kind, "__struct_fields__")]
    return {field.encode_name for each in structs for field in msgspec.structs.fields(each)}


def test_what_a_call_accepts_is_found_again(hub: TestHub) -> None:
    owner = hub.someone((1, 0), email="owner@example.com")
    ledger = {"application_id": None, "application_name": "Ledger", "categoryIds": [3]}
    assert owner.put("/appinventory", [ledger]).status == 200
    assert not (lost := list(_find_lost(owner))), "\n".join(lost)


def _find_lost(owner: Client) -> Iterator[str]:
    for case in CASES:
        method, path = case.route.split(" ")
        for number in case.numbers:
            path = re.sub(r"\{\w+\}", str(number), path, count=1)
        answer = owner.call(method, path, dict(case.body))
        if answer.status not in (200, 201) or "warnings" in answer.json:
            yield f"{case.route}: {answer}"[:300]
            continue
        there = list(_pairs(owner.get(case.reader).json))
        for key, sent in case.body.items():
            if key not in NOT_READ.get(case.route, ()):
                for name, value in _leaves(*case.instead.get(key, (key, sent))):
                    if name not in BYTES and not _is_told(name, value, there):
                        yield f"{case.route}: {name} {value!r} is not in GET {case.reader}"


def test_each_key_of_each_body_is_tried_or_has_a_reason() -> None:
    tried: dict[str, set[str]] = {}
    for case in CASES:
        tried.setdefault(case.route, set()).update(case.body)
    wanted = [
        route
        for route in ROUTES
        if route.method in ("POST", "PATCH") and route.body and route.name not in NO_CASE
    ]
    assert {route.name for route in wanted} <= set(tried)
    left = {
        route.name: keys
        for route in wanted
        if (keys := _keys(route) - tried[route.name] - set(NOT_READ.get(route.name, ())))
    }
    assert left == {}
