"""Custom roles (product 1): default roles stay as they are, a role that somebody holds stays."""

from typing import Any

from autohub.access import granting, store
from autohub.access.model import POWERS, Caller, NewRole, Right, RoleChange, actor, role_key
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say
from autohub.kit.text import fold


class RoleInUse(Conflict):
    def __init__(self, holders: int) -> None:
        super().__init__(
            say(
                "The role is held by {holders} people or groups; take it from them first.",
                holders=holders,
            )
        )


class DefaultRoleFixed(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Default roles cannot be edited, disabled or deleted; make a custom role instead."
        )


def get_role(db: Reading, role_id: int) -> dict[str, Any]:
    """The role as GET /roles shows it. Raises NotFound."""
    for found in store.all_roles(db):
        if found["role_id"] == role_id:
            return found
    raise NotFound(say("There is no role {role_id}; GET /roles lists them.", role_id=role_id))


def create_role(db: Writing, caller: Caller, new: NewRole, *, now: int) -> dict[str, Any]:
    """Makes a custom role. Raises Conflict when the name is taken, Forbidden for rights that the
    caller lacks."""
    rights = _parse_rights(new.permissions)
    granting.check_rights(caller, rights)
    _check_name(db, new.role_name, None)
    values = {
        "role_name": new.role_name,
        "role_name_key": fold(new.role_name),
        "role_key": role_key(new.role_name),
    }
    role_id = store.add_role(db, values | {"role_description": new.role_description}, rights)

    made = get_role(db, role_id)
    audit.record(db, actor(caller), "add role", "role", role_id, now=now, after=made)
    return made


def update_role(
    db: Writing, caller: Caller, role_id: int, wanted: RoleChange, *, now: int
) -> dict[str, Any]:
    """Changes a custom role. Raises NotFound, Conflict and Forbidden as the rules say."""
    before = _find_custom_role(db, role_id)
    values: dict[str, Any] = {}
    if isinstance(wanted.role_name, str):
        _check_name(db, wanted.role_name, role_id)
        values = {
            "role_name": wanted.role_name,
            "role_name_key": fold(wanted.role_name),
            "role_key": role_key(wanted.role_name),
        }
    if isinstance(wanted.role_description, str):
        values["role_description"] = wanted.role_description
    if isinstance(wanted.role_is_active, int):
        if not wanted.role_is_active and (holders := store.count_role_holders(db, role_id)):
            raise RoleInUse(holders)
        if wanted.role_is_active and not before["role_is_active"]:
            granting.check_rights(caller, map(Right, before["permissions"]))
            caller.need_proof()
        values["role_is_active"] = wanted.role_is_active
    rights = None
    if isinstance(wanted.permissions, list):
        rights = _parse_rights(wanted.permissions)
        if (rights - {Right(p) for p in before["permissions"]}) & POWERS:
            caller.need_proof()
        granting.check_rights(caller, rights ^ {Right(p) for p in before["permissions"]})
    store.change_role(db, role_id, values, rights)
    after = get_role(db, role_id)
    audit.record(
        db, actor(caller), "change role", "role", role_id, now=now, before=before, after=after
    )
    return after


def delete_role(db: Writing, caller: Caller, role_id: int, *, now: int) -> None:
    before = _find_custom_role(db, role_id)
    if holders := store.count_role_holders(db, role_id):
        raise RoleInUse(holders)
    store.delete_role(db, role_id)
    audit.record(db, actor(caller), "delete role", "role", role_id, now=now, before=before)


def _find_custom_role(db: Reading, role_id: int) -> dict[str, Any]:
    found = get_role(db, role_id)
    if found["role_is_default"]:
        raise DefaultRoleFixed
    return found


def _check_name(db: Reading, name: str, role_id: int | None) -> None:
    taken = store.find_role_id(db, fold(name))
    if taken is not None and taken != role_id:
        raise Conflict(
            say("There is a role named “{name}” already; choose another name.", name=name)
        )


def _parse_rights(names: list[str]) -> set[Right]:
    known = {right.value for right in Right}
    faults = {
        f"permissions.{i}": [say("There is no permission “{permission}”.", permission=name)]
        for i, name in enumerate(names)
        if name not in known
    }
    if faults:
        raise Invalid(
            say(
                "Some permissions do not exist; there are {known}.", known=", ".join(sorted(known))
            ),
            details=faults,
        )
    return {Right(name) for name in names}
