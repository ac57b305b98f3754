"""The answers to calls that carried an Idempotency-Key, kept so that a repeat does nothing twice
(contract 2.3)."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from autohub.db.engine import Writing
from autohub.db.schema import idempotency
from autohub.kit.clock import HOUR, MINUTE
from autohub.kit.errors import Conflict

ABANDONED = 15 * MINUTE
"""A call that runs in several transactions and has not answered for so long has died."""


class KeyInUse(Conflict):
    """The key belongs to another call."""


class Claim(msgspec.Struct, frozen=True):
    """A key as one caller used it for one call; `call` is the method and the path below the
    mount."""

    caller: str
    call: str
    key: str
    body_hash: bytes


class KeptAnswer(msgspec.Struct):
    status: int
    answer: bytes


def claim(db: Writing, claim: Claim, *, now: int, again: bool = False) -> KeptAnswer | None:
    """Claims the key for this call, or returns the answer that the first call got. Waits for a
    first call that is just being committed. `again`: it is claimed already, by this same call.
    Raises KeyInUse for another body, or while a first call still runs in several transactions."""
    if db.insert_new(idempotency, msgspec.structs.asdict(claim) | {"created_epoch": now}):
        return None
    row = db.row(idempotency.select().where(*_is(claim)))
    assert row is not None
    if row.body_hash != claim.body_hash:
        raise KeyInUse(
            "This Idempotency-Key was used with another body; use a new key for a new call."
        )
    if row.answer is None:
        if row.created_epoch > now - ABANDONED and not again:
            raise KeyInUse(
                "The first call with this Idempotency-Key is still running; try again in a moment."
            )
        db.change(idempotency.update().where(*_is(claim)).values(created_epoch=now))
        return None
    return KeptAnswer(row.status, row.answer)


def keep_answer(db: Writing, claim: Claim, *, status: int, answer: bytes) -> None:
    db.change(idempotency.update().where(*_is(claim)).values(status=status, answer=answer))


def release(db: Writing, claim: Claim) -> None:
    """Frees a key whose call came to nothing that is worth keeping."""
    db.change(idempotency.delete().where(*_is(claim)))


def forget_texts(db: Writing, texts: Sequence[str]) -> None:
    """Drops every kept answer in which one of `texts` stands, whatever its case: for an erasure."""
    wanted = [text.casefold() for text in texts if text]
    for row in db.rows(
        sa.select(idempotency.c.caller, idempotency.c.call, idempotency.c.key, idempotency.c.answer)
    ):
        answer = (row.answer or b"").decode("utf-8", errors="replace").casefold()
        if any(text in answer for text in wanted):
            release(db, Claim(caller=row.caller, call=row.call, key=row.key, body_hash=b""))


def delete_old(db: Writing, *, hours: int, now: int) -> int:
    """Drops what is older than `hours` and returns how many rows that were."""
    return db.change(idempotency.delete().where(idempotency.c.created_epoch < now - hours * HOUR))


def _is(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        idempotency.c.caller == claim.caller,
        idempotency.c.call == claim.call,
        idempotency.c.key == claim.key,
    )
