"""The definition of a custom connector for Power Automate, Power Apps and Copilot Studio: OpenAPI
2.0 with Microsoft's extensions, made of the same document as the API reference."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from autohub.web.openapi import PREFIX

Json = dict[str, Any]
MARKER = "x-ah-openapi-auth"


class Listed(NamedTuple):
    """Where the choices of a field come from: an action's answer, and in it the list, what is
    sent and what people read. `given` are the action's parameters and the fields that fill them."""

    action: str
    collection: str
    value: str
    title: str
    given: Mapping[str, str] = {}


class FlowAction(NamedTuple):
    """One operation of the connector: which call, and how flows name it."""

    call: str
    name: str
    summary: str
    lists: Mapping[str, Listed] = {}
    is_internal: bool = False


_PEOPLE = Listed("ListUsers", "data/users", "user_email", title="user_email")
_APPLICATIONS = Listed(
    "ListApplications", "data/applications", "application_id", title="application_name"
)
_CATEGORIES = Listed("ListCategories", "data/categories", "category_id", title="category_name")
_MOVES = Listed(
    "ListAllowedMoves",
    "data",
    "phase_status_id",
    title="phase_status_name",
    given={"process_id": "process_id"},
)
_TYPES = Listed("ListEventTypes", "data/event_types", "event_type", title="title")
ACTIONS = (
    FlowAction("GET /automations", "ListIdeas", "List ideas", {"category": _CATEGORIES}),
    FlowAction("GET /automations/{process_id}", "GetIdea", "Get an idea"),
    FlowAction(
        "POST /automationidea",
        "SubmitIdea",
        "Submit an idea",
        {"category_id": _CATEGORIES, "owner": _PEOPLE, "applications": _APPLICATIONS},
    ),
    FlowAction("PATCH /automations/{process_id}", "UpdateIdea", "Update an idea"),
    FlowAction("POST /automations/status", "MoveIdea", "Move an idea", {"phase_status_id": _MOVES}),
    FlowAction("GET /automations/{process_id}/moves", "ListAllowedMoves", "List allowed moves"),
    FlowAction("GET /automations/{process_id}/history", "ListMoves", "List moves of an idea"),
    FlowAction("GET /automations/{process_id}/scores", "ExplainScores", "Explain scores"),
    FlowAction("GET /automations/duplicates", "FindSimilarIdeas", "Find similar ideas"),
    FlowAction(
        "PUT /automation/{process_id}/categories",
        "SetCategory",
        "Set the category of an idea",
        {"category_id": _CATEGORIES},
    ),
    FlowAction("POST /automations/{process_id}/tags", "SetTags", "Set tags of an idea"),
    FlowAction("GET /automations/{process_id}/comments", "ListComments", "List comments"),
    FlowAction("POST /automations/{process_id}/comments", "AddComment", "Add a comment"),
    FlowAction("GET /automations/collaborators", "ListCollaborators", "List collaborators"),
    FlowAction(
        "POST /automations/{process_id}/collaborators", "AddCollaborators", "Add collaborators"
    ),
    FlowAction("GET /automations/{process_id}/documents", "ListDocuments", "List documents"),
    FlowAction("POST /automations/{process_id}/documents", "AddDocument", "Add a document"),
    FlowAction("PUT /automations/{process_id}/vote", "VoteForIdea", "Vote for an idea"),
    FlowAction("PUT /automations/{process_id}/follow", "FollowIdea", "Follow an idea"),
    FlowAction("POST /automations/{process_id}/runs", "ReportRuns", "Report robot runs"),
    FlowAction("GET /automations/{process_id}/benefits", "CompareBenefits", "Compare benefits"),
    FlowAction("GET /users", "ListUsers", "List users"),
    FlowAction("GET /users/{user_id}", "GetUser", "Get a user"),
    FlowAction("POST /adduser", "AddUser", "Add a user"),
    FlowAction("POST /edituser", "EditUser", "Edit a user", {"user_email": _PEOPLE}),
    FlowAction("POST /users/{user_id}/invitations", "InviteUser", "Invite a user"),
    FlowAction("GET /hierarchy", "ListCategories", "List categories"),
    FlowAction("GET /phases", "ListPhases", "List phases"),
    FlowAction("GET /appinventory", "ListApplications", "List applications"),
    FlowAction("GET /events/catalog", "ListEventTypes", "List event types", is_internal=True),
    FlowAction("DELETE /webhooks/{webhook_id}", "Unsubscribe", "Unsubscribe", is_internal=True),
)
"""What flows may do. Thirty-one, of which two serve the trigger."""
TRIGGER = FlowAction(
    "POST /webhooks", "WhenSomethingHappens", "When something happens", {"event_types": _TYPES}
)
FILLED_BY_THE_PLATFORM = {"is_mine": 1, "body_format": "standard"}


