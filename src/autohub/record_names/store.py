"""Every statement that fetches names."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading
from autohub.db.schema import (
    application,
    category,
    collaborator_role,
    phase,
    phase_status,
    user_account,
)
from autohub.db.statements import Statement, among

_PERSON = (
    "user_email",
    "user_first_name",
    "user_last_name",
    "user_department",
    "user_business_unit",
)


def load_people(db: Reading, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Names, address, department and business unit by id; erased accounts have none of them."""
    rows = db.rows(_PEOPLE, {"ids": list(ids)})
    return {row[0]: dict(zip(_PERSON, row[1:], strict=True)) for row in rows}


_PEOPLE = Statement(
    select(user_account.c.user_id, *(user_account.c[name] for name in _PERSON)).where(
        among(user_account.c.user_id, "ids")
    )
)


_CATEGORIES = Statement(select(category).where(among(category.c.category_id, "ids")))
_AROUND = Statement(
    select(category.c.parent_id, category.c.category_id, category.c.category_name)
    .where(sa.or_(among(category.c.category_id, "above"), among(category.c.parent_id, "parents")))
    .order_by(category.c.category_order_number)
)


def load_categories(db: Reading, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What the record says of a category (contract 4.3): its chain from the top, itself, and
    those right below it."""
    wanted = list(ids)
    rows = {row.category_id: row for row in db.rows(_CATEGORIES, {"ids": wanted})}
    chains = {
        category_id: [int(part) for part in row.path.split("/") if part]
        for category_id, row in rows.items()
    }
    above = {part for chain in chains.values() for part in chain} - rows.keys()
    around = db.rows(_AROUND, {"above": above, "parents": wanted})
    names = {row.category_id: row.category_name for row in (*around, *rows.values())}
    under: dict[int, list[dict[str, Any]]] = {}
    for row in around:
        under.setdefault(row.parent_id, []).append(
            {"category_id": row.category_id, "category_name": row.category_name}
        )
    return {
        category_id: {
            "hierarchy": ",".join(map(str, chains[category_id])),
            **{
                f"process_l{level}_id": (chains[category_id] + [None] * 3)[level - 1]
                for level in (1, 2, 3)
            },
            "category_id": category_id,
            "category_name": row.category_name,
            "category_level_id": row.category_level_id,
            "category_is_other": row.category_is_other,
            "subcategories": under.get(category_id, []),
            "categories": [
                {"category_id": part, "category_name": names[part]} for part in chains[category_id]
            ],
        }
        for category_id, row in rows.items()
    }


def load_statuses(db: Reading) -> dict[int, dict[str, Any]]:
    """What the record says of a phase and a status (contract 4.3), by the status's id."""
    joined = phase_status.join(phase, phase.c.phase_id == phase_status.c.phase_id)
    found = {}
    for row in db.rows(select(phase_status, phase).select_from(joined)):
        status = {
            "phase_status_id": row.phase_status_id,
            "phase_id": row.phase_id,
            "phase_status_key": row.phase_status_key,
            "phase_status_name": row.phase_status_name,
        }
        of_phase = {
            "phase_id": row.phase_id,
            "phase_key": row.phase_key,
            "phase_name": row.phase_name,
            "phase_is_active": row.phase_is_active,
            "phase_order": row.phase_order,
        }
        found[row.phase_status_id] = {
            "process_phase_id": row.phase_id,
            "phase_name": row.phase_name,
            "phase_key": row.phase_key,
            "process_phase_status_id": row.phase_status_id,
            **status,
            "process_phase": of_phase,
            "process_phase_status": status,
        }
    return found


def load_applications(db: Reading, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    columns = (
        application.c.application_id,
        application.c.application_name,
        application.c.application_version,
    )
    rows = db.rows(select(*columns).where(db.one_of(application.c.application_id, ids)))
    return {row.application_id: dict(row._mapping) for row in rows}


def load_collaborator_roles(db: Reading) -> dict[int, str]:
    return {row.role_id: row.role_name for row in db.rows(select(collaborator_role))}
