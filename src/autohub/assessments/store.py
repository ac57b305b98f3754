"""Every statement about assessments' versions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import select

from autohub.assessments.model import Assessment
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import assessment_version, category_assessment
from autohub.db.stamps import keep

_KNOWN: dict[bytes, Assessment] = {}
"""Decoded definitions by their encoding; a version that was live never changes, and there are
few."""
_KNOWN_AT_MOST = 500


def decode_assessment(raw: bytes) -> Assessment:
    if raw not in _KNOWN:
        if len(_KNOWN) >= _KNOWN_AT_MOST:
            _KNOWN.clear()
        _KNOWN[raw] = msgspec.json.decode(raw, type=Assessment)
    return _KNOWN[raw]


def has_defaults(db: Reading) -> bool:
    return db.row(select(assessment_version.c.version_id).limit(1)) is not None


def load_definitions(db: Reading, version_ids: Iterable[int]) -> dict[int, Assessment]:
    """The versions of these that there are."""
    return _load_definitions(db, tuple(sorted(set(version_ids))))


@keep("assessments")
def _load_definitions(db: Reading, version_ids: tuple[int, ...]) -> dict[int, Assessment]:
    columns = (assessment_version.c.version_id, assessment_version.c.definition)
    rows = db.rows(select(*columns).where(db.one_of(assessment_version.c.version_id, version_ids)))
    return {row.version_id: decode_assessment(bytes(row.definition)) for row in rows}


def live_versions(db: Reading, category_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """The versions that these categories name for themselves, by category and assessment."""
    rows = db.rows(
        select(category_assessment).where(
            db.one_of(category_assessment.c.category_id, category_ids)
        )
    )
    return {(row.category_id, row.assessment_key): row.version_id for row in rows}


def live_assessment_keys(db: Reading) -> list[str]:
    """The assessments that are live somewhere."""
    query = (
        select(category_assessment.c.assessment_key)
        .distinct()
        .order_by(category_assessment.c.assessment_key)
    )
    return list(db.scalars(query))


def get_version(db: Reading, version_id: int) -> Row | None:
    return db.row(select(assessment_version).where(assessment_version.c.version_id == version_id))


def list_versions(db: Reading, assessment_key: str | None) -> list[Row]:
    where = assessment_version.c.assessment_key == assessment_key if assessment_key else sa.true()
    return list(
        db.rows(select(assessment_version).where(where).order_by(assessment_version.c.version_id))
    )


def categories_of(db: Reading, version_ids: Sequence[int]) -> dict[int, list[int]]:
    """The categories in which each version is live."""
    found: dict[int, list[int]] = {}
    query = select(category_assessment).where(
        db.one_of(category_assessment.c.version_id, version_ids)
    )
    for row in db.rows(query.order_by(category_assessment.c.category_id)):
        found.setdefault(row.version_id, []).append(row.category_id)
    return found


def insert_version(db: Writing, values: Mapping[str, Any]) -> int:
    return db.insert(assessment_version, values)


def update_version(db: Writing, version_id: int, values: Mapping[str, Any]) -> None:
    db.change(
        assessment_version.update()
        .where(assessment_version.c.version_id == version_id)
        .values(dict(values))
    )


def delete_version(db: Writing, version_id: int) -> None:
    db.change(assessment_version.delete().where(assessment_version.c.version_id == version_id))


def put_live(db: Writing, category_id: int, assessment_key: str, version_id: int) -> None:
    mine = sa.and_(
        category_assessment.c.category_id == category_id,
        category_assessment.c.assessment_key == assessment_key,
    )
    db.change(category_assessment.delete().where(mine))
    db.insert(
        category_assessment,
        {"category_id": category_id, "assessment_key": assessment_key, "version_id": version_id},
    )


def take_offline(db: Writing, version_id: int) -> None:
    db.change(category_assessment.delete().where(category_assessment.c.version_id == version_id))
