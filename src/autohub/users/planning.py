"""From rows that somebody sends to changes of accounts: one set of rules for single calls, bulk,
imports and pages."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import UNSET

from autohub.access import granting
from autohub.access.model import ACCOUNT_OWNER, SYSTEM_ADMIN, WHERE_HELD, Caller, Right, RoleGrant
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from autohub.kit.jsonbody import Faults, convert
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.users import model, store
from autohub.users.model import Account, BulkMode, Change, UserEdit

Planned = Change | HubError


class EmailTaken(Conflict):
    def __init__(self, text: str) -> None:
        super().__init__(text, details={"user_email": [text]})


class UnknownUser(NotFound):
    def __init__(self, text: str) -> None:
        super().__init__(text, details={"user_email": [text]})


class _Known(msgspec.Struct):
    """What the database says about the rows' addresses."""

    by_email: dict[str, Account]
    by_alias: dict[str, Account]
    verdicts: granting.GrantVerdicts
    may_add: bool
    may_edit: bool


def plan_changes(
    db: Writing, caller: Caller, rows: Sequence[UserEdit], *, mode: BulkMode
) -> list[Planned]:
    """For each row the change that it asks for, or the error that refuses it. Nothing is written.

    The rows' addresses must differ. The accounts found are locked until the transaction ends.
    """
    known, rows = _look_up(db, caller, rows)
    planned = [_plan_row(row, known, mode) for row in rows]
    _keep_from_below(db, caller, planned)
    _keep_an_administrator(db, planned)
    return planned


def _look_up(
    db: Writing, caller: Caller, rows: Sequence[UserEdit]
) -> tuple[_Known, list[UserEdit]]:
    """What is known of the rows' addresses, and the rows with every role in its place."""
    keys = [email_key(row.user_email) for row in rows]
    found = store.load_accounts_by_email(db, keys, lock=True)
    aliases = store.accounts_by_alias(db, [key for key in keys if key not in found])
    behind = store.load_accounts(db, list(aliases.values()), lock=True) if aliases else {}
    by_alias = {key: behind[user_id] for key, user_id in aliases.items() if user_id in behind}
    wanted: set[RoleGrant] = set()
    placed = []
    for key, sent in zip(keys, rows, strict=True):
        account = found.get(key) or by_alias.get(key)
        row = _place_roles(sent, () if account is None else account.grants)
        placed.append(row)
        if row.user_roles is not UNSET:
            wanted.update(
                row.user_roles
                if account is None
                else (grant for grant in row.user_roles if grant not in account.grants)
            )
    known = _Known(
        by_email=found,
        by_alias=by_alias,
        verdicts=granting.judge_grants(db, caller, wanted),
        may_add=caller.may(Right.MANAGE_USERS),
        may_edit=caller.may(Right.MANAGE_USERS_ROLES),
    )
    return known, placed


def _place_roles(row: UserEdit, held: Sequence[RoleGrant]) -> UserEdit:
    """The row with a category for each role that it names without one: those for which the
    person holds the role already, so that naming it widens nothing, else all of them."""
    if row.user_roles is UNSET or all(grant.category_id != WHERE_HELD for grant in row.user_roles):
        return row
    placed: list[RoleGrant] = []
    others: list[
        RoleGrant
    ] = []  # behind the roles as they were sent, whose order tells faults apart
    for grant in row.user_roles:
        if grant.category_id != WHERE_HELD:
            placed.append(grant)
            continue
        there = [each for each in held if each.role_id == grant.role_id] or [
            RoleGrant(grant.role_id, 0)
        ]
        placed.append(there[0])
        others += there[1:]
    return msgspec.structs.replace(row, user_roles=placed + others)


def _plan_row(row: UserEdit, known: _Known, mode: BulkMode) -> Planned:
    key = email_key(row.user_email)
    account = known.by_email.get(key)
    alias = known.by_alias.get(key) if account is None else None
    try:
        if account is None and alias is None:
            if mode == "edit":
                raise UnknownUser(say("There is no user {user}.", user=row.user_email))
            return _plan_add(row, known)
        if mode == "add":
            raise EmailTaken(_find_taken(row.user_email, account))
        target = account or alias
        assert target is not None
        if target.is_trashed:
            raise UnknownUser(
                say(
                    "{user_email} is in the trash; restore the account first.",
                    user_email=row.user_email,
                )
            )
        return _plan_edit(row, target, known)
    except HubError as error:
        return error


def _find_taken(email: str, account: Account | None) -> str:
    if account is None:
        return say(
            "{email} is a former address of another user; an administrator must release it first.",
            email=email,
        )
    if account.is_trashed:
        return say(
            "A user with the e-mail {email} exists already, in the trash.", email=account.user_email
        )
    return say("A user with the e-mail {email} exists already.", email=account.user_email)


