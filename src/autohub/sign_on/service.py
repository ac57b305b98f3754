"""From a browser that comes back from a provider to an account."""

import secrets
from contextlib import suppress
from functools import partial

import msgspec

from autohub.access import credential_store, groups
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Database, Reading, Writing
from autohub.kit.clock import MINUTE
from autohub.kit.errors import Forbidden, HubError, NotFound, Unauthenticated
from autohub.kit.sealing import Keys, Unsealable, open_sealed, seal_text, sealed_place
from autohub.kit.text import email_key
from autohub.sign_on import store
from autohub.sign_on.model import Attempt, Person, Provider, ProviderInput
from autohub.users import service as users
from autohub.users import store as user_store

PLACE = sealed_place("sign_on_provider", "sealed_client_secret")
COOKIE_PLACE = "sign-on attempt"


def get_active_provider(db: Reading, provider_id: int) -> Provider:
    """Raises NotFound."""
    found = store.get_provider(db, provider_id)
    if found is None or not found.provider_is_active:
        raise NotFound("There is no such way to sign on.")
    return found


def save_provider(
    db: Writing,
    caller: Caller,
    provider_id: int | None,
    wanted: ProviderInput,
    *,
    keys: Keys,
    now: int,
) -> int:
    """Sets a provider up, or anew. Raises Forbidden, NotFound."""
    if not caller.is_owner:
        raise Forbidden("Only an Account Owner says who vouches for people.")
    caller.need_proof()
    before = store.get_provider(db, provider_id) if provider_id is not None else None
    if provider_id is not None and before is None:
        raise NotFound("There is no such way to sign on.")
    values = {
        "provider_name": wanted.provider_name,
        "issuer": wanted.issuer.rstrip("/"),
        "client_id": wanted.client_id,
        "group_claim": wanted.group_claim or None,
        "trusts_emails": wanted.trusts_emails,
        "provider_is_active": wanted.provider_is_active,
    }
    facts = dict(values)
    if wanted.client_secret:
        values["sealed_client_secret"] = seal_text(keys, wanted.client_secret, PLACE)
    if before is None:
        values["created_epoch"] = now
    number = store.save_provider(db, provider_id, values)
    audit.record(db, actor(caller), "set sign-on", "sign-on provider", number, now=now, after=facts)
    return number


def open_secret(provider: Provider, keys: Keys) -> str:
    """The client's secret, '' where there is none. Raises Unauthenticated."""
    if provider.sealed_client_secret is None:
        return ""
    try:
        return open_sealed(keys, provider.sealed_client_secret, PLACE)
    except Unsealable:
        raise Unauthenticated(
            "The sign-on failed: an Account Owner must enter the provider's secret anew."
        ) from None


def begin(provider: Provider, *, next_: str, now: int) -> Attempt:
    return Attempt(
        provider_id=provider.provider_id,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        next=next_,
        until=now + 10 * MINUTE,
    )


def seal_attempt(attempt: Attempt, keys: Keys) -> str:
    return seal_text(keys, msgspec.json.encode(attempt).decode(), COOKIE_PLACE)


def open_attempt(sealed: str, state: str, *, keys: Keys, now: int) -> Attempt:
    """What this browser began. Raises Unauthenticated."""
    try:
        text = open_sealed(keys, sealed, COOKIE_PLACE)
        found = msgspec.json.decode(text, type=Attempt)
    except (Unsealable, msgspec.DecodeError):
        raise Unauthenticated(
            "The sign-on failed: this browser did not begin it. Try again."
        ) from None
    if found.until < now or not secrets.compare_digest(found.state, state):
        raise Unauthenticated("The sign-on failed: it took too long, or began twice. Try again.")
    return found


def find_account(db: Writing, person: Person, *, now: int) -> int:
    """The account of a person; the first time that of their checked address, which is linked for
    good, and registered. Raises Unauthenticated."""
    user_id = store.find_identity(db, person.issuer, person.subject)
    is_new = user_id is None
    if user_id is None:
        user_id = _find_by_address(db, person)
        store.add_identity(db, person.issuer, person.subject, user_id, now=now)
    found = user_store.load_accounts(db, [user_id], lock=True).get(user_id)
    if found is None or found.is_trashed or not found.user_is_active:
        raise Unauthenticated("Your account here is switched off.")
    users.register_by_sign_on(db, found, now=now)
    if is_new:
        who = Caller(kind="automation-cloud", user_id=user_id, door="page")
        linked = {"issuer": person.issuer}
        audit.record(db, actor(who), "link sign-on", "user", user_id, now=now, after=linked)
    return user_id


def _find_by_address(db: Reading, person: Person) -> int:
    if person.email is None:
        raise Unauthenticated("The sign-on failed: the provider vouches for no e-mail address.")
    found = user_store.user_ids_by_email(db, [email_key(person.email)])
    if not found:
        raise Unauthenticated("There is no account with your address here; ask for an invitation.")
    user_id = next(iter(found.values()))
    if store.has_identity(db, person.issuer, user_id):
        raise Unauthenticated(
            "The account with your address here is linked to somebody else at the provider."
        )
    return user_id


def end_sessions(db: Writing, issuer: str, subject: str, *, now: int) -> None:
    """Ends all sessions of a person; of one whom nobody knows there are none."""
    user_id = store.find_identity(db, issuer, subject)
    if user_id is not None and credential_store.end_sessions(db, user_id, keep=None, now=now):
        who = Caller(kind="sign-on", door="page")
        audit.record(db, actor(who), "end other sessions", "user", user_id, now=now)


def follow_groups(database: Database, user_id: int, person: Person, *, now: int) -> None:
    """Puts a person into the directory's groups that the provider names, by id or name, and out of
    its others; a group that it may not fill stays as it is, and the sign-on goes on."""
    if person.groups is None:
        return
    named = set(person.groups) | {store.group_key(name) for name in person.groups}
    with database.reading() as db:
        known = store.list_directory_groups(db, user_id)
    for group in known:
        is_named = group.external_id in named or group.group_name_key in named
        if is_named != bool(group.is_in):
            with suppress(HubError):
                database.write(partial(_follow, group.group_id, user_id, is_named, now))


def _follow(group_id: int, user_id: int, is_named: bool, now: int, db: Writing) -> None:
    join, leave = ({user_id}, set[int]()) if is_named else (set[int](), {user_id})
    caller = Caller(kind="sign-on", door="page")
    groups.change_members(db, caller, group_id, join=join, leave=leave, now=now)
