"""Open API tokens (contract 1.2): shown once, kept as a hash, with exactly their person's
rights."""

import hashlib
import os
import uuid
from typing import Any

import msgspec

from autohub.access import credential_store, granting, store
from autohub.access.model import SCIM, Caller, NewToken, Right, TokenChange, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Forbidden, Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.seal import sign
from autohub.kit.sentences import say
from autohub.kit.text import email_key


class MintedToken(msgspec.Struct):
    """A new token, with what is shown this one time: `TenantID/Token`, and the app key where
    there is one."""

    record: dict[str, Any]
    bearer: str
    app_key: str | None


def hash_token(token: str) -> bytes:
    """What is kept of a token; its 128 random bits need no salt."""
    return hashlib.sha256(token.lower().encode()).digest()


def hash_app_key(secret: str, app_key: str) -> bytes:
    return sign(secret, "app key", app_key).encode()


def new_guid() -> str:
    """128 random bits in the form of a GUID."""
    return str(uuid.UUID(bytes=os.urandom(16)))


def create_token(
    db: Writing, caller: Caller, new: NewToken, *, tenant_id: str, secret: str, now: int
) -> MintedToken:
    """Makes a token. Raises Forbidden as contract 1.2 says, Invalid for an unknown or inactive
    person or a past expiry, ProofNeeded."""
    if new.token_expires_epoch is not None and new.token_expires_epoch <= now:
        raise Invalid(
            "The token would not work.",
            details={"token_expires_epoch": ["must be in the future."]},
        )
    kind, person = _decide_kind(db, caller, new)
    caller.need_proof()
    token = new_guid()
    app_key = new_guid() if new.app_key == "" else new.app_key
    token_id = credential_store.add_token(
        db,
        {
            "token_name": new.token_name,
            "token_kind": kind,
            "token_hash": hash_token(token),
            "app_key_hash": hash_app_key(secret, app_key) if app_key else None,
            "user_id": person.user_id if person else None,
            "credential_generation": person.credential_generation if person else None,
            "created_by_user_id": caller.user_id,
            "token_expires_epoch": new.token_expires_epoch,
            "created_epoch": now,
        },
    )
    made = to_record(credential_store.get_token(db, token_id))
    audit.record(
        db, actor(caller), "add token", "token", token_id, now=now, after=_audit_facts(made)
    )
    return MintedToken(made, f"{tenant_id}/{token}", app_key)


def _decide_kind(db: Reading, caller: Caller, new: NewToken) -> tuple[str, Any]:
    """The token's kind and its person (None: nobody's)."""
    if new.token_kind == SCIM:
        if not caller.is_owner:
            raise Forbidden(
                "Only an Account Owner can make a SCIM token: it switches anybody's account off."
            )
        if new.app_key is not None:
            raise Invalid(
                "Directories send one secret alone.",
                details={"app_key": ["cannot be had with a SCIM token."]},
            )
        return SCIM, None
    if new.user_email is None:
        if not caller.is_admin:
            raise Forbidden("Only a System Admin or Account Owner can make a tenant-level token.")
        return "tenant_level", None
    if isinstance(new.user_email, str):
        person = store.find_active_account(db, email_key=email_key(new.user_email))
        if person is None:
            if not caller.may(Right.MANAGE_USERS):
                raise Forbidden
            raise Invalid(
                "The token needs an active person.",
                details={
                    "user_email": [
                        say("There is no active person {user_email}.", user_email=new.user_email)
                    ]
                },
            )
    else:
        person = store.get_account(db, caller.user_id) if caller.user_id is not None else None
        if person is None:
            raise Invalid(
                "Say whose token it is.",
                details={"user_email": ["is required; null makes a tenant-level token."]},
            )
    if person.user_id == caller.user_id:
        return "personal", person
    caller.need(Right.MANAGE_USERS)
    granting.check_peer(db, caller, person.user_id)
    return "user_assigned", person


def list_tokens(db: Reading, caller: Caller, page: Page) -> tuple[list[dict[str, Any]], int]:
    """Everyone's for those who manage users, one's own otherwise."""
    rows, total = credential_store.list_tokens(
        db, page, user_id=None if caller.may(Right.MANAGE_USERS) else caller.user_id
    )
    return [to_record(row) for row in rows], total


def update_token(
    db: Writing, caller: Caller, token_id: int, wanted: TokenChange, *, now: int
) -> dict[str, Any]:
    """Changes name, expiry or activity; what a token may do and its secret never change. Raises
    NotFound, Forbidden."""
    row = _find(db, caller, token_id)
    before = to_record(row)
    values: dict[str, Any] = {
        key: value
        for key, value in msgspec.structs.asdict(wanted).items()
        if value is not msgspec.UNSET
    }
    is_mine = row.user_id is not None and row.user_id == caller.user_id
    if is_mine and row.token_is_locked and values.get("token_is_active"):
        raise Forbidden("An administrator switched this token off; ask one to switch it on.")
    is_assigned = row.token_kind == "user_assigned"  # noqa: S105 - a kind, no password
    if is_mine and is_assigned and "token_expires_epoch" in values:
        raise Forbidden("An administrator made this token; ask one for another time.")
    if values.get("token_is_active") or "token_expires_epoch" in values:
        caller.need_proof()
    if "token_is_active" in values:
        values["token_is_locked"] = int(not values["token_is_active"] and not is_mine)
    if values:
        credential_store.change_token(db, token_id, values)
    after = to_record(credential_store.get_token(db, token_id))
    audit.record(
        db,
        actor(caller),
        "change token",
        "token",
        token_id,
        now=now,
        before=_audit_facts(before),
        after=_audit_facts(after),
    )
    return after


def revoke_token(db: Writing, caller: Caller, token_id: int, *, now: int) -> None:
    """Ends a token for good: its hash is overwritten, so that nothing can wake it. Raises
    NotFound, Forbidden."""
    before = to_record(_find(db, caller, token_id))
    credential_store.change_token(
        db, token_id, {"token_is_active": 0, "token_hash": os.urandom(32)}
    )
    audit.record(
        db, actor(caller), "revoke token", "token", token_id, now=now, before=_audit_facts(before)
    )


def _find(db: Reading, caller: Caller, token_id: int) -> Any:
    """A token that the caller may change: their own, or one of somebody for whom they can act."""
    row = credential_store.get_token(db, token_id)
    if row is None or not (caller.may(Right.MANAGE_USERS) or row.user_id == caller.user_id):
        raise NotFound(
            say("There is no token {token_id} of yours; GET /tokens lists them.", token_id=token_id)
        )
    if row.user_id is not None:
        granting.check_peer(db, caller, row.user_id)
    elif not (caller.is_admin or caller.is_operator):
        raise Forbidden("Only a System Admin or Account Owner can change a tenant-level token.")
    return row


def to_record(row: Any) -> dict[str, Any]:
    """A token as calls show it, without any secret."""
    return {
        "token_id": row.token_id,
        "token_name": row.token_name,
        "token_kind": row.token_kind,
        "user_id": row.user_id,
        "user_email": row.user_email,
        "token_expires_epoch": row.token_expires_epoch,
        "token_is_active": row.works,
        "token_has_app_key": int(row.app_key_hash is not None),
        "token_created_epoch": row.created_epoch,
        "token_last_used_epoch": row.last_used_epoch,
    }


def _audit_facts(shown: dict[str, Any]) -> dict[str, Any]:
    """Without the address, which belongs to a person and would outlive an erasure."""
    return {key: value for key, value in shown.items() if key != "user_email"}
