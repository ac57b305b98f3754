"""Every statement about what a directory provisions, and its filters as conditions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from scim2_models import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import group_member, scim_user, user_account, user_group
from autohub.kit.text import email_key, fold, like_pattern

DEEPEST = 20
"""How deep a filter may be nested."""


class Attribute(NamedTuple):
    """A column, and how a filter's value is written to be compared with it."""

    column: Any
    write: Callable[[Any], Any]


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _moment(value: Any) -> int:
    try:
        return int(datetime.fromisoformat(str(value)).timestamp() * 1000)
    except ValueError:
        raise InvalidFilterException(detail=f"“{value}” is no dateTime.") from None


def _flag(value: Any) -> int:
    return int(str(value).lower() == "true")


def _folded(value: Any) -> str:
    return fold(str(value))


def _address(value: Any) -> str:
    return email_key(str(value))


_u = user_account.c
_work, _true = sa.literal("work"), sa.literal(1)
USERS = {
    "id": Attribute(_u.user_id, _number),
    "externalid": Attribute(scim_user.c.external_id, str),
    "username": Attribute(func.coalesce(scim_user.c.user_name_key, _u.user_email_key), _address),
    "name.givenname": Attribute(_u.user_first_name_key, _folded),
    "name.familyname": Attribute(func.nullif(_u.user_last_name_key, ""), _folded),
    "title": Attribute(_u.user_job_title_key, _folded),
    "active": Attribute(_u.user_is_active, _flag),
    "emails.value": Attribute(_u.user_email_key, _address),
    "emails.type": Attribute(_work, _folded),
    "emails.primary": Attribute(_true, _flag),
    "addresses.locality": Attribute(_u.user_location_key, _folded),
    "department": Attribute(_u.user_department_key, _folded),
    "division": Attribute(_u.user_business_unit_key, _folded),
    "meta.created": Attribute(_u.created_epoch, _moment),
    "meta.lastmodified": Attribute(_u.updated_epoch, _moment),
}
_TEXTS = (_folded, _address, str)
_g = user_group.c
GROUPS = {
    "id": Attribute(_g.group_id, _number),
    "externalid": Attribute(_g.external_id, str),
    "displayname": Attribute(_g.group_name_key, _folded),
    "meta.created": Attribute(_g.created_epoch, _moment),
    "meta.lastmodified": Attribute(_g.updated_epoch, _moment),
}
_MEMBERS = "members.value"


def _named(known: Mapping[str, Attribute], path: AttrPath, above: str) -> str:
    """The key of an attribute; that of many values is compared by its `value`. Raises
    InvalidFilterException."""
    name = ".".join(filter(None, (above, path.attr, path.sub_attr))).lower()
    for found in (name, f"{name}.value"):
        if found in known or (found == _MEMBERS and known is GROUPS):
            return found
    raise InvalidFilterException(detail=f"“{name}” is not among the attributes that are searched.")


def condition(
    node: FilterNode, known: Mapping[str, Attribute], above: str = "", depth: int = 0
) -> sa.ColumnElement[bool]:
    """A filter as SQL, never null. Raises InvalidFilterException for what cannot be asked."""
    if depth > DEEPEST:
        raise InvalidFilterException(detail="The filter is nested too deeply.")
    if isinstance(node, LogicalExpr):
        parts = [condition(term, known, above, depth + 1) for term in node.terms]
        return sa.and_(*parts) if node.op == LogicalOperator.and_ else sa.or_(*parts)
    if isinstance(node, Not):
        return sa.not_(condition(node.expr, known, above, depth + 1))
    if isinstance(node, ValuePath):
        return condition(node.val_filter, known, node.attr_path.attr, depth + 1)
    if isinstance(node, Present):
        return _present(_named(known, node.attr_path, above), known)
    assert isinstance(node, Comparison)
    return _compare(_named(known, node.attr_path, above), node.op, node.value, known)


def _present(name: str, known: Mapping[str, Attribute]) -> sa.ColumnElement[bool]:
    if name == _MEMBERS:
        return _g.group_id.in_(select(group_member.c.group_id))
    column = known[name].column
    there = column.is_not(None)
    return sa.and_(there, column != "") if known[name].write in _TEXTS else there


def _compare(
    name: str, op: CompareOperator, value: Any, known: Mapping[str, Attribute]
) -> sa.ColumnElement[bool]:
    if name == _MEMBERS:
        if op != CompareOperator.eq:
            raise InvalidFilterException(detail="Members are only compared with eq.")
        theirs = group_member.c.user_id == _number(value)
        return _g.group_id.in_(select(group_member.c.group_id).where(theirs))
    column: sa.ColumnElement[Any] = known[name].column
    write = known[name].write
    if value is None:
        missing = {CompareOperator.eq: column.is_(None), CompareOperator.ne: column.is_not(None)}
        return missing.get(op, sa.false())
    if op == CompareOperator.eq and known is USERS and name in _INDEXED:
        key = write(value)
        found: sa.SelectBase = select(scim_user.c.user_id).where(_INDEXED[name] == key)
        if name == "username":
            by_address = select(_u.user_id).where(_u.user_email_key == key)
            found = sa.union_all(found, by_address)
        return sa.and_(_u.user_id.in_(found), column == key)
    if op in (CompareOperator.co, CompareOperator.sw, CompareOperator.ew):
        if write not in _TEXTS:
            raise InvalidFilterException(detail=f"“{name}” is no text; compare it with eq.")
        pattern = like_pattern(str(write(value)))
        before = "" if op == CompareOperator.sw else "%"
        after = "" if op == CompareOperator.ew else "%"
        told = column.like(f"{before}{pattern}{after}", escape="\\")
    else:
        told = _ORDER[op](column, write(value))
    if op == CompareOperator.ne:
        return sa.or_(column.is_(None), told)
    return sa.and_(column.is_not(None), told)


