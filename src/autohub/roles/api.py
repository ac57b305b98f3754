"""The calls about roles, groups, tokens, sessions, the caller and the audit."""

from typing import Any

from autohub.access import groups, roles, store
from autohub.access.model import (
    GroupChange,
    NewGroup,
    NewRole,
    Right,
    RoleChange,
)
from autohub.access.records import (
    Group,
    Role,
    RoleList,
)
from autohub.audit import store as audit
from autohub.audit.model import Entry
from autohub.kit.query import PAGING, SEARCH, Param
from autohub.web.routes import (
    Paged,
    ReadApiRequest,
    Routes,
    WriteApiRequest,
)

USERS, ROLES = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)

role_routes = Routes("Roles and groups")
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
    "group_admits_directory": 0,
    "group_created_epoch": 1767225600000,
    "group_roles": [{"role_id": 6, "category_id": 1}],
    "members": [7],
}


# --- roles ---


@role_routes(
    "GET", "/roles", rights=USERS, tenant_level=True, answer=RoleList, example={"roles": [_ROLE]}
)
def list_roles(request: ReadApiRequest) -> Any:
    """Lists all roles with what they permit"""
    return {"roles": store.all_roles(request.db)}


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
    body_example={
        "role_name": "Auditor",
        "role_description": "Reads the audit.",
        "permissions": ["Audit logs"],
    },
    errors=(409,),
)
def create_role(request: WriteApiRequest) -> Any:
    """Makes a custom role from permissions that the caller holds"""
    return roles.create_role(request.db, request.caller, request.body, now=request.now)


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
def update_role(request: WriteApiRequest) -> Any:
    """Changes a custom role; one that somebody holds cannot be disabled"""
    return roles.update_role(request.db, request.caller, request.id, request.body, now=request.now)


@role_routes(
    "DELETE",
    "/roles/{role_id}",
    rights=ROLES,
    tenant_level=True,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_role(request: WriteApiRequest) -> None:
    """Deletes a custom role that nobody holds"""
    roles.delete_role(request.db, request.caller, request.id, now=request.now)


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
def list_groups(request: ReadApiRequest) -> Any:
    """Lists groups with their roles and members"""
    found, total = groups.list_groups(request.db, request.query.page, text=request.query.get("s"))
    return request.query.page.envelope("groups", found, total)


@role_routes(
    "GET", "/groups/{group_id}", rights=USERS, tenant_level=True, answer=Group, example=_GROUP
)
def get_group(request: ReadApiRequest) -> Any:
    """Shows one group"""
    return groups.get_group(request.db, request.id)


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
    body_example={
        "group_name": "Finance approvers",
        "group_roles": [{"role_id": 6, "category_id": 1}],
        "members": [],
    },
    errors=(409,),
)
def create_group(request: WriteApiRequest) -> Any:
    """Makes a group, whose members hold its roles"""
    return groups.create_group(request.db, request.caller, request.body, now=request.now)


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
def update_group(request: WriteApiRequest) -> Any:
    """Changes a group; lists that are sent replace"""
    return groups.update_group(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@role_routes(
    "DELETE",
    "/groups/{group_id}",
    rights=ROLES,
    tenant_level=True,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_group(request: WriteApiRequest) -> None:
    """Deletes a group; its members lose what they held through it"""
    groups.delete_group(request.db, request.caller, request.id, now=request.now)


# --- tokens ---


# --- sessions and the caller ---


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
def list_audit_entries(request: ReadApiRequest) -> Any:
    """Lists who changed what, newest first

    What an entry says of a person is gone once that person is erased; that there was a change
    stays.
    """
    query = request.query
    entries, total = audit.list_entries(
        request.db,
        query.page,
        object_type=query.get("object_type"),
        object_id=query.get("object_id"),
        actor_user_id=query.get("actor_user_id"),
        action=query.get("action"),
        since=query.moment("since"),
        until=query.moment("until"),
    )
    return query.page.envelope("entries", entries, total)
