"""The calls about documents and media (contract 4.6)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.access.routes import ChunkCall, Paged, Raw, ReadCall, Routes, Stream, WriteCall
from autohub.documents import service, types
from autohub.documents.model import (
    Document,
    DocumentChange,
    DocumentType,
    DocumentTypeChange,
    Medium,
    NewDocument,
    NewDocumentType,
    NewMedium,
    Stored,
    StoredMedium,
)
from autohub.kit.query import PAGING

routes = Routes("Documents")

_FILE = {"file_name": "pdd.txt", "mimetype": "text/plain", "file_content": "SGVsbG8=", "file_encoding": "base64"}
_TYPE = {
    "file_type_id": 1,
    "file_type_name": "Process Definition Document",
    "file_type_key": "PDD",
    "accepted_extensions": [],
    "allow_embed_link": 1,
}
_DOCUMENT = {
    "document_id": 3,
    "document_title": "Process definition",
    "document_description": "How invoices are checked today.",
    "document_type_id": 1,
    "file_id": 8,
    "file_name": "pdd.txt",
    "file_size": 5,
    "mimetype": "text/plain",
    "embed_link": None,
    "document_is_active": 1,
    "document_created_epoch": 1767225600000,
    "file_type": _TYPE,
}
_MEDIUM = {"media_id": 4, "file_id": 9, "file_name": "a.png", "file_size": 5, "mimetype": "image/png", "media_created_epoch": 1767225600000}
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1}
_UPLOAD: dict[str, Any] = {
    "rights": ANY_RIGHT,
    "transaction": "chunks",
    "uploads": True,
    "lines": True,
    "status": 201,
    "message": "Resource Created",
}


@routes(
    "GET",
    "/automations/{process_id}/documents",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("documents", Document),
    example=_PAGE | {"documents": [_DOCUMENT]},
)
def read(call: ReadCall) -> Any:
    """Lists an idea's documents"""
    found, total = service.listed(call.db, call.caller, call.id, call.query.page)
    return call.query.page.envelope("documents", found, total)


@routes(
    "POST",
    "/automations/{process_id}/documents",
    body=NewDocument,
    body_example={k: _DOCUMENT[k] for k in ("document_title", "document_description", "document_type_id")} | {"file": _FILE},
    answer=Stored,
    example={"document_id": 3, "file_id": 8},
    **_UPLOAD,
)
def add(call: ChunkCall) -> Stored:
    """Adds a document: a file, or a link to one"""
    return service.add(call.db, call.blobs, call.caller, call.id, call.body, call.upload, now=call.now)


@routes(
    "PATCH",
    "/automations/{process_id}/documents/{document_id}",
    rights=ANY_RIGHT,
    body=DocumentChange,
    body_example={"document_title": "Process definition 2"},
    lines=True,
    answer=Document,
    example=_DOCUMENT,
)
def change(call: WriteCall) -> Document:
    """Changes a document's title, description, or whether it is active"""
    return service.change(call.db, call.caller, call.path["process_id"], call.path["document_id"], call.body, now=call.now)


@routes("DELETE", "/automations/{process_id}/documents/{document_id}", rights=ANY_RIGHT, answer=None, example=None)
def remove(call: WriteCall) -> None:
    """Deletes a document or a medium"""
    service.remove(call.db, call.caller, call.path["process_id"], call.path["document_id"], now=call.now)


@routes(
    "GET",
    "/automations/{process_id}/media",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("media", Medium),
    example=_PAGE | {"media": [_MEDIUM]},
)
def media(call: ReadCall) -> Any:
    """Lists an idea's pictures and films"""
    found, total = service.media(call.db, call.caller, call.id, call.query.page)
    return call.query.page.envelope("media", found, total)


@routes(
    "POST",
    "/automations/{process_id}/media",
    body=NewMedium,
    body_example={"file": _FILE},
    answer=StoredMedium,
    example={"media_id": 4, "file_id": 9},
    **_UPLOAD,
)
def add_medium(call: ChunkCall) -> StoredMedium:
    """Adds a picture or a film"""
    return service.add_medium(call.db, call.blobs, call.caller, call.id, call.body, call.upload, now=call.now)


_KIND = _TYPE | {"document_type_is_active": 1, "template_link": "https://wiki.example.com/templates/pdd"}
SETUP = (Right.MANAGE_PLATFORM_SETUP,)


@routes("GET", "/document-types", rights=ANY_RIGHT, answer=dict[str, list[DocumentType]], example={"document_types": [_KIND]})
def list_types(call: ReadCall) -> Any:
    """Lists the types of documents"""
    return {"document_types": types.listed(call.db)}


@routes(
    "POST",
    "/document-types",
    rights=SETUP,
    body=NewDocumentType,
    body_example={"file_type_name": "Security concept", "accepted_extensions": ["pdf", "docx"], "allow_embed_link": 1},
    status=201,
    message="Resource Created",
    answer=DocumentType,
    example=_KIND | {"file_type_id": 101, "file_type_name": "Security concept", "file_type_key": "SECURITY_CONCEPT"},
)
def add_type(call: WriteCall) -> DocumentType:
    """Adds a type of documents of one's own"""
    return types.add(call.db, call.caller, call.body, now=call.now)


@routes(
    "PATCH",
    "/document-types/{file_type_id}",
    rights=SETUP,
    body=DocumentTypeChange,
    body_example={"document_type_is_active": 0},
    answer=DocumentType,
    example=_KIND | {"document_type_is_active": 0},
)
def change_type(call: WriteCall) -> DocumentType:
    """Changes a type of documents, or switches it off and on"""
    return types.change(call.db, call.caller, call.id, call.body, now=call.now)


@routes("GET", "/download/file/{file_id}", rights=ANY_RIGHT, streams="blobs", answer=Raw, example="*/*")
def download(call: ReadCall) -> Stream:
    """Downloads a file of an idea that the caller may see"""
    return service.download(call.db, call.blobs, call.caller, call.id)