_INDEXED = {"username": scim_user.c.user_name_key, "externalid": scim_user.c.external_id}
"""What directories look people up by, one call for each: an outer join hides the index."""
_ORDER: dict[CompareOperator, Callable[[Any, Any], Any]] = {
    CompareOperator.eq: lambda column, value: column == value,
    CompareOperator.ne: lambda column, value: column != value,
    CompareOperator.gt: lambda column, value: column > value,
    CompareOperator.ge: lambda column, value: column >= value,
    CompareOperator.lt: lambda column, value: column < value,
    CompareOperator.le: lambda column, value: column <= value,
}


class Search(NamedTuple):
    """Which of the resources, and in which order; `sort` is an attribute's key and whether it goes
    down."""

    where: sa.ColumnElement[bool] = sa.true()
    sort: tuple[str, bool] = ("id", False)
    limit: int = 1
    offset: int = 0


def sort_key(path: Any, known: Mapping[str, Attribute]) -> str:
    """The attribute that a list is sorted by. Raises InvalidFilterException."""
    parts = [str(part) for part in path.parts]
    return _named(known, AttrPath(parts[0], parts[1] if len(parts) > 1 else None), "")


_PEOPLE = user_account.outerjoin(scim_user, scim_user.c.user_id == _u.user_id)
_LIVE = sa.and_(_u.trashed_epoch.is_(None), _u.erased_epoch.is_(None))
_USER_COLUMNS = (
    _u.user_id,
    _u.user_email,
    _u.user_first_name,
    _u.user_last_name,
    _u.user_job_title,
    _u.user_business_unit,
    _u.user_department,
    _u.user_location,
    _u.user_is_active,
    _u.created_epoch,
    _u.updated_epoch,
    scim_user.c.external_id,
    scim_user.c.user_name,
    scim_user.c.display_name,
)
_GROUP_COLUMNS = (
    _g.group_id,
    _g.group_name,
    _g.external_id,
    _g.created_epoch,
    _g.updated_epoch,
)


def find_users(db: Reading, search: Search) -> tuple[list[Row], int]:
    """One page of the people outside the trash, and how many there are."""
    return _page(db, select(*_USER_COLUMNS).select_from(_PEOPLE).where(_LIVE), search, USERS)


def find_groups(db: Reading, search: Search) -> tuple[list[Row], int]:
    return _page(db, select(*_GROUP_COLUMNS), search, GROUPS)


def _page(
    db: Reading, query: sa.Select[Any], search: Search, known: Mapping[str, Attribute]
) -> tuple[list[Row], int]:
    query = query.where(search.where)
    name, down = search.sort
    column, number = known[name].column, known["id"].column
    # Without a value comes last upwards and first downwards (RFC 7644, section 3.4.2.3).
    order = column.desc().nulls_first() if down else column.asc().nulls_last()
    rows = list(db.rows(query.order_by(order, number).limit(search.limit).offset(search.offset)))
    if len(rows) < search.limit and (rows or not search.offset):
        return rows, search.offset + len(rows)
    counted = query.with_only_columns(func.count(), maintain_column_froms=True)
    return rows, int(db.scalar(counted))


def get_user(db: Reading, user_id: int) -> Row | None:
    return next(iter(find_users(db, Search(_u.user_id == user_id))[0]), None)


def get_group(db: Reading, group_id: int) -> Row | None:
    return next(iter(find_groups(db, Search(_g.group_id == group_id))[0]), None)


def list_members(db: Reading, group_ids: Sequence[int]) -> dict[int, list[int]]:
    """The people outside the trash who are in these groups."""
    query = (
        select(group_member.c.group_id, _u.user_id)
        .join(user_account, _u.user_id == group_member.c.user_id)
        .where(db.one_of(group_member.c.group_id, group_ids), _LIVE)
        .order_by(group_member.c.group_id, _u.user_id)
    )
    found: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    for row in db.rows(query):
        found[row.group_id].append(row.user_id)
    return found


def find_named(db: Reading, user_name: str) -> tuple[int, bool] | None:
    """Whose name at the directory that is, and whether they are in the trash."""
    query = select(_u.user_id, _u.trashed_epoch).select_from(_PEOPLE)
    row = db.row(query.where(scim_user.c.user_name_key == email_key(user_name)))
    return (row.user_id, row.trashed_epoch is not None) if row else None


def save_user(db: Writing, user_id: int, values: Mapping[str, Any], *, now: int) -> None:
    """Keeps what an account has no place for: `external_id`, `user_name`, `display_name`."""
    named = values["user_name"]
    kept = dict(values) | {"user_name_key": email_key(named) if named else None}
    changed = db.change(scim_user.update().where(scim_user.c.user_id == user_id).values(kept))
    if not changed:
        db.change(scim_user.insert(), [{"user_id": user_id} | kept])
    db.change(user_account.update().where(_u.user_id == user_id).values(updated_epoch=now))
