"""Every statement about seals over the audit's entries."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import func, select

from autohub.audit.store import COLUMNS
from autohub.db.engine import Reading, Writing
from autohub.db.schema import audit, audit_seal
from autohub.db.statements import Statement, bind

AT_ONCE = 500
"""How many entries one seal covers at most: between the ids of so many something is found."""
FIRST = -(2**62)
"""Before every id that a row can have."""
_SEALED = ("audit_id", *COLUMNS)


class Seal(msgspec.Struct, kw_only=True):
    """One link of the chain: over the entries after the seal before, up to `last_audit_id`. Those
    of a pruned one were deleted when their time was over."""

    last_audit_id: int = 0
    entries: int = 0
    sealed_epoch: int = 0
    digest: bytes = b""
    is_pruned: bool = False


def find_last_settled(db: Writing) -> int:
    """The last entry before which none can appear any more. PostgreSQL gives ids out before it
    commits, so all who write entries must be done for a moment. Raises Unavailable when they are
    not."""
    db.lock_table_briefly("audit")
    return int(db.scalar(_LAST) or 0)


_LAST = Statement(select(func.max(audit.c.audit_id)))
_LAST_SEAL = Statement(select(audit_seal).order_by(audit_seal.c.last_audit_id.desc()).limit(1))
_AFTER = Statement(
    select(func.count()).select_from(audit).where(audit.c.audit_id > bind("audit_id"))
)


def find_last_seal(db: Reading) -> Seal | None:
    row = db.row(_LAST_SEAL)
    return _to_seal(row) if row else None


def list_seals(db: Reading) -> Iterator[Seal]:
    """All seals, from the first."""
    for row in db.rows(select(audit_seal).order_by(audit_seal.c.last_audit_id)):
        yield _to_seal(row)


def stream_entries(
    db: Reading, *, after: int, to: int, limit: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Entries as they are stored, by id."""
    sql = f"SELECT {', '.join(_SEALED)} FROM audit WHERE audit_id > ? AND audit_id <= ?"
    order = " ORDER BY audit_id" + (f" LIMIT {limit}" if limit else "")
    for *facts, changes in db.driver_bytes(sql + order, (after, to)):
        yield (*facts, None if changes is None else bytes(changes))


def add_seal(db: Writing, seal: Seal, *, after: Seal | None) -> bool:
    """Adds a link behind `after`; False when another worker was quicker."""
    db.lock("audit seal")
    if find_last_seal(db) != after:
        return False
    db.insert(audit_seal, _facts(seal))
    return True


def count_after(db: Reading, audit_id: int) -> int:
    return int(db.scalar(_AFTER, {"audit_id": audit_id}))


def delete_sealed(db: Writing, *, before: int) -> int:
    """Deletes the entries of whole seals that were made before that moment."""
    db.lock("audit seal")
    gone, first = 0, 0
    for seal in list_seals(db):
        if seal.sealed_epoch >= before:
            break
        if not seal.is_pruned:
            within = (audit.c.audit_id > first, audit.c.audit_id <= seal.last_audit_id)
            gone += db.change(audit.delete().where(*within))
            mine = audit_seal.c.last_audit_id == seal.last_audit_id
            db.change(audit_seal.update().where(mine).values(is_pruned=1))
        first = seal.last_audit_id
    return gone


def _facts(seal: Seal) -> dict[str, Any]:
    return msgspec.structs.asdict(seal) | {"is_pruned": int(seal.is_pruned)}


def _to_seal(row: Any) -> Seal:
    return Seal(
        last_audit_id=row.last_audit_id,
        entries=row.entries,
        sealed_epoch=row.sealed_epoch,
        digest=bytes(row.digest),
        is_pruned=bool(row.is_pruned),
    )
