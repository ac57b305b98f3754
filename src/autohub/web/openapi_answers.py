"""What calls answer, as the OpenAPI document has it: envelopes, errors, and what calls share."""

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from autohub.kit.errors import HubError
from autohub.kit.jsonbody import convert
from autohub.kit.query import Query
from autohub.kit.sentences import encode
from autohub.web.dictionary import ENVELOPE
from autohub.web.preconditions import ChangedMeanwhile
from autohub.web.routes import Paged, Raw, RawBody, Route

REF = "#/components/{kind}/{name}"
_NUMBER = {"type": "integer"}
_PAGE = {
    "page": _NUMBER | {"description": "The page, from 1."},
    "pageSize": _NUMBER | {"description": "The limit in force."},
    "totalItems": _NUMBER | {"description": "How many there are in all."},
    "totalPages": _NUMBER | {"description": "How many pages they fill, at least 1."},
}
_WARNINGS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "What was sent and counts for nothing; absent where there is none.",
}
_SHARED = {
    401: "The Open API token is not valid: it is unknown, expired, inactive, or its app key is "
    "missing or wrong.",
    403: "This user is not permitted to perform this action based on their role.",
    413: "The body is larger than the 1 MB that this call takes; split it, or send less.",
    415: "Send the body as application/json.",
    429: "Too many requests. Try again in 20 seconds.",
    503: "The database cannot be reached or is busy; try again in a moment.",
}
"""Errors that have nothing to do with what a call is about, with an example."""


