"""People with their roles."""

from collections import Counter
from typing import Any

import msgspec

from autohub.access.model import STANDARD_USER, RoleGrant
from autohub.db.engine import Reading
from autohub.kit.errors import flatten
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.move_in import store
from autohub.move_in.model import KnownRecord, Outcome, decide, fingerprint, why_kept
from autohub.move_in.moving import Moving
from autohub.users import bulk
from autohub.users import store as user_store
from autohub.users.model import PENDING, TEXTS, Account
from autohub.users.rows import Source


def move_people(moving: Moving) -> None:
    """Found again by address. Who is Active there is Pending here until they register, because
    no password leaves a hub."""
    for page in moving.hub.walk("users", "users"):
        _move_page(moving, page)


def _move_page(moving: Moving, page: list[dict[str, Any]]) -> None:
    their_ids = [str(user["user_id"]) for user in page]
    with moving.database.reading() as db:
        known = store.load_known(db, moving.source, "user", their_ids)
        here = _load_accounts(db, page)
    outcomes: dict[str, Outcome] = {}
    rows: list[dict[str, Any]] = []
    for user in page:
        their_id, email = str(user["user_id"]), user["user_email"]
        before = here.get(email_key(email))
        ours = None if before is None else fingerprint(_facts(before))
        outcome = decide(known.get(their_id), fingerprint(_said(user)), ours)
        if outcome == "kept" and before is not None and _is_same(moving, user, before):
            outcome = "unchanged"
        outcomes[their_id] = outcome
        if outcome in ("created", "updated"):
            rows.append(_row(moving, user, before))
    faults = _write(moving, rows)
    with moving.database.reading() as db:
        here = _load_accounts(db, page)
    facts: dict[str, KnownRecord] = {}
    for user in page:
        their_id, email = str(user["user_id"]), user["user_email"]
        account, outcome = here.get(email_key(email)), outcomes[their_id]
        if email in faults or account is None:
            moving.report.add("user", their_id, email, "failed", *faults.get(email, ()))
            continue
        told = why_kept(outcome, known.get(their_id))
        moving.report.add("user", their_id, email, outcome, *told)
        if their_id not in known or outcome == "updated":
            ours = "" if outcome == "kept" else fingerprint(_facts(account))
            facts[their_id] = moving.fact(account.user_id, fingerprint(_said(user)), ours)
    moving.database.write(lambda db: store.keep_known(db, moving.source, "user", facts))


def _load_accounts(db: Reading, page: list[dict[str, Any]]) -> dict[str, Account]:
    return user_store.load_accounts_by_email(db, [email_key(user["user_email"]) for user in page])


def _said(user: dict[str, Any]) -> list[Any]:
    names = (*TEXTS, "user_is_active", "user_roles")
    return [user.get(name) for name in names]


def _facts(account: Account) -> list[Any]:
    texts = [getattr(account, name) for name in TEXTS]
    return [*texts, account.user_is_active, msgspec.to_builtins(sorted(account.grants))]


def _is_same(moving: Moving, user: dict[str, Any], account: Account) -> bool:
    """Whether a person here is all that the one there is."""
    said, grants = _said(user), {RoleGrant(**grant) for grant in _grants(moving, user)}
    return said[:-1] == _facts(account)[:-1] and grants == set(account.grants)


def _write(moving: Moving, rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The faults of those that could not be written, by address."""
    if not rows:
        return {}
    report = bulk.run_bulk(
        moving.database,
        moving.caller,
        Source(msgspec.json.encode(rows), "json", {}),
        mode="upsert",
        atomic=False,
        dry_run=False,
        keep=bulk.FAILED,
        settings=moving.settings,
    )
    return {
        rows[result.index]["user_email"]: flatten(result.errors)
        for result in report.results
        if result.outcome == "failed"
    }


def _row(moving: Moving, user: dict[str, Any], before: Account | None) -> dict[str, Any]:
    """What POST /users/bulk takes of a person there."""
    row = {name: user.get(name) for name in TEXTS}
    for name in ("user_first_name", "user_last_name"):
        row[name] = row[name] or ""
    if user.get("user_roles"):
        row["user_roles"] = _grants(moving, user)
    row |= _status(user, before)
    return row


def _status(user: dict[str, Any], before: Account | None) -> dict[str, int]:
    """Here people register for themselves, so what a person became here since stays."""
    if not user.get("user_is_active", 1):
        return {"user_is_active": 0, "user_invite_status": 0}
    if before is not None and before.user_is_active:
        return {}
    status = int(user.get("user_invite_status") or 0)
    return {"user_is_active": 1, "user_invite_status": min(status, PENDING)}


def _grants(moving: Moving, user: dict[str, Any]) -> list[dict[str, int]]:
    """The person's roles as ids of this hub; the report names those that this hub cannot have."""
    grants: list[dict[str, int]] = []
    lost: Counter[str] = Counter()
    for grant in user.get("user_roles") or ():
        role_id = moving.ours("role", grant["role_id"])
        category_id = grant["category_id"] and moving.ours("category", grant["category_id"])
        if role_id is None or category_id is None:
            lost[say("role {role_id} on {category_id}", **grant)] += 1
        else:
            grants.append({"role_id": role_id, "category_id": category_id})
    if lost:
        told = say("This hub has no {roles}.", roles=", ".join(lost))
        moving.report.add("grant", user["user_id"], user["user_email"], "failed", told)
    return grants or [{"role_id": STANDARD_USER, "category_id": 0}]
