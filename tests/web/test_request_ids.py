"""Every answer has an id under which the log tells of its request, and of nobody who made it."""

import json
import logging

import pytest
from tests.support.hub import Client, TestHub

from autohub.kit.logs import REQUESTS, JsonLines, choose_request_id, configure
from autohub.web import serving

MINE = "order-4711.retry_2"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/api/v1/openapi/users", "/static/hub.js", "/nowhere", "/healthz"]
)
def test_an_id_that_is_one_comes_back_and_another_one_is_replaced(hub: TestHub, path: str) -> None:
    assert hub.request("GET", path, None, {"X-Request-Id": MINE}).headers["x-request-id"] == MINE
    made = {
        hub.request("GET", path, None, {"X-Request-Id": given}).headers["x-request-id"]
        for given in ("", "short", "a" * 65, "with blank", "-leading-hyphen", "a/b=c;d,e")
    }
    assert len(made) == 6 and all(choose_request_id(one) == one for one in made)


def test_a_fault_has_the_id_of_its_request(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(hub.app.dispatcher, "_run", fail)
    monkeypatch.setattr(serving.assets, "answer", fail)
    for path in ("/api/v1/openapi/users", "/sign-in", "/static/hub.js"):
        answer = hub.request("GET", path, None, owner.headers | {"X-Request-Id": MINE})
        assert answer.status == 500
        assert MINE in answer.raw.decode() or path.startswith("/static"), path
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [line["request_id"] for line in lines if line["level"] == "error"] == [MINE] * 3


def test_a_line_for_each_request_names_route_and_outcome_and_holds_no_secret(
    hub: TestHub, owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, REQUESTS.name)
    secret = "0123456789abcdef-of-a-link"
    hub.request("GET", f"/register/{secret}?who=ann@example.com", None, {"X-Request-Id": MINE})
    owner.get("/users?search=ann@example.com")
    hub.request("GET", f"/nowhere/{secret}", None, {})
    texts = [JsonLines().format(r) for r in caplog.records if r.name == REQUESTS.name]
    first, second, third = map(json.loads, texts)
    assert (first["request_id"], first["method"], first["status"]) == (MINE, "GET", 404)
    assert first["route"].startswith("/register/{") and second["route"] == "/users"
    assert second["status"] == 200 and second["bytes"] > 100 and second["is_whole"]
    assert third["route"] == "no route" and third["milliseconds"] >= 0
    for told in (secret, "ann@example.com", owner.headers["Authorization"].split()[-1]):
        assert not any(told in text for text in texts)


def test_lines_for_requests_are_a_matter_of_json_and_a_trace_holds_no_values() -> None:
    levels = {form: configure(form)["loggers"][REQUESTS.name]["level"] for form in ("text", "json")}
    assert levels == {"text": "WARNING", "json": "INFO"}
    record = logging.LogRecord("x", logging.ERROR, "", 1, "went %s", ("wrong",), None)
    error = ValueError("duplicate\nDETAIL: Key (user_email)=(ann@example.com)")
    record.exc_info = (ValueError, error, None)
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "went wrong" and "ValueError" in line["trace"]
    assert "ann@" not in line["trace"]
