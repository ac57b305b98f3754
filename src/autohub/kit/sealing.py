"""Secrets that the hub must be able to read again, sealed under its own: of other systems, and of
second factors.

A sealed value is a text, `<key id>.<what is sealed>` (AES-256-GCM). The key is derived from the
hub's secret, and the id from the key, so that a value tells under which secret it was sealed.
`place` says where it is kept ("connection.sealed_password"): a value that was copied to another
place does not open there. Columns of sealed values are named `sealed_…`, and their place is
`sealed_place` of them: `autohub secret rotate` finds them by that.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from autohub.kit.seal import NONCE_BYTES
from autohub.kit.sentences import say


class Unsealable(Exception):
    """A sealed value does not open: its secret is gone, it was moved, or it is damaged."""


class Key(NamedTuple):
    key_id: str
    key: bytes


class Keys(msgspec.Struct, frozen=True):
    """The hub's secret, and those before it that still open what they sealed."""

    secret: str
    previous: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """All of them, the present one first."""
        return (self.secret, *self.previous)

    @property
    def current_id(self) -> str:
        return _derive(self.secret).key_id

    def find_secret(self, key_id: str) -> str | None:
        """The secret of this id; None when it is gone."""
        return next((found for found in self.secrets if _derive(found).key_id == key_id), None)


def seal_text(keys: Keys, text: str, place: str) -> str:
    """`text` under the present secret."""
    key_id, key = _derive(keys.secret)
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}.{urlsafe_b64encode(sealed).decode()}"


def open_sealed(keys: Keys, sealed: str, place: str) -> str:
    """What was sealed for `place`. Raises Unsealable."""
    key_id, _, text = sealed.partition(".")
    secret = keys.find_secret(key_id)
    if secret is None:
        raise Unsealable(say("A value of {place} is sealed under a key that is gone.", place=place))
    try:
        raw = urlsafe_b64decode(text)
        key = AESGCM(_derive(secret).key)
        opened = key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise Unsealable(say("A sealed value of {place} is damaged.", place=place)) from None
    return opened.decode()


def is_current(keys: Keys, sealed: str) -> bool:
    """Whether a value is sealed under the present secret."""
    return sealed.startswith(f"{keys.current_id}.")


def key_id_of(sealed: str) -> str:
    """The id of the key under which a value is sealed."""
    return sealed.partition(".")[0]


def sealed_place(table: str, column: str) -> str:
    """The place of a column's sealed values."""
    return f"{table}.{column}"


@lru_cache(maxsize=8)
def _derive(secret: str) -> Key:
    """The key that seals under a secret, and the id that tells which it is, never what it is."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"autohub sealing").derive(
        secret.encode()
    )
    return Key(sha256(b"autohub key id" + key).hexdigest()[:8], key)
