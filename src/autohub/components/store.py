"""Every statement about components, offers and reviews."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller, Right
from autohub.components.model import PUBLISHED, Component, Offer
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    component,
    idea,
    idea_component,
    phase_status,
    store_offer,
    store_review,
    user_account,
)
from autohub.db.sorting import directed
from autohub.ideas import store as ideas
from autohub.ideas import visibility_store
from autohub.ideas.model import LIVE_PHASE, slug_of
from autohub.kit.query import Page
from autohub.kit.text import fold, like_pattern, search_form

SORTS = (
    "component_id",
    "component_name",
    "component_created_epoch",
    "component_updated_epoch",
    "component_status",
)
_uses = (
    select(func.count())
    .select_from(idea_component)
    .where(idea_component.c.component_id == component.c.component_id)
    .scalar_subquery()
    .label("uses")
)


def visible(db: Reading, caller: Caller) -> sa.ColumnElement[bool]:
    """Published components, one's own, and all of the categories on which the caller manages
    components."""
    reach = caller.reach(Right.MANAGE_COMPONENTS)
    if reach is None:
        return sa.true()
    ways = [component.c.component_status == PUBLISHED]
    if caller.user_id is not None:
        ways.append(component.c.author_user_id == caller.user_id)
    if reach:
        ways.append(component.c.category_id.in_(visibility_store.below(db, reach)))
    return sa.or_(*ways)


def list_components(
    db: Reading,
    caller: Caller,
    page: Page,
    *,
    text: str | None,
    statuses: Sequence[str],
    category_ids: Sequence[int],
    sort: tuple[str | None, bool],
) -> tuple[list[Component], int]:
    """One page and how many there are in all."""
    where = [visible(db, caller)]
    if text:
        where += [
            component.c.search_text.like(f"%{like_pattern(word)}%", escape="\\")
            for word in search_form(text).split()
        ]
    if statuses:
        where.append(db.one_of(component.c.component_status, statuses))
    if category_ids:
        where.append(component.c.category_id.in_(visibility_store.below(db, category_ids)))
    total = db.scalar(select(func.count()).select_from(component).where(*where))
    field, down = sort
    column = component.c[
        "component_name_key" if field == "component_name" else field or "component_id"
    ]
    query = _select().where(*where).order_by(directed(column, down), component.c.component_id)
    return [
        _to_component(row) for row in db.rows(query.limit(page.limit).offset(page.offset))
    ], total


def list_by_author(
    db: Reading, caller: Caller, user_id: int, page: Page
) -> tuple[list[Component], int]:
    """One person's components that the caller may see, newest first."""
    where = (visible(db, caller), component.c.author_user_id == user_id)
    total = db.scalar(select(func.count()).select_from(component).where(*where))
    query = _select().where(*where).order_by(component.c.component_id.desc())
    return [
        _to_component(row) for row in db.rows(query.limit(page.limit).offset(page.offset))
    ], total


def list_of_idea(
    db: Reading, caller: Caller, process_id: int, page: Page
) -> tuple[list[Component], int]:
    """The components that an idea uses, those that the caller may see."""
    used = select(idea_component.c.component_id).where(idea_component.c.process_id == process_id)
    where = (component.c.component_id.in_(used), visible(db, caller))
    total = db.scalar(select(func.count()).select_from(component).where(*where))
    query = (
        _select()
        .where(*where)
        .order_by(component.c.component_id)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_to_component(row) for row in db.rows(query)], total


def get_component(db: Reading, caller: Caller, component_id: int) -> Component | None:
    row = db.row(_select().where(component.c.component_id == component_id, visible(db, caller)))
    return _to_component(row) if row is not None else None


def visible_ids(db: Reading, caller: Caller, ids: Iterable[int]) -> set[int]:
    """Those of `ids` that are components which the caller may see."""
    return set(
        db.scalars(
            select(component.c.component_id).where(
                db.one_of(component.c.component_id, list(ids)), visible(db, caller)
            )
        )
    )


def _select() -> sa.Select[Any]:
    joined = component.outerjoin(user_account, user_account.c.user_id == component.c.author_user_id)
    return select(component, user_account.c.user_email.label("author_email"), _uses).select_from(
        joined
    )


def _to_component(row: Row) -> Component:
    return Component(
        component_id=row.component_id,
        component_name=row.component_name,
        component_description=row.component_description,
        component_type=row.component_type,
        component_version=row.component_version,
        component_status=row.component_status,
        component_link=row.component_link,
        category_id=row.category_id,
        author_user_id=row.author_user_id,
        author_email=row.author_email,
        component_num_automations=row.uses,
        component_created_epoch=row.component_created_epoch,
        component_updated_epoch=row.component_updated_epoch,
    )


