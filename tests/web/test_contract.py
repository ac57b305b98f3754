"""What holds for every call: mounts, envelopes, errors, limits, the document, idempotency
(contract 1)."""

import threading

import jsonschema
import msgspec
import pytest
from tests.support.hub import BASE, Client, TestHub, a_user

from autohub.kit.jsonbody import convert
from autohub.kit.sentences import encode
from autohub.server.reference import build_document
from autohub.server.routes import ROUTES
from autohub.web.assets import STATIC
from autohub.web.routes import Paged, RawBody

MOUNTS = (
    "/api/v1/openapi",
    "/automationhub_/api/v1/openapi",
    "/acme/DefaultTenant/automationhub_/api/v1/openapi",
)


def test_head_answers_as_get_does_without_the_body(hub: TestHub, owner: Client) -> None:
    """Which is what monitors and previews of links ask with (RFC 9110, 9.1)."""
    for path in (
        "/sign-in",
        "/healthz",
        "/api/v1/openapi/roles",
        "/automationhub_/api/v1/openapi/roles",
        "/nowhere",
        "/metrics",
    ):
        got, head = (
            hub.request(method, path, None, dict(owner.headers)) for method in ("GET", "HEAD")
        )
        assert (head.status, head.raw) == (got.status, b"") and head.headers[
            "content-type"
        ] == got.headers["content-type"]
    assert (
        owner.hub.request("HEAD", "/api/v1/openapi/adduser", None, dict(owner.headers)).status
        == 405
    )


class TestMounts:
    def test_the_same_calls_answer_under_all_three(self, hub: TestHub, owner: Client) -> None:
        answers = {
            hub.request("GET", f"{mount}/users", None, owner.headers).raw for mount in MOUNTS
        }
        assert len(answers) == 1

    def test_another_organisation_or_tenant_is_not_found(self, hub: TestHub, owner: Client) -> None:
        for mount in ("/other/DefaultTenant/automationhub_", "/acme/other/automationhub_"):
            answer = hub.request("GET", f"{mount}/api/v1/openapi/users", None, owner.headers)
            assert answer.status == 404 and "not found in organization" in answer.message

    def test_unknown_paths_and_methods_answer_in_the_envelope(
        self, hub: TestHub, owner: Client
    ) -> None:
        unknown, method = owner.get("/nonsense"), owner.delete("/adduser")
        assert (unknown.status, unknown.json["statusCode"]) == (404, 404)
        assert (method.status, method.json["statusCode"]) == (
            405,
            405,
        ) and "POST" in method.headers["allow"]
        for path in ("/users/abc", "/users/99999999999999999999", "/users/-1", "/users/1.5"):
            assert owner.get(path).status == 404, path


class TestBodies:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"   ",
            b"{",
            b"[1]",
            b"null",
            b'{"a":1}{',
            b"\xff",
            b'{"user_email":"a@x.org","user_email":"b@x.org"}',
            b"[" * 100_000,
            b'{"x":' + b"[" * 70 + b"]" * 70 + b"}",
            b'{"user_email":"a\\u0000@x.org"}',
            b'{"user_first_name":"\\ud800"}',
            b'{"x":NaN}',
            b'{"x":' + b"1" * 5000 + b"}",
            b'{"user_is_active":1e400}',
        ],
    )
    def test_malformed_json_is_refused_and_the_server_lives(
        self, sqlite_hub: TestHub, raw: bytes
    ) -> None:
        tenant = sqlite_hub.token(None)
        answer = tenant.post("/adduser", raw=raw)
        assert answer.status == 400 and answer.message and answer.json["statusCode"] == 400
        assert tenant.get("/users").status == 200

    def test_another_content_type_is_refused_and_none_is_json(self, tenant: Client) -> None:
        body = msgspec.json.encode(a_user())
        for media in (
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "text/csv",
        ):
            assert tenant.post("/adduser", raw=body, headers={"Content-Type": media}).status == 415
        assert (
            tenant.post(
                "/adduser", raw=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}
            ).status
            == 201
        )
        assert tenant.get("/users", headers={"Content-Type": "application/json"}).status == 200

    def test_ten_megabytes_of_nothing_are_too_much_for_one_user(self, tenant: Client) -> None:
        answer = tenant.post("/adduser", raw=b" " * 10_000_000)
        assert answer.status == 413 and "1 MB" in answer.message
        assert tenant.post("/users/bulk", raw=b" " * 10_000_000).status == 400

    def test_a_large_body_is_not_read_for_somebody_who_may_not_send_it(self, hub: TestHub) -> None:
        assert hub.anonymous().post("/users/bulk", raw=b" " * 2_000_000).status == 401
        assert hub.someone((8, 0)).post("/users/bulk", raw=b" " * 2_000_000).status == 403