def build_connector(document: Json, *, base_url: str) -> Json:
    """The definition, out of the OpenAPI document of the whole hub."""
    parts = urlsplit(base_url)
    paths: dict[str, Json] = {}
    for action in (*ACTIONS, TRIGGER):
        method, _, path = action.call.partition(" ")
        found = document["paths"][PREFIX + path][method.lower()]
        shared = document["components"]["parameters"]
        parameters = [shared.get(_name_of(each), each) for each in found["parameters"]]
        made = _operation(action, found | {"parameters": parameters})
        paths.setdefault(path, {})[method.lower()] = made
    _make_trigger(paths["/webhooks"])
    definitions = {
        name: _schema(document["components"]["schemas"][name])
        for name in _reached(paths, document["components"]["schemas"])
    }
    definitions["NewWebhook"]["properties"]["url"] |= {
        "x-ms-notification-url": True,
        "x-ms-visibility": "internal",
    }
    for name, value in FILLED_BY_THE_PLATFORM.items():
        definitions["NewWebhook"]["properties"][name] |= {
            "default": value,
            "x-ms-visibility": "internal",
        }
    definitions["EventData"]["properties"]["record"]["type"] = "object"
    _add_lists(paths, definitions)
    return {
        "swagger": "2.0",
        "info": {
            "title": "autohub",
            "description": "Ideas for automation: submit, find, move and follow them, and be told "
            "when something happens.",
            "version": document["info"]["version"],
            "contact": {"name": "autohub", "url": base_url},
        },
        "host": parts.netloc,
        "basePath": f"{parts.path}{PREFIX}",
        "schemes": [parts.scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "openApiToken": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Bearer, a space, and TenantID/Token as the hub showed it.",
            }
        },
        "security": [{"openApiToken": []}],
        "paths": paths,
        "definitions": definitions,
        "x-ms-connector-metadata": [
            {"propertyName": "Website", "propertyValue": base_url},
            {"propertyName": "Categories", "propertyValue": "Productivity"},
        ],
    }


def _name_of(reference: Json) -> str:
    return str(reference.get("$ref", "")).rpartition("/")[2]


def _operation(action: FlowAction, found: Json) -> Json:
    parameters = [
        _parameter(each, action.lists)
        for each in found["parameters"]
        if each["name"] not in ("Idempotency-Key", "If-Match")
    ]
    parameters.append(
        {
            "name": MARKER,
            "in": "header",
            "required": True,
            "type": "string",
            "default": "openapi-token",
            "enum": ["openapi-token"],
            "x-ms-summary": "Kind of token",
            "x-ms-visibility": "internal",
            "description": "Always openapi-token.",
        }
    )
    body = _json_of(found.get("requestBody", {}))
    if body is not None:
        parameters.append(
            {
                "name": "body",
                "in": "body",
                "required": True,
                "description": "What is sent.",
                "schema": _schema(body),
            }
        )
    return {
        "operationId": action.name,
        "summary": action.summary,
        "description": f"{found['summary'].rstrip('.')}.",
        "parameters": parameters,
        "responses": _responses(found["responses"]),
        "x-ms-visibility": "internal" if action.is_internal else "important",
    }


def _responses(found: Json) -> Json:
    made: Json = {}
    for status, response in found.items():
        if not status.startswith("2"):
            continue
        made[status] = {"description": f"{response['description'].rstrip('.')}."}
        body = _json_of(response)
        made[status]["schema"] = _schema(body) if body is not None else {"type": "object"}
    made["default"] = {
        "description": "What was wrong.",
        "schema": {"$ref": "#/definitions/Error"},
    }
    return made


def _json_of(holder: Json) -> Json | None:
    media = holder.get("content", {}).get("application/json")
    return media["schema"] if media else None


def _make_trigger(path: Json) -> None:
    """Power Automate hands its address over in the body, and ends the subscription by DELETE on
    what `Location` says."""
    path["x-ms-notification-content"] = {
        "description": "What happened.",
        "schema": {"$ref": "#/definitions/EventMessage"},
    }
    operation = path["post"]
    operation["x-ms-trigger"] = "single"
    operation["x-ms-trigger-hint"] = "Tells of a new idea, a move, a comment and so on."
    operation["responses"]["201"]["headers"] = {
        "Location": {"type": "string", "description": "The subscription."}
    }


