"""Adding, changing and fetching documents and media (contract 4.6)."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Database, Reading, Row, Writing
from autohub.documents import store
from autohub.documents.model import (
    TYPES,
    Document,
    DocumentChange,
    FileType,
    Medium,
    NewDocument,
    NewMedium,
    StoredDocument,
    StoredMedium,
    extension,
    is_whole_file,
    parse_extensions,
)
from autohub.ideas import service as ideas
from autohub.ideas import store as idea_store
from autohub.ideas.rights import AuthorizedIdea, find_idea, need_edit
from autohub.integrations.blobs import Blobs, new_key
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.sentences import say
from autohub.kit.text import base_name
from autohub.web.routes import Stream, Upload

T = TypeVar("T")
BOTH_OR_NONE = "One and only one of embed_link or file need to be specified."
INVALID_FILE = "Invalid file."


def seed_document_types(db: Writing) -> None:
    store.seed_types(db, TYPES)


def list_documents(db: Reading, held: AuthorizedIdea, page: Page) -> tuple[list[Document], int]:
    """One page of an idea's documents, and how many there are in all."""
    rows, total = store.list_documents(db, held.idea.process_id, page)
    return [_to_document(row) for row in rows], total


def list_media(db: Reading, held: AuthorizedIdea, page: Page) -> tuple[list[Medium], int]:
    """One page of an idea's pictures and films, and how many there are in all."""
    rows, total = store.list_media(db, held.idea.process_id, page)
    return [
        Medium(
            media_id=row.document_id,
            file_id=row.file_id,
            file_name=row.file_name,
            file_size=row.file_size,
            mimetype=row.mimetype,
            media_created_epoch=row.document_created_epoch,
        )
        for row in rows
    ], total


def add_document(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    process_id: int,
    new: NewDocument,
    upload: Upload,
    *,
    now: int,
) -> StoredDocument:
    """Adds a file or a link. The bytes are stored before the transaction, so that no row is ever
    without its bytes; bytes whose row was never written are swept later. Raises NotFound,
    Forbidden, and Invalid with the contract's own sentences."""
    if (new.file is None) is (new.embed_link is None):
        raise Invalid(BOTH_OR_NONE, details={"file": [BOTH_OR_NONE]})
    if new.file is not None:
        _check_file(new.file, upload)
    with database.reading() as db:
        need_edit(db, caller, find_idea(db, caller, process_id), "documentation")
        _check_type(db, new)
    return _store_with_bytes(
        database,
        blobs,
        new.file,
        upload,
        lambda db, key: insert_document(
            db, caller, find_idea(db, caller, process_id), new, upload, key, now=now
        ),
    )


def add_medium(
    database: Database,
    blobs: Blobs,
    caller: Caller,
    process_id: int,
    new: NewMedium,
    upload: Upload,
    *,
    now: int,
) -> StoredMedium:
    """Adds a picture or a film. Raises NotFound, Forbidden, Invalid."""
    _check_file(new.whole_file, upload)
    with database.reading() as db:
        need_edit(db, caller, find_idea(db, caller, process_id), "documentation")

    return _store_with_bytes(
        database,
        blobs,
        new.whole_file,
        upload,
        lambda db, key: insert_medium(
            db, caller, find_idea(db, caller, process_id), new, upload, key, now=now
        ),
    )


def _store_with_bytes(
    database: Database,
    blobs: Blobs,
    file: Any,
    upload: Upload,
    insert: Callable[[Writing, str | None], T],
) -> T:
    """Stores the bytes, then runs `insert` in a transaction. When that fails the bytes stay
    until they are swept: the answer to a COMMIT may be lost after it was done."""
    key = keep_bytes(blobs, upload) if file is not None else None
    return database.write(lambda db: insert(db, key))


def keep_bytes(blobs: Blobs, upload: Upload) -> str:
    """Stores the bytes of an upload and returns their key; they are swept if no row comes to
    name it."""
    assert upload.path is not None
    key = new_key()
    blobs.put(key, upload.path)
    return key


def _check_file(file: Any, upload: Upload) -> None:
    if not is_whole_file(file) or upload.path is None or not upload.is_base64 or not upload.size:
        wanted = (
            "must be {file_name, mimetype, file_content, file_encoding: base64}, none of them "
            "empty."
        )
        raise Invalid(INVALID_FILE, details={"file": [wanted]})


def _check_type(db: Reading, new: NewDocument) -> None:
    kind = store.get_type(db, new.document_type_id)
    if kind is None:
        known = ", ".join(
            f"{row.document_type_id} {row.document_type_key}" for row in store.list_types(db)
        )
        raise Invalid(
            "The type of document is not known.",
            details={"document_type_id": [say("must be one of {choices}.", choices=known)]},
        )
    if new.embed_link is not None and not kind.allow_embed_link:
        raise Invalid(
            "This type of document needs a file.",
            details={
                "embed_link": [
                    say(
                        "{document_type_key} takes no link.",
                        document_type_key=kind.document_type_key,
                    )
                ]
            },
        )
    if not kind.document_type_is_active:
        text = say(
            "{document_type_name} is not used here any more; choose another type.",
            document_type_name=kind.document_type_name,
        )
        raise Invalid(
            "This type of document is switched off.", details={"document_type_id": [text]}
        )
    accepted = parse_extensions(kind.accepted_extensions)
    if new.file is not None and accepted and extension(new.file["file_name"]) not in accepted:
        text = say(
            "{document_type_key} takes files that end in .{accepted}.",
            document_type_key=kind.document_type_key,
            accepted=" or .".join(accepted),
        )
        raise Invalid(INVALID_FILE, details={"file": [text]})


