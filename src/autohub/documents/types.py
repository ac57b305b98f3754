"""The types of documents: those of contract 4.6, and an organisation's own."""

from typing import Any

import msgspec

from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Row, Writing
from autohub.documents import store
from autohub.documents.model import (
    FIRST_CUSTOM_TYPE,
    DocumentType,
    DocumentTypeChange,
    NewDocumentType,
    parse_extensions,
)
from autohub.flows.model import key_part
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say
from autohub.kit.text import fold

COLUMNS = {"file_type_name": "document_type_name"}
"""The columns that have another name than the field of the call."""


def list_types(db: Reading) -> list[DocumentType]:
    """All types, those that are switched off too, by id."""
    return [_to_type(row) for row in store.list_types(db)]


def get_type(db: Reading, file_type_id: int) -> DocumentType:
    """Raises NotFound."""
    row = store.get_type(db, file_type_id)
    if row is None:
        raise NotFound(
            say(
                "There is no type of document {file_type_id}; GET /document-types lists them.",
                file_type_id=file_type_id,
            )
        )
    return _to_type(row)


def create_type(db: Writing, caller: Caller, new: NewDocumentType, *, now: int) -> DocumentType:
    """A type of an organisation's own. Raises Conflict for a taken name."""
    db.lock("document types")
    known = list_types(db)
    key = key_part(new.file_type_name)
    _check_name(known, new.file_type_name, None)
    if not key or key in {kind.file_type_key for kind in known}:
        raise Conflict(
            say(
                "“{file_type_name}” is too much like a type that is there, or has no "
                "letters; choose another name.",
                file_type_name=new.file_type_name,
            )
        )
    file_type_id = max(FIRST_CUSTOM_TYPE - 1, *(kind.file_type_id for kind in known)) + 1
    store.insert_type(
        db,
        {"document_type_id": file_type_id, "document_type_key": key}
        | _values(msgspec.to_builtins(new)),
    )
    audit.record(
        db,
        actor(caller),
        "add document type",
        "document_type",
        file_type_id,
        now=now,
        after=msgspec.to_builtins(new),
    )
    return get_type(db, file_type_id)


def update_type(
    db: Writing, caller: Caller, file_type_id: int, wanted: DocumentTypeChange, *, now: int
) -> DocumentType:
    """Raises NotFound, Conflict for a taken name, and Invalid for what a published type keeps."""
    db.lock("document types")
    before = get_type(db, file_type_id)
    old: dict[str, Any] = msgspec.to_builtins(before)
    values: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(wanted).items() if value != old[name]
    }
    if file_type_id < FIRST_CUSTOM_TYPE and (
        fixed := values.keys() - {"document_type_is_active", "template_link"}
    ):
        text = (
            "stays as it is: other systems know this type. Switch it off, and add one of your own."
        )
        raise Invalid(
            "This type comes with the hub.", details={name: [text] for name in sorted(fixed)}
        )
    if "file_type_name" in values:
        _check_name(list_types(db), values["file_type_name"], file_type_id)
    if values:
        store.update_type(db, file_type_id, _values(values))
        was = {name: old[name] for name in values}
        audit.record(
            db,
            actor(caller),
            "change document type",
            "document_type",
            file_type_id,
            now=now,
            before=was,
            after=values,
        )
    return get_type(db, file_type_id)


def _check_name(known: list[DocumentType], name: str, but: int | None) -> None:
    if any(fold(kind.file_type_name) == fold(name) and kind.file_type_id != but for kind in known):
        raise Conflict(
            say(
                "There is a type of document named “{name}” already; choose another name.",
                name=name,
            )
        )


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    found = {COLUMNS.get(name, name): value for name, value in fields.items()}
    return found | (
        {"accepted_extensions": ",".join(found["accepted_extensions"])}
        if "accepted_extensions" in found
        else {}
    )


def _to_type(row: Row) -> DocumentType:
    return DocumentType(
        file_type_id=row.document_type_id,
        file_type_name=row.document_type_name,
        file_type_key=row.document_type_key,
        accepted_extensions=parse_extensions(row.accepted_extensions),
        allow_embed_link=row.allow_embed_link,
        document_type_is_active=row.document_type_is_active,
        template_link=row.template_link,
    )
