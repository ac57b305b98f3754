"""What can be done with accounts, one at a time."""

from typing import Any

import msgspec

from autohub.access import credential_store, factor_store, granting
from autohub.access import store as access
from autohub.access.model import ACCOUNT_OWNER, Caller, Right, RoleGrant, actor
from autohub.audit import store as audit
from autohub.db import idempotency
from autohub.db.engine import Reading, Writing
from autohub.invitations import service as invitations
from autohub.kit.errors import Conflict, HubError, Invalid, NotFound
from autohub.kit.sealing import Keys
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.notifications import service as notices
from autohub.settings import Settings
from autohub.users import store
from autohub.users.model import (
    ACTIVE,
    Account,
    BulkMode,
    Change,
    Outcome,
    Reassign,
    User,
    UserEdit,
    UserPatch,
)
from autohub.users.planning import EmailTaken, plan_changes
from autohub.users.saving import save_changes
from autohub.web.routes import NO_HOOKS, UserHooks


class NotInTrash(Conflict):
    def __init__(self) -> None:
        super().__init__("The account is not in the trash; move it there first.")


def add_user(db: Writing, caller: Caller, row: UserEdit, *, settings: Settings, now: int) -> User:
    """Adds an account (contract 2.3, adduser). Raises what `plan` finds wrong."""
    return _apply_rows(db, caller, row, mode="add", settings=settings, now=now)


def edit_user(db: Writing, caller: Caller, row: UserEdit, *, settings: Settings, now: int) -> User:
    """Changes the account with this e-mail (contract 2.3, edituser). Raises what `plan` finds
    wrong."""
    return _apply_rows(db, caller, row, mode="edit", settings=settings, now=now)


def patch_user(
    db: Writing, caller: Caller, user_id: int, wanted: UserPatch, *, settings: Settings, now: int
) -> User:
    """`edit` for an account known by its id."""
    account = get_existing_account(db, user_id)
    row = UserEdit(user_email=account.user_email, **msgspec.structs.asdict(wanted))
    return _apply_rows(db, caller, row, mode="edit", settings=settings, now=now)


def _apply_rows(
    db: Writing, caller: Caller, row: UserEdit, *, mode: BulkMode, settings: Settings, now: int
) -> User:
    change = plan_changes(db, caller, [row], mode=mode)[0]
    if isinstance(change, HubError):
        raise change
    if not change.is_empty:
        save_changes(db, caller, [change], settings=settings, now=now)
    return change.outcome.account.as_user()


def get_account(db: Reading, user_id: int, *, lock: bool = False) -> Account:
    """An account, those in the trash too. Raises NotFound."""
    found = store.load_accounts(db, [user_id], lock=lock).get(user_id)
    if found is None:
        raise NotFound(say("There is no user {user}.", user=user_id))
    return found


def get_existing_account(db: Reading, user_id: int, *, lock: bool = False) -> Account:
    """An account outside the trash. Raises NotFound."""
    found = get_account(db, user_id, lock=lock)
    if found.is_trashed:
        raise NotFound(
            say("User {user_id} is in the trash; restore the account first.", user_id=user_id)
        )
    return found


def name_account(db: Reading, email: str) -> dict[str, str] | None:
    """The id, as addresses hold it, of the account that an edit of this e-mail changes."""
    key = email_key(email)
    ids = store.user_ids_by_email(db, [key]) or store.accounts_by_alias(db, [key])
    return {"user_id": str(ids[key])} if key in ids else None


def get_user(db: Reading, user_id: int) -> dict[str, Any]:
    """The account with what the list does not show: former addresses, times, whether it is in
    the trash."""
    found = get_account(db, user_id)
    row = store.get_detail(db, user_id)
    assert row is not None
    record: dict[str, Any] = msgspec.to_builtins(found.as_user())
    return record | {
        "user_is_trashed": int(found.is_trashed),
        "user_has_registered": int(found.has_registered),
        "user_created_epoch": row.created_epoch,
        "user_updated_epoch": row.updated_epoch,
        "user_email_aliases": [alias.user_email for alias in store.aliases_of(db, user_id)],
    }


