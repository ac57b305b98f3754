"""JSON that comes from outside: strict about its form, and every fault of its content named at
once."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import (
    CONTROL,
    CONTROL_IN_LINES,
    INVISIBLE,
    clean,
    number_at_end,
    repeated,
    shorten,
)

T = TypeVar("T")
Faults = dict[str, list[str]]

MAX_DEPTH = 64


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = repeated(key for key, _ in pairs)[0]
        raise Invalid(
            say("The key “{twice}” stands twice in one object; send it once.", twice=shorten(twice))
        )
    return found


def _no_constant(name: str) -> Any:
    raise Invalid(say("The body is not valid JSON: {name} is not a number in JSON.", name=name))


def parse(raw: bytes, *, lines: bool = False) -> Any:
    """The JSON value in `raw`. Raises Invalid when it is malformed, has a key twice in one
    object, nests deeper than MAX_DEPTH or holds a control character (`lines`: tab and line ends
    are allowed in texts)."""
    if not raw.strip():
        raise Invalid("The body is empty; send a JSON value.")
    try:
        value = json.loads(
            raw.removeprefix(BOM_UTF8).decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise Invalid(
            say(
                "The body is not UTF-8: byte {start} cannot be read. Send the JSON encoded "
                "as UTF-8.",
                start=error.start,
            )
        ) from None
    except json.JSONDecodeError as error:
        raise Invalid(
            say(
                "The body is not valid JSON: {msg} at line {lineno}, column {colno}.",
                msg=error.msg,
                lineno=error.lineno,
                colno=error.colno,
            )
        ) from None
    except RecursionError:
        raise Invalid(
            say(
                "The body is nested too deeply; at most {max_depth} levels are read.",
                max_depth=MAX_DEPTH,
            )
        ) from None
    except ValueError:
        raise Invalid("The body holds a number with too many digits.") from None
    _check_texts(value, CONTROL_IN_LINES if lines else CONTROL)
    return value


def _check_texts(value: Any, forbidden: re.Pattern[str]) -> None:
    faults: Faults = {}
    stack: list[tuple[str, Any, int]] = [("", value, 1)]
    while stack:
        path, item, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise Invalid(
                say(
                    "The body is nested too deeply; at most {max_depth} levels are read.",
                    max_depth=MAX_DEPTH,
                )
            )
        if isinstance(item, str):
            if found := forbidden.search(item):
                faults[path or "body"] = [
                    say(
                        "holds the control character U+{found:04X}; remove it.", found=ord(found[0])
                    )
                ]
            elif not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
                faults[path or "body"] = [
                    "holds half of a surrogate pair, which is no character; remove it."
                ]
        elif isinstance(item, dict):
            stack.extend(
                (f"{path}.{key}" if path else str(key), child, depth + 1)
                for key, child in item.items()
            )
            stack.extend((shorten(key), key, depth) for key in item)
        elif isinstance(item, list):
            stack.extend(
                (f"{path}.{index}" if path else str(index), child, depth + 1)
                for index, child in enumerate(item)
            )
    if faults:
        raise Invalid("Some texts hold characters that cannot be kept.", details=faults)


def read(raw: bytes, type_: type[T], *, lines: bool = False) -> T:
    """`raw` as `type_`; see `parse` and `convert`."""
    return convert(parse(raw, lines=lines), type_)


def coerce(value: Any, type_: type[T], *, lines: bool = False) -> T:
    """A value that a page's form made, as `type_`; see `parse` for what texts may hold, and
    `convert`."""
    _check_texts(value, CONTROL_IN_LINES if lines else CONTROL)
    return convert(value, type_)


class InvalidBody(Invalid):
    """A JSON value whose content is wrong; `value` is what was sent, for rules that look
    further."""

    def __init__(self, details: Faults, value: Any) -> None:
        super().__init__("Some of the values are not right.", details=details)
        self.value = value


def convert(value: Any, type_: type[T]) -> T:
    """`value`, as JSON gives it, as `type_`. Blanks around texts are dropped,
    but for VERBATIM ones, and numbers may be digit strings.

    Raises InvalidBody with every fault in `details`, each under its path ('user_roles.0.role_id').
    """
    faults: Faults = {}
    trimmed = _fit(value, type_info(cast(Any, type_)), "", faults)
    if faults:
        raise InvalidBody(faults, value)
    try:
        return msgspec.convert(trimmed, type_)
    except msgspec.ValidationError as error:  # what the rules below do not know
        text, _, path = str(error).partition(" - at `$")
        field = re.sub(r"\[(\d+)\]", r".\1", path.strip("`")).strip(".")
        raise InvalidBody({field or "body": [f"{text}."]}, value) from None


@cache
def type_info(type_: Any) -> inspect.Type:
    return inspect.type_info(type_)


def _fit(value: Any, info: inspect.Type, path: str, faults: Faults) -> Any:
    """`value` trimmed towards `info`, with what does not fit added to `faults`."""
    if isinstance(info, inspect.Metadata):
        own: Faults = {}
        extra = info.extra or {}
        if extra.get("skip_blank") and isinstance(value, list):
            value = [item for item in value if not _is_blank(item)]
        if extra.get("slug") and isinstance(value, str):
            number = number_at_end(value)
            value = value if number is None else number
        if extra.get("verbatim") and isinstance(info.type, inspect.StrType):
            fitted = _fit_text(value, info.type, path, own, verbatim=True)
        else:
            fitted = _fit(value, info.type, path, own)
        if says := extra.get("says"):
            own = {
                field: [says if text == _MISMATCH else text for text in texts]
                for field, texts in own.items()
            }
        faults.update(own)
        return fitted
    if isinstance(info, inspect.UnionType):
        return _fit_union(value, info, path, faults)
    rule = _RULES.get(type(info))
    if rule is None:
        return value
    return rule(value, info, path, faults)


def _fit_union(value: Any, info: inspect.UnionType, path: str, faults: Faults) -> Any:
    choices = [t for t in info.types if not isinstance(t, inspect.NoneType)]
    if value is None and len(choices) < len(info.types):
        return None
    if len(choices) == 1:
        return _fit(value, choices[0], path, faults)
    tried: list[Faults] = []
    for choice in choices:
        own: Faults = {}
        fitted = _fit(value, choice, path, own)
        if not own:
            return fitted
        tried.append(own)
    faults.update(tried[0])
    return value


def _complain(faults: Faults, path: str, text: str) -> None:
    faults.setdefault(path or "body", []).append(text)


def _fit_text(
    value: Any, info: inspect.StrType, path: str, faults: Faults, *, verbatim: bool = False
) -> Any:
    if not isinstance(value, str):
        _complain(faults, path, say("must be a text, not {value}.", value=_kind(value)))
        return value
    text = value if verbatim else clean(value)
    if info.min_length and len(text) < info.min_length:
        _complain(faults, path, "must not be empty.")
    elif info.max_length is not None and len(text) > info.max_length:
        _complain(
            faults,
            path,
            say(
                "must be at most {limit} characters; this one has {count}.",
                limit=info.max_length,
                count=len(text),
            ),
        )
    elif info.pattern and not re.search(info.pattern, text):
        hidden = _INVISIBLE.search(text)
        _complain(
            faults,
            path,
            say("holds the invisible character U+{found:04X}; remove it.", found=ord(hidden[0]))
            if hidden
            else _MISMATCH,
        )
    return text


_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_MISMATCH = "is not of the right form."
"""Replaced by what the type's Meta(extra={"says": …}) has to say."""

