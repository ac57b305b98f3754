"""What a request asks of an entity set: the system query options, read and checked."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from autohub.kit.errors import HubError, Invalid
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.odata.model import PROPERTIES, EntitySet

KNOWN = (
    "$select",
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$expand",
    "$skiptoken",
    "$format",
)
LONGEST = 4000
"""How many characters a filter may have."""
MANY_ORDERS = 5


class NotOffered(HubError):
    """Part of the protocol that the hub leaves out."""

    status = 501


class Options(NamedTuple):
    """`orders` are properties and whether downwards; `after` the place where the page before
    ended."""

    select: tuple[str, ...] = ()
    filter: str = ""
    orders: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    counts: bool = False
    expand: tuple[str, ...] = ()
    after: tuple[Any, ...] = ()


def read_options(entity_set: EntitySet, query: Mapping[str, str]) -> Options:
    """Raises Invalid, NotOffered."""
    sent = {name if name.startswith("$") else name.strip(): v for name, v in query.items()}
    for name in sent:
        if name.startswith("$") and name not in KNOWN:
            raise NotOffered(
                say("{name} is not offered; {known} are.", name=name, known=", ".join(KNOWN[:-2]))
            )
    if sent.get("$format", "json").partition(";")[0] not in ("json", "application/json"):
        raise NotOffered("Answers are JSON: $format=json.")
    text = sent.get("$filter", "")
    if len(text) > LONGEST:
        raise Invalid(say("$filter may have {limit} characters.", limit=LONGEST))
    return Options(
        select=tuple(_select(entity_set, sent.get("$select", ""))),
        filter=text,
        orders=tuple(_orders(entity_set, sent.get("$orderby", ""))),
        top=_number("$top", sent["$top"]) if "$top" in sent else None,
        skip=_number("$skip", sent.get("$skip", "0")),
        counts=_flag(sent.get("$count", "false")),
        expand=tuple(_expand(entity_set, sent.get("$expand", ""))),
        after=read_token(sent["$skiptoken"]) if "$skiptoken" in sent else (),
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _select(entity_set: EntitySet, text: str) -> Iterator[str]:
    for name in _parts(text):
        if name == "*":
            yield from PROPERTIES[entity_set.name]
        elif name in entity_set.expands:
            continue
        else:
            yield check_property(entity_set, name)


def check_property(entity_set: EntitySet, name: str) -> str:
    """Raises Invalid for one that is not there."""
    if name not in PROPERTIES[entity_set.name]:
        raise Invalid(
            say(
                "{set} has no property “{name}”; $metadata lists them.",
                set=entity_set.name,
                name=shorten(name),
            )
        )
    return name


def _orders(entity_set: EntitySet, text: str) -> Iterator[tuple[str, bool]]:
    parts = _parts(text)
    if len(parts) > MANY_ORDERS:
        raise Invalid(say("$orderby may name {limit} properties.", limit=MANY_ORDERS))
    for part in parts:
        name, _, way = part.partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise Invalid("$orderby is properties with asc or desc, separated by commas.")
        yield check_property(entity_set, name), way.strip() == "desc"


def _expand(entity_set: EntitySet, text: str) -> Iterator[str]:
    for name in _parts(text):
        if "(" in name or "/" in name:
            raise NotOffered("$expand takes names alone, without options of their own.")
        if name not in entity_set.expands:
            raise Invalid(
                say("{set} cannot be expanded by “{name}”.", set=entity_set.name, name=name)
            )
        yield name


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid(say("{name} must be a whole number, 0 or more.", name=name))
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid("$count must be true or false.")
    return text == "true"


def write_token(after: tuple[Any, ...]) -> str:
    """The place where a page ended, for the address of the next one."""
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def read_token(text: str) -> tuple[Any, ...]:
    """Raises Invalid for what `write_token` did not make."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(raw, type=list[int | float | str | None])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Invalid("This $skiptoken is none; begin again without it.") from None
    return tuple(found)
