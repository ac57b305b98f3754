"""Passkeys and security keys (WebAuthn); the protocol itself is fido2's.

A challenge travels sealed in the form and is answered once. A passkey that checked who holds it
(by finger, face or PIN) signs in alone; one that was only touched is a second factor."""

import os
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from autohub.access import factor_store
from autohub.access.authentication import Installation
from autohub.db.engine import Database, Reading, Writing
from autohub.kit.clock import MINUTE
from autohub.kit.errors import Invalid
from autohub.kit.sealing import Unsealable, open_sealed, seal_text

STATE, LIFE = "passkey challenge", 10 * MINUTE
KIND = "passkey"
Request = dict[str, str]
"""`options` for the browser (JSON), and `state` to come back with its answer."""


def _server(base_url: str) -> Fido2Server:
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    party = PublicKeyCredentialRpEntity(name="autohub", id=parts.hostname or "")
    return Fido2Server(
        party,
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda found: found == origin,
    )


def _credentials(rows: list[Any]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(row.credential) for row in rows if row.kind == KIND]


def _seal(options: Any, state: Any, *, installation: Installation, now: int) -> Request:
    facts = msgspec.json.encode([state, now + LIFE]).decode()
    shown = msgspec.json.encode(dict(options)["publicKey"], enc_hook=dict).decode()
    return {"options": shown, "state": seal_text(installation.keys, facts, STATE)}


def _take_state(db: Writing, sealed: str, *, installation: Installation, now: int) -> Any:
    """The challenge that was sent, which nobody can answer again. Raises ValueError."""
    try:
        state, until = msgspec.json.decode(open_sealed(installation.keys, sealed, STATE))
    except (Unsealable, msgspec.DecodeError) as error:
        raise ValueError("no challenge of ours") from error
    challenge = str(state["challenge"]).encode()
    if until < now or not factor_store.take_challenge(db, challenge, expires=until):
        raise ValueError("the challenge was answered, or is too old")
    return state


def request_new(
    db: Reading, person: Any, *, base_url: str, installation: Installation, now: int
) -> Request:
    """Asks the browser for a new passkey of a person."""
    user = PublicKeyCredentialUserEntity(
        name=person.user_email, id=str(person.user_id).encode(), display_name=person.user_email
    )
    options, state = _server(base_url).register_begin(
        user,
        _credentials(factor_store.list_factors(db, person.user_id)),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        challenge=os.urandom(32),
    )
    return _seal(options, state, installation=installation, now=now)


def add_passkey(
    db: Writing,
    user_id: int,
    answer: str,
    sealed: str,
    name: str,
    *,
    base_url: str,
    installation: Installation,
    now: int,
) -> int:
    """Keeps the passkey that a browser made. Raises Invalid."""
    try:
        state = _take_state(db, sealed, installation=installation, now=now)
        data = _server(base_url).register_complete(state, msgspec.json.decode(answer))
        found = data.credential_data
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("The passkey was not added. Try it once more.") from error
    if found is None or factor_store.find_passkey(db, found.credential_id) is not None:
        raise Invalid("The passkey was not added: it is here already.")
    return factor_store.add_factor(
        db,
        {
            "user_id": user_id,
            "kind": KIND,
            "factor_name": name or "Passkey",
            "created_epoch": now,
            "credential_id": found.credential_id,
            "credential": bytes(found),
            "sign_count": data.counter,
        },
    )


def request_answer(
    db: Reading, user_id: int | None, *, base_url: str, installation: Installation, now: int
) -> Request:
    """Asks the browser for a passkey: one of this person, or (None) of whoever holds one here and
    proves it by finger, face or PIN."""
    is_alone = user_id is None
    known = [] if user_id is None else _credentials(factor_store.list_factors(db, user_id))
    options, state = _server(base_url).authenticate_begin(
        known or None,
        UserVerificationRequirement.REQUIRED
        if is_alone
        else UserVerificationRequirement.DISCOURAGED,
        challenge=os.urandom(32),
    )
    return _seal(options, state, installation=installation, now=now)


def check_answer(
    database: Database,
    answer: str,
    sealed: str,
    *,
    base_url: str,
    installation: Installation,
    now: int,
) -> int | None:
    """Whose passkey answered the challenge; None when none did."""

    def check(db: Writing) -> int | None:
        state = _take_state(db, sealed, installation=installation, now=now)
        response = AuthenticationResponse.from_dict(msgspec.json.decode(answer))
        row = factor_store.find_passkey(db, response.raw_id)
        if row is None:
            return None
        _server(base_url).authenticate_complete(state, _credentials([row]), response)
        count = response.response.authenticator_data.counter
        rose = factor_store.take_sign_count(db, row.factor_id, count, now=now)
        return int(row.user_id) if rose else None

    try:
        return database.write(check)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def is_alone(sealed: str, *, installation: Installation) -> bool:
    """Whether the challenge asked for finger, face or PIN, so that no password is needed."""
    try:
        state, _ = msgspec.json.decode(open_sealed(installation.keys, sealed, STATE))
    except (Unsealable, msgspec.DecodeError, ValueError):
        return False
    return bool(state["user_verification"] == "required")
