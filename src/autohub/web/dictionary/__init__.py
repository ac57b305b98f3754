"""The Output Dictionary: what every field of every record means, once, as data."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import msgspec

from autohub.kit.sentences import say

ENVELOPE = "x-envelope"
"""The mark of a schema that stands around records and is none."""
FILES = ("people.toml", "ideas.toml", "around.toml", "events.toml")
Source = Literal["guide", "autohub"]
UNITS = {
    "_epoch": "milliseconds since 1970-01-01 UTC",
    "_score": "0 to 100",
    "file_size": "bytes",
    "expires_in": "seconds",
    "processing_time": "minutes per transaction",
    "rework_time": "minutes",
    "review_audit_time": "minutes",
    "error_rate": "percent",
    "review_audit_rate": "percent",
    "digital_input": "percent",
    "structured_input": "percent",
    "employee_average_working_days": "days a year",
    "employee_working_hours": "hours a day",
    "employee_average_full_cost": "the default currency, a year",
    "working_days": "days a year",
    "working_hours": "hours a day",
    "person_days": "days of work",
    "minutes_saved": "minutes",
    "process_estimated_benefit_score": "hours a year",
    "benefit_hours": "hours a year",
    "benefit_hours_final": "hours a year",
    "planned_hours": "hours",
    "actual_hours": "hours",
    "running_cost": "the default currency, a year",
    "running_per_year": "the default currency, a year",
    "benefit_per_year": "the default currency, a year",
    "net_per_year": "the default currency, a year",
    "one_time": "the default currency",
    "cumulative": "the default currency",
    "delta_working_days": "working days",
    "baseline_working_days": "working days",
    "phase_target_days": "days",
    "score": "0 to 100",
}
"""By the field, or by how its name ends."""


class Meaning(msgspec.Struct, frozen=True):
    """What a field means; `unit` is empty where there is none. `source` says whose name it is:
    that of Automation Hub's guide, or our own."""

    text: str
    unit: str
    source: Source


@cache
def _meanings() -> Mapping[str, Meaning]:
    found: dict[str, Meaning] = {}
    for name in FILES:
        sections = tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))
        for source, fields in sections.items():
            for field, text in fields.items():
                if field in found:
                    raise ValueError(field)  # it is explained twice
                found[field] = Meaning(text, _unit(field), cast("Source", source))
    return found


def _unit(field: str) -> str:
    name = field.rpartition(".")[2]
    return next(
        (unit for ending, unit in UNITS.items() if name == ending),
        next((unit for end, unit in UNITS.items() if end[0] == "_" and name.endswith(end)), ""),
    )


def known_fields() -> frozenset[str]:
    """Every name that is explained, some as 'Record.field'."""
    return frozenset(_meanings())


def find_meaning(record: str, field: str) -> Meaning | None:
    """What a field means in a record. A twin for readers is explained by its field."""
    found = _meanings()
    if field.endswith("__display"):
        own = field.removesuffix("__display")
        return Meaning(twin_of(own), "", "guide")
    return found.get(f"{record}.{field}") or found.get(field)


def meaning_of(field: str) -> str:
    """What a field means wherever it stands. Raises KeyError for a name that is not explained."""
    return _meanings()[field].text


def twin_of(field: str) -> str:
    """What the field is that stands beside this one for readers."""
    return str(say("`{field}` as people read it.", field=field))


def describe(meaning: Meaning) -> str:
    """A sentence for the OpenAPI document, with the unit in it."""
    return f"{meaning.text.rstrip('.')} ({meaning.unit})." if meaning.unit else meaning.text


def explain(components: dict[str, Any]) -> dict[str, Any]:
    """The schemas of an OpenAPI document with each property described."""
    return {
        record: schema | {"properties": _explained(record, schema["properties"])}
        if "properties" in schema
        else schema
        for record, schema in components.items()
    }


def _explained(record: str, properties: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, schema in properties.items():
        meaning = find_meaning(record, name)
        found[name] = schema | {"description": describe(meaning)} if meaning else schema
    return found


class DictionaryEntry(msgspec.Struct):
    """A field of the Open API, wherever it stands; `example` is one that calls show."""

    field: str
    meaning: str
    unit: str | None
    type: str
    source: Source
    records: list[str]
    example: Any


class OutputDictionary(msgspec.Struct):
    fields: list[DictionaryEntry]


def list_entries(document: dict[str, Any]) -> list[DictionaryEntry]:
    """Every field of an OpenAPI document's records, by name. Where a name means something else in
    one record, it has an entry of its own."""
    examples = dict(_examples(document["paths"]))
    found: dict[tuple[str, str], DictionaryEntry] = {}
    for record, schema in sorted(document["components"]["schemas"].items()):
        if ENVELOPE in schema:
            continue
        for field, facts in schema.get("properties", {}).items():
            told = Meaning(facts.get("description", ""), "", "guide")
            meaning = find_meaning(record, field) or told
            entry = found.setdefault(
                (field, meaning.text),
                DictionaryEntry(
                    field=field,
                    meaning=meaning.text,
                    unit=meaning.unit or None,
                    type=_type_in_words(facts),
                    source=meaning.source,
                    records=[],
                    example=examples.get(field),
                ),
            )
            entry.records.append(record)
    return [found[key] for key in sorted(found)]


def _type_in_words(schema: dict[str, Any]) -> str:
    """'whole number', 'text or null', 'list of User'."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type_in_words(each) for each in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_type_in_words(schema.get('items') or {})}"
    return _WORDS.get(str(kind), "any value")


_WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


def _examples(value: Any) -> Iterator[tuple[str, Any]]:
    """Fields with what examples show of them, the plainest last."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "example":
                yield from _pairs(part)
            else:
                yield from _examples(part)
    elif isinstance(value, list):
        for part in value:
            yield from _examples(part)


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _pairs(part)
            if part not in (None, "", [], {}):
                yield key, part
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(part)
