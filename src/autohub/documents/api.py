"""The calls about documents and media (contract 4.6)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
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
    StoredDocument,
    StoredMedium,
)
from autohub.ideas.rights import find_idea
from autohub.kit.query import PAGING
from autohub.web.routes import (
    ChunkedApiRequest,
    Paged,
    Raw,
    ReadApiRequest,
    Routes,
    Stream,
    WriteApiRequest,
)

routes = Routes("Documents")

_FILE = {
    "file_name": "pdd.txt",
    "mimetype": "text/plain",
    "file_content": "SGVsbG8=",
    "file_encoding": "base64",
}
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
_MEDIUM = {
    "media_id": 4,
    "file_id": 9,
    "file_name": "a.png",
    "file_size": 5,
    "mimetype": "image/png",
    "media_created_epoch": 1767225600000,
}
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1}
_UPLOAD: dict[str, Any] = {
    "rights": ANY_RIGHT,
    "transaction": "per_chunk",
    "uploads": True,
    "media": ("application/json", "multipart/form-data"),
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
def list_documents(request: ReadApiRequest) -> Any:
    """Lists an idea's documents"""
    held = find_idea(request.db, request.caller, request.id)
    found, total = service.list_documents(request.db, held, request.query.page)
    return request.query.page.envelope("documents", found, total)


@routes(
    "POST",
    "/automations/{process_id}/documents",
    body=NewDocument,
    body_example={
        k: _DOCUMENT[k] for k in ("document_title", "document_description", "document_type_id")
    }
    | {"file": _FILE},
    answer=StoredDocument,
    example={"document_id": 3, "file_id": 8},
    **_UPLOAD,
)
def add_document(request: ChunkedApiRequest) -> StoredDocument:
    """Adds a document: a file, or a link to one"""
    return service.add_document(
        request.db,
        request.blobs,
        request.caller,
        request.id,
        request.body,
        request.upload,
        now=request.now,
    )


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
def update_document(request: WriteApiRequest) -> Document:
    """Changes a document's title, description, or whether it is active"""
    held = find_idea(request.db, request.caller, request.path["process_id"])
    return service.update_document(
        request.db,
        request.caller,
        held,
        request.path["document_id"],
        request.body,
        now=request.now,
    )


@routes(
    "DELETE",
    "/automations/{process_id}/documents/{document_id}",
    rights=ANY_RIGHT,
    answer=None,
    example=None,
)
def delete_document(request: WriteApiRequest) -> None:
    """Deletes a document or a medium"""
    held = find_idea(request.db, request.caller, request.path["process_id"])
    service.delete_document(
        request.db,
        request.caller,
        held,
        request.path["document_id"],
        now=request.now,
    )


@routes(
    "GET",
    "/automations/{process_id}/media",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("media", Medium),
    example=_PAGE | {"media": [_MEDIUM]},
)
def list_media(request: ReadApiRequest) -> Any:
    """Lists an idea's pictures and films"""
    held = find_idea(request.db, request.caller, request.id)
    found, total = service.list_media(request.db, held, request.query.page)
    return request.query.page.envelope("media", found, total)


@routes(
    "POST",
    "/automations/{process_id}/media",
    body=NewMedium,
    body_example={"file": _FILE},
    answer=StoredMedium,
    example={"media_id": 4, "file_id": 9},
    **_UPLOAD,
)
def add_medium(request: ChunkedApiRequest) -> StoredMedium:
    """Adds a picture or a film"""
    return service.add_medium(
        request.db,
        request.blobs,
        request.caller,
        request.id,
        request.body,
        request.upload,
        now=request.now,
    )


_KIND = _TYPE | {
    "document_type_is_active": 1,
    "template_link": "https://wiki.example.com/templates/pdd",
}
SETUP = (Right.MANAGE_PLATFORM_SETUP,)


@routes(
    "GET",
    "/document-types",
    rights=ANY_RIGHT,
    answer=dict[str, list[DocumentType]],
    example={"document_types": [_KIND]},
)
def list_types(request: ReadApiRequest) -> Any:
    """Lists the types of documents"""
    return {"document_types": types.list_types(request.db)}


@routes(
    "POST",
    "/document-types",
    rights=SETUP,
    body=NewDocumentType,
    body_example={
        "file_type_name": "Security concept",
        "accepted_extensions": ["pdf", "docx"],
        "allow_embed_link": 1,
    },
    status=201,
    message="Resource Created",
    answer=DocumentType,
    example=_KIND
    | {
        "file_type_id": 101,
        "file_type_name": "Security concept",
        "file_type_key": "SECURITY_CONCEPT",
    },
)
def create_type(request: WriteApiRequest) -> DocumentType:
    """Adds a type of documents of one's own"""
    return types.create_type(request.db, request.caller, request.body, now=request.now)


@routes(
    "PATCH",
    "/document-types/{file_type_id}",
    rights=SETUP,
    body=DocumentTypeChange,
    body_example={"document_type_is_active": 0},
    answer=DocumentType,
    example=_KIND | {"document_type_is_active": 0},
)
def update_type(request: WriteApiRequest) -> DocumentType:
    """Changes a type of documents, or switches it off and on"""
    return types.update_type(request.db, request.caller, request.id, request.body, now=request.now)


@routes(
    "GET", "/download/file/{file_id}", rights=ANY_RIGHT, streams="blobs", answer=Raw, example="*/*"
)
def download_file(request: ReadApiRequest) -> Stream:
    """Downloads a file of an idea that the caller may see"""
    return service.open_file(request.db, request.blobs, request.caller, request.id)
