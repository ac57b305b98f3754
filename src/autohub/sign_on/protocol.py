"""The authorization code flow with PKCE, as a client (OpenID Connect Core, RFC 7636)."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from autohub.access.issuer import IssuerKeys
from autohub.integrations.outbound import Outbound
from autohub.integrations.outbound_errors import OutboundError
from autohub.kit.errors import Unauthenticated
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.settings import Settings
from autohub.sign_on.model import Attempt, Provider

ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY_SECONDS = 60
FRESH_SECONDS = 600
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 300
"""How old a logout token may be."""
_FORM = "application/x-www-form-urlencoded"


class ProviderBroken(OutboundError):
    """A provider says something that is no OpenID Connect."""


class Client:
    """Speaks to one provider; what it publishes is read at the first use, and again after ten
    minutes. Shared by all threads."""

    def __init__(self, settings: Settings, issuer: str) -> None:
        self.issuer = issuer
        self._outbound = Outbound(settings)
        self._keys = IssuerKeys(issuer, self._fetch)
        self._found: dict[str, Any] = {}
        self._read_at = -float(FRESH_SECONDS)
        self._lock = threading.Lock()

    def _fetch(self, url: str) -> Any:
        reply = self._outbound.request("GET", url, headers={"Accept": "application/json"})
        if reply.status != 200:
            raise ProviderBroken(say("{url} answers {status}.", url=url, status=reply.status))
        return reply.json()

    def discover(self) -> dict[str, Any]:
        """The provider's discovery document. Raises OutboundError."""
        with self._lock:
            if monotonic() - self._read_at < FRESH_SECONDS:
                return self._found
        found = self._fetch(f"{self.issuer}/.well-known/openid-configuration")
        wanted = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if not isinstance(found, dict) or not all(isinstance(found.get(n), str) for n in wanted):
            raise ProviderBroken("What the provider publishes is no OpenID Connect discovery.")
        if found["issuer"].rstrip("/") != self.issuer:
            raise ProviderBroken(
                say(
                    "The provider calls itself {issuer}; set up exactly that.",
                    issuer=shorten(found["issuer"], 200),
                )
            )
        with self._lock:
            self._found, self._read_at = found, monotonic()
        return found

    def authorization_url(self, provider: Provider, attempt: Attempt, redirect: str) -> str:
        """Where the browser goes. Raises OutboundError."""
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect,
            "scope": "openid email profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        at: str = self.discover()["authorization_endpoint"]
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"

    def redeem(
        self, provider: Provider, secret: str, attempt: Attempt, code: str, redirect: str
    ) -> dict[str, Any]:
        """The checked claims of whoever comes back with `code`. Raises OutboundError,
        Unauthenticated, Unavailable."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": attempt.verifier,
        }
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        found = self.discover()
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and "client_secret_basic" in methods:
            pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            sent |= {"client_id": provider.client_id} | (
                {"client_secret": secret} if secret else {}
            )
        reply = self._outbound.request(
            "POST", found["token_endpoint"], headers=headers, content=urlencode(sent).encode()
        )
        answer = reply.json()
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if reply.status != 200 or not isinstance(token, str):
            error = answer.get("error", "") if isinstance(answer, dict) else ""
            raise ProviderBroken(
                say(
                    "The provider gave no token: {status} {error}.",
                    status=reply.status,
                    error=shorten(error),
                )
            )
        return self.check(provider, token, attempt.nonce)

    def check(self, provider: Provider, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that was issued for us, now and for this attempt. Raises
        Unauthenticated, Unavailable."""
        claims = self._verify(provider, token, ["exp", "iat", "iss", "aud", "sub"])
        if not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
            raise Unauthenticated("The sign-on failed: the token is of another attempt. Try again.")
        audience = claims["aud"]
        if (
            isinstance(audience, list)
            and len(audience) > 1
            and claims.get("azp") != (provider.client_id)
        ):
            raise Unauthenticated("The sign-on failed: the token is for somebody else too.")
        return claims

    def check_logout(self, provider: Provider, token: str) -> str:
        """Whose sessions a back-channel logout token ends, the subject. Raises Unauthenticated,
        Unavailable."""
        claims = self._verify(provider, token, ["iat", "iss", "aud", "sub", "jti"])
        events = claims.get("events")
        is_logout = isinstance(events, dict) and LOGOUT in events and "nonce" not in claims
        if not is_logout or claims["iat"] < time.time() - LOGOUT_SECONDS:
            raise Unauthenticated("The logout token is not valid, or is too old.")
        return str(claims["sub"])

    def _verify(self, provider: Provider, token: str, required: list[str]) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys.key(header.get("kid")),
                algorithms=ALGORITHMS,
                issuer=[self.issuer, f"{self.issuer}/"],
                audience=provider.client_id,
                leeway=LEEWAY_SECONDS,
                options={"require": required},
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            kind = type(error).__name__
            text = say("The sign-on failed: the token is not valid ({kind}).", kind=kind)
            raise Unauthenticated(text) from error
        return claims


class Clients:
    """A client for each issuer, made at the first use."""

    def __init__(self, make: Callable[[Settings, str], Client] = Client) -> None:
        self._make, self._made = make, dict[str, Client]()
        self._lock = threading.Lock()

    def get(self, settings: Settings, issuer: str) -> Client:
        with self._lock:
            if issuer not in self._made:
                self._made[issuer] = self._make(settings, issuer)
            return self._made[issuer]


CLIENTS = Clients()
