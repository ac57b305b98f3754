"""Every statement about files and documents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import document_type, file, idea_file, user_sync
from autohub.kit.query import Page

_joined = idea_file.outerjoin(file, file.c.file_id == idea_file.c.file_id).outerjoin(
    document_type, document_type.c.document_type_id == idea_file.c.document_type_id
)
_columns = (
    idea_file,
    file.c.file_name,
    file.c.file_size,
    file.c.mimetype,
    document_type.c.document_type_name,
    document_type.c.document_type_key,
    document_type.c.accepted_extensions,
    document_type.c.allow_embed_link,
)


def seed_types(db: Writing, types: Iterable[Sequence[Any]]) -> None:
    """Adds the document types, unless there are some already."""
    if db.row(select(document_type.c.document_type_id).limit(1)) is None:
        columns = (
            "document_type_id",
            "document_type_key",
            "document_type_name",
            "accepted_extensions",
            "allow_embed_link",
        )
        db.insert_many(document_type, columns, [tuple(row) for row in types])


def get_type(db: Reading, document_type_id: int) -> Row | None:
    return db.row(select(document_type).where(document_type.c.document_type_id == document_type_id))


def list_types(db: Reading) -> Sequence[Row]:
    return db.rows(select(document_type).order_by(document_type.c.document_type_id))


def insert_type(db: Writing, values: Mapping[str, Any]) -> None:
    db.insert(document_type, values)


def update_type(db: Writing, document_type_id: int, values: Mapping[str, Any]) -> None:
    db.change(
        document_type.update()
        .where(document_type.c.document_type_id == document_type_id)
        .values(dict(values))
    )


def list_documents(db: Reading, process_id: int, page: Page) -> tuple[Sequence[Row], int]:
    """One page of an idea's documents, by id, and how many there are in all."""
    return _page(
        db,
        sa.and_(idea_file.c.process_id == process_id, idea_file.c.document_type_id.is_not(None)),
        page,
    )


def list_media(db: Reading, process_id: int, page: Page) -> tuple[Sequence[Row], int]:
    return _page(
        db,
        sa.and_(idea_file.c.process_id == process_id, idea_file.c.document_type_id.is_(None)),
        page,
    )


def _page(db: Reading, where: sa.ColumnElement[bool], page: Page) -> tuple[Sequence[Row], int]:
    total = db.scalar(select(func.count()).select_from(idea_file).where(where))
    query = select(*_columns).select_from(_joined).where(where).order_by(idea_file.c.document_id)
    return db.rows(query.limit(page.limit).offset(page.offset)), total


def get_document(db: Reading, process_id: int, document_id: int) -> Row | None:
    where = (idea_file.c.process_id == process_id, idea_file.c.document_id == document_id)
    return db.row(select(*_columns).select_from(_joined).where(*where))


def find_file(db: Reading, file_id: int) -> Row | None:
    """A file with the idea that it belongs to."""
    joined = file.join(idea_file, idea_file.c.file_id == file.c.file_id)
    return db.row(
        select(file, idea_file.c.process_id).select_from(joined).where(file.c.file_id == file_id)
    )


def insert_file(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(file, values)


def insert_document(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(idea_file, values)


def update_document(db: Writing, document_id: int, values: Mapping[str, Any]) -> None:
    db.change(idea_file.update().where(idea_file.c.document_id == document_id).values(dict(values)))


def delete_document(db: Writing, document_id: int, file_id: int | None) -> None:
    """Removes the rows; the bytes are swept later."""
    db.change(idea_file.delete().where(idea_file.c.document_id == document_id))
    if file_id is not None:
        db.change(file.delete().where(file.c.file_id == file_id))


def count_documents(db: Reading, process_id: int) -> int:
    """How many documents an idea has, media apart."""
    mine = sa.and_(idea_file.c.process_id == process_id, idea_file.c.document_type_id.is_not(None))
    return int(db.scalar(select(func.count()).select_from(idea_file).where(mine)))


def referenced_keys(db: Reading, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that some file has, or a file of users that is still on its way."""
    waiting = select(user_sync.c.blob_key).where(
        user_sync.c.state.not_in(("done", "failed")), db.one_of(user_sync.c.blob_key, keys)
    )
    return {
        *db.scalars(select(file.c.blob_key).where(db.one_of(file.c.blob_key, keys))),
        *db.scalars(waiting),
    }
