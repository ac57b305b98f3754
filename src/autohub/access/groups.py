"""Groups: role grants that all members inherit (product 1)."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from autohub.access import granting, store
from autohub.access.model import Caller, GroupChange, NewGroup, RoleGrant, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Forbidden, Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.sentences import say
from autohub.kit.text import fold


def list_groups(db: Reading, page: Page, *, text: str | None) -> tuple[list[dict[str, Any]], int]:
    rows, total = store.list_groups(db, page, text=text)
    return to_records(db, rows), total


def get_group(db: Reading, group_id: int) -> dict[str, Any]:
    """The group with its roles and members. Raises NotFound."""
    found = store.get_group(db, group_id)
    if found is None:
        raise NotFound(
            say("There is no group {group_id}; GET /groups lists them.", group_id=group_id)
        )
    return to_records(db, [found])[0]


def create_group(db: Writing, caller: Caller, new: NewGroup, *, now: int) -> dict[str, Any]:
    """Makes a group. Raises Conflict for a taken name, Invalid for unknown roles or members,
    Forbidden for an escalation."""
    _check_name(db, new.group_name, None)
    grants = new.group_roles
    granting.check_grants(db, caller, grants, field="group_roles")
    _check_members(db, new.members)
    values = {
        "group_name": new.group_name,
        "group_name_key": fold(new.group_name),
        "group_description": new.group_description,
        "group_source": "directory" if caller.is_directory else "local",
        "created_epoch": now,
        "updated_epoch": now,
    }
    group_id = store.save_group(db, None, values)
    store.set_group_roles(db, group_id, grants)
    store.set_group_members(db, group_id, new.members)
    made = get_group(db, group_id)
    audit.record(db, actor(caller), "add group", "group", group_id, now=now, after=made)
    return made


def update_group(
    db: Writing, caller: Caller, group_id: int, wanted: GroupChange, *, now: int
) -> dict[str, Any]:
    """Changes what is sent; lists replace. New members get what the group holds, so the caller
    must be able to give that; who loses something must be no one for whom the caller cannot act."""
    administrators = granting.lock_administrators(db)
    before = get_group(db, group_id)
    if caller.is_directory:
        _check_admitted(db, caller, before)
    held = {RoleGrant(g["role_id"], g["category_id"]) for g in before["group_roles"]}
    grants = wanted.group_roles if isinstance(wanted.group_roles, list) else sorted(held)
    members = wanted.members if isinstance(wanted.members, list) else before["members"]
    newcomers, leaving = (
        set(members) - set(before["members"]),
        set(before["members"]) - set(members),
    )
    granting.check_grants(
        db,
        caller,
        grants if newcomers else [g for g in grants if g not in held],
        field="group_roles",
    )
    granting.check_peers(db, caller, before["members"] if held - set(grants) else leaving)
    _check_members(db, sorted(newcomers))
    values: dict[str, Any] = {"updated_epoch": now}
    if wanted.group_admits_directory not in (UNSET, before["group_admits_directory"]):
        if not caller.is_owner:
            raise Forbidden(
                "Only an Account Owner says which groups of administrators a directory fills."
            )
        caller.need_proof()
        values["group_admits_directory"] = wanted.group_admits_directory
    if isinstance(wanted.group_name, str):
        _check_name(db, wanted.group_name, group_id)
        values |= {"group_name": wanted.group_name, "group_name_key": fold(wanted.group_name)}
    if isinstance(wanted.group_description, str):
        values["group_description"] = wanted.group_description
    store.save_group(db, group_id, values)
    store.set_group_roles(db, group_id, grants)
    store.set_group_members(db, group_id, members)
    granting.check_administrators(db, administrators)
    after = get_group(db, group_id)
    audit.record(
        db, actor(caller), "change group", "group", group_id, now=now, before=before, after=after
    )
    return after


def change_members(
    db: Writing, caller: Caller, group_id: int, *, join: set[int], leave: set[int], now: int
) -> None:
    """What a directory says of a group's people. Raises NotFound, Forbidden for a group whose
    roles it may not give, Invalid for nobody, LastAdministrator."""
    administrators = granting.lock_administrators(db)
    found = get_group(db, group_id)
    _check_admitted(db, caller, found)
    _check_members(db, sorted(join))
    store.add_group_members(db, group_id, join)
    store.remove_group_members(db, group_id, leave)
    store.save_group(db, group_id, {"updated_epoch": now})
    granting.check_administrators(db, administrators)
    changed = {"joined": sorted(join), "left": sorted(leave)}
    audit.record(
        db, actor(caller), "change group members", "group", group_id, now=now, after=changed
    )


def _check_admitted(db: Reading, caller: Caller, group: dict[str, Any]) -> None:
    """Raises Forbidden unless a directory may fill the group."""
    if group["group_admits_directory"]:
        return
    grants = [RoleGrant(g["role_id"], g["category_id"]) for g in group["group_roles"]]
    if granting.judge_grants(db, caller, grants).refused:
        raise Forbidden(
            say(
                "The group “{name}” holds roles near an administrator's: an Account Owner must "
                "first let directories fill it, under Admin, Groups.",
                name=group["group_name"],
            )
        )


def delete_group(db: Writing, caller: Caller, group_id: int, *, now: int) -> None:
    administrators = granting.lock_administrators(db)
    before = get_group(db, group_id)
    if caller.is_directory:
        _check_admitted(db, caller, before)
    else:
        granting.check_peers(db, caller, before["members"])
    store.delete_group(db, group_id)
    granting.check_administrators(db, administrators)
    audit.record(db, actor(caller), "delete group", "group", group_id, now=now, before=before)


def _check_name(db: Reading, name: str, group_id: int | None) -> None:
    taken = store.find_group_id(db, fold(name))
    if taken is not None and taken != group_id:
        raise Conflict(
            say("There is a group named “{name}” already; choose another name.", name=name)
        )


def _check_members(db: Reading, members: list[int]) -> None:
    known = store.existing_users(db, members)
    faults = {
        f"members.{i}": [say("There is no user {user}.", user=member)]
        for i, member in enumerate(members)
        if member not in known
    }
    if faults:
        raise Invalid("Some members do not exist.", details=faults)


def to_records(db: Reading, rows: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [row.group_id for row in rows]
    roles, members = store.roles_of_groups(db, ids), store.members_of_groups(db, ids)
    return [
        {
            "group_id": row.group_id,
            "group_name": row.group_name,
            "group_description": row.group_description,
            "group_source": row.group_source,
            "group_admits_directory": row.group_admits_directory,
            "group_created_epoch": row.created_epoch,
            "group_roles": [
                {"role_id": g.role_id, "category_id": g.category_id}
                for g in roles.get(row.group_id, [])
            ],
            "members": members.get(row.group_id, []),
        }
        for row in rows
    ]