def change_email(db: Writing, caller: Caller, user_id: int, email: str, *, now: int) -> User:
    """Gives the account another address; the old one stays as an alias for imports and edits
    (contract 6).

    Raises EmailTaken for an address in use or somebody else's alias, Forbidden for a person above
    the caller, ProofNeeded.
    """
    before = get_existing_account(db, user_id, lock=True)
    granting.check_peer(db, caller, user_id)
    caller.need_proof()
    key, old_key = email_key(email), email_key(before.user_email)
    holder = store.load_accounts_by_email(db, [key]).get(key)
    if holder is not None and holder.user_id != user_id:
        raise EmailTaken(
            say("A user with the e-mail {email} exists already.", email=holder.user_email)
        )
    if (of := store.accounts_by_alias(db, [key]).get(key)) is not None and of != user_id:
        raise EmailTaken(
            say("{email} is a former address of another user; release it first.", email=email)
        )
    after = msgspec.structs.replace(before, user_email=email)
    if after == before:
        return before.as_user()
    store.delete_alias(db, key)
    store.update_accounts(db, [after], now=now)
    if key != old_key:
        store.delete_alias(db, old_key)
        store.insert_alias(db, user_id, before.user_email, now=now)
    invitations.cancel_invitations(db, [user_id], now=now)
    if before.has_registered and key != old_key:
        for to_former in (False, True):
            notices.notify_account(
                db, caller, "address changed", [user_id], now=now, to_former=to_former
            )
    audit.record(
        db,
        actor(caller),
        "change e-mail",
        "user",
        user_id,
        now=now,
        before={"user_email": before.user_email},
        after={"user_email": email},
    )
    return after.as_user()


def release_alias(db: Writing, caller: Caller, user_id: int, email: str, *, now: int) -> None:
    """Lets a former address go, so that a new account may have it. Raises NotFound."""
    get_account(db, user_id)
    granting.check_peer(db, caller, user_id)
    if store.accounts_by_alias(db, [email_key(email)]).get(email_key(email)) != user_id:
        raise NotFound(
            say("User {user_id} has no former address {email}.", user_id=user_id, email=email)
        )
    store.delete_alias(db, email_key(email))
    audit.record(
        db, actor(caller), "release alias", "user", user_id, now=now, before={"user_email": email}
    )


def trash_user(db: Writing, caller: Caller, user_id: int, *, now: int) -> None:
    """Moves an account to the trash: it cannot sign in and is not listed, and can be restored.
    Ends all its credentials. Raises NotFound, Forbidden."""
    administrators = granting.lock_administrators(db)
    before = get_existing_account(db, user_id, lock=True)
    granting.check_account(db, caller, user_id)
    store.set_columns(db, user_id, {"trashed_epoch": now, "updated_epoch": now})
    store.end_credentials(db, [user_id])
    invitations.cancel_invitations(db, [user_id], now=now)
    store.add_to_count(db, -1)
    granting.check_administrators(db, administrators)
    if before.works:
        notices.notify_account(db, caller, "deleted", [user_id], now=now)
    audit.record(db, actor(caller), "trash user", "user", user_id, now=now)


def restore_user(db: Writing, caller: Caller, user_id: int, *, now: int) -> User:
    """Takes an account out of the trash as it was; its ended tokens and sessions stay ended. Raises
    NotInTrash.

    What it may do comes back with it, so the caller must be able to give that: Forbidden otherwise.
    """
    found = get_account(db, user_id, lock=True)
    if not found.is_trashed:
        raise NotInTrash
    granting.check_account(db, caller, user_id)
    store.set_columns(db, user_id, {"trashed_epoch": None, "updated_epoch": now})
    store.add_to_count(db, 1)
    if found.user_is_active and found.user_invite_status == ACTIVE:
        notices.notify_account(db, caller, "restored", [user_id], now=now)
    audit.record(db, actor(caller), "restore user", "user", user_id, now=now)
    return found.as_user()


