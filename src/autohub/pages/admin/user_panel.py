"""One person: what an administrator sees and changes of them."""

from typing import Any

from autohub.access import store as access
from autohub.access.model import STANDARD_USER, Right, permission_name
from autohub.collaborators import service as collaborators
from autohub.collaborators import store as collaborator_store
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Param
from autohub.kit.text import email_key, full_name
from autohub.pages.admin import grants, store
from autohub.users import service
from autohub.users import store as users
from autohub.users.model import NewEmail, NewUser, UserPatch, status_word
from autohub.web.page_requests import (
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
LIST = "/admin/access/users"
SEE, CHANGE = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)
KINDS = {
    "Not invited": "off",
    "Pending": "wait",
    "Pending (invited)": "wait",
    "Active": "good",
    "Inactive": "bad",
}
TEXT_FIELDS = (
    "user_first_name",
    "user_last_name",
    "user_email",
    "user_job_title",
    "user_location",
    "user_business_unit",
    "user_department",
)


def show_new_user(request: ReadPageRequest) -> RenderedPage:
    """Add User (product 1): Standard User everywhere is given by default."""
    kept = {name: request.form.get(name) for name in TEXT_FIELDS}
    given = (
        grants.plain_grants(grants.parse_grants(request.form))
        if request.error
        else [{"role_id": STANDARD_USER, "category_id": 0}]
    )
    mailing = bool(request.form.flag("send_email")) if request.error else True
    return _render_panel(
        request,
        kept,
        given,
        person=None,
        mailing=mailing,
        seats=request.form.all("collaborator_role"),
    )


def _render_panel(
    request: PageRequest[Any],
    kept: dict[str, Any],
    given: list[dict[str, int]],
    *,
    person: Any,
    mailing: bool,
    seats: list[str],
) -> RenderedPage:
    roles = access.all_roles(request.db)
    names = {
        role["role_id"]: request.reader(role["role_name"])
        for role in roles
        if role["role_is_active"]
    }
    named = [role for role in collaborators.list_roles(request.db) if role.role_is_assignable]
    return request.page(
        "user-panel.html",
        kept=kept,
        person=person,
        grants=given,
        roles=[*names.items()],
        confirms=grants.confirmations(request, names),
        allows={role["role_id"]: _describe_role(request, role) for role in roles},
        stamp=stamp(_panel_record(request, person)[0]) if person else "",
        owned=store.count_duties(request.db, request.id)["ideas"] if person else 0,
        places=grants.grant_places(request),
        mailing=mailing,
        status_name=status_word(person["user_is_active"], person["user_invite_status"])
        if person
        else None,
        kinds=KINDS,
        collaborator_roles=named,
        seats=seats,
        may_change=request.caller.may(Right.MANAGE_USERS_ROLES),
        mails=request.settings.smtp_url is not None,
    )


def _describe_role(request: PageRequest[Any], role: dict[str, Any]) -> list[str]:
    """What a role allows, in words."""
    text = request.reader
    here = [text(permission_name(name)) for name in role["permissions"]]
    return here + [
        text("%s (where assigned)") % text(permission_name(name))
        for name in role["permissions_where_assigned"]
    ]


routes("GET", f"{LIST}/add", rights=SEE)(show_new_user)


def _named_roles(request: PageRequest[Any]) -> list[int]:
    return request.form.numbers("collaborator_role")


