"""Roles, groups and collaborator roles."""

from typing import Any

from autohub.access import groups, roles
from autohub.access import store as access
from autohub.access.model import GroupChange, NewGroup, NewRole, Right, RoleChange
from autohub.collaborators import service as collaborators
from autohub.collaborators.model import CollaboratorRole, CollaboratorRoleChange, NewCollaboratorRole
from autohub.console import grants
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.pipeline import store as lists
from autohub.users import store as users
from autohub.users.model import email_key
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Views, Visit, WriteVisit, stamp

views = Views()
SEE, CHANGE = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)
ROLES, GROUPS, SEATS = "/admin/access/roles", "/admin/access/groups", "/admin/access/collaborator-roles"


# --- roles ---


@views("GET", ROLES, rights=SEE)
def all_roles(visit: ReadVisit) -> Page:
    found = access.roles(visit.db)
    holders = {role["role_id"]: access.role_holders(visit.db, role["role_id"]) for role in found}
    return visit.page("roles.html", found=found, holders=holders, may_change=visit.caller.may(Right.MANAGE_USERS_ROLES))


def _role_page(visit: Visit[Any], role: dict[str, Any] | None) -> Page:
    picked = visit.form.all("permission") if visit.error else (role or {}).get("permissions", [])
    kept = {name: visit.form.get(name) if visit.error else (role or {}).get(name, "") for name in ("role_name", "role_description")}
    mark = stamp(_role_record(role)) if role else ""
    return visit.page("role-panel.html", role=role, picked=picked, kept=kept, rights=list(Right), stamp=mark)


def _role_record(role: dict[str, Any]) -> dict[str, Any]:
    return {name: role[name] for name in ("role_name", "role_description", "permissions")}


def role_form(visit: ReadVisit) -> Page:
    return _role_page(visit, roles.one(visit.db, visit.id))


def new_role_form(visit: ReadVisit) -> Page:
    return _role_page(visit, None)


views("GET", f"{ROLES}/add", rights=CHANGE)(new_role_form)
views("GET", f"{ROLES}/{{role}}", rights=SEE)(role_form)


def _role_body(visit: Visit[Any]) -> dict[str, Any]:
    form = visit.form
    return {
        "role_name": form.get("role_name"),
        "role_description": form.get("role_description"),
        "permissions": form.all("permission"),
    }


@views("POST", f"{ROLES}/add", rights=CHANGE, again=new_role_form)
def add_role(visit: WriteVisit) -> See:
    made = roles.add(visit.db, visit.caller, fit(_role_body(visit), NewRole), now=visit.now)
    return See(ROLES, visit.reader("The role “%s” is there.") % made["role_name"])


@views("POST", f"{ROLES}/{{role}}", rights=CHANGE, again=role_form)
def change_role(visit: WriteVisit) -> See:
    if visit.form.get("act") == "delete":
        roles.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(ROLES, visit.reader("The role is deleted."))
    if visit.form.get("act") in ("on", "off"):
        wanted = RoleChange(role_is_active=int(visit.form.get("act") == "on"))
        roles.change(visit.db, visit.caller, visit.id, wanted, now=visit.now)
        return See(ROLES, visit.reader("The role is switched."))
    visit.check_stamp(
        "role",
        visit.id,
        lambda: _role_record(roles.one(visit.db, visit.id)),
        lambda record: {name: record[name] for name in ("role_name", "role_description")},
    )
    made = roles.change(visit.db, visit.caller, visit.id, fit(_role_body(visit), RoleChange), now=visit.now)
    return See(ROLES, visit.reader("The role “%s” is saved.") % made["role_name"])


# --- groups ---


