"""The calls about roles, groups, tokens, sessions, the caller and the audit."""

from typing import Any

from autohub.access import groups, roles, sessions, store, tokens
from autohub.access.model import ANY_RIGHT, GroupChange, NewGroup, NewRole, NewToken, Right, RoleChange, SignIn, TokenChange
from autohub.access.records import AccessToken, AuthInfo, AuthTenant, AuthUser, Group, MadeToken, Role, RoleList, SessionList, Token
from autohub.access.routes import PUBLIC, ChunkCall, Paged, ReadCall, Routes, WriteCall
from autohub.audit import store as audit
from autohub.audit.model import Entry
from autohub.kit.query import PAGING, SEARCH, Param

USERS, ROLES = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)

role_routes = Routes("Roles and groups")
token_routes = Routes("Tokens and sessions")
audit_routes = Routes("Audit")

_ROLE = {
    "role_id": 101,
    "role_name": "Auditor",
    "role_key": "ah-auditor",
    "role_description": "Reads the audit.",
    "role_is_default": 0,
    "role_is_active": 1,
    "permissions": ["Audit logs"],
    "permissions_where_assigned": [],
}
_GROUP = {
    "group_id": 1,
    "group_name": "Finance approvers",
    "group_description": "",
    "group_source": "local",
    "group_created_epoch": 1767225600000,
    "group_roles": [{"role_id": 6, "category_id": 1}],
    "members": [7],
}
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


# --- roles ---


@role_routes("GET", "/roles", rights=USERS, tenant_level=True, answer=RoleList, example={"roles": [_ROLE]})
def read_roles(call: ReadCall) -> Any:
    """Lists all roles with what they permit"""
    return {"roles": store.roles(call.db)}


@role_routes(
    "POST",
    "/roles",
    rights=ROLES,
    tenant_level=True,
    body=NewRole,
    status=201,
    message="Resource Created",
    answer=Role,
    example=_ROLE,
    body_example={"role_name": "Auditor", "role_description": "Reads the audit.", "permissions": ["Audit logs"]},
    errors=(409,),
)
def add_role(call: WriteCall) -> Any:
    """Makes a custom role from permissions that the caller holds"""
    return roles.add(call.db, call.caller, call.body, now=call.now)


@role_routes(
    "PATCH",
    "/roles/{role_id}",
    rights=ROLES,
    tenant_level=True,
    body=RoleChange,
    body_example={"role_is_active": 0},
    answer=Role,
    example=_ROLE,
    errors=(409,),
)
def change_role(call: WriteCall) -> Any:
    """Changes a custom role; one that somebody holds cannot be disabled"""
    return roles.change(call.db, call.caller, call.id, call.body, now=call.now)


@role_routes("DELETE", "/roles/{role_id}", rights=ROLES, tenant_level=True, answer=None, example=None, errors=(409,))
def remove_role(call: WriteCall) -> None:
    """Deletes a custom role that nobody holds"""
    roles.remove(call.db, call.caller, call.id, now=call.now)


# --- groups ---


@role_routes(
    "GET",
    "/groups",
    rights=USERS,
    tenant_level=True,
    params=(*PAGING, *SEARCH),
    answer=Paged("groups", Group),
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "groups": [_GROUP]},
)
def read_groups(call: ReadCall) -> Any:
    """Lists groups with their roles and members"""
    found, total = groups.listed(call.db, call.query.page, text=call.query.get("s"))
    return call.query.page.envelope("groups", found, total)


@role_routes("GET", "/groups/{group_id}", rights=USERS, tenant_level=True, answer=Group, example=_GROUP)
def read_group(call: ReadCall) -> Any:
    """Shows one group"""
    return groups.one(call.db, call.id)


@role_routes(
    "POST",
    "/groups",
    rights=ROLES,
    tenant_level=True,
    body=NewGroup,
    status=201,
    message="Resource Created",
    answer=Group,
    example=_GROUP,
    body_example={"group_name": "Finance approvers", "group_roles": [{"role_id": 6, "category_id": 1}], "members": []},
    errors=(409,),
)
def add_group(call: WriteCall) -> Any:
    """Makes a group, whose members hold its roles"""
    return groups.add(call.db, call.caller, call.body, now=call.now)


@role_routes(
    "PATCH",
    "/groups/{group_id}",
    rights=ROLES,
    tenant_level=True,
    body=GroupChange,
    body_example={"group_name": "Approvers"},
    answer=Group,
    example=_GROUP,
    errors=(409,),
)
def change_group(call: WriteCall) -> Any:
    """Changes a group; lists that are sent replace"""
    return groups.change(call.db, call.caller, call.id, call.body, now=call.now)


@role_routes("DELETE", "/groups/{group_id}", rights=ROLES, tenant_level=True, answer=None, example=None, errors=(409,))
def remove_group(call: WriteCall) -> None:
    """Deletes a group; its members lose what they held through it"""
    groups.remove(call.db, call.caller, call.id, now=call.now)


# --- tokens ---


@token_routes(
    "GET",
    "/tokens",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("tokens", Token),
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "tokens": [_TOKEN]},
)
def read_tokens(call: ReadCall) -> Any:
    """Lists one's own Open API tokens, and everyone's for those who manage users"""
    found, total = tokens.listed(call.db, call.caller, call.query.page)
    return call.query.page.envelope("tokens", found, total)


