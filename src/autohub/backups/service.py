"""Making backups, checking them, and bringing one back."""

import os
import tempfile
from pathlib import Path

from autohub import __version__
from autohub.backups import store
from autohub.backups.archive import Damaged, Manifest, Progress, Reader, Writer, create
from autohub.db import installation
from autohub.db.engine import Database, Reading
from autohub.db.migrate import current_revision, revisions, upgrade
from autohub.integrations.blobs import Blobs, Lost
from autohub.kit import private
from autohub.kit.errors import Conflict, Invalid
from autohub.kit.sentences import say


class NotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "There is an installation in this database already; a backup goes into an empty one. "
            "Set AUTOHUB_DATA_DIR or AUTOHUB_DATABASE_URL to another place."
        )


def make_backup(
    database: Database, blobs: Blobs, path: Path, *, now: int, tell: Progress
) -> Manifest:
    """Writes everything as it is at one moment, while people go on; returns what the file holds.
    Raises Invalid when the file is there, Unavailable."""
    with create(path) as writer:
        with database.reading() as db:
            manifest = _write_tables(db, writer, now=now, tell=tell)
            keys = store.blob_keys(db)
        for key in keys:  # bytes never change, and stay in the trash for days
            try:
                manifest.files[key] = writer.add_file(key, blobs.read(key))
            except Lost:
                manifest.missing.append(key)
        tell(say("{count} files", count=len(manifest.files)))
        writer.add_manifest(manifest)
    return manifest


def _write_tables(db: Reading, writer: Writer, *, now: int, tell: Progress) -> Manifest:
    manifest = Manifest(
        release=__version__,
        revision=current_revision(db) or "",
        tenant_id=installation.load_facts(db)["tenant_id"],
        made_epoch=now,
        sequences=store.last_ids(db),
    )
    for table in store.tables():
        names, binary = store.columns_of(table)
        part = writer.add_table(table.name, names, binary, store.stream_rows(db, table))
        manifest.tables[table.name] = part
        if part.rows:
            tell(say("{count} rows of {table}", count=part.rows, table=table.name))
    return manifest


def verify_backup(path: Path) -> Manifest:
    """Reads all of a backup and compares it with what was written; returns what it holds. Raises
    Damaged."""
    reader = Reader(path)
    try:
        for table in reader.manifest.tables:
            for _ in reader.rows(table):
                pass
        digests = _digests_of_documents(reader)
        for key, part in reader.manifest.files.items():
            for _ in reader.pieces(key):
                pass
            if digests.get(key, part.sha256) != part.sha256:
                raise Damaged(say("files/{key} is not the document that was uploaded.", key=key))
        return reader.manifest
    finally:
        reader.close()


def _digests_of_documents(reader: Reader) -> dict[str, str]:
    columns = reader.manifest.tables["file"].columns
    key, digest = columns.index("blob_key"), columns.index("sha256")
    return {row[key]: row[digest] for row in reader.rows("file")}


def restore_backup(
    database: Database, blobs: Blobs, path: Path, *, folder: Path, tell: Progress
) -> Manifest:
    """Brings a backup into an empty database and its files into the store; all of the rows or
    none. `folder` is where files are put together, beside the store. Raises Damaged, NotEmpty,
    Unavailable, and Invalid for a backup of a later release."""
    manifest = verify_backup(path)
    with database.reading() as db:
        if current_revision(db) is not None:
            raise NotEmpty
    if manifest.revision not in revisions():
        raise Invalid(
            say(
                "This backup was made by release {release}, which is newer; use that one.",
                release=manifest.release,
            )
        )
    reader = Reader(path)
    try:
        _restore_files(reader, blobs, folder)
        tell(say("{count} files", count=len(manifest.files)))
        upgrade(database, to=manifest.revision)
        _restore_rows(database, reader, tell=tell)
        upgrade(database)
        database.write(store.mark_for_search)
    finally:
        reader.close()
    return manifest


def _restore_files(reader: Reader, blobs: Blobs, folder: Path) -> None:
    private.make_folder(folder)
    blobs.claim()
    for key in reader.manifest.files:
        handle, name = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in reader.pieces(key):
                    file.write(piece)
            blobs.put(key, Path(name))
        finally:
            Path(name).unlink(missing_ok=True)


def _restore_rows(database: Database, reader: Reader, *, tell: Progress) -> None:
    with database.writing() as db:
        db.take_time()
        store.empty_tables(db)
        for name, part in reader.manifest.tables.items():
            store.insert_rows(db, name, part.columns, reader.rows(name))
            if part.rows:
                tell(say("{count} rows of {table}", count=part.rows, table=name))
        store.set_last_ids(db, reader.manifest.sequences)
