"""Entity tags (RFC 9110, sections 8.8.3 and 13.1)."""

import hashlib


def make_etag(content: bytes) -> str:
    """The same for the same bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_among(etag: str, header: str) -> bool:
    """Whether a list of tags, as If-Match and If-None-Match have it, holds this one or is '*';
    weak and strong ones alike."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
