"""A client that a generator makes of the OpenAPI document, at work."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

from autohub.kit.sentences import encode
from autohub.server.reference import build_document
from autohub.server.routes import ROUTES

PACKAGE = "hub_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the generated package stands."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(encode(build_document(ROUTES, base_url="")))
    (folder / "config.yaml").write_text("post_hooks: []\n")
    told = subprocess.run(
        (
            *(Path(sys.executable).parent / "openapi-python-client", "generate"),
            *("--path", "openapi.json", "--output-path", PACKAGE, "--meta", "none"),
            *("--config", "config.yaml"),
        ),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    left_out = [line for line in told.splitlines() if line.startswith("WARNING parsing")]
    assert all("import" in line or "bulk" in line or "download" in line for line in left_out)
    return folder


def test_it_lists_ideas_with_their_fields_and_names_what_was_wrong(
    sqlite_hub: TestHub, generated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(generated)
    owner = sqlite_hub.someone((1, 0), email="owner@example.com")
    number = hand_in(owner, process_name="Check invoices")

    def call(module: str, **given: Any) -> Any:
        api = importlib.import_module(f"{PACKAGE}.api.{module}")
        return sqlite_hub.run(api.asyncio, client=_client(sqlite_hub, owner), **given)

    (idea,) = call("ideas.get_automations", limit=5).data.processes
    assert (idea.process_id, idea.process_name, idea.hla_rules_display) == (
        number,
        "Check invoices",
        "Very rule based",
    )
    assert idea.owner.user_email == "owner@example.com"
    one = call("ideas.get_automations_one", process_id=number)
    assert one.data.process_phase_status.phase_status_key == "IDEA_AWAITING_REVIEW"
    (user,) = call("users.get_users", s="owner").data.users
    assert user.user_roles[0].role_id == 1
    analysis = call("costs_and_benefits.get_cba", id=str(number)).data
    assert analysis.sections[0].sections[0].input_fields[0].field_name == "Estimated by Algorithm"
    refused = call("ideas.get_automations_one", process_id=999)
    assert (refused.status_code, refused.message) == (404, "There is no idea 999.")


def _client(hub: TestHub, owner: Client) -> Any:
    made = importlib.import_module(PACKAGE).Client(base_url="http://hub.test")
    transport = httpx.ASGITransport(hub.app.asgi)
    return made.set_async_httpx_client(
        httpx.AsyncClient(transport=transport, base_url="http://hub.test", headers=owner.headers)
    )