@routes("POST", f"{LIST}/add", rights=SEE, on_error=show_new_user)
def create_user(request: WritePageRequest) -> Redirect:
    body: dict[str, Any] = {name: request.form.get(name) for name in TEXT_FIELDS}
    mailing = request.form.flag("send_email")
    given = grants.plain_grants(grants.parse_grants(request.form))
    grants.need_confirmed(request, held=(), given=[grant["role_id"] for grant in given])
    body |= {"user_is_active": 1, "user_invite_status": 2 if mailing else 0}
    if given:
        body["user_roles"] = given
    user = service.add_user(
        request.db,
        request.caller,
        coerce(body, NewUser),
        settings=request.settings,
        now=request.now,
    )
    collaborators.set_named_roles(
        request.db, request.caller, user.user_id, _named_roles(request), now=request.now
    )
    name = full_name(user.user_first_name, user.user_last_name)
    if mailing and request.settings.smtp_url is None:
        return Redirect(
            LIST,
            request.reader("%s is added. The invitation waits: no mail server is set up.") % name,
        )
    if mailing:
        return Redirect(
            LIST,
            request.reader("%(name)s is added, and an invitation goes to %(email)s.")
            % {"name": name, "email": user.user_email},
        )
    return Redirect(LIST, request.reader("%s is added. Nothing was sent yet.") % name)


@routes("GET", f"{LIST}/known", rights=SEE, params=LISTED)
def check_address(request: ReadPageRequest) -> RenderedPage:
    """Whether an address is in use, while it is typed."""
    email = request.query.get("s") or ""
    found = (
        users.load_accounts_by_email(request.db, [email_key(email)]).get(email_key(email))
        if email
        else None
    )
    return request.page("user-known.html", person=found)


@routes(
    "GET",
    f"{LIST}/values",
    rights=SEE,
    params=(Param("field", "choice", "", choices=TEXT_FIELDS[3:]),),
)
def list_values(request: ReadPageRequest) -> RenderedPage:
    """The values that people have in a field already."""
    return request.page(
        "user-values.html",
        values=store.distinct_values(request.db, request.query.get("field") or TEXT_FIELDS[3]),
    )


def _panel_record(request: PageRequest[Any], person: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """What the panel changes of a person, and what its fields show of it."""
    shown = {name: str(person[name] or "") for name in TEXT_FIELDS}
    return (
        shown,
        person["user_roles"],
        collaborator_store.named_roles_of(request.db, request.id),
    ), shown


def show_user(request: ReadPageRequest) -> RenderedPage:
    person = service.get_user(request.db, request.id)
    kept = {
        name: request.form.get(name) if request.error else person[name] or ""
        for name in TEXT_FIELDS
    }
    given = (
        grants.plain_grants(grants.parse_grants(request.form))
        if request.error
        else person["user_roles"]
    )
    seats = (
        request.form.all("collaborator_role")
        if request.error
        else [str(r) for r in collaborator_store.named_roles_of(request.db, request.id)]
    )
    return _render_panel(request, kept, given, person=person, mailing=False, seats=seats)


routes("GET", f"{LIST}/{{user}}", rights=SEE)(show_user)


@routes("POST", f"{LIST}/{{user}}", rights=CHANGE, on_error=show_user)
def update_user(request: WritePageRequest) -> Redirect:
    shown, held, *_ = request.check_stamp(
        "user_account",
        request.id,
        lambda: _panel_record(request, service.get_user(request.db, request.id))[0],
        lambda record: record[0],
    )
    body: dict[str, Any] = {
        name: request.form.get(name) for name in TEXT_FIELDS if name != "user_email"
    }
    if given := grants.plain_grants(grants.parse_grants(request.form)):
        grants.need_confirmed(
            request,
            held=[grant["role_id"] for grant in held],
            given=[grant["role_id"] for grant in given],
        )
        body["user_roles"] = given
    else:
        raise Invalid(
            request.reader("Nothing was changed."),
            details={"user_roles": [request.reader("must hold at least one role.")]},
        )
    user = service.patch_user(
        request.db,
        request.caller,
        request.id,
        coerce(body, UserPatch),
        settings=request.settings,
        now=request.now,
    )
    email = request.form.get("user_email")
    if email and email_key(email) != email_key(shown["user_email"]):
        service.change_email(
            request.db,
            request.caller,
            request.id,
            coerce({"user_email": email}, NewEmail).user_email,
            now=request.now,
        )
    collaborators.set_named_roles(
        request.db, request.caller, request.id, _named_roles(request), now=request.now
    )
    return Redirect(
        LIST, request.reader("%s is saved.") % full_name(user.user_first_name, user.user_last_name)
    )
