"""Every statement about tries to sign in that failed."""

from collections.abc import Sequence

from sqlalchemy import select

from autohub.db.engine import Row, Writing
from autohub.db.schema import sign_in_attempt
from autohub.db.statements import Statement, among


def lock_attempts(db: Writing, keys: Sequence[str]) -> dict[str, Row]:
    """What is known of these keys; who else counts one of them waits until this transaction
    ends."""
    for key in sorted(keys):
        db.lock(f"attempt {key}")
    return {row.attempt_key: row for row in db.rows(_KNOWN, {"keys": list(keys)})}


_KNOWN = Statement(select(sign_in_attempt).where(among(sign_in_attempt.c.attempt_key, "keys")))


def save_attempt(db: Writing, key: str, *, failures: int, now: int) -> None:
    db.driver_change(
        "INSERT INTO sign_in_attempt (attempt_key, failures, last_epoch) VALUES (?, ?, ?) "
        "ON CONFLICT (attempt_key) DO UPDATE SET failures = excluded.failures, "
        "last_epoch = excluded.last_epoch",
        (key, failures, now),
    )


def forget_attempts(db: Writing, keys: Sequence[str]) -> None:
    sql = f"DELETE FROM sign_in_attempt WHERE attempt_key {db.driver_in}"
    db.driver_change(sql, (db.driver_list(keys),))


def delete_old(db: Writing, *, before: int) -> int:
    """Takes away what nobody tried since that moment; returns how many they were."""
    old = sign_in_attempt.c.last_epoch < before
    return db.change(sign_in_attempt.delete().where(old))
