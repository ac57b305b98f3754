"""Entries sealed into a chain: whoever changes, removes or slips in one afterwards breaks it.

The worker seals what was added since, a minute at a time, so that no writer waits for another. Each
seal is the SHA-256 of the seal before and of its own entries, in the order of their ids. The log
names every seal: kept elsewhere, it also tells of a chain that was made anew from its beginning.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from autohub.audit import chain_store
from autohub.audit.chain_store import AT_ONCE, FIRST, Seal
from autohub.db.engine import Database, Reading
from autohub.kit.errors import Unavailable


class Verdict(msgspec.Struct, kw_only=True):
    """What the chain says; `broken` are the ids between which entries are not what was sealed,
    those up to `deleted_to` were deleted when their days were over."""

    entries: int = 0
    seals: int = 0
    unsealed: int = 0
    head: str = ""
    deleted_to: int = 0
    broken: list[tuple[int, int]] = []
    heads: set[str] = set()


def seal_entries(database: Database, *, now: int) -> Seal | None:
    """Seals what was added since the last seal, AT_ONCE entries at most; None when there is
    nothing, or writers leave no moment to see where it ends."""
    try:
        bound = database.write(chain_store.find_last_settled)
    except Unavailable:
        return None
    with database.reading() as db:
        last = chain_store.find_last_seal(db)
        before = last.last_audit_id if last else FIRST
        entries = list(chain_store.stream_entries(db, after=before, to=bound, limit=AT_ONCE))
    if not entries:
        return None
    made = Seal(
        last_audit_id=entries[-1][0],
        entries=len(entries),
        sealed_epoch=now,
        digest=_digest(last or Seal(), entries),
    )
    return made if database.write(lambda db: chain_store.add_seal(db, made, after=last)) else None


def verify_chain(db: Reading, *, deleted_before: int | None = None) -> Verdict:
    """Compares every entry with its seal. Entries may have been deleted from the beginning on, of
    seals from before `deleted_before` (None: nothing is ever deleted), and nowhere else."""
    verdict, before = Verdict(heads=set()), Seal()
    for seal in chain_store.list_seals(db):
        first = before.last_audit_id
        may_be_gone = (
            deleted_before is not None
            and seal.sealed_epoch < deleted_before
            and verdict.deleted_to == first
        )
        after = first if verdict.seals else FIRST  # none may lie before the first
        entries = list(chain_store.stream_entries(db, after=after, to=seal.last_audit_id))
        if seal.is_pruned:
            is_whole = not entries and may_be_gone
            if is_whole:
                verdict.deleted_to = seal.last_audit_id
        else:
            is_whole = len(entries) == seal.entries and seal.digest == _digest(before, entries)
        if not is_whole:
            verdict.broken.append((first + 1, seal.last_audit_id))
        verdict.entries += len(entries)
        verdict.seals += 1
        verdict.head = seal.digest.hex()
        verdict.heads.add(verdict.head)
        before = seal
    verdict.unsealed = chain_store.count_after(db, before.last_audit_id)
    return verdict


def prune(database: Database, *, before: int) -> int:
    """Deletes entries from before that moment, whole seals of them, which stay in the chain as
    such; returns how many they were."""
    return database.write(lambda db: chain_store.delete_sealed(db, before=before))


def _digest(before: Seal, entries: list[tuple[object, ...]]) -> bytes:
    """Over the seal before, when that was made too, and the entries."""
    digest = hashlib.sha256(before.digest)
    digest.update(f"{before.last_audit_id} {before.sealed_epoch}\n".encode())
    for line in _lines(entries):
        digest.update(line)
    return digest.digest()


def _lines(entries: list[tuple[object, ...]]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    for entry in entries:
        yield encode(entry) + b"\n"
