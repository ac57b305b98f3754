"""A security key in software: what a browser and its authenticator would answer."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


class SecurityKey:
    """Answers for `origin`; one that `counts` raises its counter with each use."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin, self.counts, self.count = origin, counts, 0
        self.credential_id = os.urandom(16)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str) -> str:
        """What navigator.credentials.create answers."""
        asked = json.loads(options)
        key = ES256.from_cryptography_key(self._key.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.credential_id, key)
        data = self._data(asked["rp"]["id"], PRESENT | AuthenticatorData.FLAG.AT, made)
        statement = AttestationObject.create("none", data, {})
        return self._answer("webauthn.create", asked, {"attestationObject": _text(statement)})

    def get(self, options: str, *, verified: bool = True) -> str:
        """What navigator.credentials.get answers; `verified` by finger, face or PIN."""
        asked = json.loads(options)
        data = self._data(asked["rpId"], PRESENT | VERIFIED if verified else PRESENT)
        client = self._client("webauthn.get", asked)
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        facts = {"authenticatorData": _text(data), "signature": _text(signed)}
        return self._answer("webauthn.get", asked, facts)

    def _data(self, party: str, flags: Any, made: Any = b"") -> AuthenticatorData:
        self.count += self.counts
        digest = hashlib.sha256(party.encode()).digest()
        return AuthenticatorData.create(digest, flags, self.count, made)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        facts = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(facts).encode()

    def _answer(self, kind: str, asked: dict[str, Any], facts: dict[str, str]) -> str:
        client = _text(self._client(kind, asked))
        identity = _text(self.credential_id)
        response = facts | {"clientDataJSON": client}
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