@token_routes(
    "POST",
    "/tokens",
    rights=ANY_RIGHT,
    body=NewToken,
    status=201,
    message="Resource Created",
    answer=MadeToken,
    holds_secret=True,
    body_example={"token_name": "Power BI", "token_expires_epoch": None},
    errors=(409,),
    example=_TOKEN | {"token": "6f2c1f0e-7b1d-4a55-9a53-2f5d1c1e0a11/0d6f0c4e-91c7-4b9e-8d0f-5f3f4f8a2b6c", "app_key": None},
)
def add_token(call: WriteCall) -> Any:
    """Makes an Open API token

    Without `user_email` it is the caller's own. For somebody else the caller needs Manage Users and every right of that
    person; null makes a tenant-level token, which only a System Admin or Account Owner can. `app_key` "" has one generated.
    """
    new = tokens.add(call.db, call.caller, call.body, tenant_id=call.installation.tenant_id, secret=call.installation.secret, now=call.now)
    return new.record | {"token": new.bearer, "app_key": new.app_key}


@token_routes(
    "PATCH", "/tokens/{token_id}", rights=ANY_RIGHT, body=TokenChange, body_example={"token_is_active": 0}, answer=Token, example=_TOKEN
)
def change_token(call: WriteCall) -> Any:
    """Changes a token's name, expiry or activity"""
    return tokens.change(call.db, call.caller, call.id, call.body, now=call.now)


@token_routes("DELETE", "/tokens/{token_id}", rights=ANY_RIGHT, answer=None, example=None)
def revoke_token(call: WriteCall) -> None:
    """Ends a token for good"""
    tokens.revoke(call.db, call.caller, call.id, now=call.now)


# --- sessions and the caller ---


@token_routes(
    "POST",
    "/sessions",
    rights=PUBLIC,
    transaction="chunks",
    body=SignIn,
    status=201,
    message="Resource Created",
    answer=AccessToken,
    holds_secret=True,
    body_example={"user_email": "jane.doe@example.com", "password": "correct horse battery"},
    example={"access_token": "eyJ…", "token_type": "Bearer", "expires_in": 3600, "session_id": 5},
    errors=(401,),
)
def sign_in(call: ChunkCall) -> Any:
    """Signs in with e-mail and password

    The answer's access token is sent as `Authorization: Bearer …` alone.
    """
    with call.db.reading() as db:
        found = sessions.password_of(db, call.body.user_email)
    if not sessions.check_password(found[1] if found else None, call.body.password) or found is None:
        raise sessions.refuse()
    seconds = call.settings.access_token_seconds
    return call.db.write(
        lambda db: sessions.open_session(
            db, user_id=found[0], door="password", seconds=seconds, installation=call.installation, now=call.now
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
def read_sessions(call: ReadCall) -> Any:
    """Lists one's own open sessions"""
    return {"sessions": sessions.mine(call.db, call.caller, now=call.now)}


@token_routes("DELETE", "/sessions/{session_id}", rights=ANY_RIGHT, answer=None, example=None)
def end_session(call: WriteCall) -> None:
    """Ends one of one's own sessions"""
    sessions.end(call.db, call.caller, call.id, now=call.now)


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
def auth_info(call: ReadCall) -> AuthInfo:
    """Tells who calls, and where"""
    settings, caller = call.settings, call.caller
    url = f"{settings.base_url}/{settings.organisation}/{settings.tenant}/automationhub_"
    info = AuthInfo(AuthTenant(call.installation.tenant_id, settings.tenant, url), caller.kind)
    if caller.user_id is not None:
        row = store.account(call.db, caller.user_id)
        assert row is not None
        info.user = AuthUser(
            row.user_id,
            row.user_email,
            row.user_first_name,
            row.user_last_name,
            row.user_is_active,
            int(caller.is_admin),
            list(caller.role_keys),
        )
    return info


# --- audit ---


@audit_routes(
    "GET",
    "/audit",
    rights=(Right.AUDIT_LOGS,),
    answer=Paged("entries", Entry),
    params=(
        *PAGING,
        Param("object_type", "text", "user, role, group, token, session, category, application."),
        Param("object_id", "number", "What was changed."),
        Param("actor_user_id", "number", "Who changed it."),
        Param("action", "text", "What was done, as the entries name it."),
        Param("since", "number", "From this time on, in milliseconds or seconds."),
        Param("until", "number", "Up to this time."),
    ),
    example={
        "page": 1,
        "pageSize": 20,
        "totalItems": 1,
        "totalPages": 1,
        "entries": [
            {
                "audit_id": 9,
                "at_epoch": 1767225600000,
                "door": "api",
                "actor_user_id": 1,
                "actor_token_id": 2,
                "action": "edit user",
                "object_type": "user",
                "object_id": 7,
                "before": {"user_location": "Lyon"},
                "after": {"user_location": "Nantes"},
            }
        ],
    },
)
def read_audit(call: ReadCall) -> Any:
    """Lists who changed what, newest first

    What an entry says of a person is gone once that person is erased; that there was a change stays.
    """
    query = call.query
    entries, total = audit.entries(
        call.db,
        query.page,
        object_type=query.get("object_type"),
        object_id=query.get("object_id"),
        actor_user_id=query.get("actor_user_id"),
        action=query.get("action"),
        since=query.moment("since"),
        until=query.moment("until"),
    )
    return query.page.envelope("entries", entries, total)