def _plan_add(row: UserEdit, known: _Known) -> Change:
    if not known.may_add:
        raise Forbidden
    faults = _grant_faults(row, known, held=())
    try:
        outcome = model.new_account(row)
    except Invalid as error:
        raise Invalid(error.message, details=error.details | faults) from None
    if faults:
        raise Invalid("The account cannot be added.", details=faults)
    return Change(None, outcome)


def _plan_edit(row: UserEdit, account: Account, known: _Known) -> Change:
    if not known.may_edit:
        raise Forbidden
    if faults := _grant_faults(row, known, held=account.grants):
        raise Invalid("The account cannot be changed.", details=faults)
    return Change(account, model.edit_account(account, row))


def _grant_faults(
    row: UserEdit, known: _Known, *, held: Sequence[RoleGrant]
) -> dict[str, list[str]]:
    """Unknown roles and categories by field; raises Forbidden for a grant that the caller may
    not give."""
    if row.user_roles is UNSET or not (known.verdicts.unknown or known.verdicts.refused):
        return {}
    faults: dict[str, list[str]] = {}
    for index, grant in enumerate(row.user_roles):
        if grant in held:
            continue
        if grant in known.verdicts.refused:
            raise Forbidden(
                say(
                    "This user is not permitted to perform this action based on their role. "
                    "{reason}",
                    reason=known.verdicts.refused[grant],
                )
            )
        if grant in known.verdicts.unknown:
            key, text = known.verdicts.unknown[grant]
            faults[f"user_roles.{index}.{key}"] = [text]
    return faults


def find_further_faults(
    db: Reading, caller: Caller, values: Sequence[Any], *, mode: BulkMode
) -> list[Faults]:
    """For rows that could not be read as UserEdit: what the rules that come later would say of
    them as well, so that every fault is told at once. `values` are the rows as they were sent."""
    rows = [value if isinstance(value, dict) else {} for value in values]
    keys = [
        email_key(email.strip()) if isinstance(email := row.get("user_email"), str) else ""
        for row in rows
    ]
    known = store.load_accounts_by_email(db, list(filter(None, keys)))
    sent = [_readable_grants(row.get("user_roles")) for row in rows]
    unknown = granting.judge_grants(
        db, caller, {grant for grants in sent for grant in grants.values()}
    ).unknown
    found: list[Faults] = []
    for row, key, grants in zip(rows, keys, sent, strict=True):
        faults = model.find_add_faults(row) if row and mode != "edit" and key not in known else {}
        for index, grant in grants.items():
            if grant in unknown:
                field, text = unknown[grant]
                faults[f"user_roles.{index}.{field}"] = [text]
        found.append(faults)
    return found


def _readable_grants(roles: Any) -> dict[int, RoleGrant]:
    """Those of the sent roles that can be read, by their place."""
    found = {}
    for index, role in enumerate(roles if isinstance(roles, list) else []):
        with suppress(Invalid):
            found[index] = convert(role, RoleGrant)
    return found


def _keep_from_below(db: Reading, caller: Caller, planned: list[Planned]) -> None:
    """Replaces changes that take something from a person for whom the caller cannot act by
    Outranked."""
    if granting.may_end_any(caller):
        return
    taking = {
        index: change.outcome.account.user_id
        for index, change in enumerate(planned)
        if isinstance(change, Change) and _takes(change)
    }
    outranking = granting.outranking(db, caller, taking.values())
    for index, user_id in taking.items():
        if user_id in outranking:
            planned[index] = granting.Outranked()


def _takes(change: Change) -> bool:
    """Whether the person loses a role or their credentials."""
    if change.before is None:
        return False
    return change.outcome.ends_credentials or not set(change.before.grants) <= set(
        change.outcome.account.grants
    )


def _keep_an_administrator(db: Writing, planned: list[Planned]) -> None:
    """Replaces the change that would take the last administrator away by LastAdministrator."""
    leaving = [
        index
        for index, change in enumerate(planned)
        if isinstance(change, Change) and _loses_administrator(change)
    ]
    if not leaving:
        return
    remaining = granting.lock_administrators(db)
    for index in leaving:
        change = planned[index]
        assert isinstance(change, Change)
        user_id = change.outcome.account.user_id
        if remaining == {user_id}:
            planned[index] = granting.LastAdministrator()
        remaining.discard(user_id)


def _loses_administrator(change: Change) -> bool:
    """Whether the person ceases to be active, or to hold an administrator's role themselves."""
    if change.before is None or not change.before.works:
        return False
    after = change.outcome.account
    return change.outcome.ends_credentials or (
        _is_administrator(change.before) and not _is_administrator(after)
    )


def _is_administrator(account: Account) -> bool:
    return any(
        grant.role_id in (ACCOUNT_OWNER, SYSTEM_ADMIN) and grant.category_id == 0
        for grant in account.grants
    )
