"""The OpenAPI 3.1 document, made from the same table of routes that is served."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from autohub import __version__
from autohub.access.model import ANY_RIGHT
from autohub.kit.query import Param
from autohub.kit.sentences import encode
from autohub.web import dictionary
from autohub.web.openapi_answers import (
    REF,
    answers_of,
    list_envelopes,
    list_shared_responses,
    operation_id,
    ref,
    schema_of,
)
from autohub.web.preconditions import find_readers
from autohub.web.routes import Paged, Raw, RawBody, Route

PREFIX = "/api/v1/openapi"


TAGS = {
    "Users": "Accounts, one by one and many at once.",
    "Invitations": "Links by which people register.",
    "Roles and groups": "What people may do, and where.",
    "Tokens and sessions": "What programs and people sign in with.",
    "Categories": "The tree that everything is filed under.",
    "Application inventory": "The applications that processes touch.",
    "Ideas": "Submitting, listing, changing and moving ideas.",
    "Drafts": "Ideas that are not handed in yet.",
    "Collaborators": "Who has which role on an idea.",
    "Discussions": "Votes, followers and comments.",
    "Documents": "Documents and media of ideas.",
    "Components": "Reusable components, and automations offered for use.",
    "Costs and benefits": "Plans, costs, benefit, and what robots did.",
    "Notices": "Which notices a person gets.",
    "Import pipeline": "Whole pipelines from tables.",
    "Assessments": "Questionnaires in their versions, and how answers make scores.",
    "Idea flows": "Phases, statuses and the moves between them.",
    "Audit": "Who changed what, and when.",
    "Events": "What happened, for other systems.",
    "Webhooks": "Other systems that are called when something happened.",
    "Reference": "What the fields of all records mean.",
}


def document(
    routes: Sequence[Route], *, base_url: str, organization: str, tenant: str
) -> dict[str, Any]:
    """The whole document; `base_url` is where it says that the hub is, the names are those of the
    installation."""
    types = [t for route in routes for t in _types(route)]
    template = REF.format(kind="schemas", name="{name}")
    _, components = msgspec.json.schema_components(types, ref_template=template)
    paths: dict[str, dict[str, Any]] = {}
    readers = find_readers(routes)
    for route in routes:
        operation = _operation(route)
        operation["responses"] = answers_of(route, is_guarded=route.name in readers)
        if route.name in readers:
            operation["parameters"].append(_IF_MATCH)
            operation["description"] += (
                f" `If-Match` takes the ETag of GET {readers[route.name].path}."
            )
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = operation
    envelopes = dict(pair for route in routes for pair in list_envelopes(route))
    shared = _share_parameters(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "autohub Open API",
            "version": __version__,
            "description": "Clients written for the Automation Hub Open API work here by changing "
            "the address and the token. "
            "Where an operation names a right, a token needs it over the whole installation.",
            "contact": {"name": f"{organization}/{tenant}"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": base_url},
            {"url": f"{base_url}/automationhub_", "description": "The same."},
            {
                "url": f"{base_url}/{{organization}}/{{tenant}}/automationhub_",
                "description": "The same, with the names of this installation.",
                "variables": {
                    "organization": {"default": organization},
                    "tenant": {"default": tenant},
                },
            },
        ],
        "security": [{"openApiToken": [], "openApiMarker": []}, {"accessToken": []}],
        "tags": [
            {"name": tag, "description": TAGS[tag]}
            for tag in dict.fromkeys(route.tag for route in routes)
        ],
        "paths": paths,
        "components": {
            "schemas": dictionary.explain(_published(components) | {"Error": _ERROR})
            | envelopes
            | _list_forms(routes),
            "responses": list_shared_responses(),
            "parameters": shared,
            "securitySchemes": {
                "openApiToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`{TenantID}/{Token}`, with x-ah-openapi-auth beside it.",
                },
                "openApiMarker": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-ah-openapi-auth",
                    "description": "Always `openapi-token`.",
                },
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "From POST /sessions, alone.",
                },
            },
        },
    }


_CITATION = re.compile(r"\s*\((?:contract|product) [^)]*\)")


def _published(value: Any) -> Any:
    """The same without the chapters of our own texts, which docstrings cite, and without patterns
    that only Python reads."""
    if isinstance(value, dict):
        return {
            key: _CITATION.sub("", part)
            if key == "description" and isinstance(part, str)
            else _published(part)
            for key, part in value.items()
            if not (key == "pattern" and isinstance(part, str) and not part.isascii())
        }
    return [_published(part) for part in value] if isinstance(value, list) else value


_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of what is changed: the change is made only if nothing changed since, "
    "else the answer is 412 with the present one.",
}
_ERROR = {
    "type": "object",
    "required": ["message", "statusCode"],
    "properties": {
        "message": {"type": "string", "description": "What was wrong, and what would be right."},
        "statusCode": {"type": "integer"},
        "errorDetails": {
            "type": "object",
            "description": "Every fault by its field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "localizationKey": {"type": "string"},
    },
}


def _types(route: Route) -> Iterable[Any]:
    answer = route.answer.item if isinstance(route.answer, Paged) else route.answer
    if answer is not None and answer is not Raw:
        yield answer
    if route.body is RawBody:
        yield route.row
    elif route.body is not None:
        yield route.body


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary,
        "description": "\n\n".join(part for part in (route.description, _who(route)) if part),
        "parameters": [
            *_path_parameters(route),
            *(p for param in route.params for p in _parameters(param)),
        ],
    }
    if route.method == "POST" and route.rights and not route.holds_secret:
        operation["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 255,
                    "pattern": "^[!-~]+$",
                },
                "description": "A repeat with the same key and body gets the first answer; kept "
                "for 24 hours.",
            }
        )
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _request(route)}
    if not route.rights:
        operation["security"] = []
    return operation


def _who(route: Route) -> str:
    if not route.rights:
        return "Needs no token."
    right = (
        "any working token"
        if route.rights is ANY_RIGHT
        else " or ".join(f"the right “{right.value}”" for right in route.rights)
    )
    if route.any_category:
        right += " on some category"
    return (
        f"Needs {right}. A tenant-level token {'may' if route.tenant_level else 'may not'} call it."
    )


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    number = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    either = {"anyOf": [number, {"type": "string", "pattern": "-[0-9]+$"}]}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": either,
            "description": "The idea's number, or its slug.",
        }
        if name == "process_id"
        else {
            "name": name,
            "in": "path",
            "required": True,
            "schema": number,
            "description": _number_of(name),
        }
        for name in names
    ]


def _number_of(name: str) -> str:
    noun = name.removesuffix("_id").replace("_", " ")
    return f"The number of the {noun}."


_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
    "idea": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
    "flag": {"type": "integer", "enum": [0, 1]},
}


def _parameters(param: Param) -> Iterable[dict[str, Any]]:
    schema: dict[str, Any] = (
        {"type": "string", "enum": list(param.choices)}
        if param.kind == "choice"
        else dict(_KINDS[param.kind])
    )
    if param.kind == "number":
        schema["minimum"] = 1 if param.name == "limit" else param.minimum or 0
        if param.choices:
            schema = {"anyOf": [schema, {"type": "string", "enum": list(param.choices)}]}
    if param.multi:
        schema = {"type": "array", "items": schema}
    required = {"required": True} if param.required else {}
    for name in (param.name, *param.alias):
        doc = param.doc if name == param.name else f"The same as `{param.name}`."
        yield {"name": name, "in": "query", "schema": schema, "description": doc} | required


def _request(route: Route) -> dict[str, Any]:
    if route.body is not RawBody:
        whole = {"schema": schema_of(route.body), "example": route.body_example}
        if route.uploads:
            return {"application/json": whole, "multipart/form-data": _form(route)}
        return {"application/json": whole}
    text = {"type": "string"}
    content: dict[str, Any] = {}
    for media in route.media:
        if media == "application/json":
            schema = {"type": "array", "items": schema_of(route.row)}
            content[media] = {"schema": schema, "example": route.body_example}
        elif media == "application/x-ndjson":
            lines = "\n".join(msgspec.json.encode(row).decode() for row in route.body_example)
            content[media] = {"schema": text, "example": lines}
        elif media.startswith("text/"):
            separator = "\t" if media == "text/tab-separated-values" else ","
            table = "\n".join(separator.join(cells) for cells in route.table_example) + "\n"
            content[media] = {"schema": text, "example": table}
        else:
            content[media] = {"schema": {"type": "string", "format": "binary"}}
    return content


def _form(route: Route) -> dict[str, Any]:
    names = [name for name in route.body_example if name != "file"]
    example = {name: str(route.body_example[name]) for name in names}
    return {
        "schema": ref("schemas", _form_name(route)),
        "example": example | {"file": "the bytes of the file"},
    }


def _form_name(route: Route) -> str:
    return f"{route.body.__name__}Form"


def _list_forms(routes: Sequence[Route]) -> dict[str, Any]:
    """The components for bodies that may come as a form too: a field for each text, and the file
    in the part `file`."""
    return {
        _form_name(route): {
            "type": "object",
            dictionary.ENVELOPE: True,
            "properties": {name: {"type": "string"} for name in route.body_example}
            | {"file": {"type": "string", "format": "binary"}},
        }
        for route in routes
        if route.uploads and route.body is not RawBody
    }


def _share_parameters(paths: dict[str, Any]) -> dict[str, Any]:
    """Puts a reference in the place of each parameter that several calls take, and returns those
    parameters by the names of their components."""
    lists = [
        operation["parameters"]
        for operations in paths.values()
        for operation in operations.values()
    ]
    times = Counter(encode(one) for taken in lists for one in taken)
    shared: dict[str, Any] = {}
    names: dict[bytes, str] = {}
    for taken in lists:
        for at, one in enumerate(taken):
            key = encode(one)
            if times[key] == 1:
                continue
            if key not in names:
                alike = sum(each["name"] == one["name"] for each in shared.values())
                names[key] = one["name"] + (str(alike + 1) if alike else "")
                shared[names[key]] = one
            taken[at] = ref("parameters", names[key])
    return shared
