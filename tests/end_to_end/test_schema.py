"""Schemathesis against a running server: whatever it sends, no call answers 5xx, or what its
document does not say."""

from collections.abc import Iterator

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.processes import Server, autohub

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("schema")
    autohub(folder, "demo", "--users", "40")
    for _ in range(12):  # so that a random DELETE /tokens/1 does not take the one that is used
        token = autohub(
            folder, "token", "create", "--name", "fuzz", "--user", "olivia.owner@demo.example"
        ).stdout.strip()
    server = Server(folder, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="100000")
    yield server, {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
    server.stop()


@pytest.fixture(scope="module")
def document(running: tuple[Server, dict[str, str]]) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{running[0].url}/api/v1/api-doc/openapi.json")


def operations() -> list[tuple[str, str]]:
    from autohub.server.routes import ROUTES
    from autohub.web.openapi import PREFIX

    return [(PREFIX + route.path, route.method) for route in ROUTES]


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "misfitting"]
)
@pytest.mark.parametrize(("path", "method"), operations(), ids=lambda value: value)
def test_no_request_gets_what_the_document_does_not_say(
    running: tuple[Server, dict[str, str]],
    document: schemathesis.BaseSchema,
    path: str,
    method: str,
    mode: GenerationMode,
    request: pytest.FixtureRequest,
) -> None:
    _, headers = running
    examples = request.config.getoption("--fuzz-examples")
    operation = document[path][method]

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers, timeout=30)
        case.validate_response(answer, checks=list(CHECKS), headers=headers)

    try:
        send()
    except hypothesis.errors.Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "there must be a request that fits"
