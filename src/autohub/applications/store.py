"""Every statement about applications."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy import func, select

from autohub.applications.model import Application, ApplicationInput, application_code
from autohub.db.engine import Reading, Writing
from autohub.db.schema import (
    application,
    application_category,
    category,
    idea_application,
)
from autohub.db.sorting import directed
from autohub.kit.query import Page
from autohub.kit.text import fold, like_pattern

SORTS = ("application_id", "application_name", "application_created_epoch")


def list_applications(
    db: Reading,
    page: Page,
    *,
    text: str | None,
    category_ids: Sequence[int],
    sort: tuple[str | None, bool],
) -> tuple[list[Application], int]:
    """One page and how many there are in all; a category reaches all below it."""
    where: list[sa.ColumnElement[bool]] = []
    if text:
        found = application.c.application_key.like(f"%{like_pattern(fold(text))}%", escape="\\")
        is_id = text.isascii() and text.isdigit() and len(text) < 16
        where.append(sa.or_(found, application.c.application_id == int(text)) if is_id else found)
    if category_ids:
        where.append(application.c.application_id.in_(_filed_under(db, category_ids)))
    total = db.scalar(select(func.count()).select_from(application).where(*where))
    query = (
        select(application)
        .where(*where)
        .order_by(*_order(sort))
        .limit(page.limit)
        .offset(page.offset)
    )
    rows = db.rows(query)
    categories = _categories_of(db, [row.application_id for row in rows])
    return [_record(row, categories.get(row.application_id, [])) for row in rows], total


def _filed_under(db: Reading, category_ids: Sequence[int]) -> sa.Select[Any]:
    top, below = category.alias("top"), category.alias("below")
    inside = below.c.path.like(top.c.path + "%")
    return (
        select(application_category.c.application_id)
        .join(below, below.c.category_id == application_category.c.category_id)
        .join(top, sa.and_(inside, db.one_of(top.c.category_id, category_ids)))
    )


def _order(sort: tuple[str | None, bool]) -> list[sa.ColumnElement[Any]]:
    field, down = sort
    column = application.c[
        "application_key" if field == "application_name" else field or "application_id"
    ]
    return [directed(column, down), application.c.application_id]


def existing_applications(db: Reading, ids: Iterable[int]) -> dict[int, Application]:
    wanted = list(ids)
    if not wanted:
        return {}
    categories = _categories_of(db, wanted)
    rows = db.rows(select(application).where(db.one_of(application.c.application_id, wanted)))
    return {
        row.application_id: _record(row, categories.get(row.application_id, [])) for row in rows
    }


def existing_categories(db: Reading, ids: Iterable[int]) -> set[int]:
    return set(
        db.scalars(
            select(category.c.category_id).where(db.one_of(category.c.category_id, list(ids)))
        )
    )


def find_by_name(db: Reading, name: str, version: str) -> int | None:
    """The first application of this name and version, upper and lower case alike."""
    key = fold(f"{name} {application_code(name, version)}")
    found: int | None = db.scalar(
        select(func.min(application.c.application_id)).where(application.c.application_key == key)
    )
    return found


def is_in_use(db: Reading, application_id: int) -> bool:
    """Whether an idea uses it."""
    return (
        db.row(
            select(idea_application.c.process_id)
            .where(idea_application.c.application_id == application_id)
            .limit(1)
        )
        is not None
    )


def count_uses(db: Reading, ids: Sequence[int]) -> dict[int, int]:
    """How many ideas use each of these."""
    column = idea_application.c.application_id
    query = select(column, func.count().label("n")).where(db.one_of(column, ids)).group_by(column)
    return {row.application_id: row.n for row in db.rows(query)}


def save_application(
    db: Writing, app: ApplicationInput, *, now: int, by_end_user: bool = False
) -> int:
    """Adds or changes one application, which must be there, and returns its id."""
    code = application_code(app.application_name, app.application_version)
    values: dict[str, Any] = {
        "application_name": app.application_name,
        "application_version": app.application_version,
        "application_language": app.application_language,
        "application_key": fold(f"{app.application_name} {code}"),
    }
    for name in ("application_comments", "application_is_citrix_client"):
        if getattr(app, name) is not UNSET:
            values[name] = getattr(app, name)
    if app.application_id is None:
        app_id = db.insert(
            application,
            values
            | {"application_created_epoch": now, "application_added_by_end_user": int(by_end_user)},
        )
    else:
        app_id = app.application_id
        db.change(
            application.update().where(application.c.application_id == app_id).values(**values)
        )
        db.change(
            application_category.delete().where(application_category.c.application_id == app_id)
        )
    db.change(
        application_category.insert(),
        [{"application_id": app_id, "category_id": c} for c in dict.fromkeys(app.category_ids)],
    )
    return app_id


def delete_application(db: Writing, application_id: int) -> None:
    db.change(
        application_category.delete().where(application_category.c.application_id == application_id)
    )
    db.change(application.delete().where(application.c.application_id == application_id))


def _categories_of(db: Reading, ids: Sequence[int]) -> dict[int, list[int]]:
    query = (
        select(application_category)
        .where(db.one_of(application_category.c.application_id, ids))
        .order_by(application_category.c.category_id)
    )
    found: dict[int, list[int]] = {}
    for row in db.rows(query):
        found.setdefault(row.application_id, []).append(row.category_id)
    return found


def _record(row: Any, category_ids: list[int]) -> Application:
    return Application(
        application_id=row.application_id,
        application_name=row.application_name,
        application_version=row.application_version,
        application_language=row.application_language,
        application_code=application_code(row.application_name, row.application_version),
        application_is_active=row.application_is_active,
        application_added_by_end_user=row.application_added_by_end_user,
        application_comments=row.application_comments,
        application_is_citrix_client=row.application_is_citrix_client,
        category_ids=category_ids,
        application_created_epoch=row.application_created_epoch,
    )


def application_names(db: Reading) -> dict[int, str]:
    """All applications of the inventory, by id."""
    rows = db.rows(
        select(application.c.application_id, application.c.application_name).order_by(
            application.c.application_id
        )
    )
    return {row.application_id: row.application_name for row in rows}


def versioned_names(db: Reading) -> dict[int, str]:
    """All applications as a table names them, 'SAP ECC 6.0', by id."""
    columns = (
        application.c.application_id,
        application.c.application_name,
        application.c.application_version,
    )
    rows = db.rows(select(*columns).order_by(application.c.application_id))
    return {
        row.application_id: f"{row.application_name} {row.application_version}".strip()
        for row in rows
    }
