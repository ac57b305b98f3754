"""Every statement about roles, grants, groups, tokens and sessions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import ACCOUNT_OWNER, SYSTEM_ADMIN, Caller, Grant, Right, RoleGrant
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    category,
    group_member,
    group_role,
    role,
    role_permission,
    user_account,
    user_group,
    user_role,
)
from autohub.db.stamps import keep
from autohub.db.statements import Statement, among, bind, rows_as_json
from autohub.kit.query import Page
from autohub.kit.text import fold, like_pattern

ACTIVE = sa.and_(
    user_account.c.user_invite_status == 3,
    user_account.c.user_is_active == 1,
    user_account.c.trashed_epoch.is_(None),
)
"""The condition under which a person's credentials work (contract 1.2)."""

_own = select(
    user_role.c.user_id,
    user_role.c.role_id,
    user_role.c.category_id,
    sa.cast(sa.null(), sa.BigInteger).label("group_id"),
)
_by_group = select(
    group_member.c.user_id, group_role.c.role_id, group_role.c.category_id, group_role.c.group_id
).where(group_role.c.group_id == group_member.c.group_id)


# --- people and what they hold ---


def get_account(db: Reading, user_id: int) -> Row | None:
    """Id, name, e-mail, flags, password and generation of one account that is not erased."""
    return db.row(_ACCOUNT, {"user_id": user_id})


_ACCOUNT = Statement(
    select(user_account).where(
        user_account.c.user_id == bind("user_id"), user_account.c.erased_epoch.is_(None)
    )
)


def find_active_account(db: Reading, *, email_key: str) -> Row | None:
    return db.row(select(user_account).where(user_account.c.user_email_key == email_key, ACTIVE))


def list_grants(db: Reading, user_id: int) -> tuple[list[Grant], list[str]]:
    """Everything that a person may do, with the role, place and group that says so, and the keys
    of the roles held."""
    rows = db.rows(_HELD_BY_ONE, {"user_id": user_id})
    held = [(row.role_id, row.category_id, row.group_id) for row in rows]
    return _to_grants_and_keys(db, held)


def held_by(user_id: sa.Column[Any]) -> sa.ColumnElement[str]:
    """A column for a query on the table of `user_id`: what that person holds, which `read_grants`
    reads."""
    own = select(*list(_own.selected_columns)[1:]).where(user_role.c.user_id == user_id)
    by_group = select(*list(_by_group.selected_columns)[1:]).where(
        group_role.c.group_id == group_member.c.group_id, group_member.c.user_id == user_id
    )
    outer = user_id.table
    held = sa.union_all(own.correlate(outer), by_group.correlate(outer)).subquery("held")
    return select(rows_as_json(*held.c)).select_from(held).scalar_subquery().label("held")


def read_grants(db: Reading, held: str) -> tuple[list[Grant], list[str]]:
    """`list_grants` out of a column made by `held_by`."""
    return _to_grants_and_keys(db, sorted(_decode_held(held), key=lambda place: place[:2]))


_decode_held = msgspec.json.Decoder(list[tuple[int, int, int | None]]).decode


def _to_grants_and_keys(
    db: Reading, held: Sequence[tuple[int, int, int | None]]
) -> tuple[list[Grant], list[str]]:
    active, grants = _active_roles(db), list[Grant]()
    for place in held:
        grants += _grants_of_role(db, *place)
    return grants, list(dict.fromkeys(active[place[0]] for place in held if place[0] in active))


def held_places(db: Reading, user_ids: Sequence[int]) -> dict[int, set[tuple[int, int]]]:
    """The role and category of everything that each of these people holds, groups included."""
    found: dict[int, set[tuple[int, int]]] = {user_id: set() for user_id in user_ids}
    for row in db.rows(_HELD_BY_SOME, {"ids": user_ids}):
        found[row.user_id].add((row.role_id, row.category_id))
    return found


def grants_of(db: Reading, user_ids: Sequence[int]) -> dict[int, list[Grant]]:
    """Everything that each of these people may do."""
    found: dict[int, list[Row]] = {user_id: [] for user_id in user_ids}
    for row in db.rows(_HELD_BY_SOME, {"ids": user_ids}):
        found[row.user_id].append(row)
    return {user_id: _to_grants(db, rows) for user_id, rows in found.items()}


def _held(own: sa.ColumnElement[bool], by_group: sa.ColumnElement[bool]) -> Statement:
    held = sa.union_all(_own.where(own), _by_group.where(by_group)).subquery("held")
    return Statement(select(held).order_by(held.c.role_id, held.c.category_id))


_HELD_BY_ONE = _held(
    user_role.c.user_id == bind("user_id"), group_member.c.user_id == bind("user_id")
)
_HELD_BY_SOME = _held(among(user_role.c.user_id, "ids"), among(group_member.c.user_id, "ids"))


def _to_grants(db: Reading, held: Iterable[Row]) -> list[Grant]:
    found: list[Grant] = []
    for row in held:
        found += _grants_of_role(db, row.role_id, row.category_id, row.group_id)
    return found


