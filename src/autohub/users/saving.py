"""Writes planned changes, with everything that each sets off: audit, invitations, credentials,
search."""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from autohub.access import granting
from autohub.access.model import Caller, RoleGrant, actor
from autohub.audit import store as audit
from autohub.audit.model import Action
from autohub.db.engine import Writing
from autohub.db.schema import user_account
from autohub.invitations import service as invitations
from autohub.kit.seal import KEY_BYTES
from autohub.notifications import service as notices
from autohub.settings import Settings
from autohub.users import store
from autohub.users.model import Account, Change, facts_of


def save_changes(
    db: Writing, caller: Caller, changes: Sequence[Change], *, settings: Settings, now: int
) -> None:
    """Writes all of `changes`; new accounts get their ids in place. Raises ProofNeeded."""
    granting.check_proof(
        db,
        caller,
        {
            grant
            for change in changes
            for grant in change.outcome.account.grants
            if change.before is None or grant not in change.before.grants
        },
    )
    _add_accounts(
        db, [change.outcome.account for change in changes if change.before is None], now=now
    )
    edits = [
        (change.before, change.outcome.account) for change in changes if change.before is not None
    ]
    store.update_accounts(
        db,
        [after for before, after in edits if facts_of(before) != facts_of(after)],
        now=now,
    )
    store.set_roles(db, [after for before, after in edits if before.grants != after.grants])
    store.end_credentials(
        db,
        [change.outcome.account.user_id for change in changes if change.outcome.ends_credentials],
    )
    cancelled = [
        change.outcome.account.user_id for change in changes if change.outcome.cancels_invitations
    ]
    invitations.cancel_invitations(db, cancelled, now=now)
    invitations.invite_users(
        db,
        [c.outcome.account.user_id for c in changes if c.outcome.sends_invitation],
        settings=settings,
        now=now,
    )
    grown = [
        after.user_id
        for before, after in edits
        if not after.has_registered and not set(after.grants) <= set(before.grants)
    ]
    invitations.renew_invitations(db, grown, settings=settings, now=now)
    _notify_changes(db, caller, edits, now=now)
    _audit_changes(db, caller, changes, now=now)


def _notify_changes(
    db: Writing, caller: Caller, edits: Sequence[tuple[Account, Account]], *, now: int
) -> None:
    """People who were here are told when their account is switched on or off."""
    turned = [
        after
        for before, after in edits
        if before.user_is_active != after.user_is_active and after.has_registered
    ]
    notices.notify_account(
        db, caller, "activated", [a.user_id for a in turned if a.user_is_active], now=now
    )
    notices.notify_account(
        db, caller, "deactivated", [a.user_id for a in turned if not a.user_is_active], now=now
    )


def _add_accounts(db: Writing, accounts: list[Account], *, now: int) -> None:
    if not accounts:
        return
    keys = os.urandom(KEY_BYTES * len(accounts))
    for index, (account, user_id) in enumerate(
        zip(accounts, db.reserve_ids(user_account, len(accounts)), strict=True)
    ):
        account.user_id = user_id
        account.person_key = keys[index * KEY_BYTES : (index + 1) * KEY_BYTES]
    store.insert_accounts(db, accounts, now=now)


def _audit_changes(db: Writing, caller: Caller, changes: Sequence[Change], *, now: int) -> None:
    who = actor(caller)
    rows = []
    for change in changes:
        after = change.outcome.account
        old: Any = None
        new: Any
        if change.before is None:
            new = audit_facts(after)
        else:
            old, new = changed_facts(change.before, after)
            if not new and not change.outcome.sends_invitation:
                continue
        action: Action = (
            "add user" if change.before is None else "edit user" if new else "invite user"
        )
        rows.append(
            audit.build_entry(
                who,
                action,
                "user",
                after.user_id,
                now=now,
                before=old,
                after=new,
                key=after.person_key,
            )
        )
    audit.add_many(db, rows)


class Shown(msgspec.Struct):
    """An account as the audit keeps it."""

    user_email: str
    user_first_name: str
    user_last_name: str
    user_job_title: str | None
    user_business_unit: str | None
    user_department: str | None
    user_location: str | None
    user_is_active: int
    user_invite_status: int
    user_roles: tuple[RoleGrant, ...]


def audit_facts(account: Account) -> Shown:
    return Shown(**facts_of(account), user_roles=account.grants)


def changed_facts(before: Account, after: Account) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what changed, before and after."""
    one, other = audit_facts(before), audit_facts(after)
    changed = [name for name in _SHOWN if getattr(one, name) != getattr(other, name)]
    return (
        {name: getattr(one, name) for name in changed},
        {name: getattr(other, name) for name in changed},
    )


_SHOWN = Shown.__struct_fields__
