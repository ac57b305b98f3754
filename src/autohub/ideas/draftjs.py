"""Descriptions that a client stored as a Draft.js document (contract 4.3): kept as sent, shown
as text."""

import msgspec


class BrokenDocument(ValueError):
    """Looks like a Draft.js document and cannot be read as one."""


class _Block(msgspec.Struct):
    text: str


class _Document(msgspec.Struct):
    blocks: list[_Block]


def plain_text(text: str) -> str:
    """What a person reads of `text`: the blocks of a Draft.js document, one a line; every other
    text is itself.

    Raises BrokenDocument.
    """
    if not looks_like_document(text):
        return text
    try:
        return "\n".join(block.text for block in msgspec.json.decode(text, type=_Document).blocks)
    except (msgspec.DecodeError, RecursionError):
        raise BrokenDocument(text[:40]) from None


def looks_like_document(text: str) -> bool:
    start = text.lstrip()[:200].replace(" ", "")
    return start.startswith("{") and ('"blocks":' in start or '"entityMap":' in start)