@keep("roles")
def _active_roles(db: Reading) -> dict[int, str]:
    """The keys of the roles that give anything, by id."""
    query = select(role.c.role_id, role.c.role_key).where(role.c.role_is_active == 1)
    return {row.role_id: row.role_key for row in db.rows(query)}


@keep("roles")
def _grants_of_role(
    db: Reading, role_id: int, category_id: int, group_id: int | None
) -> tuple[Grant, ...]:
    """What a role gives to whoever holds it there."""
    query = select(role_permission).where(role_permission.c.role_id == role_id)
    rows = db.rows(query) if role_id in _active_roles(db) else []
    return tuple(
        Grant(
            right=Right(row.permission),
            role_id=role_id,
            category_id=category_id,
            group_id=group_id,
            only_where_assigned=bool(row.only_where_assigned),
        )
        for row in rows
    )


def list_active_administrators(db: Reading) -> set[int]:
    """The ids of the active people who hold Account Owner or System Admin everywhere, themselves
    or through a group."""
    held = sa.union(_own, _by_group).subquery("held")
    query = (
        select(held.c.user_id)
        .join(user_account, user_account.c.user_id == held.c.user_id)
        .where(held.c.role_id.in_((ACCOUNT_OWNER, SYSTEM_ADMIN)), held.c.category_id == 0, ACTIVE)
    )
    return set(db.scalars(query))


# --- roles ---


@keep("roles")
def all_roles(db: Reading) -> list[dict[str, Any]]:
    """All roles by id, each with its `permissions`, those that hold only where assigned marked
    so."""
    permissions: dict[int, list[str]] = {}
    assigned: dict[int, list[str]] = {}
    for row in db.rows(
        select(role_permission).order_by(role_permission.c.role_id, role_permission.c.permission)
    ):
        (assigned if row.only_where_assigned else permissions).setdefault(row.role_id, []).append(
            row.permission
        )
    return [
        {
            "role_id": r.role_id,
            "role_name": r.role_name,
            "role_key": r.role_key,
            "role_description": r.role_description,
            "role_is_default": r.role_is_default,
            "role_is_active": r.role_is_active,
            "permissions": permissions.get(r.role_id, []),
            "permissions_where_assigned": assigned.get(r.role_id, []),
        }
        for r in db.rows(select(role).order_by(role.c.role_id))
    ]


def rights_of_roles(db: Reading, role_ids: Iterable[int]) -> dict[int, set[Right]]:
    """The rights of each of these roles that exists, those that hold only where assigned too."""
    found: dict[int, set[Right]] = {}
    for row in db.rows(_RIGHTS, {"ids": list(role_ids)}):
        rights = found.setdefault(row.role_id, set())
        if row.permission is not None:
            rights.add(Right(row.permission))
    return found


_RIGHTS = Statement(
    select(role.c.role_id, role_permission.c.permission)
    .select_from(role.outerjoin(role_permission, role_permission.c.role_id == role.c.role_id))
    .where(among(role.c.role_id, "ids"))
)


def add_role(
    db: Writing,
    values: Mapping[str, Any],
    permissions: Iterable[Right],
    assigned: Iterable[Right] = (),
) -> int:
    role_id = db.insert(role, values)
    _set_permissions(db, role_id, permissions, assigned)
    return role_id


def change_role(
    db: Writing, role_id: int, values: Mapping[str, Any], permissions: Iterable[Right] | None
) -> None:
    if values:
        db.change(role.update().where(role.c.role_id == role_id).values(dict(values)))
    if permissions is not None:
        db.change(role_permission.delete().where(role_permission.c.role_id == role_id))
        _set_permissions(db, role_id, permissions, ())


def _set_permissions(
    db: Writing, role_id: int, permissions: Iterable[Right], assigned: Iterable[Right]
) -> None:
    marked = [(p, 0) for p in permissions] + [(p, 1) for p in assigned]
    rows = [
        {"role_id": role_id, "permission": p.value, "only_where_assigned": only}
        for p, only in sorted(marked)
    ]
    if rows:
        db.change(role_permission.insert(), rows)


def delete_role(db: Writing, role_id: int) -> None:
    db.change(role_permission.delete().where(role_permission.c.role_id == role_id))
    db.change(role.delete().where(role.c.role_id == role_id))


def count_role_holders(db: Reading, role_id: int) -> int:
    """How many people and groups hold the role."""
    people = (
        select(func.count(sa.distinct(user_role.c.user_id)))
        .where(user_role.c.role_id == role_id)
        .scalar_subquery()
    )
    groups = (
        select(func.count(sa.distinct(group_role.c.group_id)))
        .where(group_role.c.role_id == role_id)
        .scalar_subquery()
    )
    return int(db.scalar(select(people + groups)))


def find_role_id(db: Reading, name_key: str) -> int | None:
    found: int | None = db.scalar(select(role.c.role_id).where(role.c.role_name_key == name_key))
    return found


