"""Who is calling? Contract 1.2: an Open API token, or an access token of ours or of the named
issuer."""

import base64
import re
import threading
from collections.abc import Mapping
from typing import Any

import jwt
import msgspec
from jwt.types import Options

from autohub.access import credential_store, factor_store, store
from autohub.access.issuer import IssuerKeys, fetch_json
from autohub.access.model import SCIM, Caller, Grant
from autohub.access.tokens import hash_app_key, hash_token
from autohub.db.engine import Reading, Writing
from autohub.integrations.outbound import Outbound
from autohub.kit.clock import MINUTE, SECOND
from autohub.kit.errors import Unauthenticated
from autohub.kit.seal import same
from autohub.kit.sealing import Keys
from autohub.kit.text import email_key
from autohub.settings import Settings

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
ALGORITHM = "HS256"
OIDC_ALGORITHMS = ["RS256", "PS256", "ES256"]
ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash")
ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt")
CALLS, PAGES = "at+jwt", "page+jwt"
"""The types of our own access tokens: what a browser keeps for the pages opens no calls."""
PROOF_LIFE = 10 * MINUTE
"""How long it counts that a person proved who they are."""
SEEN_EVERY = MINUTE
ANY_ROLE = "*"
OPEN_API_REFUSAL = (
    "The Open API token is not valid: it is unknown, expired, inactive, or its app key is missing "
    "or wrong."
)
ACCESS_REFUSAL = (
    "The access token is not valid: it is malformed, expired, ended, or was issued for something "
    "else."
)


class Installation(msgspec.Struct, frozen=True):
    """What makes this installation itself: the tenant's GUID, the secret that signs links, keys
    and access tokens, and those before it."""

    tenant_id: str
    secret: str
    previous: tuple[str, ...] = ()

    @property
    def keys(self) -> Keys:
        """What seals the secrets of other systems, and opens them."""
        return Keys(self.secret, self.previous)

    @property
    def issuer(self) -> str:
        """What our access tokens name as their issuer: not the address, which the command line
        may know otherwise."""
        return f"urn:autohub:{self.tenant_id}"


class Credential(msgspec.Struct, frozen=True):
    """What a call's headers prove by themselves; the database knows who that is, and whether it
    still counts."""

    token_hash: bytes | None = None
    app_key: str = ""
    claims: dict[str, Any] = {}


