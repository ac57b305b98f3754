"""Every statement about categories."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.categories.model import Category, Level
from autohub.db.engine import Reading, Writing
from autohub.db.schema import (
    application_category,
    category,
    category_assessment,
    category_flow,
    category_level,
    component,
    group_role,
    idea,
    user_role,
)
from autohub.db.stamps import keep
from autohub.kit.query import MAX_NUMBER


def list_levels(db: Reading) -> list[Level]:
    return [
        Level(**row._mapping)
        for row in db.rows(select(category_level).order_by(category_level.c.category_level_id))
    ]


def add_levels(db: Writing, rows: Iterable[tuple[int, str, str]]) -> None:
    db.insert_many(
        category_level,
        ("category_level_id", "category_level_name", "category_level_slug"),
        list(rows),
    )


def load_tree(db: Reading) -> list[Category]:
    """The top nodes with all below them, in their order."""
    query = select(category).order_by(
        category.c.category_level_id, category.c.category_order_number, category.c.category_id
    )
    nodes: dict[int, Category] = {}
    top: list[Category] = []
    for row in db.rows(query):
        node = Category(
            category_id=row.category_id,
            category_name=row.category_name,
            category_level_id=row.category_level_id,
            category_order_number=row.category_order_number,
            category_is_other=row.category_is_other,
            category_is_active=row.category_is_active,
            category_scope=row.category_scope,
            subcategories=[],
        )
        nodes[row.category_id] = node
        (nodes[row.parent_id].subcategories if row.parent_id is not None else top).append(node)
    return top


def all_categories(db: Reading) -> dict[int, Any]:
    """Every category's row by its id."""
    return {row.category_id: row for row in db.rows(select(category))}


@keep("categories")
def find_chain(db: Reading, category_id: int) -> tuple[bool, list[int]] | None:
    """Whether a category is active, and the ids from the top down to it; None when it is not
    there."""
    if not 0 < category_id <= MAX_NUMBER:
        return None
    row = db.row(
        select(category.c.category_is_active, category.c.path).where(
            category.c.category_id == category_id
        )
    )
    return (
        None
        if row is None
        else (bool(row.category_is_active), [int(part) for part in row.path.split("/") if part])
    )


def other_nodes(db: Reading) -> dict[int, int]:
    """The id of each level's “Other” node."""
    query = select(category.c.category_level_id, category.c.category_id).where(
        category.c.category_is_other == 1
    )
    return {row.category_level_id: row.category_id for row in db.rows(query)}


def reserve_ids(db: Writing, count: int) -> Sequence[int]:
    return db.reserve_ids(category, count) if count else []


_COLUMNS = (
    "parent_id",
    "category_name",
    "category_level_id",
    "category_order_number",
    "category_is_other",
    "category_is_active",
    "category_scope",
    "path",
)


def insert_categories(db: Writing, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds nodes whose ids are reserved, parents before their children."""
    db.insert_many(
        category,
        ("category_id", *_COLUMNS),
        [tuple(row[name] for name in ("category_id", *_COLUMNS)) for row in rows],
    )


def update_categories(db: Writing, rows: Sequence[Mapping[str, Any]]) -> None:
    db.update_many(
        category,
        "category_id",
        _COLUMNS,
        [tuple(row[name] for name in (*_COLUMNS, "category_id")) for row in rows],
    )


def list_uses(db: Reading, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Those of `ids` that something names: id, name, and what names it (grants, applications,
    flows, assessments, ideas)."""
    by_grants = sa.union(select(user_role.c.category_id), select(group_role.c.category_id))
    found = []
    sources = (
        ("roles of people or groups", by_grants),
        ("applications", select(application_category.c.category_id)),
        ("idea flows", select(category_flow.c.category_id)),
        ("assessments", select(category_assessment.c.category_id)),
        ("ideas", select(idea.c.category_id)),
        ("components", select(component.c.category_id)),
    )
    for what, source in sources:
        query = select(category.c.category_id, category.c.category_name).where(
            db.one_of(category.c.category_id, ids), category.c.category_id.in_(source)
        )
        found += [
            (row.category_id, row.category_name, what)
            for row in db.rows(query.order_by(category.c.category_id))
        ]
    return found


def delete_categories(db: Writing, ids: Sequence[int]) -> None:
    """Removes nodes that nothing names, the lowest first."""
    if not ids:
        return
    for level in range(db.scalar(select(func.max(category.c.category_level_id))) or 0, 0, -1):
        db.change(
            category.delete().where(
                db.one_of(category.c.category_id, ids), category.c.category_level_id == level
            )
        )