def category_chains(db: Reading, category_ids: Iterable[int]) -> dict[int, list[int]]:
    """For each of these categories that exists the ids from the top down to it."""
    chains = _all_chains(db)
    return {wanted: list(chains[wanted]) for wanted in category_ids if wanted in chains}


@keep("categories")
def _all_chains(db: Reading) -> dict[int, tuple[int, ...]]:
    rows = db.rows(select(category.c.category_id, category.c.path))
    return {
        row.category_id: tuple(int(part) for part in row.path.split("/") if part) for row in rows
    }


# --- groups ---


def list_groups(db: Reading, page: Page, *, text: str | None) -> tuple[list[Row], int]:
    where = (
        user_group.c.group_name_key.like(f"%{like_pattern(fold(text))}%", escape="\\")
        if text
        else sa.true()
    )
    total = db.scalar(select(func.count()).select_from(user_group).where(where))
    return list(
        db.rows(
            select(user_group)
            .where(where)
            .order_by(user_group.c.group_id)
            .limit(page.limit)
            .offset(page.offset)
        )
    ), total


def get_group(db: Reading, group_id: int) -> Row | None:
    return db.row(select(user_group).where(user_group.c.group_id == group_id))


def find_group_id(db: Reading, name_key: str) -> int | None:
    found: int | None = db.scalar(
        select(user_group.c.group_id).where(user_group.c.group_name_key == name_key)
    )
    return found


def roles_of_groups(db: Reading, group_ids: Iterable[int]) -> dict[int, list[RoleGrant]]:
    found: dict[int, list[RoleGrant]] = {}
    for row in db.rows(
        select(group_role)
        .where(db.one_of(group_role.c.group_id, group_ids))
        .order_by(*group_role.primary_key)
    ):
        found.setdefault(row.group_id, []).append(RoleGrant(row.role_id, row.category_id))
    return found


def members_of_groups(db: Reading, group_ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in db.rows(
        select(group_member)
        .where(db.one_of(group_member.c.group_id, group_ids))
        .order_by(*group_member.primary_key)
    ):
        found.setdefault(row.group_id, []).append(row.user_id)
    return found


def save_group(db: Writing, group_id: int | None, values: Mapping[str, Any]) -> int:
    if group_id is None:
        return db.insert(user_group, values)
    if values:
        db.change(user_group.update().where(user_group.c.group_id == group_id).values(dict(values)))
    return group_id


def set_group_roles(db: Writing, group_id: int, wanted: Iterable[RoleGrant]) -> None:
    db.change(group_role.delete().where(group_role.c.group_id == group_id))
    rows = [
        {"group_id": group_id, "role_id": g.role_id, "category_id": g.category_id}
        for g in sorted(set(wanted))
    ]
    if rows:
        db.change(group_role.insert(), rows)


def set_group_members(db: Writing, group_id: int, user_ids: Iterable[int]) -> None:
    db.change(group_member.delete().where(group_member.c.group_id == group_id))
    rows = [{"group_id": group_id, "user_id": user_id} for user_id in sorted(set(user_ids))]
    if rows:
        db.change(group_member.insert(), rows)


def add_group_members(db: Writing, group_id: int, user_ids: Iterable[int]) -> None:
    """People who are in already stay in."""
    wanted = set(user_ids)
    known = group_member.c.group_id == group_id, db.one_of(group_member.c.user_id, wanted)
    there = set(db.scalars(select(group_member.c.user_id).where(*known))) if wanted else set()
    rows = [{"group_id": group_id, "user_id": user_id} for user_id in sorted(wanted - there)]
    if rows:
        db.change(group_member.insert(), rows)


def remove_group_members(db: Writing, group_id: int, user_ids: Iterable[int]) -> None:
    if wanted := set(user_ids):
        out = group_member.c.group_id == group_id, db.one_of(group_member.c.user_id, wanted)
        db.change(group_member.delete().where(*out))


def leave_groups(db: Writing, user_id: int) -> None:
    db.change(group_member.delete().where(group_member.c.user_id == user_id))


def delete_group(db: Writing, group_id: int) -> None:
    for table in (group_role, group_member, user_group):
        db.change(table.delete().where(table.c.group_id == group_id))


def existing_users(db: Reading, user_ids: Sequence[int]) -> set[int]:
    """Those of `user_ids` that are accounts outside the trash."""
    query = select(user_account.c.user_id).where(
        db.one_of(user_account.c.user_id, user_ids), user_account.c.trashed_epoch.is_(None)
    )
    return set(db.scalars(query))


# --- Open API tokens ---


# --- sessions ---


def load_caller(db: Reading, user_id: int, *, door: str) -> Caller | None:
    """Somebody in whose name work is done later, with the rights that they have now; None when
    their account is not active any more."""
    person = get_account(db, user_id)
    if person is None or not person.user_is_active or person.trashed_epoch is not None:
        return None
    grants, keys = list_grants(db, user_id)
    return Caller(
        kind="automation-cloud",
        user_id=user_id,
        token_id=None,
        session_id=None,
        door=door,
        grants=tuple(grants),
        role_keys=tuple(keys),
    )
