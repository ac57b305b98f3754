"""The OpenAPI document is one that the usual tools take."""

import json
import re
from typing import Any

from openapi_spec_validator import validate

from autohub.kit.sentences import encode
from autohub.server.reference import build_document
from autohub.server.routes import ROUTES
from autohub.web.dictionary import ENVELOPE

DOCUMENT = build_document(ROUTES, base_url="https://hub.example")


def _schemas(value: Any) -> Any:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _schemas(part)
    elif isinstance(value, list):
        for part in value:
            yield from _schemas(part)


def _operations() -> Any:
    for methods in DOCUMENT["paths"].values():
        yield from methods.values()


def test_it_is_valid() -> None:
    validate(json.loads(encode(DOCUMENT)))


def test_every_pattern_is_one_of_javascript_too() -> None:
    patterns = [s["pattern"] for s in _schemas(DOCUMENT) if isinstance(s.get("pattern"), str)]
    assert patterns and not [one for one in patterns if re.search(r"\\[AZ]|\(\?P", one)]
    assert all(one.isascii() for one in patterns)


def test_what_calls_share_is_a_component() -> None:
    components = DOCUMENT["components"]
    names = [one["name"] for one in components["parameters"].values()]
    assert {"limit", "s", "process_id", "Idempotency-Key", "If-Match"} <= set(names)
    for operation in _operations():
        for status in ("401", "403", "413", "415", "429", "503"):
            assert set(operation["responses"].get(status, {"$ref": ""})) == {"$ref"}
        for status, answer in operation["responses"].items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            assert "properties" not in schema or "status" in schema["properties"], status


def test_no_answer_is_an_object_of_which_nothing_is_said() -> None:
    untyped = [
        name
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if schema.get(ENVELOPE)
        and "data" in schema["properties"]
        and schema["properties"]["data"] in ({"type": "object"}, {"type": "array", "items": {}})
    ]
    assert untyped == []


def test_an_error_example_is_what_the_call_itself_answers() -> None:
    def example(path: str, method: str, status: str) -> Any:
        responses = DOCUMENT["paths"][f"/api/v1/openapi{path}"][method]["responses"]
        return responses[status]["content"]["application/json"]["example"]

    assert example("/adduser", "post", "400")["errorDetails"]["user_email"] == ["is required."]
    assert "limit" in example("/users", "get", "400")["errorDetails"]
    assert example("/groups/{group_id}", "get", "404")["message"] == "There is no group 7."


def test_what_a_body_lacks_to_be_taken_is_required() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "category_id" in schemas["EmployeeIdea"]["required"]
    assert {"message", "statusCode", "data"} == set(schemas["UserAnswer"]["required"])


def test_every_list_says_what_is_in_it_and_nothing_is_null_alone() -> None:
    for schema in _schemas(DOCUMENT["components"]["schemas"]):
        if schema.get("type") == "array":
            assert "items" in schema or "prefixItems" in schema, schema
    for schema in _schemas(DOCUMENT["paths"]):
        assert schema.get("properties", {}).get("data") != {"type": "null"}, schema


def test_parameters_without_which_a_call_is_refused_are_required() -> None:
    required = {
        (path, parameter["name"])
        for path, methods in DOCUMENT["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter.get("required") and parameter["in"] == "query"
    }
    at = "/api/v1/openapi"
    assert required == {
        (f"{at}/cba", "id"),
        (f"{at}/automations/collaborators", "collaborators"),
        (f"{at}/automations/duplicates", "name"),
        (f"{at}/idea-schema", "idea_flow_id"),
    }


def test_every_tag_and_parameter_is_described_and_the_three_mounts_are_servers() -> None:
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    assert [
        server["url"].removeprefix("https://hub.example") for server in DOCUMENT["servers"]
    ] == [
        "",
        "/automationhub_",
        "/{organization}/{tenant}/automationhub_",
    ]
    for schema in _schemas(DOCUMENT["paths"]):
        if schema.get("in") in ("path", "query"):
            assert schema.get("description"), schema
