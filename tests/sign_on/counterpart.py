"""An OpenID provider of the tests, over HTTP on the loopback."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Provider:
    """`claims` are what the next token says beside the usual; `asked` the last authorization."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.redeemed: dict[str, str] = {}
        self.is_down = False
        self.skew = 0
        self.kid = 0
        self.rotate()

    def rotate(self) -> None:
        self.kid += 1
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def authorize(self, url: str) -> str:
        """What a browser does there: the address to which it is sent back."""
        query = parse_qs(urlsplit(url).query)
        self.asked = {name: values[0] for name, values in query.items()}
        return f"/sign-in/back?code=c1&state={self.asked['state']}"

    def token(self) -> str:
        now = int(time.time()) + self.skew
        claims = {
            "iss": self.issuer,
            "aud": "hub",
            "sub": "s1",
            "iat": now,
            "exp": now + 300,
        } | {name: self.asked[name] for name in ("nonce",) if name in self.asked}
        headers = {"kid": str(self.kid)}
        return jwt.encode(claims | self.claims, self.key, algorithm="RS256", headers=headers)

    def answer(self, path: str, body: dict[str, str], credential: str) -> tuple[int, Any]:
        if self.is_down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            at = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "jwks_uri")}
            return 200, at | {"issuer": self.issuer, "token_endpoint": f"{self.issuer}/token"}
        if path == "/jwks_uri":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [public | {"kid": str(self.kid), "use": "sig"}]}
        self.redeemed = body
        digest = hashlib.sha256(body["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        right = base64.b64encode(b"hub:a-secret-of-the-client").decode()
        if challenge != self.asked["code_challenge"] or credential != f"Basic {right}":
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.token(), "token_type": "Bearer"}


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(sent).items()})

        def _answer(self, body: dict[str, str]) -> None:
            credential = self.headers.get("Authorization", "")
            status, told = provider.answer(self.path, body, credential)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
