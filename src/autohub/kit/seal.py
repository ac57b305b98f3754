"""Sealing of values under a key, and signatures; AES-GCM and HMAC-SHA-256."""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 16
NONCE_BYTES = 12


def seal(key: bytes, plain: bytes) -> bytes:
    """`plain` under `key`; the nonce stands in front."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def unseal(key: bytes | None, sealed: bytes) -> bytes | None:
    """What was sealed; None when the key is gone or another one."""
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except InvalidTag:
        return None


def sign(secret: str, *parts: object) -> str:
    """A signature of `parts` in 32 hexadecimal digits; `parts` are told apart by what they are
    for and a separator."""
    text = "\x1f".join(map(str, parts))
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()[:32]


def same(one: str, other: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
