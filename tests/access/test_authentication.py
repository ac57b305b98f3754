"""Who is let in: contract 1.2, both ways."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import jwt
import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.hub import Client, TestHub
from tests.users.test_lifecycle import jwt_client

from autohub.access import issuer as issuer_module
from autohub.access.authentication import Authenticator
from autohub.access.issuer import IssuerKeys
from autohub.integrations.outbound_errors import NotReached
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unauthenticated, Unavailable


def status(hub: TestHub, headers: dict[str, str]) -> int:
    return hub.request("GET", "/api/v1/openapi/authinfo", None, headers).status


class TestOpenApiTokens:
    def test_a_token_has_exactly_its_persons_rights(self, hub: TestHub) -> None:
        person = hub.someone((5, 3), email="pm@example.com")
        info = person.get("/authinfo").data
        assert (
            info["type"] == "openapi-token"
            and info["tenant"]["tenant_id"] == hub.installation.tenant_id
        )
        assert info["tenant"]["tenant_url"].endswith("/automationhub_") and info["user"][
            "user_roles"
        ] == ["ah-program-manager"]
        assert "user" not in hub.token(None).get("/authinfo").data

    def test_header_names_and_the_word_bearer_may_have_any_case(self, hub: TestHub) -> None:
        bearer = hub.token(None).headers["Authorization"].split()[1]
        assert (
            status(
                hub,
                {"AUTHORIZATION": f"bEaReR {bearer.upper()}", "X-AH-OpenAPI-Auth": "openapi-token"},
            )
            == 200
        )

    @pytest.mark.parametrize("marker", ["", "openapi", "Bearer"])
    def test_another_marker_is_refused(self, hub: TestHub, marker: str) -> None:
        assert status(hub, hub.token(None).headers | {"x-ah-openapi-auth": marker}) == 401

    def test_without_the_marker_two_guids_are_refused(self, hub: TestHub) -> None:
        assert status(hub, {"Authorization": hub.token(None).headers["Authorization"]}) == 401

    def test_every_wrong_form_is_refused(self, hub: TestHub) -> None:
        tenant, token = hub.token(None).headers["Authorization"].split()[1].split("/")
        marker = {"x-ah-openapi-auth": "openapi-token"}
        assert status(hub, marker) == 401
        for wrong in (
            f"{uuid4()}/{token}",
            f"{tenant}/{uuid4()}",
            token,
            f"{tenant}/",
            f"/{token}",
            f"{tenant}/{token}/",
            f"{tenant}//{token}",
            "",
            "x",
        ):
            assert status(hub, marker | {"Authorization": f"Bearer {wrong}"}) == 401, wrong
        assert status(hub, marker | {"Authorization": f"Basic {tenant}/{token}"}) == 401

    def test_the_app_key_must_come_with_a_token_that_has_one(self, hub: TestHub) -> None:
        client = hub.token(None, app_key="s3cret")
        assert client.get("/authinfo").status == 200
        bare = {k: v for k, v in client.headers.items() if k != "x-ah-openapi-app-key"}
        assert (
            status(hub, bare)
            == status(hub, bare | {"x-ah-openapi-app-key": ""})
            == status(hub, bare | {"x-ah-openapi-app-key": "wrong"})
            == 401
        )
        without = hub.token(None)
        assert status(hub, without.headers | {"x-ah-openapi-app-key": ""}) == 200

    def test_expired_inactive_and_revoked_tokens_are_refused(
        self, hub: TestHub, owner: Client
    ) -> None:
        short = hub.token(None, token_expires_epoch=clock() + 150)
        made = hub.token(None)
        until = clock() + 5000
        while short.get("/authinfo").status == 200 and clock() < until:
            pass
        assert short.get("/authinfo").status == 401
        path = f"/tokens/{made.token_id}"
        assert (
            owner.patch(path, {"token_is_active": 0}).status == 200
            and made.get("/authinfo").status == 401
        )
        assert (
            owner.patch(path, {"token_is_active": 1}).status == 200
            and made.get("/authinfo").status == 200
        )
        assert owner.delete(path).status == 200 and made.get("/authinfo").status == 401
        owner.patch(path, {"token_is_active": 1})
        assert made.get("/authinfo").status == 401

    @pytest.mark.parametrize("invite_status", [0, 1, 2])
    def test_only_active_people_have_a_working_token(
        self, hub: TestHub, owner: Client, invite_status: int
    ) -> None:
        hub.person(email="p@example.com", invite_status=invite_status, registered=False)
        assert (
            owner.post("/tokens", {"token_name": "t", "user_email": "p@example.com"}).status == 400
        )

    def test_last_use_is_noted_by_the_worker(self, hub: TestHub, owner: Client) -> None:
        owner.get("/authinfo")
        assert owner.get("/tokens").data["tokens"][0]["token_last_used_epoch"] is None
        hub.worker.round()
        assert owner.get("/tokens").data["tokens"][0]["token_last_used_epoch"] > 0


class TestMakingTokens:
    def test_anyone_makes_their_own_and_sees_its_secret_once(self, hub: TestHub) -> None:
        person = hub.someone((8, 0))
        made = person.post("/tokens", {"token_name": "mine", "app_key": ""})
        assert made.status == 201 and made.data["token_kind"] == "personal" and made.data["app_key"]
        headers = {
            "Authorization": f"Bearer {made.data['token']}",
            "x-ah-openapi-auth": "openapi-token",
            "x-ah-openapi-app-key": made.data["app_key"],
        }
        assert status(hub, headers) == 200
        listed = person.get("/tokens").raw
        assert (
            made.data["token"].split("/")[1].encode() not in listed
            and made.data["app_key"].encode() not in listed
        )

    def test_for_somebody_else_it_takes_manage_users_and_every_right_of_theirs(
        self, hub: TestHub, owner: Client
    ) -> None:
        standard, admin = hub.someone((8, 0)), hub.someone((2, 0), email="admin@example.com")
        hub.person((8, 0), email="p@example.com")
        hub.person((5, 3), email="pm@example.com")
        assert (
            standard.post("/tokens", {"token_name": "t", "user_email": "p@example.com"}).status
            == 403
        )
        assert (
            admin.post("/tokens", {"token_name": "t", "user_email": "pm@example.com"}).data[
                "token_kind"
            ]
            == "user_assigned"
        )
        assert (
            admin.post("/tokens", {"token_name": "t", "user_email": "owner@example.com"}).status
            == 403
        )
        assert (
            owner.post("/tokens", {"token_name": "t", "user_email": "admin@example.com"}).status
            == 201
        )
        role = owner.post("/roles", {"role_name": "Helper", "permissions": ["Manage Users"]}).data[
            "role_id"
        ]
        assert (
            hub.someone((role, 0))
            .post("/tokens", {"token_name": "t", "user_email": "pm@example.com"})
            .status
            == 403
        )

    def test_tenant_level_tokens_are_made_by_administrators_and_by_no_tenant_level_token(
        self, hub: TestHub, owner: Client
    ) -> None:
        body = {"token_name": "t", "user_email": None}
        assert owner.post("/tokens", body).data["token_kind"] == "tenant_level"
        assert hub.someone((2, 0)).post("/tokens", body).status == 201
        assert (
            hub.someone((5, 0)).post("/tokens", body).status
            == hub.token(None).post("/tokens", body).status
            == 403
        )

    def test_nobody_touches_tokens_of_others_without_manage_users(self, hub: TestHub) -> None:
        one, other = hub.someone((8, 0)), hub.someone((8, 0))
        for call in (other.patch, lambda path, body: other.delete(path)):
            assert call(f"/tokens/{one.token_id}", {"token_is_active": 0}).status == 404
        assert [t["user_id"] for t in other.get("/tokens").data["tokens"]] == [other.user_id]

    def test_a_past_expiry_is_refused(self, owner: Client) -> None:
        assert owner.post("/tokens", {"token_name": "t", "token_expires_epoch": 1}).status == 400

    def test_an_answer_that_holds_a_secret_is_never_kept(self, hub: TestHub, owner: Client) -> None:
        one, two = (
            owner.post("/tokens", {"token_name": "t"}, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        )
        assert one.data["token"] != two.data["token"]


class TestSessions:
    def test_an_access_token_works_alone_and_not_with_the_marker(self, hub: TestHub) -> None:
        client = jwt_client(hub, hub.person((8, 0)))
        assert client.get("/authinfo").data["type"] == "automation-cloud"
        assert status(hub, client.headers | {"x-ah-openapi-auth": "openapi-token"}) == 401

    def test_sessions_are_listed_and_ended(self, hub: TestHub) -> None:
        user_id = hub.person((8, 0))
        one, other = jwt_client(hub, user_id), jwt_client(hub, user_id)
        listed = one.get("/sessions").data["sessions"]
        assert [s["session_is_this"] for s in listed] == [0, 1]
        assert one.delete(f"/sessions/{listed[0]['session_id']}").status == 200
        assert (
            other.get("/sessions").status == 401
            and one.delete(f"/sessions/{listed[0]['session_id']}").status == 404
        )
        assert hub.someone((8, 0)).delete(f"/sessions/{listed[1]['session_id']}").status == 404

    def test_a_wrong_password_and_an_unknown_address_get_the_same_answer_and_are_limited(
        self, hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "autohub.web.limits.monotonic", lambda: 1000.0
        )  # however long the sign-ins take
        hub.app.dispatcher.presenters["envelope"].sign_ins.clear()
        hub.person(email="p@example.com")
        one, two = (
            hub.anonymous().post("/sessions", {"user_email": e, "password": "x"})
            for e in ("p@example.com", "no@example.com")
        )
        assert (one.status, one.raw) == (two.status, two.raw) == (401, one.raw)
        answers = [
            hub.anonymous().post("/sessions", {"user_email": "p@example.com", "password": "x"})
            for _ in range(10)
        ]
        assert answers[-1].status == 429 and int(answers[-1].headers["retry-after"]) > 0

    def test_forged_expired_and_foreign_tokens_are_refused(self, hub: TestHub) -> None:
        user_id = hub.person((8, 0))
        genuine = jwt_client(hub, user_id).headers["Authorization"].split()[1]
        claims = jwt.decode(genuine, options={"verify_signature": False})
        secret, typ = hub.installation.secret, {"typ": "at+jwt"}

        def sent(
            changed: dict[str, object],
            *,
            key: str = secret,
            headers: dict[str, str] = typ,
            algorithm: str = "HS256",
        ) -> int:
            token = jwt.encode(
                {k: v for k, v in (claims | changed).items() if v is not None},
                key,
                algorithm=algorithm,
                headers=headers,
            )
            return status(hub, {"Authorization": f"Bearer {token}"})

        assert sent({}) == 200
        for changed in (
            {"exp": 1},
            {"aud": "x"},
            {"iss": "http://evil.test"},
            {"sub": "999"},
            {"sid": 999},
            {"sid": None},
            {"exp": None},
            {"aud": None},
        ):
            assert sent(changed) == 401, changed
        assert sent({}, key="x" * 40) == sent({}, headers={"typ": "JWT"}) == 401
        assert sent({}, key="", algorithm="none") == 401
        for junk in ("a.b.c", "x", genuine[:-2], "é"):
            assert (
                hub.request(
                    "GET",
                    "/api/v1/openapi/authinfo",
                    None,
                    {"Authorization": f"Bearer {junk}".encode()},
                ).status
                == 401
            )  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def issuer() -> Iterator[tuple[str, rsa.RSAPrivateKey]]:
    """A real HTTP server that publishes an OpenID configuration and its keys."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    published = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {
        "kid": "k1",
        "use": "sig",
        "alg": "RS256",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = (
                {"keys": [published]}
                if self.path == "/keys"
                else {"issuer": url, "jwks_uri": f"{url}/keys"}
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(msgspec.json.encode(answer))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url, key
    server.shutdown()
    thread.join()
    server.server_close()


class TestAnIssuerOutside:
    def test_its_access_tokens_are_accepted_for_active_people_and_its_id_tokens_are_not(
        self, hub: TestHub, issuer: tuple[str, rsa.RSAPrivateKey]
    ) -> None:
        url, key = issuer
        hub.person((8, 0), email="p@example.com")
        hub.person((8, 0), email="pending@example.com", invite_status=1, registered=False)
        settings = msgspec.structs.replace(hub.settings, oidc_issuer=url, oidc_audience="hub")
        authenticator = Authenticator(hub.installation, settings)
        good = {
            "iss": url,
            "aud": "hub",
            "email": "P@example.com",
            "email_verified": True,
            "exp": int(time.time()) + 60,
        }

        def accepted(
            changed: dict[str, object], *, typ: object = "at+jwt", kid: str = "k1"
        ) -> bool:
            token = jwt.encode(
                good | changed, key, algorithm="RS256", headers={"typ": typ, "kid": kid}
            )
            with hub.database.reading() as db:
                try:
                    credential = authenticator.credential({"authorization": f"Bearer {token}"})
                    return authenticator.caller(db, credential, now=clock()).user_id is not None
                except Unauthenticated:
                    return False

        assert accepted({}) and accepted({}, typ="JWT")
        assert not accepted({"nonce": "n"}, typ="JWT")
        for changed in (
            {"aud": "other"},
            {"iss": "http://evil.test"},
            {"exp": 1},
            {"email": "pending@example.com"},
            {"email": "no@example.com"},
            {"email_verified": False},
            {"email_verified": "true"},
            {"email_verified": None},
            {"email": None, "preferred_username": "p@example.com"},
            {"email": None, "upn": "p@example.com"},
            {"email": ["p@example.com"]},
        ):
            assert not accepted(changed), changed
        assert not accepted({}, kid="unknown")
        assert accepted({}, typ=7) and not accepted({"nonce": "n"}, typ=7)
        assert not accepted({}, typ="at+jwt", kid="x" * 5)

    def test_while_it_is_asked_for_its_keys_everybody_else_goes_on(self) -> None:
        asked, go = threading.Event(), threading.Event()

        def fetch(_: str) -> Any:
            asked.set()
            assert go.wait(30)
            raise NotReached("Nobody is there.")

        keys = IssuerKeys("http://issuer.test", fetch)

        def ask() -> None:
            with pytest.raises(Unavailable, match="asked for again"):
                keys.key("k1")

        first = threading.Thread(target=ask)
        first.start()
        assert asked.wait(30)
        with pytest.raises(Unavailable, match="being read"):
            keys.key("k1")
        go.set()
        first.join()

    def test_no_transaction_is_open_while_it_is_asked(
        self, hub: TestHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = msgspec.structs.replace(
            hub.settings, oidc_issuer="http://issuer.test", oidc_audience="hub"
        )
        seen: list[int] = []

        def fetch(_: str) -> Any:
            with (
                hub.database.writing() as db
            ):  # another transaction that is open would keep this one waiting on SQLite
                seen.append(db.scalar(sa.text("SELECT 1")))
            raise NotReached("Nobody is there.")

        authenticator = Authenticator(hub.installation, settings)
        monkeypatch.setattr(authenticator, "_issuer_keys", IssuerKeys("http://issuer.test", fetch))
        monkeypatch.setattr(hub.app.context, "authenticator", authenticator)
        token = jwt.encode({"iss": "http://issuer.test"}, "k" * 32, headers={"kid": "k1"})
        for path in ("/adduser", "/users/bulk"):
            answer = hub.request(
                "POST", f"/api/v1/openapi{path}", b"{}", {"Authorization": f"Bearer {token}"}
            )
            assert answer.status == 503 and "asked for again in a minute" in answer.message
        assert seen == [1]

    def test_what_failed_and_what_nobody_published_is_not_asked_for_again_within_a_minute(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moment, asked = [1000.0], []
        public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        published = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True) | {"kid": "k1"}
        monkeypatch.setattr(issuer_module, "monotonic", lambda: moment[0])

        def fetch(url: str) -> Any:
            asked.append(url)
            if len(asked) == 1:
                raise NotReached("Nobody is there.")
            return (
                {"keys": [published]}
                if url.endswith("/keys")
                else {"jwks_uri": "http://issuer.test/keys"}
            )

        keys = IssuerKeys("http://issuer.test", fetch)
        for _ in range(3):
            with pytest.raises(Unavailable):
                keys.key("k1")
        assert len(asked) == 1
        moment[0] += 60
        assert keys.key("k1").key_id == "k1" and len(asked) == 3
        for _ in range(3):
            with pytest.raises(KeyError):
                keys.key("made up")
        assert len(asked) == 3
        moment[0] += 599
        assert keys.key("k1") and len(asked) == 3
        moment[0] += 1
        assert keys.key("k1") and len(asked) == 5

    def test_an_address_that_is_no_web_address_is_not_opened(self) -> None:
        keys = IssuerKeys(
            "http://issuer.test",
            lambda url: {"jwks_uri": "file:///etc/passwd"} if "well-known" in url else 1 / 0,
        )
        with pytest.raises(Unavailable):
            keys.key("k1")
