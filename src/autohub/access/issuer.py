"""The keys of the OpenID Connect issuer that the settings name: fetched outside every lock, and
asked for at most once a minute."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import jwt

from autohub.integrations.outbound import Outbound
from autohub.integrations.outbound_errors import OutboundError
from autohub.kit.errors import Unavailable
from autohub.kit.sentences import say

FRESH_SECONDS = 600
"""How long keys are used before they are fetched again."""
PAUSE_SECONDS = 60
"""How long after a fetch, well or ill, the next one is allowed: a key that nobody published
costs no more than that."""
TIMEOUT_SECONDS = 5


class IssuerKeys:
    """The published keys by their `kid`; shared by all threads of a process."""

    def __init__(self, issuer: str, fetch: Callable[[str], Any]) -> None:
        """`fetch` gives the JSON at an address. It raises OutboundError."""
        self._issuer, self._fetch = issuer, fetch
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fault: str | None = None
        self._read_at = self._asked_at = -float(FRESH_SECONDS)
        self._is_fetching = False
        self._lock = threading.Lock()

    def key(self, kid: str | None) -> jwt.PyJWK:
        """The key `kid`. Raises KeyError when the issuer publishes none of that name,
        Unavailable while it cannot be asked."""
        if self._begin(kid):
            self._refresh()
        with self._lock:
            if kid in self._keys:
                return self._keys[kid]
            if self._is_fetching or self._fault:
                raise Unavailable(
                    self._fault
                    or "The keys of the access tokens' issuer are being read; try again in a "
                    "moment."
                )
        raise KeyError(kid)

    def _begin(self, kid: str | None) -> bool:
        """Whether this thread is the one that fetches now."""
        now = monotonic()
        with self._lock:
            is_fresh = kid in self._keys and now - self._read_at < FRESH_SECONDS
            if is_fresh or self._is_fetching or now - self._asked_at < PAUSE_SECONDS:
                return False
            self._is_fetching, self._asked_at = True, now
            return True

    def _refresh(self) -> None:
        keys, fault = None, None
        try:
            keys = self._published()
        except (OutboundError, ValueError, KeyError, TypeError, jwt.PyJWTError):
            fault = say(
                "The keys of {issuer} cannot be read; they are asked for again in a minute.",
                issuer=self._issuer,
            )
        finally:
            with self._lock:
                self._is_fetching, self._fault = False, fault
                if keys is not None:
                    self._keys, self._read_at = keys, monotonic()

    def _published(self) -> dict[str | None, jwt.PyJWK]:
        address = self._fetch(f"{self._issuer}/.well-known/openid-configuration")["jwks_uri"]
        if not str(address).startswith(("https://", "http://")):
            raise ValueError("jwks_uri is no web address")
        return {
            key.key_id: key
            for key in jwt.PyJWKSet.from_dict(self._fetch(address)).keys
            if key.public_key_use in (None, "sig")
        }


def fetch_json(outbound: Outbound) -> Callable[[str], Any]:
    """Reads JSON from wherever the issuer says that its keys are."""
    return lambda url: outbound.request("GET", url, seconds=TIMEOUT_SECONDS).json()
