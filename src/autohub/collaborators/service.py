"""Seats on ideas, and the roles that they are given in (contract 4.5, product 1)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from autohub.access import store as access
from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.collaborators import store
from autohub.collaborators.model import (
    AssignedRole,
    Assignment,
    Collaborator,
    CollaboratorRole,
    CollaboratorRoleChange,
    NewCollaboratorRole,
    Removal,
)
from autohub.db.engine import Reading, Writing
from autohub.ideas import service as ideas
from autohub.ideas.model import OWNER_ROLE, SUBMITTER_ROLE, set_person
from autohub.ideas.rights import (
    AuthorizedIdea,
    find_access_fault,
    may_edit,
    may_name_owner,
    may_on_idea,
    need_edit,
)
from autohub.kit.errors import Conflict, Forbidden, Invalid, NotFound
from autohub.kit.sentences import say
from autohub.kit.text import email_key, fold
from autohub.notifications import service as notices
from autohub.users import store as user_store
from autohub.users.naming import NamedPeople


def list_collaborators(db: Reading, caller: Caller, held: AuthorizedIdea) -> list[Collaborator]:
    """Everyone with a seat on an idea, by id. Raises Forbidden without the right to view
    collaborators there."""
    if not may_on_idea(caller, Right.VIEW_COLLABORATORS, held):
        raise Forbidden
    return _load_collaborators(db, held)


def _load_collaborators(db: Reading, held: AuthorizedIdea) -> list[Collaborator]:
    roles, parts = store.all_roles(db), store.list_edit_parts(db, held.idea.process_id)
    seats: dict[int, list[AssignedRole]] = {}
    for user_id, role_id in held.idea.seats:
        seats.setdefault(user_id, []).append(AssignedRole(role_id, roles[role_id].role_name))
    people = store.list_people(db, list(seats))
    return [
        Collaborator(
            user_id=user_id,
            user_email=row.user_email,
            user_first_name=row.user_first_name,
            user_last_name=row.user_last_name,
            user_is_active=row.user_is_active,
            roles=held_roles,
            edit_parts=parts.get(user_id, []),
        )
        for user_id, held_roles in seats.items()
        for row in (people[user_id],)
    ]


def add_collaborators(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: list[Assignment], *, now: int
) -> list[Collaborator]:
    """Gives people their roles on an idea, in the place of those they had; the role of Process
    Owner passes on, that of Submitter stays where it is. Raises Forbidden, Invalid
    naming every fault."""
    process_id = held.idea.process_id
    need_edit(db, caller, held, "collaborators")
    before = msgspec.to_builtins(held.idea)
    named = NamedPeople(db, [seat.user_email for seat in wanted])
    faults = _find_faults(db, held, wanted, named)
    if faults:
        raise Invalid("Some collaborators are not right.", details=faults)
    people = [(named.id_of(seat.user_email) or 0, seat) for seat in wanted]
    _check_giving(db, caller, held, people)
    for user_id, seat in people:
        kept = [
            pair
            for pair in held.idea.seats
            if pair[0] != user_id or pair[1] in (SUBMITTER_ROLE, OWNER_ROLE)
        ]
        held.idea.seats = sorted({*kept, *((user_id, role_id) for role_id in seat.role_ids)})
        if OWNER_ROLE in seat.role_ids:
            set_person(held.idea, "owner", user_id)
        if seat.edit_parts is not UNSET:
            store.set_edit_parts(db, process_id, user_id, seat.edit_parts)
            _set_parts(db, caller, process_id, user_id, list(seat.edit_parts), now=now)
    ideas.save_change(db, caller, held.idea, before, "add collaborators", now=now)
    notices.notify(
        db, caller, "collaborator added", process_id, [user_id for user_id, _ in people], now=now
    )
    return _load_collaborators(db, held)


def _check_giving(
    db: Reading, caller: Caller, held: AuthorizedIdea, people: list[tuple[int, Assignment]]
) -> None:
    """Nobody gives more than they have. Raises Forbidden."""
    for user_id, seat in people:
        if (
            OWNER_ROLE in seat.role_ids
            and user_id != held.idea.owner_user_id
            and not may_name_owner(caller, held)
        ):
            raise Forbidden
        parts = () if seat.edit_parts is UNSET else seat.edit_parts
        kept = store.list_edit_parts(db, held.idea.process_id).get(user_id, [])
        if any(part not in kept and not may_edit(db, caller, held, part) for part in parts):
            raise Forbidden


def _set_parts(
    db: Writing, caller: Caller, process_id: int, user_id: int, parts: list[str], *, now: int
) -> None:
    audit.record(
        db,
        actor(caller),
        "set edit parts",
        "idea",
        process_id,
        now=now,
        after={"user_id": user_id, "edit_parts": sorted(parts)},
    )


def _find_faults(
    db: Reading, held: AuthorizedIdea, wanted: list[Assignment], people: NamedPeople
) -> dict[str, list[str]]:
    roles, holders = store.all_roles(db), store.list_holders(db)
    faults: dict[str, list[str]] = {}
    for index, seat in enumerate(wanted):
        path = f"collaborators.{index}"
        user_id = people.id_of(seat.user_email)
        holds = next((each for each, _ in held.idea.seats if each == user_id), None)
        fault = people.find_fault(seat.user_email, now=holds)
        if fault or user_id is None:
            faults[f"{path}.user_email"] = [fault]
            continue
        fault = find_access_fault(db, user_id, seat.user_email, held.chain, held.idea)
        if fault:
            faults[f"{path}.user_email"] = [fault]
        texts = [
            say("There is no collaborator role {role_id}.", role_id=role_id)
            for role_id in seat.role_ids
            if role_id not in roles
        ]
        if SUBMITTER_ROLE in seat.role_ids and held.idea.submitter_user_id != user_id:
            texts.append("Who submitted an idea is a fact; it cannot be given away.")
        for role_id in seat.role_ids:
            if (
                role_id in roles
                and roles[role_id].role_is_assignable
                and user_id not in holders.get(role_id, ())
            ):
                texts.append(
                    say(
                        "{user_email} is not named for the role “{role_name}”.",
                        user_email=seat.user_email,
                        role_name=roles[role_id].role_name,
                    )
                )
        if texts:
            faults[f"{path}.role_ids"] = texts
    return faults


def remove_collaborators(
    db: Writing, caller: Caller, held: AuthorizedIdea, leavers: list[Removal], *, now: int
) -> list[Collaborator]:
    """Takes people's seats away. Raises Forbidden, Invalid for who has none, Conflict
    for owner and submitter."""
    need_edit(db, caller, held, "collaborators")
    before = msgspec.to_builtins(held.idea)
    people = user_store.user_ids_by_email(db, [email_key(leaver.user_email) for leaver in leavers])
    seated = {user_id for user_id, _ in held.idea.seats}
    faults = {
        f"collaborators.{index}.user_email": [
            say("{user_email} has no seat on this idea.", user_email=leaver.user_email)
        ]
        for index, leaver in enumerate(leavers)
        if people.get(email_key(leaver.user_email)) not in seated
    }
    if faults:
        raise Invalid("Some collaborators are not there.", details=faults)
    for user_id in people.values():
        if user_id in (held.idea.owner_user_id, held.idea.submitter_user_id):
            raise Conflict("The process owner and the submitter stay; name another owner instead.")
        store.set_edit_parts(db, held.idea.process_id, user_id, ())
    held.idea.seats = [seat for seat in held.idea.seats if seat[0] not in people.values()]
    ideas.save_change(db, caller, held.idea, before, "remove collaborators", now=now)
    return _load_collaborators(db, held)


# --- roles ---


def list_roles(db: Reading) -> list[CollaboratorRole]:
    holders = store.list_holders(db)
    return [
        CollaboratorRole(
            role_id=r.role_id,
            role_name=r.role_name,
            role_description=r.role_description,
            role_is_permanent=r.role_is_permanent,
            role_is_assignable=r.role_is_assignable,
            holders=holders.get(r.role_id, []),
        )
        for r in store.all_roles(db).values()
    ]


def create_role(
    db: Writing, caller: Caller, new: NewCollaboratorRole, *, now: int
) -> CollaboratorRole:
    """Raises Conflict for a taken name."""
    _check_name(db, new.role_name, None)
    values = msgspec.structs.asdict(new) | {"role_name_key": fold(new.role_name)}
    role_id = store.save_role(db, None, values)
    audit.record(
        db,
        actor(caller),
        "add collaborator role",
        "collaborator_role",
        role_id,
        now=now,
        after=msgspec.to_builtins(new),
    )
    return _find_role(db, role_id)


def update_role(
    db: Writing, caller: Caller, role_id: int, wanted: CollaboratorRoleChange, *, now: int
) -> CollaboratorRole:
    """Raises NotFound, Conflict for a permanent role's name or a taken one, Invalid for unknown
    people."""
    before = _find_role(db, role_id)
    values: dict[str, Any] = msgspec.to_builtins(wanted)
    holders = values.pop("holders", None)
    if "role_name" in values and values["role_name"] != before.role_name:
        if before.role_is_permanent:
            raise Conflict(
                say("“{role_name}” is permanent and keeps its name.", role_name=before.role_name)
            )
        _check_name(db, values["role_name"], role_id)
        values["role_name_key"] = fold(values["role_name"])
    store.save_role(db, role_id, values)
    if holders is not None:
        if unknown := sorted(set(holders) - access.existing_users(db, holders)):
            raise Invalid(
                "Some people are not there.",
                details={
                    "holders": [
                        say("There is no user {user}.", user=user_id) for user_id in unknown
                    ]
                },
            )
        store.set_holders(db, role_id, holders)
    after = _find_role(db, role_id)
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    audit.record(
        db,
        actor(caller),
        "change collaborator role",
        "collaborator_role",
        role_id,
        now=now,
        before=old,
        after=new,
    )
    return after


def delete_role(db: Writing, caller: Caller, role_id: int, *, now: int) -> None:
    """Raises NotFound, and Conflict for a permanent role or one that somebody has on an idea."""
    before = _find_role(db, role_id)
    if before.role_is_permanent:
        raise Conflict(say("“{role_name}” is permanent.", role_name=before.role_name))
    if store.is_role_in_use(db, role_id):
        raise Conflict(
            say(
                "People work on ideas as “{role_name}”; give them other roles first.",
                role_name=before.role_name,
            )
        )
    store.delete_role(db, role_id)
    audit.record(
        db,
        actor(caller),
        "delete collaborator role",
        "collaborator_role",
        role_id,
        now=now,
        before=msgspec.to_builtins(before),
    )


def _find_role(db: Reading, role_id: int) -> CollaboratorRole:
    found = next((role for role in list_roles(db) if role.role_id == role_id), None)
    if found is None:
        raise NotFound(
            say(
                "There is no collaborator role {role_id}; GET /collaborator-roles lists them.",
                role_id=role_id,
            )
        )
    return found


def _check_name(db: Reading, name: str, role_id: int | None) -> None:
    if store.find_role_by_name(db, fold(name)) not in (None, role_id):
        raise Conflict(say("There is a collaborator role named “{name}” already.", name=name))


def set_named_roles(
    db: Writing, caller: Caller, user_id: int, role_ids: Iterable[int], *, now: int
) -> None:
    """Names a person for these roles, of those for which people are named, and for no other.
    Raises Forbidden."""
    known = store.all_roles(db)
    wanted = sorted(
        {role_id for role_id in role_ids if role_id in known and known[role_id].role_is_assignable}
    )
    before = store.named_roles_of(db, user_id)
    if wanted == before:
        return
    caller.need(Right.MANAGE_USERS_ROLES)
    store.set_named_roles(db, user_id, wanted)
    change = {"before": {"collaborator_roles": before}, "after": {"collaborator_roles": wanted}}
    audit.record(
        db, actor(caller), "name for collaborator roles", "user", user_id, now=now, **change
    )
