"""$metadata: what the entity sets are, in CSDL, described by the Output Dictionary."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import msgspec

from autohub.odata.model import NAMESPACE, OWN, PROPERTIES, SETS, EntitySet, Property, properties_of
from autohub.web.dictionary import describe, find_meaning

_VOCABULARIES = {"Org.OData.Core.V1": "Core", "Org.OData.Capabilities.V1": "Capabilities"}
_AT = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies"


def build_metadata(columns: dict[str, frozenset[str]]) -> bytes:
    """The document; `columns` are the properties of each set that can be filtered and sorted
    by."""
    return "\n".join(_document(columns)).encode()


def _document(columns: dict[str, frozenset[str]]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
    for name, alias in _VOCABULARIES.items():
        yield f'<edmx:Reference Uri="{_AT}/{name}.xml">'
        yield f'<edmx:Include Namespace="{name}" Alias="{alias}"/></edmx:Reference>'
    yield "<edmx:DataServices>"
    yield f'<Schema Namespace="{NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    for struct in _complex_types():
        yield f'<ComplexType Name="{struct.__name__}">'
        for each in properties_of(struct).values():
            yield _property(struct.__name__, each)
        yield "</ComplexType>"
    for entity_set in SETS.values():
        yield from _entity_type(entity_set)
    yield '<EntityContainer Name="Container">'
    for entity_set in SETS.values():
        yield from _entity_set(entity_set, columns[entity_set.name])
    yield "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"


def _complex_types() -> list[type[msgspec.Struct]]:
    """Every struct within a record, those within others first."""
    found: dict[str, type[msgspec.Struct]] = {}

    def visit(struct: type[msgspec.Struct]) -> None:
        for each in properties_of(struct).values():
            if each.struct is not None:
                visit(each.struct)
                found.setdefault(each.struct.__name__, each.struct)

    for entity_set in SETS.values():
        visit(entity_set.record)
    return list(found.values())


def _entity_type(entity_set: EntitySet) -> Iterator[str]:
    record = entity_set.record.__name__
    yield f'<EntityType Name="{record}"><Key>'
    for name in entity_set.key:
        yield f'<PropertyRef Name="{name}"/>'
    yield "</Key>"
    for each in PROPERTIES[entity_set.name].values():
        yield _property(record, each)
    for name in entity_set.expands:
        target = SETS[name].record.__name__
        yield f'<NavigationProperty Name="{name}" Type="Collection({NAMESPACE}.{target})"/>'
    yield "</EntityType>"


def _property(record: str, each: Property) -> str:
    nullable = "" if each.nullable else ' Nullable="false"'
    text = describe_property(record, each)
    return (
        f'<Property Name="{each.name}" Type="{each.edm}"{nullable}>'
        f'<Annotation Term="Core.Description" String={quoteattr(text)}/></Property>'
    )


def describe_property(record: str, each: Property) -> str:
    """What the Output Dictionary says of it. Raises KeyError for a name that is not there."""
    if each.of:
        return f"The moment of {each.of}, in UTC."
    if each.name in OWN:
        return OWN[each.name]
    meaning = find_meaning(record, each.name)
    if meaning is None:
        raise KeyError(f"{record}.{each.name} is not in the Output Dictionary")
    return describe(meaning)


def _entity_set(entity_set: EntitySet, columns: frozenset[str]) -> Iterator[str]:
    record = entity_set.record.__name__
    yield f'<EntitySet Name="{entity_set.name}" EntityType="{NAMESPACE}.{record}">'
    for name in entity_set.expands:
        yield f'<NavigationPropertyBinding Path="{name}" Target="{name}"/>'
    others = [name for name in PROPERTIES[entity_set.name] if name not in columns]
    paths = "".join(f"<PropertyPath>{name}</PropertyPath>" for name in others)
    for term, key in (
        ("FilterRestrictions", "NonFilterableProperties"),
        ("SortRestrictions", "NonSortableProperties"),
    ):
        yield (
            f'<Annotation Term="Capabilities.{term}"><Record><PropertyValue Property="{key}">'
            f"<Collection>{paths}</Collection></PropertyValue></Record></Annotation>"
        )
    yield "</EntitySet>"


def service_document(base: str) -> dict[str, object]:
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in SETS]
    return {"@odata.context": f"{base}/$metadata", "value": sets}
