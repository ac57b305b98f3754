"""What people declare: TOML, and the same as JSON, as a struct and back."""

import tomllib
from typing import Any, TypeVar

import msgspec

from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.sentences import say

T = TypeVar("T", bound=msgspec.Struct)


def read_toml(text: str, type_: type[T]) -> T:
    """Raises Invalid naming what is wrong with the TOML or with what it says."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(say("The mapping is not valid TOML: {error}.", error=error)) from None
    return check_entries(raw, type_)


def read_entries(text: str, type_: type[T]) -> T:
    """The same in JSON, as a parameter of a call carries it. Raises Invalid."""
    try:
        raw = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Invalid("The mapping is not valid JSON.", details={"mapping": [str(error)]}) from None
    return check_entries(raw, type_)


def check_entries(raw: Any, type_: type[T]) -> T:
    """Raises Invalid, for entries that are not known as well."""
    known = type_.__struct_fields__
    if isinstance(raw, dict) and (unknown := sorted(set(raw) - set(known))):
        fault = say("must be one of {choices}.", choices=", ".join(known))
        raise Invalid(
            "The mapping has entries that are not known.",
            details={name: [fault] for name in unknown},
        )
    return convert(raw, type_)


def write_toml(value: msgspec.Struct) -> str:
    """The TOML that `read_toml` takes."""
    entries = msgspec.to_builtins(value)
    return "".join(f"{name} = {write_value(entry)}\n" for name, entry in entries.items())


def write_value(value: Any) -> str:
    """Texts, numbers, lists and truth are written alike in TOML and JSON."""
    if isinstance(value, dict):
        pairs = (f"{write_value(key)} = {write_value(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    return msgspec.json.encode(value).decode()
