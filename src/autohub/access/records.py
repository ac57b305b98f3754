"""What the calls about roles, groups, tokens and sessions answer."""

import msgspec


class Role(msgspec.Struct):
    """A role; `permissions_where_assigned` hold only on ideas that the person is assigned to."""

    role_id: int
    role_name: str
    role_key: str
    role_description: str
    role_is_default: int
    role_is_active: int
    permissions: list[str]
    permissions_where_assigned: list[str]


class RoleList(msgspec.Struct):
    roles: list[Role]


class GroupRole(msgspec.Struct):
    role_id: int
    category_id: int


class Group(msgspec.Struct):
    group_id: int
    group_name: str
    group_description: str
    group_source: str
    group_admits_directory: int
    group_created_epoch: int
    group_roles: list[GroupRole]
    members: list[int]


class Token(msgspec.Struct):
    """An Open API token, without its secret; `token_is_active` 1 only while it and its person
    are."""

    token_id: int
    token_name: str
    token_kind: str
    user_id: int | None
    user_email: str | None
    token_expires_epoch: int | None
    token_is_active: int
    token_has_app_key: int
    token_created_epoch: int
    token_last_used_epoch: int | None


class NewTokenSecret(Token, kw_only=True):
    """A new token: `token` is `TenantID/Token`, shown this once, and so is `app_key`."""

    token: str
    app_key: str | None


class AccessToken(msgspec.Struct):
    """`expires_in` is in seconds; end it with DELETE /sessions/{session_id}."""

    access_token: str
    token_type: str
    expires_in: int
    session_id: int


class Session(msgspec.Struct):
    session_id: int
    session_door: str
    session_created_epoch: int
    session_expires_epoch: int
    session_client: str | None
    session_is_this: int


class SessionList(msgspec.Struct):
    sessions: list[Session]


class AuthTenant(msgspec.Struct):
    tenant_id: str
    tenant_name: str
    tenant_url: str


class AuthUser(msgspec.Struct):
    user_id: int
    user_email: str
    user_first_name: str
    user_last_name: str
    user_is_active: int
    user_is_admin: int
    user_roles: list[str]


class AuthInfo(msgspec.Struct, omit_defaults=True):
    """Who calls; no `user` for a tenant-level token (contract 2.3)."""

    tenant: AuthTenant
    type: str
    user: AuthUser | msgspec.UnsetType = msgspec.UNSET