SKIP_BLANK = {"skip_blank": True}
"""For Meta(extra=…) of a list of objects in which empty ones count for nothing."""

SLUG = {"slug": True}
"""For Meta(extra=…) of an idea's number, for which its slug may stand."""

VERBATIM = {"verbatim": True}
"""For Meta(extra=…) of a text whose blanks count, such as a password."""


def _fit_number(value: Any, info: inspect.IntType, path: str, faults: Faults) -> Any:
    number = value
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value, re.ASCII):
        number = int(value)
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        _complain(
            faults,
            path,
            say("must be a whole number{span}, not {value}.", span=_span(info), value=_kind(value)),
        )
    elif (info.ge is not None and number < info.ge) or (info.le is not None and number > info.le):
        _complain(
            faults,
            path,
            say(
                "must be a whole number{span}; {number} is not.",
                span=_span(info),
                number=shorten(number),
            ),
        )
    return number


def _span(info: inspect.IntType) -> str:
    if info.ge is not None and info.le is not None and info.le < 2**31:
        return f" from {info.ge} to {info.le}"
    return f" of at least {info.ge}" if info.ge is not None else ""


def _fit_list(value: Any, info: inspect.ListType, path: str, faults: Faults) -> Any:
    if not isinstance(value, list):
        _complain(faults, path, say("must be a list, not {value}.", value=_kind(value)))
        return value
    if info.min_length and len(value) < info.min_length:
        _complain(faults, path, say("must hold at least {min_length}.", min_length=info.min_length))
    if info.max_length is not None and len(value) > info.max_length:
        _complain(
            faults,
            path,
            say(
                "must hold at most {max_length}; this one holds {count}.",
                max_length=info.max_length,
                count=len(value),
            ),
        )
    return [
        _fit(item, info.item_type, f"{path}.{index}" if path else str(index), faults)
        for index, item in enumerate(value)
    ]


