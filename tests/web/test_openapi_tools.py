"""The OpenAPI document is one that the usual tools take."""

import json
import re
from typing import Any

from openapi_spec_validator import validate

from autohub.kit.sentences import encode
from autohub.server.reference import build_document
from autohub.server.routes import ROUTES

DOCUMENT = build_document(ROUTES, base_url="https://hub.example")


def _schemas(value: Any) -> Any:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _schemas(part)
    elif isinstance(value, list):
        for part in value:
            yield from _schemas(part)


def test_it_is_valid() -> None:
    validate(json.loads(encode(DOCUMENT)))


def test_every_pattern_is_one_of_javascript_too() -> None:
    patterns = [s["pattern"] for s in _schemas(DOCUMENT) if isinstance(s.get("pattern"), str)]
    assert patterns and not [one for one in patterns if re.search(r"\\[AZ]|\(\?P", one)]


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
