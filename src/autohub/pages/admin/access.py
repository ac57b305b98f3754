"""Roles, groups and collaborator roles."""

from typing import Any

from autohub.access import groups, roles
from autohub.access import store as access
from autohub.access.model import GroupChange, NewGroup, NewRole, Right, RoleChange
from autohub.collaborators import service as collaborators
from autohub.collaborators.model import (
    CollaboratorRole,
    CollaboratorRoleChange,
    NewCollaboratorRole,
)
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.kit.text import email_key
from autohub.pages.admin import grants
from autohub.users import store as users
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    stamp,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
SEE, CHANGE = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)
ROLES, GROUPS, SEATS = (
    "/admin/access/roles",
    "/admin/access/groups",
    "/admin/access/collaborator-roles",
)


# --- roles ---


@routes("GET", ROLES, rights=SEE)
def list_roles(request: ReadPageRequest) -> RenderedPage:
    found = access.all_roles(request.db)
    holders = {
        role["role_id"]: access.count_role_holders(request.db, role["role_id"]) for role in found
    }
    return request.page(
        "roles.html",
        found=found,
        holders=holders,
        may_change=request.caller.may(Right.MANAGE_USERS_ROLES),
    )


def _role_page(request: PageRequest[Any], role: dict[str, Any] | None) -> RenderedPage:
    picked = (
        request.form.all("permission") if request.error else (role or {}).get("permissions", [])
    )
    kept = {
        name: request.form.get(name) if request.error else (role or {}).get(name, "")
        for name in ("role_name", "role_description")
    }
    mark = stamp(_role_record(role)) if role else ""
    return request.page(
        "role-panel.html", role=role, picked=picked, kept=kept, rights=list(Right), stamp=mark
    )


def _role_record(role: dict[str, Any]) -> dict[str, Any]:
    return {name: role[name] for name in ("role_name", "role_description", "permissions")}


def show_role_form(request: ReadPageRequest) -> RenderedPage:
    return _role_page(request, roles.get_role(request.db, request.id))


def show_new_role_form(request: ReadPageRequest) -> RenderedPage:
    return _role_page(request, None)


routes("GET", f"{ROLES}/add", rights=CHANGE)(show_new_role_form)
routes("GET", f"{ROLES}/{{role}}", rights=SEE)(show_role_form)


def _role_body(request: PageRequest[Any]) -> dict[str, Any]:
    form = request.form
    return {
        "role_name": form.get("role_name"),
        "role_description": form.get("role_description"),
        "permissions": form.all("permission"),
    }


@routes("POST", f"{ROLES}/add", rights=CHANGE, on_error=show_new_role_form)
def create_role(request: WritePageRequest) -> Redirect:
    made = roles.create_role(
        request.db, request.caller, coerce(_role_body(request), NewRole), now=request.now
    )
    return Redirect(ROLES, request.reader("The role “%s” is there.") % made["role_name"])


@routes("POST", f"{ROLES}/{{role}}", rights=CHANGE, on_error=show_role_form)
def update_role(request: WritePageRequest) -> Redirect:
    request.check_stamp(
        "role",
        request.id,
        lambda: _role_record(roles.get_role(request.db, request.id)),
        lambda record: {name: record[name] for name in ("role_name", "role_description")},
    )
    made = roles.update_role(
        request.db,
        request.caller,
        request.id,
        coerce(_role_body(request), RoleChange),
        now=request.now,
    )
    return Redirect(ROLES, request.reader("The role “%s” is saved.") % made["role_name"])


@routes("POST", f"{ROLES}/{{role}}/delete", rights=CHANGE, on_error=show_role_form)
def delete_role(request: WritePageRequest) -> Redirect:
    roles.delete_role(request.db, request.caller, request.id, now=request.now)
    return Redirect(ROLES, request.reader("The role is deleted."))


