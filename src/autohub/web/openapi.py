"""The OpenAPI 3.1 document, made from the same table of routes that is served."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from autohub import __version__
from autohub.access.model import ANY_RIGHT
from autohub.kit.query import Param
from autohub.web import dictionary
from autohub.web.preconditions import find_readers
from autohub.web.routes import Paged, Raw, RawBody, Route

REF = "#/components/schemas/{name}"
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
    "Reference": "What the fields of all records mean.",
}


def document(
    routes: Sequence[Route], *, base_url: str, organization: str, tenant: str
) -> dict[str, Any]:
    """The whole document; `base_url` is where it says that the hub is, the names are those of the
    installation."""
    types = [t for route in routes for t in _types(route)]
    _, components = msgspec.json.schema_components(types, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    readers = find_readers(routes)
    for route in routes:
        operation = _operation(route)
        if route.name in readers:
            operation["parameters"].append(_if_match(readers[route.name]))
            operation["responses"]["412"] = _refusal(412, route)
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "autohub Open API",
            "version": __version__,
            "description": "Clients written for the Automation Hub Open API work here by changing "
            "the address and the token. "
            "Where an operation names a right, a token needs it over the whole installation.",
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
            "schemas": dictionary.explain(_without_citations(components) | {"Error": _ERROR}),
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


def _without_citations(value: Any) -> Any:
    """The same without the chapters of our own texts, which docstrings cite."""
    if isinstance(value, dict):
        return {
            key: _CITATION.sub("", part)
            if key == "description" and isinstance(part, str)
            else _without_citations(part)
            for key, part in value.items()
        }
    return [_without_citations(part) for part in value] if isinstance(value, list) else value


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


def _schema(type_: Any) -> Any:
    return msgspec.json.schema_components([type_], ref_template=REF)[0][0]


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
        "responses": _responses(route),
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


def operation_id(route: Route) -> str:
    """'PUT', '/users/{user_id}/email' -> 'putUsersEmail'; unique in the table."""
    words = [
        word
        for part in route.path.split("/")
        if part and not part.startswith("{")
        for word in part.split("-")
    ]
    one = "One" if route.path.endswith("}") else ""
    return route.method.lower() + "".join(word[0].upper() + word[1:] for word in words) + one


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
        whole = {"schema": _schema(route.body), "example": route.body_example}
        if route.uploads:
            return {"application/json": whole, "multipart/form-data": _form(route)}
        return {"application/json": whole}
    text = {"type": "string"}
    content: dict[str, Any] = {}
    for media in route.media:
        if media == "application/json":
            schema = {"type": "array", "items": _schema(route.row)}
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
    """The same body as a form: a field for each text, and the file in the part `file`."""
    names = [name for name in route.body_example if name != "file"]
    fields = {name: {"type": "string"} for name in names}
    example = {name: str(route.body_example[name]) for name in names}
    return {
        "schema": {
            "type": "object",
            "properties": fields | {"file": {"type": "string", "format": "binary"}},
        },
        "example": example | {"file": "the bytes of the file"},
    }


def _responses(route: Route) -> dict[str, Any]:
    answers = {str(route.status): _success(route)}
    if route.method == "GET" and route.answer is not Raw:
        answers["304"] = {"description": "The client has this answer already."}
    return answers | {str(status): _refusal(status, route) for status in sorted(statuses(route))}


def _refusal(status: int, route: Route) -> dict[str, Any]:
    content = {
        "schema": {"$ref": REF.format(name="Error")},
        "example": _error_example(status, route),
    }
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": content},
    }


def _if_match(reader: Route) -> dict[str, Any]:
    return {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string"},
        "description": f"The ETag of `GET {reader.path}`: the change is made only if nothing "
        "changed since, else the answer is 412 with the present one.",
    }


def _error_example(status: int, route: Route) -> dict[str, Any]:
    parts = re.findall(r"\{(\w+?)(?:_id)?\}", route.path)
    noun = (parts[-1] if parts else "process").replace("_", " ").replace("process", "idea")
    text = f"There is no {noun} 7." if status == 404 else _EXAMPLES.get(status)
    return {"message": text or HTTPStatus(status).phrase, "statusCode": status}


_EXAMPLES = {
    400: "Some of the values are not right.",
    401: "The Open API token is not valid: it is unknown, expired, inactive, or its app key is "
    "missing or wrong.",
    403: "This user is not permitted to perform this action based on their role.",
    503: "The database cannot be reached or is busy; try again in a moment.",
}


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


def _success(route: Route) -> dict[str, Any]:
    if route.answer is Raw:
        return {
            "description": route.message,
            "content": {str(route.example): {"schema": {"type": "string", "format": "binary"}}},
        }
    if route.answer is None:
        data: dict[str, Any] = {"description": "Always null."}
    elif isinstance(route.answer, Paged):
        number = {"type": "integer"}
        data = {
            "type": "object",
            "required": ["page", "pageSize", "totalItems", "totalPages", route.answer.name],
            "properties": dict.fromkeys(("page", "pageSize", "totalItems", "totalPages"), number)
            | {route.answer.name: {"type": "array", "items": _schema(route.answer.item)}},
        }
    else:
        data = _schema(route.answer)
    if route.no_envelope:
        return {
            "description": route.message,
            "content": {"application/json": {"schema": data, "example": route.example}},
        }
    schema = {
        "type": "object",
        "required": ["message", "statusCode", "data"],
        "properties": {
            "message": {"const": route.message},
            "statusCode": {"const": route.status},
            "data": data,
        },
    }
    example = {"message": route.message, "statusCode": route.status, "data": route.example}
    content: dict[str, Any] = {"application/json": {"schema": schema, "example": example}}
    if isinstance(route.answer, Paged):
        content["text/csv"] = {
            "schema": {"type": "string"},
            "example": "field,another\r\n1,text\r\n",
        }
    return {"description": route.message, "content": content}
