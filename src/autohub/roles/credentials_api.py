"""Tokens, sessions, and who is calling, over the Open API."""

from typing import Any

from autohub.access import attempts, factors, sessions, store, tokens
from autohub.access.attempts import Attempt
from autohub.access.factors import Answer
from autohub.access.model import (
    ANY_RIGHT,
    NewToken,
    SignIn,
    TokenChange,
)
from autohub.access.records import (
    AccessToken,
    AuthInfo,
    AuthTenant,
    AuthUser,
    NewTokenSecret,
    SessionList,
    Token,
)
from autohub.kit.errors import Unauthenticated
from autohub.kit.query import PAGING
from autohub.roles.minting import mint_token
from autohub.web.routes import (
    PUBLIC,
    ChunkedApiRequest,
    Paged,
    ReadApiRequest,
    Routes,
    WriteApiRequest,
)

token_routes = Routes("Tokens and sessions")

_TOKEN = {
    "token_id": 2,
    "token_name": "Power BI",
    "token_kind": "personal",
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "token_expires_epoch": None,
    "token_is_active": 1,
    "token_has_app_key": 0,
    "token_created_epoch": 1767225600000,
    "token_last_used_epoch": None,
}


@token_routes(
    "GET",
    "/tokens",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("tokens", Token),
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "tokens": [_TOKEN]},
)
def list_tokens(request: ReadApiRequest) -> Any:
    """Lists one's own Open API tokens, and everyone's for those who manage users"""
    found, total = tokens.list_tokens(request.db, request.caller, request.query.page)
    return request.query.page.envelope("tokens", found, total)


@token_routes(
    "POST",
    "/tokens",
    rights=ANY_RIGHT,
    body=NewToken,
    status=201,
    message="Resource Created",
    answer=NewTokenSecret,
    holds_secret=True,
    body_example={"token_name": "Power BI", "token_expires_epoch": None},
    errors=(409,),
    example=_TOKEN
    | {
        "token": "6f2c1f0e-7b1d-4a55-9a53-2f5d1c1e0a11/0d6f0c4e-91c7-4b9e-8d0f-5f3f4f8a2b6c",
        "app_key": None,
    },
)
def create_token(request: WriteApiRequest) -> Any:
    """Makes an Open API token

    Without `user_email` it is the caller's own. For somebody else the caller needs Manage Users and
    every right of that person; null makes a tenant-level token, which only a System Admin or
    Account Owner can. `app_key` "" has one generated.
    """
    new = mint_token(
        request.db,
        request.caller,
        request.body,
        tenant_id=request.installation.tenant_id,
        secret=request.installation.secret,
        now=request.now,
    )
    return new.record | {"token": new.bearer, "app_key": new.app_key}


@token_routes(
    "PATCH",
    "/tokens/{token_id}",
    rights=ANY_RIGHT,
    body=TokenChange,
    body_example={"token_is_active": 0},
    answer=Token,
    example=_TOKEN,
)
def update_token(request: WriteApiRequest) -> Any:
    """Changes a token's name, expiry or activity"""
    return tokens.update_token(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@token_routes("DELETE", "/tokens/{token_id}", rights=ANY_RIGHT, answer=None, example=None)
def revoke_token(request: WriteApiRequest) -> None:
    """Ends a token for good"""
    tokens.revoke_token(request.db, request.caller, request.id, now=request.now)


@token_routes(
    "POST",
    "/sessions",
    rights=PUBLIC,
    transaction="per_chunk",
    body=SignIn,
    status=201,
    message="Resource Created",
    answer=AccessToken,
    holds_secret=True,
    body_example={"user_email": "jane.doe@example.com", "password": "correct horse battery"},
    example={"access_token": "eyJ…", "token_type": "Bearer", "expires_in": 3600, "session_id": 5},
    errors=(401,),
)
def sign_in(request: ChunkedApiRequest) -> Any:
    """Signs in with e-mail and password

    `code` is the second factor of who has one: what an authenticator app shows, or a recovery code.
    The answer's access token is sent as `Authorization: Bearer …` alone.
    """
    with request.db.reading() as db:
        found = sessions.find_sign_in(db, request.body.user_email)
    hashed = found[1] if found else None
    attempt = Attempt(
        email=request.body.user_email,
        client=request.client,
        door="api",
        user_id=found[0] if found else None,
        now=request.now,
    )
    if (
        not attempts.checked(
            request.db,
            attempt,
            secret=request.installation.secret,
            is_right=lambda: sessions.check_password(hashed, request.body.password),
        )
        or found is None
    ):
        raise sessions.wrong_credentials()
    with request.db.reading() as db:
        has_factor = bool(factors.list_factors(db, found[0]))
    if has_factor and not request.body.code:
        raise Unauthenticated("This account has a second factor: send its `code` too.")
    if has_factor:
        factors.check_factor(
            request.db,
            attempt,
            Answer(code=request.body.code or ""),
            base_url=request.settings.base_url,
            installation=request.installation,
        )
    seconds = request.settings.access_token_seconds
    return request.db.write(
        lambda db: sessions.open_session(
            db,
            user_id=found[0],
            door="password",
            seconds=seconds,
            installation=request.installation,
            now=request.now,
            has_second_factor=has_factor,
        )
    )


@token_routes(
    "GET",
    "/sessions",
    rights=ANY_RIGHT,
    answer=SessionList,
    example={
        "sessions": [
            {
                "session_id": 5,
                "session_door": "password",
                "session_created_epoch": 1767225600000,
                "session_expires_epoch": 1767229200000,
                "session_client": None,
                "session_is_this": 1,
            }
        ]
    },
)
def list_sessions(request: ReadApiRequest) -> Any:
    """Lists one's own open sessions"""
    idle = request.settings.session_idle_minutes
    found = sessions.list_own_sessions(
        request.db, request.caller, idle_minutes=idle, now=request.now
    )
    return {"sessions": found}


@token_routes("DELETE", "/sessions/{session_id}", rights=ANY_RIGHT, answer=None, example=None)
def end_session(request: WriteApiRequest) -> None:
    """Ends one of one's own sessions"""
    sessions.end_own_session(request.db, request.caller, request.id, now=request.now)


@token_routes(
    "GET",
    "/authinfo",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=AuthInfo,
    example={
        "tenant": {
            "tenant_id": "6f2c1f0e-7b1d-4a55-9a53-2f5d1c1e0a11",
            "tenant_name": "DefaultTenant",
            "tenant_url": "http://127.0.0.1:8000/acme/DefaultTenant/automationhub_",
        },
        "type": "openapi-token",
        "user": {
            "user_id": 7,
            "user_email": "jane.doe@example.com",
            "user_first_name": "Jane",
            "user_last_name": "Doe",
            "user_is_active": 1,
            "user_is_admin": 0,
            "user_roles": ["ah-standard-user"],
        },
    },
)
def get_auth_info(request: ReadApiRequest) -> AuthInfo:
    """Tells who calls, and where"""
    settings, caller = request.settings, request.caller
    url = f"{settings.base_url}/{settings.organisation}/{settings.tenant}/automationhub_"
    info = AuthInfo(AuthTenant(request.installation.tenant_id, settings.tenant, url), caller.kind)
    if caller.user_id is not None:
        row = store.get_account(request.db, caller.user_id)
        assert row is not None
        info.user = AuthUser(
            user_id=row.user_id,
            user_email=row.user_email,
            user_first_name=row.user_first_name,
            user_last_name=row.user_last_name,
            user_is_active=row.user_is_active,
            user_is_admin=int(caller.is_admin),
            user_roles=list(caller.role_keys),
        )
    return info
