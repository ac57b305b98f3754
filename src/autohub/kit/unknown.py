"""Names that were sent and that nobody knows: said, so that nobody takes for done what was passed
over."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from autohub.kit.jsonbody import find_keys, type_info
from autohub.kit.sentences import say
from autohub.kit.text import shorten

MAX_WARNINGS = 10


def warn_of_unknown(names: Iterable[str], known: Sequence[str], what: str) -> list[str]:
    """A sentence for each name that is not known and so counts for nothing, with the known one
    that is most like it. At most MAX_WARNINGS."""
    unknown = [name for name in dict.fromkeys(names) if name and name not in known]
    by_folded = {name.lower(): name for name in reversed(known)}
    found = []
    for name in unknown[:MAX_WARNINGS]:
        like = get_close_matches(name[:50].lower(), by_folded, n=1)
        template = "There is no {what} “{name}”; it counts for nothing."
        if like:
            template = "There is no {what} “{name}”; it counts for nothing. Is {meant} meant?"
        meant = by_folded[like[0]] if like else ""
        found.append(say(template, what=what, name=shorten(name), meant=meant))
    return found


def warn_of_unknown_keys(value: Any, type_: Any) -> list[str]:
    """The same for the keys of an object, however deep, for which no field of `type_` stands."""
    known: dict[str, None] = {}
    given: dict[str, None] = {}
    stack = [(value, type_info(type_))]
    while stack:
        item, info = stack.pop()
        if isinstance(info, inspect.Metadata):
            stack.append((item, info.type))
        elif isinstance(info, inspect.UnionType):
            stack.extend((item, one) for one in info.types)
        elif isinstance(info, inspect.ListType) and isinstance(item, list):
            stack.extend((each, info.item_type) for each in item)
        elif isinstance(info, inspect.StructType) and isinstance(item, dict):
            keys = find_keys(item, info)
            known |= dict.fromkeys(field.encode_name for field in info.fields)
            taken = set(keys.values())
            given |= dict.fromkeys(key for key in item if key not in taken)
            stack.extend(
                (item[keys[field.encode_name]], field.type)
                for field in info.fields
                if field.encode_name in keys
            )
    return warn_of_unknown(given, list(known), "field")