@views("GET", GROUPS, rights=SEE, params=LISTED)
def all_groups(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    found, total = groups.listed(visit.db, part, text=visit.query.get("s"))
    names = {role["role_id"]: role["role_name"] for role in access.roles(visit.db)}
    may = visit.caller.may(Right.MANAGE_USERS_ROLES)
    return visit.page("groups.html", found=found, total=total, roles=names, may_change=may)


def _group_page(visit: Visit[Any], group: dict[str, Any] | None) -> Page:
    form = visit.form
    emails = users.accounts(visit.db, (group or {}).get("members", []))
    kept = {name: form.get(name) if visit.error else (group or {}).get(name, "") for name in ("group_name", "group_description")}
    given: Any = grants.plain(grants.sent(visit.form)) if visit.error else (group or {}).get("group_roles", [])
    names = {role["role_id"]: visit.reader(role["role_name"]) for role in access.roles(visit.db) if role["role_is_active"]}
    members = form.get("members") if visit.error else "\n".join(sorted(account.user_email for account in emails.values()))
    return visit.page(
        "group-panel.html",
        group=group,
        stamp=stamp(group) if group else "",
        kept=kept,
        grants=given,
        members=members,
        roles=[*names.items()],
        confirms=grants.confirmations(visit, names),
        places=grants.places(visit),
        may_change=visit.caller.may(Right.MANAGE_USERS_ROLES),
    )


def _members(visit: Visit[Any]) -> list[int]:
    """The ids of the people whose addresses are in the form, one a line. Raises Invalid naming those that are nobody's."""
    wanted = [line.strip() for line in visit.form.get("members").replace(",", "\n").replace(";", "\n").split("\n") if line.strip()]
    known = users.accounts_by_email(visit.db, [email_key(email) for email in wanted])
    lost = [email for email in wanted if email_key(email) not in known]
    if lost:
        text = visit.reader("hold addresses that are nobody's here: %s.") % ", ".join(lost[:10])
        raise Invalid(visit.reader("The group was not saved."), details={"members": [text]})
    return [account.user_id for account in known.values()]


def group_form(visit: ReadVisit) -> Page:
    return _group_page(visit, groups.one(visit.db, visit.id))


def new_group_form(visit: ReadVisit) -> Page:
    return _group_page(visit, None)


views("GET", f"{GROUPS}/add", rights=CHANGE)(new_group_form)
views("GET", f"{GROUPS}/{{group}}", rights=SEE)(group_form)


@views("POST", f"{GROUPS}/add", rights=CHANGE, again=new_group_form)
def add_group(visit: WriteVisit) -> See:
    names = {"group_name": visit.form.get("group_name"), "group_description": visit.form.get("group_description")}
    given = grants.sent(visit.form)
    grants.need_confirmed(visit, held=(), given=[grant.role_id for grant in given])
    new = fit(names | {"group_roles": grants.plain(given), "members": _members(visit)}, NewGroup)
    made = groups.add(visit.db, visit.caller, new, now=visit.now)
    return See(GROUPS, visit.reader("The group “%s” is there.") % made["group_name"])


@views("POST", f"{GROUPS}/{{group}}", rights=CHANGE, again=group_form)
def change_group(visit: WriteVisit) -> See:
    if visit.form.get("act") == "delete":
        groups.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(GROUPS, visit.reader("The group is deleted."))
    before = visit.check_stamp(
        "user_group",
        visit.id,
        lambda: groups.one(visit.db, visit.id),
        lambda group: {name: group[name] or "" for name in ("group_name", "group_description")},
    )
    names = {"group_name": visit.form.get("group_name"), "group_description": visit.form.get("group_description")}
    given = grants.sent(visit.form)
    grants.need_confirmed(visit, held=[grant["role_id"] for grant in before["group_roles"]], given=[grant.role_id for grant in given])
    new = fit(names | {"group_roles": grants.plain(given), "members": _members(visit)}, GroupChange)
    made = groups.change(visit.db, visit.caller, visit.id, new, now=visit.now)
    return See(GROUPS, visit.reader("The group “%s” is saved.") % made["group_name"])


# --- collaborator roles ---


@views("GET", SEATS, rights=CHANGE)
def seats(visit: ReadVisit) -> Page:
    found = collaborators.roles(visit.db)
    holders = {user_id for role in found for user_id in role.holders}
    return visit.page("collaborator-roles.html", found=found, names=lists.names(visit.db, holders))


def seat_form(visit: ReadVisit) -> Page:
    role = _seat(visit) if "role" in visit.path else None
    stored = _seat_record(visit, role)
    kept = {name: visit.form.get(name) for name in stored} if visit.error else stored
    return visit.page("collaborator-role-panel.html", role=role, kept=kept, stamp=stamp(stored) if role else "")


def _seat(visit: Visit[Any]) -> CollaboratorRole:
    """Raises NotFound."""
    found = next((each for each in collaborators.roles(visit.db) if each.role_id == visit.number("role")), None)
    if found is None:
        raise NotFound(visit.reader("There is no such collaborator role."))
    return found


def _seat_record(visit: Visit[Any], role: CollaboratorRole | None) -> dict[str, Any]:
    """What the form's fields show of a role, or of one that is to be made."""
    emails = users.accounts(visit.db, role.holders if role else [])
    return {
        "role_name": role.role_name if role else "",
        "role_description": role.role_description if role else "",
        "role_is_assignable": role.role_is_assignable if role else 0,
        "members": "\n".join(sorted(account.user_email for account in emails.values())),
    }


views("GET", f"{SEATS}/add", rights=CHANGE)(seat_form)
views("GET", f"{SEATS}/{{role}}", rights=CHANGE)(seat_form)


def _seat_body(visit: Visit[Any]) -> dict[str, Any]:
    form = visit.form
    return {
        "role_name": form.get("role_name"),
        "role_description": form.get("role_description"),
        "role_is_assignable": form.flag("role_is_assignable"),
    }


@views("POST", f"{SEATS}/add", rights=CHANGE, again=seat_form)
def add_seat(visit: WriteVisit) -> See:
    made = collaborators.add_role(visit.db, visit.caller, fit(_seat_body(visit), NewCollaboratorRole), now=visit.now)
    return See(f"{SEATS}", visit.reader("The collaborator role “%s” is there.") % made.role_name)


@views("POST", f"{SEATS}/{{role}}", rights=CHANGE, again=seat_form)
def change_seat(visit: WriteVisit) -> See:
    if visit.form.get("act") == "delete":
        collaborators.remove_role(visit.db, visit.caller, visit.id, now=visit.now)
        return See(SEATS, visit.reader("The collaborator role is deleted."))
    visit.check_stamp(
        "collaborator_role",
        visit.number("role"),
        lambda: _seat_record(visit, _seat(visit)),
        lambda record: {name: str(record[name]) for name in ("role_name", "role_description", "members")},
    )
    body = _seat_body(visit) | {"holders": _members(visit)}
    made = collaborators.change_role(visit.db, visit.caller, visit.id, fit(body, CollaboratorRoleChange), now=visit.now)
    return See(SEATS, visit.reader("The collaborator role “%s” is saved.") % made.role_name)