class Authenticator:
    """Turns the headers of a call into a Caller; shared by all threads of a process."""

    def __init__(self, installation: Installation, settings: Settings) -> None:
        self._installation, self._settings = installation, settings
        outbound = Outbound(settings, trusting=settings.oidc_issuer)
        self._issuer_keys = IssuerKeys(settings.oidc_issuer or "", fetch_json(outbound))
        self._used: dict[int, int] = {}
        self._seen: dict[int, int] = {}
        self._lock = threading.Lock()

    def credential(
        self, headers: Mapping[str, str], *, elsewhere: bool = False, takes_basic: bool = False
    ) -> Credential:
        """Checks what needs no database; it may ask the issuer for its keys, so no transaction is
        open while it runs. `elsewhere` than in the Open API a token needs no header beside it;
        where Basic is taken it is the password, and the user name its app key, if it has one.

        Raises Unauthenticated, saying what is missing but never which part of a credential was
        nearly right, and Unavailable.
        """
        scheme, _, credential = headers.get("authorization", "").strip().partition(" ")
        credential = credential.strip()
        if not scheme:
            raise Unauthenticated(
                "Send an Authorization header: Bearer {TenantID}/{Token} with x-ah-openapi-auth: "
                "openapi-token."
            )
        if takes_basic and scheme.lower() == "basic":
            app_key, _, token = _decode_basic(credential).partition(":")
            return self._open_api_token(token, app_key)
        if scheme.lower() != "bearer" or not credential:
            raise Unauthenticated(
                "The Authorization header must be: Bearer, a blank, and the token."
            )
        if elsewhere and "/" in credential:
            return self._open_api_token(credential, "")
        marker = headers.get("x-ah-openapi-auth")
        if marker is not None:
            if marker.strip() != "openapi-token":
                raise Unauthenticated("The header x-ah-openapi-auth must be: openapi-token.")
            return self._open_api_token(credential, headers.get("x-ah-openapi-app-key", "").strip())
        if "/" in credential:
            raise Unauthenticated(
                "An Open API token needs the header x-ah-openapi-auth: openapi-token beside it."
            )
        try:
            return Credential(claims=self._claims(credential))
        except (jwt.PyJWTError, KeyError, ValueError, RecursionError) as error:
            raise Unauthenticated(ACCESS_REFUSAL) from error

    def caller(self, db: Reading, credential: Credential, *, now: int) -> Caller:
        """Who the credential is. Raises Unauthenticated."""
        if credential.token_hash is not None:
            return self._by_open_api_token(db, credential.token_hash, credential.app_key, now=now)
        return self._by_access_token(db, credential.claims, now=now)

    def by_session(self, db: Reading, credential: str, *, now: int) -> Caller | None:
        """The caller behind the access token that a browser keeps for a session of ours; None
        when it is not valid, or not any more."""
        try:
            return self._by_session(db, self._own_claims(credential, PAGES), "page", now=now)
        except (jwt.PyJWTError, KeyError, ValueError, Unauthenticated):
            return None

    def _by_session(self, db: Reading, claims: Mapping[str, Any], door: str, *, now: int) -> Caller:
        """The person of an open session. One that began without an administrator's rights gets
        none: with them, another begins. Raises Unauthenticated."""
        idle = self._settings.session_idle_minutes * MINUTE
        session = credential_store.find_open_session(
            db, claims["sid"], now=now, seen_after=now - idle
        )
        if session is None or str(session.user_id) != claims["sub"]:
            raise Unauthenticated(ACCESS_REFUSAL)
        if now - session.seen_epoch >= SEEN_EVERY:
            with self._lock:
                self._seen[session.session_id] = now
        caller = _caller(
            "automation-cloud",
            session.user_id,
            store.read_grants(db, session.held),
            session_id=session.session_id,
            door=door,
            has_proof=door != "page" or now - session.proved_epoch < PROOF_LIFE,
            has_second_factor=bool(session.has_second_factor),
        )
        if caller.is_powerful and not session.is_powerful:
            raise Unauthenticated(ACCESS_REFUSAL)
        wanted = self._settings.second_factor_roles
        if caller.has_second_factor or not (ANY_ROLE in wanted or {*wanted} & {*caller.role_keys}):
            return caller
        if factor_store.list_factors(db, session.user_id):
            raise Unauthenticated(ACCESS_REFUSAL)  # they have one: it is asked for at the sign-in
        return msgspec.structs.replace(caller, lacks_second_factor=True)

    def _open_api_token(self, credential: str, app_key: str) -> Credential:
        tenant, slash, token = map(str.strip, credential.partition("/"))  # the guide prints blanks
        if not slash or not GUID.fullmatch(tenant) or not GUID.fullmatch(token):
            raise Unauthenticated(
                "The Open API token must be {TenantID}/{Token}, two GUIDs with one slash between "
                "them."
            )
        if not same(tenant.lower(), self._installation.tenant_id):
            raise Unauthenticated(OPEN_API_REFUSAL)
        return Credential(token_hash=hash_token(token), app_key=app_key)

    def _by_open_api_token(
        self, db: Reading, token_hash: bytes, app_key: str, *, now: int
    ) -> Caller:
        row = credential_store.find_token(db, token_hash)
        if (
            row is None
            or not row.works
            or (row.token_expires_epoch is not None and row.token_expires_epoch <= now)
        ):
            raise Unauthenticated(OPEN_API_REFUSAL)
        if row.app_key_hash is not None and not any(
            same(row.app_key_hash.decode(), hash_app_key(secret, app_key).decode())
            for secret in self._installation.keys.secrets
        ):
            raise Unauthenticated(OPEN_API_REFUSAL)
        with self._lock:
            self._used[row.token_id] = now
        if row.token_kind == SCIM:
            return Caller(kind="scim-token", token_id=row.token_id, door="scim")
        held = store.read_grants(db, row.held)
        return _caller("openapi-token", row.user_id, held, token_id=row.token_id)

    def _by_access_token(self, db: Reading, claims: Mapping[str, Any], *, now: int) -> Caller:
        if claims["iss"] == self._installation.issuer:
            return self._by_session(db, claims, "api", now=now)
        person = store.find_active_account(db, email_key=email_key(claims["email"]))
        if person is None:
            raise Unauthenticated(ACCESS_REFUSAL)
        held = store.list_grants(db, person.user_id)
        return _caller("automation-cloud", person.user_id, held)

    def _claims(self, credential: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(credential)
        issuer = jwt.decode(credential, options={"verify_signature": False}).get("iss")
        required: Options = {"require": ["exp", "iss", "aud"]}
        if issuer == self._installation.issuer:
            return self._own_claims(credential, CALLS)
        if self._settings.oidc_issuer is None or issuer not in (
            self._settings.oidc_issuer,
            f"{self._settings.oidc_issuer}/",
        ):
            raise ValueError("unknown issuer")
        key = self._issuer_keys.key(header.get("kid"))
        claims = jwt.decode(
            credential,
            key,
            algorithms=OIDC_ALGORITHMS,
            issuer=issuer,
            audience=self._settings.oidc_audience,
            options=required,
        )
        # RFC 9068 marks access tokens by their type; issuers that do not are known by what only an
        # id_token carries.
        if str(header.get("typ")).lower() not in ACCESS_TOKEN_TYPES and any(
            claim in claims for claim in ID_TOKEN_CLAIMS
        ):
            raise ValueError("an id_token is no access token")
        # An address that its holder may set, or that nobody checked, is not who the holder is.
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise ValueError("no verified e-mail address")
        return dict(claims)

    def _own_claims(self, credential: str, kind: str) -> dict[str, Any]:
        """The claims of an access token that this installation issued for calls, or pages."""
        header = jwt.get_unverified_header(credential)
        if header.get("typ") != kind:
            raise ValueError("not an access token")
        required: Options = {"require": ["exp", "iss", "aud", "sub", "sid"]}
        mine = self._installation
        claims = jwt.decode(
            credential,
            mine.keys.find_secret(str(header.get("kid"))) or mine.secret,
            algorithms=[ALGORITHM],
            issuer=mine.issuer,
            audience=mine.tenant_id,
            options=required,
        )
        return dict(claims) | {"sid": int(claims["sid"])}

    def flush_used(self, db: Writing) -> None:
        """Writes when tokens and sessions were last used; the worker calls this, so that no read
        ever writes."""
        with self._lock:
            used, self._used = self._used, {}
            seen, self._seen = self._seen, {}
        credential_store.mark_tokens_used(db, used)
        credential_store.mark_sessions_seen(db, seen)

    @property
    def has_used(self) -> bool:
        return bool(self._used or self._seen)


def _decode_basic(credential: str) -> str:
    """'user:password'. Raises Unauthenticated."""
    try:
        return base64.b64decode(credential, validate=True).decode()
    except ValueError:
        raise Unauthenticated("The Basic credential must be user:password in base64.") from None


def access_token(
    *,
    installation: Installation,
    user_id: int,
    session_id: int,
    now: int,
    expires: int,
    kind: str = CALLS,
) -> str:
    """A signed access token (RFC 9068) for one session; `expires` in milliseconds."""
    claims = {
        "iss": installation.issuer,
        "aud": installation.tenant_id,
        "sub": str(user_id),
        "sid": session_id,
        "iat": now // SECOND,
        "exp": expires // SECOND,
    }
    headers = {"typ": kind, "kid": installation.keys.current_id}
    return jwt.encode(claims, installation.secret, algorithm=ALGORITHM, headers=headers)


def _caller(
    kind: str,
    user_id: int | None,
    held: tuple[list[Grant], list[str]],
    *,
    token_id: int | None = None,
    session_id: int | None = None,
    door: str = "api",
    has_proof: bool = True,
    has_second_factor: bool = False,
) -> Caller:
    grants, keys = held
    return Caller(
        kind=kind,
        user_id=user_id,
        token_id=token_id,
        session_id=session_id,
        door=door,
        grants=tuple(grants),
        role_keys=tuple(keys),
        has_proof=has_proof,
        has_second_factor=has_second_factor,
    )