def _is_blank(item: Any) -> bool:
    """Whether an object holds nothing but empty texts: what a runner makes of columns that a row
    leaves empty."""
    return isinstance(item, dict) and bool(item) and all(part == "" for part in item.values())


def _fit_struct(value: Any, info: inspect.StructType, path: str, faults: Faults) -> Any:
    if not isinstance(value, dict):
        _complain(faults, path, say("must be an object, not {value}.", value=_kind(value)))
        return value
    fitted = {}
    keys = find_keys(value, info)
    for field in info.fields:
        inner = f"{path}.{field.encode_name}" if path else field.encode_name
        if field.encode_name in keys:
            said = value[keys[field.encode_name]]
            fitted[field.encode_name] = _fit(said, field.type, inner, faults)
        elif field.required:
            _complain(faults, inner, "is required.")
    return fitted


def find_keys(value: dict[str, Any], info: inspect.StructType) -> dict[str, str]:
    """The keys of an object by the fields that they stand for, in upper and lower case alike."""
    names = {field.encode_name.lower(): field.encode_name for field in info.fields}
    found = {names[key.lower()]: key for key in value if key.lower() in names}
    return found | {name: name for name in names.values() if name in value}


def _fit_choice(value: Any, info: inspect.LiteralType, path: str, faults: Faults) -> Any:
    if value not in info.values or isinstance(value, bool):
        _complain(
            faults,
            path,
            say(
                "must be one of {choices}; “{value}” is not.",
                choices=", ".join(map(str, info.values)),
                value=shorten(value),
            ),
        )
    return value


def _fit_enum(value: Any, info: inspect.EnumType, path: str, faults: Faults) -> Any:
    known = [member.value for member in info.cls]
    if value not in known:
        _complain(
            faults,
            path,
            say(
                "must be one of {choices}; “{value}” is not.",
                choices=", ".join(map(str, known)),
                value=shorten(value),
            ),
        )
    return value


def _kind(value: Any) -> str:
    names = {type(None): "null", bool: "true or false", dict: "an object", list: "a list"}
    return names.get(type(value), f"“{shorten(value)}”")


_RULES: dict[type, Callable[[Any, Any, str, Faults], Any]] = {
    inspect.StrType: _fit_text,
    inspect.IntType: _fit_number,
    inspect.ListType: _fit_list,
    inspect.StructType: _fit_struct,
    inspect.LiteralType: _fit_choice,
    inspect.EnumType: _fit_enum,
}


def elements(raw: bytes) -> Iterator[bytes]:
    """The elements of the JSON array in `raw`, each still encoded. Raises Invalid when `raw` is
    no array."""
    try:
        items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(say("The body is not a JSON array: {error}.", error=error)) from None
    except RecursionError:
        raise Invalid(
            say(
                "The body is nested too deeply; at most {max_depth} levels are read.",
                max_depth=MAX_DEPTH,
            )
        ) from None
    return (bytes(item) for item in items)