@routes("POST", f"{ROLES}/{{role}}/switch", rights=CHANGE, on_error=show_role_form)
def switch_role(request: WritePageRequest) -> Redirect:
    """Enables a role, or disables it."""
    wanted = RoleChange(role_is_active=request.form.flag("role_is_active"))
    roles.update_role(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect(ROLES, request.reader("The role is switched."))


# --- groups ---


@routes("GET", GROUPS, rights=SEE, params=LISTED)
def list_groups(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = groups.list_groups(request.db, part, text=request.query.get("s"))
    names = {role["role_id"]: role["role_name"] for role in access.all_roles(request.db)}
    may = request.caller.may(Right.MANAGE_USERS_ROLES)
    return request.page("groups.html", found=found, total=total, roles=names, may_change=may)


def _group_page(request: PageRequest[Any], group: dict[str, Any] | None) -> RenderedPage:
    form = request.form
    emails = users.load_accounts(request.db, (group or {}).get("members", []))
    kept = {
        name: form.get(name) if request.error else (group or {}).get(name, "")
        for name in ("group_name", "group_description", "group_admits_directory")
    }
    given: Any = (
        grants.plain_grants(grants.parse_grants(request.form))
        if request.error
        else (group or {}).get("group_roles", [])
    )
    names = {
        role["role_id"]: request.reader(role["role_name"])
        for role in access.all_roles(request.db)
        if role["role_is_active"]
    }
    members = (
        form.get("members")
        if request.error
        else "\n".join(sorted(account.user_email for account in emails.values()))
    )
    return request.page(
        "group-panel.html",
        group=group,
        stamp=stamp(group) if group else "",
        kept=kept,
        grants=given,
        members=members,
        roles=[*names.items()],
        confirms=grants.confirmations(request, names),
        places=grants.grant_places(request),
        may_change=request.caller.may(Right.MANAGE_USERS_ROLES),
    )


def _members(request: PageRequest[Any]) -> list[int]:
    """The ids of the people whose addresses are in the form, one a line. Raises Invalid naming
    those that are nobody's."""
    wanted = [
        line.strip()
        for line in request.form.get("members").replace(",", "\n").replace(";", "\n").split("\n")
        if line.strip()
    ]
    known = users.load_accounts_by_email(request.db, [email_key(email) for email in wanted])
    lost = [email for email in wanted if email_key(email) not in known]
    if lost:
        text = request.reader("hold addresses that are nobody's here: %s.") % ", ".join(lost[:10])
        raise Invalid(request.reader("The group was not saved."), details={"members": [text]})
    return [account.user_id for account in known.values()]


def show_group_form(request: ReadPageRequest) -> RenderedPage:
    return _group_page(request, groups.get_group(request.db, request.id))


def show_new_group_form(request: ReadPageRequest) -> RenderedPage:
    return _group_page(request, None)


routes("GET", f"{GROUPS}/add", rights=CHANGE)(show_new_group_form)
routes("GET", f"{GROUPS}/{{group}}", rights=SEE)(show_group_form)


@routes("POST", f"{GROUPS}/add", rights=CHANGE, on_error=show_new_group_form)
def create_group(request: WritePageRequest) -> Redirect:
    names = {
        "group_name": request.form.get("group_name"),
        "group_description": request.form.get("group_description"),
    }
    given = grants.parse_grants(request.form)
    grants.need_confirmed(request, held=(), given=[grant.role_id for grant in given])
    new = coerce(
        names | {"group_roles": grants.plain_grants(given), "members": _members(request)}, NewGroup
    )
    made = groups.create_group(request.db, request.caller, new, now=request.now)
    return Redirect(GROUPS, request.reader("The group “%s” is there.") % made["group_name"])


@routes("POST", f"{GROUPS}/{{group}}/delete", rights=CHANGE, on_error=show_group_form)
def delete_group(request: WritePageRequest) -> Redirect:
    groups.delete_group(request.db, request.caller, request.id, now=request.now)
    return Redirect(GROUPS, request.reader("The group is deleted."))


@routes("POST", f"{GROUPS}/{{group}}", rights=CHANGE, on_error=show_group_form)
def update_group(request: WritePageRequest) -> Redirect:
    before = request.check_stamp(
        "user_group",
        request.id,
        lambda: groups.get_group(request.db, request.id),
        lambda group: {name: group[name] or "" for name in ("group_name", "group_description")},
    )
    names: dict[str, Any] = {
        "group_name": request.form.get("group_name"),
        "group_description": request.form.get("group_description"),
    }
    if request.form.flag("admits_directory_shown"):
        names["group_admits_directory"] = request.form.flag("group_admits_directory")
    given = grants.parse_grants(request.form)
    grants.need_confirmed(
        request,
        held=[grant["role_id"] for grant in before["group_roles"]],
        given=[grant.role_id for grant in given],
    )
    new = coerce(
        names | {"group_roles": grants.plain_grants(given), "members": _members(request)},
        GroupChange,
    )
    made = groups.update_group(request.db, request.caller, request.id, new, now=request.now)
    return Redirect(GROUPS, request.reader("The group “%s” is saved.") % made["group_name"])


# --- collaborator roles ---


@routes("GET", SEATS, rights=CHANGE)
def list_collaborator_roles(request: ReadPageRequest) -> RenderedPage:
    found = collaborators.list_roles(request.db)
    holders = {user_id for role in found for user_id in role.holders}
    return request.page(
        "collaborator-roles.html", found=found, names=users.full_names(request.db, holders)
    )


def show_collaborator_role_form(request: ReadPageRequest) -> RenderedPage:
    role = _find_collaborator_role(request) if "role" in request.path else None
    stored = _collaborator_role_record(request, role)
    kept = {name: request.form.get(name) for name in stored} if request.error else stored
    return request.page(
        "collaborator-role-panel.html", role=role, kept=kept, stamp=stamp(stored) if role else ""
    )


def _find_collaborator_role(request: PageRequest[Any]) -> CollaboratorRole:
    """Raises NotFound."""
    found = next(
        (
            each
            for each in collaborators.list_roles(request.db)
            if each.role_id == request.number("role")
        ),
        None,
    )
    if found is None:
        raise NotFound(request.reader("There is no such collaborator role."))
    return found


def _collaborator_role_record(
    request: PageRequest[Any], role: CollaboratorRole | None
) -> dict[str, Any]:
    """What the form's fields show of a role, or of one that is to be made."""
    emails = users.load_accounts(request.db, role.holders if role else [])
    return {
        "role_name": role.role_name if role else "",
        "role_description": role.role_description if role else "",
        "role_is_assignable": role.role_is_assignable if role else 0,
        "members": "\n".join(sorted(account.user_email for account in emails.values())),
    }


routes("GET", f"{SEATS}/add", rights=CHANGE)(show_collaborator_role_form)
routes("GET", f"{SEATS}/{{role}}", rights=CHANGE)(show_collaborator_role_form)


def _collaborator_role_body(request: PageRequest[Any]) -> dict[str, Any]:
    form = request.form
    return {
        "role_name": form.get("role_name"),
        "role_description": form.get("role_description"),
        "role_is_assignable": form.flag("role_is_assignable"),
    }


@routes("POST", f"{SEATS}/add", rights=CHANGE, on_error=show_collaborator_role_form)
def create_collaborator_role(request: WritePageRequest) -> Redirect:
    made = collaborators.create_role(
        request.db,
        request.caller,
        coerce(_collaborator_role_body(request), NewCollaboratorRole),
        now=request.now,
    )
    return Redirect(
        f"{SEATS}", request.reader("The collaborator role “%s” is there.") % made.role_name
    )


@routes("POST", f"{SEATS}/{{role}}/delete", rights=CHANGE, on_error=show_collaborator_role_form)
def delete_collaborator_role(request: WritePageRequest) -> Redirect:
    collaborators.delete_role(request.db, request.caller, request.id, now=request.now)
    return Redirect(SEATS, request.reader("The collaborator role is deleted."))


@routes("POST", f"{SEATS}/{{role}}", rights=CHANGE, on_error=show_collaborator_role_form)
def update_collaborator_role(request: WritePageRequest) -> Redirect:
    request.check_stamp(
        "collaborator_role",
        request.number("role"),
        lambda: _collaborator_role_record(request, _find_collaborator_role(request)),
        lambda record: {
            name: str(record[name]) for name in ("role_name", "role_description", "members")
        },
    )
    body = _collaborator_role_body(request) | {"holders": _members(request)}
    made = collaborators.update_role(
        request.db,
        request.caller,
        request.id,
        coerce(body, CollaboratorRoleChange),
        now=request.now,
    )
    return Redirect(SEATS, request.reader("The collaborator role “%s” is saved.") % made.role_name)
