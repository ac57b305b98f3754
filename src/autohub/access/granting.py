"""No escalation (contract 1.3): who may hand out which role where. Every door that grants asks
here."""

from collections.abc import Iterable

import msgspec

from autohub.access import store
from autohub.access.model import (
    ACCOUNT_OWNER,
    POWERS,
    STANDARD_USER,
    SYSTEM_ADMIN,
    Caller,
    Grant,
    Right,
    RoleGrant,
    covers,
)
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Forbidden, Invalid
from autohub.kit.sentences import say

DEFAULT_GRANT = RoleGrant(STANDARD_USER, 0)


class GrantVerdicts(msgspec.Struct):
    """What is wrong with some grants: those that name nothing known, by field, and those that
    the caller may not give."""

    unknown: dict[RoleGrant, tuple[str, str]]
    refused: dict[RoleGrant, str]


class LastAdministrator(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "One active Account Owner or System Admin must remain; give someone else that role "
            "first."
        )


def judge_grants(db: Reading, caller: Caller, wanted: Iterable[RoleGrant]) -> GrantVerdicts:
    """Judges grants that are new to whoever shall get them; see contract 1.3, "No escalation"."""
    wanted = set(wanted)
    if not wanted:
        return GrantVerdicts({}, {})
    rights = store.rights_of_roles(db, {g.role_id for g in wanted})
    chains = store.category_chains(db, {g.category_id for g in wanted} - {0})
    found = GrantVerdicts({}, {})
    for grant in wanted:
        if grant.role_id not in rights:
            found.unknown[grant] = (
                "role_id",
                say("There is no role {role_id}; GET /roles lists them.", role_id=grant.role_id),
            )
        elif grant.category_id and grant.category_id not in chains:
            found.unknown[grant] = (
                "category_id",
                say(
                    "There is no category {category_id}; GET /hierarchy lists them, 0 means all.",
                    category_id=grant.category_id,
                ),
            )
        elif reason := _refusal(
            caller, grant, rights[grant.role_id], chains.get(grant.category_id, [])
        ):
            found.refused[grant] = reason
    return found


def _refusal(caller: Caller, grant: RoleGrant, rights: set[Right], chain: list[int]) -> str | None:
    if caller.is_operator:
        return None
    if grant != DEFAULT_GRANT and not caller.may(Right.MANAGE_USERS_ROLES):
        return "Giving roles other than Standard User needs the permission Manage Users Roles."
    if grant.role_id == ACCOUNT_OWNER and not caller.is_owner:
        return "Only an Account Owner can make someone Account Owner."
    if caller.is_tenant_level and grant.role_id == SYSTEM_ADMIN:
        return "A tenant-level token cannot make someone System Admin."
    lacking = sorted(right.value for right in rights if not covers(caller.reach(right), chain))
    if lacking and grant != DEFAULT_GRANT:
        return say(
            "You can only give what you hold yourself; you lack {lacking} there.",
            lacking=", ".join(lacking),
        )
    return None


def check_grants(db: Reading, caller: Caller, wanted: Iterable[RoleGrant], *, field: str) -> None:
    """Raises Invalid naming every unknown role and category, Forbidden for a grant that the
    caller may not give, ProofNeeded for an administrator's rights."""
    listed = list(wanted)
    found = judge_grants(db, caller, listed)
    if found.unknown:
        details: dict[str, list[str]] = {}
        for index, grant in enumerate(listed):
            if grant in found.unknown:
                key, text = found.unknown[grant]
                details.setdefault(f"{field}.{index}.{key}", []).append(text)
        raise Invalid("Some roles or categories do not exist.", details=details)
    for reason in found.refused.values():
        raise Forbidden(
            f"This user is not permitted to perform this action based on their role. {reason}"
        )
    check_proof(db, caller, listed)


def check_proof(db: Reading, caller: Caller, given: Iterable[RoleGrant]) -> None:
    """Raises ProofNeeded when an administrator's rights are given, and the caller did not prove
    lately who they are."""
    role_ids = set() if caller.has_proof else {grant.role_id for grant in given}
    if role_ids and any(r & POWERS for r in store.rights_of_roles(db, role_ids).values()):
        caller.need_proof()


def check_rights(caller: Caller, rights: Iterable[Right]) -> None:
    """Raises Forbidden when the caller would give a role rights that they lack themselves, or
    take such rights from it."""
    lacking = sorted(right.value for right in rights if not caller.may(right))
    if lacking:
        raise Forbidden(
            say(
                "A role can only allow what you may do yourself; you lack {lacking}.",
                lacking=", ".join(lacking),
            )
        )


def outranking(db: Reading, caller: Caller, user_ids: Iterable[int]) -> set[int]:
    """Those of these people for whom the caller cannot act: they hold rights that the caller lacks,
    or not as widely.

    What everybody has, Standard User everywhere, does not count. Asked before anything that would
    let the caller act as a person, and before anything that takes something away from one: roles,
    activity, tokens, the account.
    """
    others = sorted(set(user_ids) - {caller.user_id})
    if caller.is_operator or (caller.is_owner and not caller.is_tenant_level) or not others:
        return set()
    held = store.grants_of(db, others)
    chains = store.category_chains(
        db, {g.category_id for grants in held.values() for g in grants} - {0}
    )
    return {
        user_id
        for user_id, grants in held.items()
        if any(_is_above(caller, g, chains.get(g.category_id, [])) for g in grants)
    }


def _is_above(caller: Caller, grant: Grant, chain: list[int]) -> bool:
    if grant.role_id == ACCOUNT_OWNER or (caller.is_tenant_level and grant.role_id == SYSTEM_ADMIN):
        return True
    if grant.role_id == STANDARD_USER:
        return False
    is_covered = covers(caller.reach(grant.right), chain)
    return not (
        is_covered
        or (grant.only_where_assigned and covers(caller.assigned_reach(grant.right), chain))
    )


class Outranked(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "This person holds rights that you lack, so you cannot act for them or take anything "
            "from them."
        )


def check_peers(db: Reading, caller: Caller, user_ids: Iterable[int]) -> None:
    """Raises Outranked if the caller cannot act for all of these people; see `outranking`."""
    if outranking(db, caller, user_ids):
        raise Outranked


def check_peer(db: Reading, caller: Caller, user_id: int) -> None:
    """Raises Outranked unless the caller can act for this person; see `outranking`."""
    check_peers(db, caller, [user_id])


def check_account(db: Reading, caller: Caller, user_id: int) -> None:
    """Raises Outranked unless the caller may end this person's account, or bring it back; see
    `may_end_any`."""
    if not may_end_any(caller):
        check_peer(db, caller, user_id)


def may_end_any(caller: Caller) -> bool:
    """Whether nobody is above the caller where it is about who works here. A directory knows that
    of administrators too, and can still not act as one: it changes no roles, and nobody's address
    who is above it."""
    return caller.is_directory


def lock_administrators(db: Writing) -> set[int]:
    """Call before a change that could take an administrator away; holds off every other such
    change until this one ends."""
    db.lock("administrators")
    return store.list_active_administrators(db)


def check_administrators(db: Writing, before: set[int]) -> None:
    """Raises LastAdministrator when there were administrators before the change and there is
    none now."""
    if before and not store.list_active_administrators(db):
        raise LastAdministrator