class TestErrors:
    def test_a_fault_of_ours_shows_an_id_and_nothing_else(
        self,
        hub: TestHub,
        owner: Client,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        from autohub.users import store

        monkeypatch.setattr(store, "list_users", lambda *_, **__: 1 / 0)
        answer = owner.get("/users")
        assert (
            answer.status == 500
            and b"division" not in answer.raw
            and b"Traceback" not in answer.raw
        )
        fault_id = answer.message.split("id ")[1].split(";")[0]
        assert fault_id in caplog.text and "ZeroDivisionError" in caplog.text

    def test_too_many_calls_are_told_when_to_come_back(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub.app.dispatcher.presenters["envelope"].calls, "_per_minute", 2)
        monkeypatch.setattr(
            "autohub.web.limits.monotonic", lambda: 1000.0
        )  # however long the calls take
        hub.app.dispatcher.presenters["envelope"].calls.clear()
        answers = [owner.get("/authinfo") for _ in range(3)]
        assert [a.status for a in answers] == [200, 200, 429] and 0 < int(
            answers[2].headers["retry-after"]
        ) <= 60

    def test_no_secret_and_no_credential_reaches_the_log(
        self, hub: TestHub, owner: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="autohub")
        made = owner.post("/tokens", {"token_name": "t"}).data["token"]
        hub.anonymous().post("/sessions", {"user_email": "x@example.com", "password": "topsecret"})
        assert made not in caplog.text and "topsecret" not in caplog.text


class TestIdempotency:
    def test_a_repeat_gets_the_first_answer_under_any_mount_and_does_nothing(
        self, hub: TestHub, owner: Client
    ) -> None:
        body, key = a_user(), {"Idempotency-Key": "abc"}
        first = owner.post("/adduser", body, headers=key)
        again = owner.call("POST", f"{MOUNTS[2]}/adduser", body, headers=key)
        assert (first.status, again.status, again.raw) == (201, 201, first.raw)
        assert owner.post("/adduser", body).status == 409

    def test_a_refusal_that_the_first_call_got_is_given_again(self, owner: Client) -> None:
        body, key = (
            {"user_email": "late@example.com", "user_location": "Rome"},
            {"Idempotency-Key": "abc"},
        )
        assert owner.post("/edituser", body, headers=key).status == 404
        owner.post("/adduser", a_user(user_email="late@example.com"))
        assert owner.post("/edituser", body, headers=key).status == 404
        assert owner.post("/edituser", body).status == 201

    def test_the_key_belongs_to_caller_call_and_body(
        self, hub: TestHub, owner: Client, tenant: Client
    ) -> None:
        key = {"Idempotency-Key": "abc"}
        body = a_user()
        assert owner.post("/adduser", body, headers=key).status == 201
        assert owner.post("/adduser", a_user(), headers=key).status == 409
        assert tenant.post("/adduser", a_user(), headers=key).status == 201
        assert (
            owner.post("/edituser", {"user_email": body["user_email"]}, headers=key).status == 201
        )
        assert (
            owner.post("/adduser", a_user(), headers={"Idempotency-Key": "x" * 256}).status == 400
        )

    def test_rights_are_checked_again_on_a_repeat(self, hub: TestHub, owner: Client) -> None:
        admin = hub.someone((2, 0), email="admin@example.com")
        body, key = a_user(), {"Idempotency-Key": "abc"}
        assert admin.post("/adduser", body, headers=key).status == 201
        owner.post(
            "/edituser",
            {"user_email": "admin@example.com", "user_roles": [{"role_id": 8, "category_id": 0}]},
        )
        assert admin.post("/adduser", body, headers=key).status == 403

    def test_two_at_once_do_it_once(self, hub: TestHub, owner: Client) -> None:
        body, key, statuses = a_user(), {"Idempotency-Key": "abc"}, []
        threads = [
            threading.Thread(
                target=lambda: statuses.append(owner.post("/adduser", body, headers=key).status)
            )
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [201] * 6 and len(owner.users()) == 2

    def test_two_adds_of_one_address_at_once_make_one_account(
        self, hub: TestHub, owner: Client
    ) -> None:
        body, statuses = a_user(), []
        threads = [
            threading.Thread(target=lambda: statuses.append(owner.post("/adduser", body).status))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [201] + [409] * 5 and owner.get("/users").data["totalItems"] == 2

    def test_old_keys_are_swept(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import autohub.server.worker as worker_module
        from autohub.kit.clock import HOUR

        owner.post("/adduser", a_user(), headers={"Idempotency-Key": "abc"})
        real = worker_module.clock
        monkeypatch.setattr(worker_module, "clock", lambda: real() + 25 * HOUR)
        hub.worker.sweeps.again()
        hub.worker.round()
        assert owner.post("/adduser", a_user(), headers={"Idempotency-Key": "abc"}).status == 201


class TestTheDocument:
    def test_every_operation_has_examples_that_fit_its_schemas(self) -> None:
        made = msgspec.json.decode(encode(build_document(ROUTES, base_url="http://127.0.0.1:8000")))
        assert made["openapi"].startswith("3.1") and sum(
            len(path) for path in made["paths"].values()
        ) == len(ROUTES)

        def fits(content: dict, where: str) -> None:
            schema = content["schema"] | {"components": made["components"]}
            jsonschema.validate(content["example"], schema), where

        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                assert operation["summary"] and operation["tags"], (method, path)
                for answer in operation["responses"].values():
                    for content in answer.get("content", {}).values():
                        if content["schema"].get("format") != "binary":
                            fits(content, path)
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    if content["schema"].get("format") != "binary":
                        fits(content, path)

    def test_the_examples_of_bodies_are_accepted_by_the_code(self) -> None:
        for route in ROUTES:
            if route.body is RawBody and route.row is not None:
                convert(route.body_example, list[route.row])
            elif route.body not in (None, RawBody):
                convert(route.body_example, route.body)
            if isinstance(route.answer, Paged):
                msgspec.convert(route.example[route.answer.name], list[route.answer.item])

    def test_the_reference_and_its_document_are_served_and_nothing_comes_from_elsewhere(
        self, sqlite_hub: TestHub
    ) -> None:
        page = sqlite_hub.request("GET", "/api/v1/api-doc/", None, {})
        assert page.status == 200 and b"http" not in page.raw.replace(b"http-equiv", b"")
        assert (
            sqlite_hub.request("GET", "/api/v1/api-doc/openapi.json", None, {})
            .json["openapi"]
            .startswith("3.1")
        )
        for name in (
            "swagger-ui/swagger-ui-bundle.js",
            "swagger-ui/swagger-ui.css",
            "api-doc.js",
            "hub.css",
        ):
            assert sqlite_hub.request("GET", f"/static/{name}", None, {}).status == 200
        assert (STATIC / "swagger-ui" / "LICENSE").exists()

    def test_health_and_metrics_answer_without_a_token(self, hub: TestHub, owner: Client) -> None:
        assert (
            hub.request("GET", "/healthz", None, {}).status
            == hub.request("GET", "/readyz", None, {}).status
            == 200
        )
        owner.get("/users")
        metrics = hub.request("GET", "/metrics", None, {}).raw.decode()
        assert (
            'autohub_calls_total{method="GET",path="/users",status="200"}' in metrics
            and "autohub_users 1.0\n" in metrics
        )


class TestWithoutADatabase:
    def test_a_lost_database_is_an_answer_and_then_recovery(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import sqlalchemy as sa

        real = hub.database._reader
        checker = hub.database._checker

        class Gone:
            def connect(self) -> None:
                raise sa.exc.OperationalError(
                    "SELECT 1", {}, Exception("server closed the connection unexpectedly")
                )

        monkeypatch.setattr(hub.database, "_reader", Gone())
        monkeypatch.setattr(hub.database, "_checker", Gone())
        answer = owner.get("/users")
        assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
        assert (
            hub.request("GET", "/readyz", None, {}).status == 503
            and hub.request("GET", "/healthz", None, {}).status == 200
        )
        monkeypatch.setattr(hub.database, "_reader", real)
        monkeypatch.setattr(hub.database, "_checker", checker)
        assert owner.get("/users").status == 200


def test_base_is_the_short_mount() -> None:
    assert MOUNTS[0] == BASE
