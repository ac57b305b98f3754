"""Second factors: codes that an app makes (TOTP, RFC 6238), passkeys, and codes on paper for when
those are lost. A code counts once."""

import base64
import hashlib
import hmac
import os
from typing import Any, NamedTuple

import msgspec
import pyotp
import segno

from autohub.access import attempts, factor_store, passkeys
from autohub.access.attempts import Attempt
from autohub.access.authentication import Installation
from autohub.db.engine import Database, Reading, Writing
from autohub.kit.clock import MINUTE, SECOND
from autohub.kit.errors import Invalid, Unauthenticated
from autohub.kit.sealing import Unsealable, open_sealed, seal_text

TOTP, PASSKEY = "totp", "passkey"
PLACE = "second_factor.sealed_secret"
STEP, AROUND = 30, 1
"""Seconds of a code, and how many steps a clock may be before or behind."""
CODES, CODE_BYTES = 10, 15
LONGEST_NAME = 50
TICKET, TICKET_LIFE = "sign-in ticket", 10 * MINUTE
SETUP, SETUP_LIFE = "totp setup", 30 * MINUTE


class Answer(NamedTuple):
    """What somebody sent as a second factor: a code, or a passkey's answer to the challenge in
    `state`."""

    code: str = ""
    passkey: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.code or self.passkey)


class Setup(NamedTuple):
    """What an authenticator app is set up with: the secret in letters, the same as a QR code
    (SVG), and sealed, to come back with the first code."""

    secret: str
    picture: str
    sealed: str


class WrongFactor(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The code is not right, or was used already.")


def list_factors(db: Reading, user_id: int) -> list[Any]:
    return factor_store.list_factors(db, user_id)


def check_factor(
    database: Database,
    attempt: Attempt,
    answer: Answer,
    *,
    base_url: str,
    installation: Installation,
) -> None:
    """Raises WrongFactor unless the person of `attempt` has just answered with one of theirs, and
    TooManyTries: guessing codes has pauses of its own, which no right password ends."""
    user_id, now = attempt.user_id, attempt.now
    assert user_id is not None
    attempt = attempt._replace(email=f"second factor {user_id}", is_code=True)

    def is_right() -> bool:
        if answer.passkey:
            found = passkeys.check_answer(
                database,
                answer.passkey,
                answer.state,
                base_url=base_url,
                installation=installation,
                now=now,
            )
            return found == user_id
        return database.write(
            lambda db: _take_code(db, user_id, answer.code, installation=installation, now=now)
        )

    if not attempts.checked(database, attempt, secret=installation.secret, is_right=is_right):
        raise WrongFactor


def _take_code(
    db: Writing, user_id: int, code: str, *, installation: Installation, now: int
) -> bool:
    typed = "".join(code.split()).replace("-", "").upper()
    for factor in factor_store.list_factors(db, user_id):
        if factor.kind == TOTP:
            try:
                secret = open_sealed(installation.keys, factor.sealed_secret, PLACE)
            except Unsealable:  # recovery codes are for this
                continue
            step = _find_step(secret, typed, now)
            if step is not None:
                return factor_store.take_step(db, factor.factor_id, step, now=now)
    return factor_store.take_recovery_code(db, user_id, _hash_code(typed))


def _find_step(secret: str, typed: str, now: int) -> int | None:
    """The step of time whose code was typed; None when it is none of now."""
    totp, here = pyotp.TOTP(secret, interval=STEP), now // SECOND // STEP
    for step in range(here - AROUND, here + AROUND + 1):
        if hmac.compare_digest(totp.at(step * STEP).encode(), typed.encode()):
            return step
    return None


def _hash_code(code: str) -> bytes:
    """What is kept of a recovery code; its 120 random bits need no salt."""
    return hashlib.sha256(b"autohub recovery code" + code.encode()).digest()


# --- setting up ---


def begin_totp(
    user_id: int, email: str, issuer: str, *, keys: Any, now: int, begun: str = ""
) -> Setup:
    """A key for an app, and its picture; the one of `begun`, a sealed setup, while that works: an
    app that has scanned it goes on with it when the first code was mistyped."""
    try:
        secret, sealed = open_setup(begun, user_id, keys=keys, now=now), begun
    except Invalid:
        secret = pyotp.random_base32()
        facts = msgspec.json.encode([user_id, secret, now + SETUP_LIFE]).decode()
        sealed = seal_text(keys, facts, SETUP)
    address = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=issuer)
    picture = segno.make_qr(address).svg_inline(scale=5, border=2, dark="#000", light="#fff")
    return Setup(secret, picture, sealed)


def open_setup(sealed: str, user_id: int, *, keys: Any, now: int) -> str:
    """The secret that `begin_totp` made for this person a moment ago. Raises Invalid."""
    try:
        whose, secret, until = msgspec.json.decode(open_sealed(keys, sealed, SETUP))
    except (Unsealable, msgspec.DecodeError, ValueError):
        whose, secret, until = None, "", 0
    if whose != user_id or until < now:
        raise Invalid("This took too long. Scan the new picture, and send the code once more.")
    return str(secret)


def add_totp(
    db: Writing, user_id: int, secret: str, code: str, name: str, *, keys: Any, now: int
) -> int:
    """Keeps an app whose first code is right. Raises Invalid."""
    step = _find_step(secret, "".join(code.split()), now)
    if step is None:
        text = "is not what the app should show now; look at the clock of the device."
        raise Invalid("The app was not added.", details={"code": [text]})
    return factor_store.add_factor(
        db,
        {
            "user_id": user_id,
            "kind": TOTP,
            "factor_name": name[:LONGEST_NAME] or "App",
            "created_epoch": now,
            "sealed_secret": seal_text(keys, secret, PLACE),
            "last_step": step,
        },
    )


def renew_recovery_codes(db: Writing, user_id: int) -> list[str]:
    """New codes, shown this once; those before end."""
    codes = [base64.b32encode(os.urandom(CODE_BYTES)).decode() for _ in range(CODES)]
    factor_store.set_recovery_codes(db, user_id, [_hash_code(code) for code in codes])
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes]


# --- between the password and the second factor ---


def make_ticket(person: Any, *, keys: Any, now: int) -> str:
    """What tells, for some minutes, that the password was right; another password ends it."""
    facts = [person.user_id, _fingerprint(person), now + TICKET_LIFE]
    return seal_text(keys, msgspec.json.encode(facts).decode(), TICKET)


def open_ticket(ticket: str, *, keys: Any, now: int) -> tuple[int, str]:
    """Whose password was right, and what `is_same_person` compares. Raises Unauthenticated."""
    try:
        user_id, fingerprint, until = msgspec.json.decode(open_sealed(keys, ticket, TICKET))
    except (Unsealable, msgspec.DecodeError, ValueError):
        until = 0
    if until < now:
        raise Unauthenticated("That took too long. Sign in again.")
    return int(user_id), str(fingerprint)


def is_same_person(person: Any, fingerprint: str) -> bool:
    """Whether password and credentials are still those of the ticket."""
    return person is not None and hmac.compare_digest(_fingerprint(person), fingerprint)


def _fingerprint(person: Any) -> str:
    text = f"{person.credential_generation} {person.password_hash}"
    return hashlib.sha256(text.encode()).hexdigest()