def ref(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": REF.format(kind=kind, name=name)}


def schema_of(type_: Any) -> Any:
    template = REF.format(kind="schemas", name="{name}")
    return msgspec.json.schema_components([type_], ref_template=template)[0][0]


def list_shared_responses() -> dict[str, Any]:
    """The components for errors that every call may answer."""
    return {
        _name_of(status): _refusal(status, {"message": text, "statusCode": status})
        for status, text in _SHARED.items()
    } | {"NotModified": {"description": "The client has this answer already."}}


def list_envelopes(route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    """The components that stand around what a call answers, with their names."""
    if route.answer is Raw or route.no_envelope:
        return
    if isinstance(route.answer, Paged):
        name = route.answer.name
        items = {"type": "array", "items": schema_of(route.answer.item)}
        properties = _PAGE | {name: items | {"description": "This page of them."}}
        if name == "processes":
            properties |= {"nextCursor": {"type": ["integer", "null"], "description": _CURSOR}}
        required = [*_PAGE, name]
        yield (
            f"{_capital(name)}Page",
            {"type": "object", ENVELOPE: True, "required": required, "properties": properties},
        )
    yield (
        _envelope_name(route),
        {
            "type": "object",
            ENVELOPE: True,
            "required": ["message", "statusCode", "data"],
            "properties": {
                "message": {"type": "string", "description": "What was done: `Success` of reads."},
                "statusCode": _NUMBER | {"description": "The HTTP status once more."},
                "data": _data(route),
                "warnings": _WARNINGS,
            },
        },
    )


_CURSOR = "Where the next page of a walk by `cursor` begins; null at its end."


def answers_of(route: Route, *, is_guarded: bool) -> dict[str, Any]:
    """The responses of a call, by status; `is_guarded` ones heed If-Match."""
    found = {str(route.status): _success(route)}
    if route.method == "GET" and route.answer is not Raw:
        found["304"] = ref("responses", "NotModified")
    for status in sorted(statuses(route) | ({412} if is_guarded else set())):
        own = status not in _SHARED
        example = _error_example(status, route) if own else {}
        found[str(status)] = (
            _refusal(status, example) if own else ref("responses", _name_of(status))
        )
    return found


def statuses(route: Route) -> set[int]:
    """The error statuses that a call may answer."""
    found = {400, 429, 503} | set(route.errors)
    if route.rights:
        found |= {401, 403}
    if "{" in route.path:
        found.add(404)
    if route.body is not None:
        found |= {413, 415}
    if route.method == "POST" and route.rights:
        found.add(409)
    return found


def operation_id(route: Route) -> str:
    """'PUT', '/users/{user_id}/email' -> 'putUsersEmail'; unique in the table."""
    words = [
        word
        for part in route.path.split("/")
        if part and not part.startswith("{")
        for word in part.split("-")
    ]
    one = "One" if route.path.endswith("}") else ""
    return route.method.lower() + "".join(map(_capital, words)) + one


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _name_of(status: int) -> str:
    return re.sub(r"\W", "", HTTPStatus(status).phrase.title())


def _envelope_name(route: Route) -> str:
    if route.answer is None:
        return "EmptyAnswer"
    if isinstance(route.answer, Paged):
        return f"{_capital(route.answer.name)}Answer"
    schema = schema_of(route.answer)
    named = (schema.get("$ref") or schema.get("items", {}).get("$ref", "")).rpartition("/")[2]
    if not named:
        return f"{_capital(operation_id(route))}Answer"
    return f"{named}{'List' if 'items' in schema else ''}Answer"


def _data(route: Route) -> dict[str, Any]:
    if route.answer is None:
        return {"description": "Always null."}
    if isinstance(route.answer, Paged):
        return ref("schemas", f"{_capital(route.answer.name)}Page")
    schema: dict[str, Any] = schema_of(route.answer)
    return schema if "$ref" in schema.get("items", schema) else _fill(schema, route.example)


def _fill(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    """The schema of a plain object or list, with the fields that its example shows."""
    if schema.get("type") == "array":
        return schema | {"items": _fill(schema["items"], _merge(example))}
    values = schema.get("additionalProperties")
    if not isinstance(values, dict):
        return _schema_of_example(msgspec.json.decode(encode(example)))
    properties = dict.fromkeys(example, values)
    return {"type": "object", "required": list(example), "properties": properties}


def _schema_of_example(value: Any) -> dict[str, Any]:
    """The shape of what an example shows. A key in capitals is a name of the hub's data, beside
    which any other may stand; generators know no type for those beside fields."""
    if isinstance(value, dict):
        fields = {
            name: _schema_of_example(part) for name, part in value.items() if not name.isupper()
        }
        if fields or not value:
            return {"type": "object", "properties": fields, "additionalProperties": True}
        others = _schema_of_example(_merge(list(value.values())))
        return {"type": "object", "additionalProperties": others}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of_example(_merge(value))}
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return {"type": name}
    return {}


def _merge(values: Sequence[Any]) -> Any:
    """One example that has what any of them has; null where they are of several kinds."""
    if len({type(value) for value in values}) != 1:
        return None
    if not isinstance(values[0], dict):
        return values[0]
    names = dict.fromkeys(name for value in values for name in value)
    return {name: _merge([each[name] for each in values if name in each]) for name in names}


def _success(route: Route) -> dict[str, Any]:
    if route.answer is Raw:
        schema: dict[str, Any] = {"type": "string", "format": "binary"}
        return {
            "description": route.message,
            "content": {str(route.example): {"schema": schema}},
        }
    if route.no_envelope:
        content = {"schema": _data(route), "example": route.example}
        return {"description": route.message, "content": {"application/json": content}}
    example = {"message": route.message, "statusCode": route.status, "data": route.example}
    whole = {"schema": ref("schemas", _envelope_name(route)), "example": example}
    answers: dict[str, Any] = {"application/json": whole}
    if isinstance(route.answer, Paged):
        table = "field,another\r\n1,text\r\n"
        answers["text/csv"] = {"schema": {"type": "string"}, "example": table}
    return {"description": route.message, "content": answers}


def _refusal(status: int, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": ref("schemas", "Error"), "example": example}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": content},
    }


def _error_example(status: int, route: Route) -> dict[str, Any]:
    """What the call itself answers, as far as that can be had without a database."""
    if status == 400 and (found := _find_fault(route)):
        details = {"errorDetails": dict(list(found.details.items())[:3])} if found.details else {}
        return {"message": str(found), "statusCode": 400} | details
    return {"message": _message(status, route), "statusCode": status}


def _find_fault(route: Route) -> HubError | None:
    """What is wrong with an empty body, or with parameters that make no sense."""
    try:
        if route.body not in (None, RawBody):
            convert({}, route.body)
        query = "&".join(f"{param.name}=x" for param in route.params if param.kind != "text")
        Query(query.encode(), route.params)
    except HubError as error:
        return error
    return None


def _message(status: int, route: Route) -> str:
    parts = re.findall(r"\{(\w+?)(?:_id)?\}", route.path)
    noun = parts[-1] if parts else route.subject_path.rpartition("{")[2].removesuffix("_id}")
    noun = noun.replace("_", " ").replace("process", "idea") or "idea"
    return {
        400: "Some of the values are not right.",
        404: f"There is no {noun} 7.",
        409: "This Idempotency-Key was used with another body; use a new key for a new call.",
        412: str(ChangedMeanwhile("")),
    }.get(status, HTTPStatus(status).phrase)