def erase_user(
    db: Writing, caller: Caller, user_id: int, *, now: int, above: UserHooks = NO_HOOKS
) -> None:
    """Erases a trashed account's personal data for good, in the audit too, whose entries lose
    their key. Raises NotInTrash, Forbidden, ProofNeeded."""
    found = get_account(db, user_id, lock=True)
    if not found.is_trashed:
        raise NotInTrash
    granting.check_peer(db, caller, user_id)
    caller.need_proof()
    addresses = [found.user_email, *(alias.user_email for alias in store.aliases_of(db, user_id))]
    idempotency.forget_texts(db, [*addresses, f'"user_id":{user_id},'])
    invitations.forget_invitations(db, user_id, now=now)
    access.leave_groups(db, user_id)
    factor_store.delete_factors(db, user_id)
    above.erase(db, user_id)
    store.erase_account(db, user_id, now=now)
    audit.record(db, actor(caller), "erase user", "user", user_id, now=now)


def reassign_user(
    db: Writing,
    caller: Caller,
    user_id: int,
    wanted: Reassign,
    *,
    settings: Settings,
    now: int,
    above: UserHooks = NO_HOOKS,
) -> dict[str, int]:
    """A leaver's ideas and seats go to a successor by what `above` does. No token does: whoever
    knows one would act as the successor, so all of the leaver's tokens end. Returns how many
    `tokens` ended, and how many of what else moved. Raises NotFound, Invalid, Forbidden.
    """
    if wanted.to_user_id == user_id:
        raise Invalid("Choose somebody else.", details={"to_user_id": ["is the leaver."]})
    leaver, successor = (
        get_existing_account(db, user_id, lock=True),
        get_existing_account(db, wanted.to_user_id),
    )
    if not successor.works:
        raise Invalid(
            "The successor must be active.",
            details={
                "to_user_id": [say("{user_email} is not active.", user_email=successor.user_email)]
            },
        )
    granting.check_peer(db, caller, user_id)
    granting.check_peer(db, caller, wanted.to_user_id)
    ended = credential_store.end_tokens(db, user_id)
    if wanted.deactivate and leaver.user_is_active:
        _apply_rows(
            db,
            caller,
            UserEdit(leaver.user_email, user_is_active=0),
            mode="edit",
            settings=settings,
            now=now,
        )
    taken = {"tokens": ended} | above.reassign(db, caller, user_id, wanted.to_user_id, now)
    audit.record(
        db,
        actor(caller),
        "reassign from",
        "user",
        user_id,
        now=now,
        after={"to_user_id": wanted.to_user_id} | taken,
    )
    audit.record(
        db,
        actor(caller),
        "reassign to",
        "user",
        wanted.to_user_id,
        now=now,
        after={"from_user_id": user_id} | taken,
    )
    return taken


def explain_access(db: Reading, user_id: int) -> dict[str, Any]:
    """Why this person may do what: each right with the roles, places and groups that give it,
    and what stands in the way."""
    found = get_account(db, user_id)
    grants, _ = access.list_grants(db, user_id)
    names = {role["role_id"]: role["role_name"] for role in access.all_roles(db)}
    groups = {
        g.group_id: row.group_name
        for g in grants
        if g.group_id is not None and (row := access.get_group(db, g.group_id))
    }
    chains = access.category_chains(db, {g.category_id for g in grants} - {0})
    reasons: dict[str, list[dict[str, Any]]] = {right.value: [] for right in Right}
    for g in grants:
        reasons[g.right.value].append(
            {
                "role_id": g.role_id,
                "role_name": names[g.role_id],
                "category_id": g.category_id,
                "category_chain": chains.get(g.category_id, []),
                "group_id": g.group_id,
                "group_name": groups.get(g.group_id) if g.group_id is not None else None,
                "only_where_assigned": int(g.only_where_assigned),
            }
        )
    return {
        "user_id": user_id,
        "user_email": found.user_email,
        "may_sign_in": int(found.works),
        "refusal": None if found.works else _explain_refusal(found),
        "rights": [
            {"permission": right, "granted": int(bool(by)), "by": by}
            for right, by in reasons.items()
        ],
    }


def _explain_refusal(found: Account) -> str:
    if found.is_trashed:
        return "The account is in the trash."
    if not found.user_is_active:
        return "The account is Inactive."
    return "The person has not completed the registration."