def save_component(
    db: Writing, component_id: int | None, values: Mapping[str, Any], *, now: int
) -> int:
    """Adds (None) or changes a component, and returns its id; what is not given stays."""
    facts = dict(values) | {"component_updated_epoch": now}
    if component_id is None:
        component_id = db.insert(
            component,
            facts | {"component_created_epoch": now, "component_name_key": "", "search_text": ""},
        )
    else:
        db.change(
            component.update().where(component.c.component_id == component_id).values(**facts)
        )
    row: Any = db.row(select(component).where(component.c.component_id == component_id))
    search = search_form(
        " ".join(
            str(getattr(row, name))
            for name in ("component_name", "component_description", "component_type")
        )
    )
    keys = {
        "component_name_key": fold(row.component_name),
        "search_text": f"{component_id} {search}",
    }
    db.change(component.update().where(component.c.component_id == component_id).values(**keys))
    return component_id


def delete_component(db: Writing, component_id: int) -> None:
    db.change(component.delete().where(component.c.component_id == component_id))


def set_components_of_idea(db: Writing, process_id: int, component_ids: Iterable[int]) -> None:
    db.change(idea_component.delete().where(idea_component.c.process_id == process_id))
    db.insert_many(
        idea_component,
        ("process_id", "component_id"),
        [(process_id, c) for c in sorted(set(component_ids))],
    )


# --- the store ---


def list_offers(
    db: Reading, caller: Caller, page: Page, *, text: str | None, process_id: int | None = None
) -> tuple[list[Offer], int]:
    """Live automations on offer that the caller may see, the last published first."""
    live = select(phase_status.c.phase_status_id).where(phase_status.c.phase_id == LIVE_PHASE)
    where = [visibility_store.visible(db, caller), idea.c.phase_status_id.in_(live)]
    if text:
        where.append(ideas.SEARCH.matching(db, text))
    if process_id is not None:
        where.append(idea.c.process_id == process_id)
    joined = store_offer.join(idea, idea.c.process_id == store_offer.c.process_id)
    total = db.scalar(select(func.count()).select_from(joined).where(*where))
    mine = store_review.c.process_id == idea.c.process_id
    rating = select(func.avg(store_review.c.rating)).where(mine).scalar_subquery().label("rating")
    count = (
        select(func.count())
        .select_from(store_review)
        .where(mine)
        .scalar_subquery()
        .label("review_count")
    )
    query = (
        select(idea, store_offer.c.offer_text, store_offer.c.published_epoch, rating, count)
        .select_from(joined)
        .where(*where)
    )
    query = query.order_by(store_offer.c.published_epoch.desc(), idea.c.process_id.desc())
    return [_to_offer(row) for row in db.rows(query.limit(page.limit).offset(page.offset))], total


def _to_offer(row: Row) -> Offer:
    rating = None if row.rating is None else round(float(row.rating), 2)
    return Offer(
        process_id=row.process_id,
        process_name=row.process_name,
        process_slug=slug_of(row.process_name, row.process_id),
        process_description=row.process_description,
        category_id=row.category_id,
        offer_text=row.offer_text,
        rating=rating,
        review_count=row.review_count,
        published_epoch=row.published_epoch,
    )


def save_offer(db: Writing, process_id: int, values: Mapping[str, Any]) -> None:
    db.change(store_offer.delete().where(store_offer.c.process_id == process_id))
    db.insert(store_offer, {"process_id": process_id, **values})


def delete_offer(db: Writing, process_id: int) -> bool:
    """False when it was not on offer."""
    return db.change(store_offer.delete().where(store_offer.c.process_id == process_id)) > 0


def list_reviews(db: Reading, process_id: int, page: Page) -> tuple[Sequence[Row], int]:
    """One page, newest first, with the authors' names of today."""
    mine = store_review.c.process_id == process_id
    total = db.scalar(select(func.count()).select_from(store_review).where(mine))
    joined = store_review.outerjoin(user_account, user_account.c.user_id == store_review.c.user_id)
    names = (
        user_account.c.user_email,
        user_account.c.user_first_name,
        user_account.c.user_last_name,
    )
    query = (
        select(store_review, *names)
        .select_from(joined)
        .where(mine)
        .order_by(store_review.c.review_id.desc())
    )
    return db.rows(query.limit(page.limit).offset(page.offset)), total


def save_review(db: Writing, process_id: int, user_id: int, values: Mapping[str, Any]) -> None:
    """A person's one review of an automation, in the place of the last."""
    db.change(
        store_review.delete().where(
            store_review.c.process_id == process_id, store_review.c.user_id == user_id
        )
    )
    db.insert(store_review, {"process_id": process_id, "user_id": user_id, **values})