def _parameter(found: Json, lists: Mapping[str, Listed]) -> Json:
    """A query's or path's parameter: 2.0 has its type beside its name."""
    schema = _schema(found["schema"])
    schema.pop("x-nullable", None)
    if "type" not in schema:
        schema = {"type": "string"}
    made: Json = {
        "name": found["name"],
        "in": found["in"],
        "required": bool(found.get("required")),
        "description": found.get("description") or f"The {_words(found['name'])}.",
        "x-ms-summary": _words(found["name"]).capitalize(),
    } | {key: value for key, value in schema.items() if key != "description"}
    if made["type"] == "array":
        made["items"] = {"type": made.get("items", {}).get("type", "string")}
        made["collectionFormat"] = "multi"
    if made["in"] == "path":
        made |= {"required": True, "x-ms-url-encoding": "single"}
    if found["name"] in lists:
        made |= _choices(lists[found["name"]])
    return made


def _add_lists(paths: Json, definitions: Json) -> None:
    """The choices of fields that stand in bodies."""
    for action in (*ACTIONS, TRIGGER):
        method, _, path = action.call.partition(" ")
        for parameter in paths[path][method.lower()]["parameters"]:
            reference = _name_of(parameter.get("schema", {}))
            fields = definitions.get(reference, {}).get("properties", {})
            for name, listed in action.lists.items():
                if name in fields:
                    holder = fields[name].get("items") or fields[name]
                    holder |= _choices(listed)


def _choices(listed: Listed) -> Json:
    """In both of the ways that the platform knows; the second one finds parameters in bodies."""
    own: Json = {
        "operationId": listed.action,
        "value-collection": listed.collection,
        "value-path": listed.value,
        "value-title": listed.title,
    }
    other: Json = {
        "operationId": listed.action,
        "itemsPath": listed.collection,
        "itemValuePath": listed.value,
        "itemTitlePath": listed.title,
    }
    if listed.given:
        own["parameters"] = {name: {"parameter": each} for name, each in listed.given.items()}
        other["parameters"] = {
            name: {"parameterReference": f"body/{each}"} for name, each in listed.given.items()
        }
    return {"x-ms-dynamic-values": own, "x-ms-dynamic-list": other}


_KEPT = (
    *("type", "format", "description", "default", "enum", "required", "pattern", "example"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "title"),
)


def _schema(found: Any) -> Json:
    """One of 3.1 as 2.0 knows it: one type, and `x-nullable` beside it."""
    if not isinstance(found, dict):
        return {}
    if "$ref" in found:
        return {"$ref": found["$ref"].replace("#/components/schemas/", "#/definitions/")}
    if "const" in found:
        return _schema({"enum": [found["const"]], "type": _type_of(found["const"])})
    for joined in ("anyOf", "oneOf"):
        if joined in found:
            ways = [each for each in found[joined] if each != {"type": "null"}]
            rest = {key: value for key, value in found.items() if key != joined}
            return _schema(ways[0] | rest) | {"x-nullable": True}
    made = {key: found[key] for key in _KEPT if key in found}
    if not made.get("required", True):
        del made["required"]
    if isinstance(made.get("type"), list):
        kinds = [each for each in made["type"] if each != "null"]
        made |= {"type": kinds[0], "x-nullable": True}
    if "default" in made and made["default"] is None:
        del made["default"]
    if "properties" in found:
        made.setdefault("type", "object")
        made["properties"] = {
            name: _named(name, _schema(each)) for name, each in found["properties"].items()
        }
    if "allOf" in found:
        made["allOf"] = [_schema(each) for each in found["allOf"]]
    if "items" in found:
        made["items"] = _schema(found["items"])
    elif made.get("type") == "array":
        made["items"] = {}
    if isinstance(found.get("additionalProperties"), dict):
        made["additionalProperties"] = _schema(found["additionalProperties"])
    return made


def _named(name: str, schema: Json) -> Json:
    if "$ref" in schema:
        return schema
    return schema | {"x-ms-summary": _words(name).capitalize()}


def _words(name: str) -> str:
    short = name.removeprefix("process_").removeprefix("user_").removesuffix("_epoch")
    return short.replace("_", " ").replace("-", " ")


def _type_of(value: Any) -> str:
    return "integer" if isinstance(value, int) else "string"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield _name_of(value)
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _reached(paths: Json, schemas: Json) -> Sequence[str]:
    """The names of the records that the operations lead to."""
    waiting, reached = ["Error", "EventMessage", *_references(paths)], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(schemas[name])
    return sorted(reached)
