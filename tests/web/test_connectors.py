"""The connector for Power Platform and the Postman collection: made of the routes, and valid."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import playwright
import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

from autohub.server.routes import ROUTES
from autohub.web.connector import ACTIONS, TRIGGER
from autohub.web.postman import BODY_OF_A_ROW

NODE = Path(playwright.__file__).parent / "driver" / "node"


@pytest.fixture
def connector(sqlite_hub: TestHub) -> Any:
    return sqlite_hub.request("GET", "/api/v1/api-doc/power-platform.json", None, {}).json


@pytest.fixture
def owner(sqlite_hub: TestHub) -> Client:
    return sqlite_hub.someone((1, 0), email="owner@example.com")


def operations(connector: Any) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for path in connector["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    }


def test_the_connector_is_valid_openapi_2(connector: Any) -> None:
    assert [error.message for error in OpenAPIV2SpecValidator(connector).iter_errors()] == []
    assert connector["swagger"] == "2.0" and connector["schemes"] == ["http"]
    known = {f"{route.method} {route.path}" for route in ROUTES}
    assert {action.call for action in (*ACTIONS, TRIGGER)} <= known


def test_the_connector_keeps_the_rules_of_certification(connector: Any) -> None:
    found = operations(connector)
    assert len([each for each in found.values() if each["x-ms-visibility"] != "internal"]) == 30
    for name, operation in found.items():
        assert re.fullmatch(r"([A-Z][a-z]+)+", name), name
        assert operation["summary"] and len(operation["summary"]) <= 80
        assert not operation["summary"].endswith(".")
        assert operation["description"].endswith(".")
        assert operation["description"] != operation["summary"]
        for parameter in operation["parameters"]:
            assert parameter["description"], (name, parameter["name"])
            if parameter["in"] != "body":
                assert parameter["x-ms-summary"], (name, parameter["name"])
            if parameter["in"] == "path":
                assert parameter["x-ms-url-encoding"] == "single"
        assert any(status.startswith("2") for status in operation["responses"])
        assert all("schema" in answer for answer in operation["responses"].values())


def places(value: Any) -> list[Any]:
    found = []
    if isinstance(value, dict):
        found += [value["x-ms-dynamic-values"]] if "x-ms-dynamic-values" in value else []
        for part in value.values():
            found += places(part)
    elif isinstance(value, list):
        for part in value:
            found += places(part)
    return found


def test_every_list_of_choices_is_found_where_the_connector_says(
    owner: Client, connector: Any
) -> None:
    idea = hand_in(owner)
    calls = {action.name: action.call for action in ACTIONS}
    choices = places(connector)
    assert len(choices) >= 8
    for choice in choices:
        _, _, path = calls[choice["operationId"]].partition(" ")
        answer = owner.get(path.replace("{process_id}", str(idea))).json
        for part in choice["value-collection"].split("/"):
            answer = answer[part]
        assert isinstance(answer, list)
        for each in answer:
            assert choice["value-path"] in each and choice["value-title"] in each


def test_a_trigger_subscribes_and_location_ends_it(owner: Client, connector: Any) -> None:
    path = connector["paths"]["/webhooks"]
    assert path["post"]["x-ms-trigger"] == "single"
    content = path["x-ms-notification-content"]["schema"]["$ref"]
    assert content == "#/definitions/EventMessage"
    address = connector["definitions"]["NewWebhook"]["properties"]["url"]
    assert address["x-ms-notification-url"] is True
    body = {"webhook_name": "Flow", "url": "https://prod.example.com/flows/1?sig=x"}
    made = owner.post("/webhooks", body)
    location = made.headers["location"]
    base = f"{connector['schemes'][0]}://{connector['host']}{connector['basePath']}"
    assert location.startswith(base)
    ended = location.removeprefix(base)
    assert owner.delete(ended).status == 200 and owner.get(ended).status == 404


def test_the_collection_holds_every_call(sqlite_hub: TestHub) -> None:
    made = sqlite_hub.request("GET", "/api/v1/api-doc/postman.json", None, {}).json
    assert made["info"]["schema"].endswith("v2.1.0/collection.json")
    calls = [
        f"{item['request']['method']} /{'/'.join(item['request']['url']['path'])}"
        for folder in made["item"][1:]
        for item in folder["item"]
    ]
    wanted = [
        f"{route.method} /api/v1/openapi" + re.sub(r"\{(\w+)\}", r":\1", route.path)
        for route in ROUTES
    ]
    assert sorted(calls) == sorted(wanted)
    assert [item["name"] for item in made["item"][0]["item"]] == ["Add User", "Edit User"]


def body_of(row: dict[str, Any]) -> Any:
    """What the script of the runner's requests makes of a row, run by Node."""
    stub = (
        f"const pm = {{iterationData: {{toObject: () => ({json.dumps(row)})}}, "
        "request: {body: {update: (made) => process.stdout.write(made.raw)}}};\n"
    )
    done = subprocess.run(
        [NODE, "-e", stub + BODY_OF_A_ROW], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_a_row_of_a_table_becomes_a_user_whatever_stands_in_its_cells(owner: Client) -> None:
    row = {
        "user_email": "zoe@example.com",
        "user_first_name": 'Zoë "Zo" O\'Neil',
        "user_last_name": "Ünal\\Öz",
        "user_job_title": "",
        "user_location": None,
        "user_invite_status": "1",
        "user_roles": "8:0; 3:12",
    }
    body = body_of(row | {"user_roles": "8:0"})
    assert "user_job_title" not in body and "user_location" not in body
    added = owner.post("/adduser", body)
    assert added.status == 201, added
    person = owner.user("zoe@example.com")
    assert person["user_first_name"] == row["user_first_name"]
    assert person["user_last_name"] == row["user_last_name"]
    assert body_of(row)["user_roles"] == [
        {"role_id": 8, "category_id": 0},
        {"role_id": 3, "category_id": 12},
    ]
    edited = owner.post("/edituser", body_of({"user_email": "zoe@example.com", "user_city": ""}))
    assert edited.status == 201
