"""Every statement about second factors."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import recovery_code, second_factor, used_challenge
from autohub.db.statements import Statement, bind

_OF_PERSON = Statement(
    select(second_factor)
    .where(second_factor.c.user_id == bind("user_id"))
    .order_by(second_factor.c.factor_id)
)


def list_factors(db: Reading, user_id: int) -> list[Row]:
    return list(db.rows(_OF_PERSON, {"user_id": user_id}))


def find_passkey(db: Reading, credential_id: bytes) -> Row | None:
    return db.row(select(second_factor).where(second_factor.c.credential_id == credential_id))


def add_factor(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(second_factor, values)


def delete_factor(db: Writing, user_id: int, factor_id: int) -> bool:
    """False when the person has no such factor."""
    mine = (second_factor.c.user_id == user_id, second_factor.c.factor_id == factor_id)
    return db.change(second_factor.delete().where(*mine)) > 0


def delete_factors(db: Writing, user_id: int) -> int:
    """All of a person's factors and recovery codes; returns how many factors they were."""
    db.change(recovery_code.delete().where(recovery_code.c.user_id == user_id))
    return db.change(second_factor.delete().where(second_factor.c.user_id == user_id))


def take_step(db: Writing, factor_id: int, step: int, *, now: int) -> bool:
    """Uses the code of a step of time up; False when it, or a later one, was used already."""
    unused = (second_factor.c.factor_id == factor_id, second_factor.c.last_step < step)
    change = second_factor.update().where(*unused)
    return db.change(change.values(last_step=step, used_epoch=now)) > 0


def take_sign_count(db: Writing, factor_id: int, count: int, *, now: int) -> bool:
    """Notes that a passkey was used; False when its counter did not rise, as of a copied one.
    Those that do not count say 0."""
    used = second_factor.update().where(second_factor.c.factor_id == factor_id)
    if count:
        used = used.where(second_factor.c.sign_count < count)
    else:
        used = used.where(second_factor.c.sign_count == 0)
    return db.change(used.values(sign_count=count, used_epoch=now)) > 0


def set_recovery_codes(db: Writing, user_id: int, hashes: Sequence[bytes]) -> None:
    db.change(recovery_code.delete().where(recovery_code.c.user_id == user_id))
    db.insert_many(
        recovery_code, ("user_id", "code_hash"), [(user_id, hashed) for hashed in hashes]
    )


def take_recovery_code(db: Writing, user_id: int, hashed: bytes) -> bool:
    """Uses a code up; False when there is none such."""
    mine = (recovery_code.c.user_id == user_id, recovery_code.c.code_hash == hashed)
    return db.change(recovery_code.delete().where(*mine)) > 0


def count_recovery_codes(db: Reading, user_id: int) -> int:
    mine = recovery_code.c.user_id == user_id
    return int(db.scalar(select(func.count()).select_from(recovery_code).where(mine)))


def take_challenge(db: Writing, challenge: bytes, *, expires: int) -> bool:
    """False for one that was answered before."""
    return db.insert_new(used_challenge, {"challenge": challenge, "expires_epoch": expires})


def delete_old_challenges(db: Writing, *, now: int) -> int:
    return db.change(used_challenge.delete().where(used_challenge.c.expires_epoch < now))