def invite_user(
    db: Writing, caller: Caller, user_id: int, *, send_mail: bool, settings: Settings, now: int
) -> int | None:
    """Invites a person who never registered once more, or makes a link to hand over; the account
    becomes Pending.

    Returns the id of an invitation without mail, None when a mail is on its way. Raises Conflict.
    """
    found = get_existing_account(db, user_id, lock=True)
    if found.has_registered or found.user_invite_status == ACTIVE or not found.user_is_active:
        raise Conflict("Only a person who is not yet Active, and not Inactive, can be invited.")
    after = msgspec.structs.replace(
        found, user_invite_status=2 if send_mail else max(found.user_invite_status, 1)
    )
    outcome = Outcome(after, sends_invitation=send_mail)
    save_changes(db, caller, [Change(found, outcome)], settings=settings, now=now)
    if send_mail:
        return None
    invitation_id = invitations.invite_without_mail(db, user_id, settings=settings, now=now)
    audit.record(
        db,
        actor(caller),
        "make invitation link",
        "user",
        user_id,
        now=now,
        after={"invitation_id": invitation_id},
    )
    return invitation_id


def complete_registration(
    db: Writing, token: str, *, password_hash: str, keys: Keys, now: int
) -> int:
    """Completes the registration behind an invitation's link: the account is Active from now on.
    Returns its id.

    Raises LinkDead.
    """
    row = invitations.resolve_link(db, token, keys=keys, now=now)
    before = get_existing_account(db, row.user_id, lock=True)
    if not invitations.use_invitation(db, row.invitation_id, now=now):
        raise invitations.InvitationLinkExpired
    after = msgspec.structs.replace(
        before, user_is_active=1, user_invite_status=ACTIVE, has_registered=True
    )
    store.update_accounts(db, [after], now=now)
    store.set_columns(db, row.user_id, {"password_hash": password_hash, "registered_epoch": now})
    who = Caller(kind="automation-cloud", user_id=row.user_id, door="page")
    audit.record(
        db,
        actor(who),
        "register",
        "user",
        row.user_id,
        now=now,
        before={"user_invite_status": before.user_invite_status},
        after={"user_invite_status": ACTIVE},
    )
    return after.user_id


def register_by_sign_on(db: Writing, before: Account, *, now: int) -> None:
    """Completes the registration of somebody for whom another system vouches, if they have not
    registered yet."""
    if before.has_registered and before.user_invite_status == ACTIVE:
        return
    after = msgspec.structs.replace(before, user_invite_status=ACTIVE, has_registered=True)
    store.update_accounts(db, [after], now=now)
    store.set_columns(db, before.user_id, {"registered_epoch": now})
    invitations.cancel_invitations(db, [before.user_id], now=now)
    who = Caller(kind="automation-cloud", user_id=before.user_id, door="page")
    audit.record(
        db,
        actor(who),
        "register",
        "user",
        before.user_id,
        now=now,
        before={"user_invite_status": before.user_invite_status},
        after={"user_invite_status": ACTIVE},
    )


def lacks_administrator(db: Reading) -> bool:
    """Whether the first person is still to come. Accounts may be there already, made by a script
    with a tenant-level token; once there is an administrator, one always remains."""
    return not access.list_active_administrators(db)


def register_first_user(
    db: Writing, row: UserEdit, *, password_hash: str, settings: Settings, now: int
) -> int:
    """Makes the Account Owner of an installation that has no administrator yet. Raises Conflict
    when there is one, EmailTaken."""
    db.lock("first person")
    if not lacks_administrator(db):
        raise Conflict("This installation has an administrator already; ask for an invitation.")
    caller = Caller(kind="operator", door="page")
    user = add_user(db, caller, row, settings=settings, now=now)
    before = get_account(db, user.user_id)
    after = msgspec.structs.replace(
        before,
        user_invite_status=ACTIVE,
        has_registered=True,
        grants=(RoleGrant(ACCOUNT_OWNER, 0),),
    )
    save_changes(db, caller, [Change(before, Outcome(after))], settings=settings, now=now)
    store.set_columns(db, user.user_id, {"password_hash": password_hash, "registered_epoch": now})
    return user.user_id