def insert_document(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    new: NewDocument,
    upload: Upload,
    key: str | None,
    *,
    created_epoch: int | None = None,
    now: int,
) -> StoredDocument:
    """Adds a document whose bytes, if it has any, are kept under `key`; `created_epoch` is when
    it was added elsewhere. Raises Forbidden."""
    need_edit(db, caller, held, "documentation")
    names = ("document_title", "document_description", "document_type_id", "embed_link")
    document_id, file_id = _insert_rows(
        db,
        caller,
        held,
        {name: getattr(new, name) for name in names}
        | {"document_created_epoch": now if created_epoch is None else created_epoch},
        new.file,
        upload,
        key,
        now=now,
    )
    return StoredDocument(document_id, file_id)


def insert_medium(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    new: NewMedium,
    upload: Upload,
    key: str | None,
    *,
    created_epoch: int | None = None,
    now: int,
) -> StoredMedium:
    """As `insert_document`."""
    need_edit(db, caller, held, "documentation")
    values = {
        "document_title": base_name(new.whole_file["file_name"]),
        "document_description": "",
        "document_type_id": None,
        "document_created_epoch": now if created_epoch is None else created_epoch,
    }
    document_id, file_id = _insert_rows(
        db, caller, held, values, new.whole_file, upload, key, now=now
    )
    assert file_id is not None
    return StoredMedium(document_id, file_id)


def _insert_rows(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    values: dict[str, Any],
    file: Any,
    upload: Upload,
    key: str | None,
    *,
    now: int,
) -> tuple[int, int | None]:
    file_id = None
    if key is not None:
        facts = {
            "file_name": base_name(file["file_name"]),
            "mimetype": file["mimetype"].strip(),
            "file_size": upload.size,
        }
        facts |= {
            "blob_key": key,
            "sha256": upload.sha256,
            "created_by_user_id": caller.user_id,
            "created_epoch": now,
        }
        file_id = store.insert_file(db, facts)
    own = {
        "process_id": held.idea.process_id,
        "file_id": file_id,
        "created_by_user_id": caller.user_id,
    }
    document_id = store.insert_document(db, values | own)
    after = {
        "document_id": document_id,
        "document_title": values["document_title"],
        "file_id": file_id,
    }
    audit.record(
        db, actor(caller), "add document", "idea", held.idea.process_id, now=now, after=after
    )
    _update_count(db, caller, held, now=now)
    return document_id, file_id


def _update_count(db: Writing, caller: Caller, held: AuthorizedIdea, *, now: int) -> None:
    before = msgspec.to_builtins(held.idea)
    held.idea.process_num_documents = store.count_documents(db, held.idea.process_id)
    ideas.save_change(db, caller, held.idea, before, "count documents", now=now, lists=False)


def update_document(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    document_id: int,
    wanted: DocumentChange,
    *,
    now: int,
) -> Document:
    """Raises Forbidden, NotFound for a document that is not the idea's."""
    process_id = held.idea.process_id
    need_edit(db, caller, held, "documentation")
    before = _find_document(db, process_id, document_id)
    values = msgspec.to_builtins(wanted)
    if values:
        store.update_document(db, document_id, values)
        old = {name: getattr(before, name) for name in values}
        audit.record(
            db,
            actor(caller),
            "change document",
            "idea",
            process_id,
            now=now,
            before=old,
            after=values | {"document_id": document_id},
        )
    return _to_document(_find_document(db, process_id, document_id))


def delete_document(
    db: Writing, caller: Caller, held: AuthorizedIdea, document_id: int, *, now: int
) -> None:
    """Removes a document or a medium; its bytes are swept later. Raises Forbidden,
    NotFound for one that is not the idea's."""
    need_edit(db, caller, held, "documentation")
    row = _find_document(db, held.idea.process_id, document_id)
    store.delete_document(db, document_id, row.file_id)
    before = {"document_id": document_id, "document_title": row.document_title}
    audit.record(
        db, actor(caller), "delete document", "idea", held.idea.process_id, now=now, before=before
    )
    _update_count(db, caller, held, now=now)


def _find_document(db: Reading, process_id: int, document_id: int) -> Row:
    row = store.get_document(db, process_id, document_id)
    if row is None:
        raise NotFound(
            say(
                "There is no document {document_id} on idea {process_id}.",
                document_id=document_id,
                process_id=process_id,
            )
        )
    return row


def open_file(db: Reading, blobs: Blobs, caller: Caller, file_id: int) -> Stream:
    """The bytes of a file of an idea that the caller may see. Raises NotFound."""
    row = store.find_file(db, file_id)
    if row is None or not idea_store.can_see(db, caller, row.process_id):
        raise NotFound(say("There is no file {file_id}.", file_id=file_id))
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(row.file_name)}",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    key = row.blob_key
    return Stream(
        etag=f'"{row.sha256[:32]}"',
        pieces=lambda: blobs.read(key),
        media=row.mimetype,
        headers=headers,
    )


def _to_document(row: Row) -> Document:
    accepted = parse_extensions(row.accepted_extensions)
    kind = FileType(
        file_type_id=row.document_type_id,
        file_type_name=row.document_type_name,
        file_type_key=row.document_type_key,
        accepted_extensions=accepted,
        allow_embed_link=row.allow_embed_link,
    )
    return Document(
        document_id=row.document_id,
        document_title=row.document_title,
        document_description=row.document_description,
        document_type_id=row.document_type_id,
        file_id=row.file_id,
        file_name=row.file_name,
        file_size=row.file_size,
        mimetype=row.mimetype,
        embed_link=row.embed_link,
        document_is_active=row.document_is_active,
        document_created_epoch=row.document_created_epoch,
        file_type=kind,
    )
