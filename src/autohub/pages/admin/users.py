"""Manage Access: the table of users, the panel that adds and changes one, and what a selection
of them can be given."""

from collections.abc import Callable
from typing import Any, NamedTuple

from autohub.access import store as access
from autohub.access.model import Right
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pages.admin import grants
from autohub.pages.admin.user_panel import CHANGE, KINDS, LIST, SEE
from autohub.pages.shared.selection import AT_ONCE, do_to_many
from autohub.users import service
from autohub.users import store as users
from autohub.users.model import User, UserPatch, status_word
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    ChunkedPageRequest,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    sorts,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
STATUSES: tuple[tuple[str, str, dict[str, list[int]]], ...] = (
    ("not-invited", N_("Not invited"), {"user_is_active": [1], "user_invite_status": [0]}),
    ("pending", N_("Pending"), {"user_is_active": [1], "user_invite_status": [1, 2]}),
    ("active", N_("Active"), {"user_is_active": [1], "user_invite_status": [3]}),
    ("inactive", N_("Inactive"), {"user_is_active": [0]}),
)


class UserColumn(NamedTuple):
    """A column of the list of users."""

    key: str
    """What addresses call it."""
    heading: str
    field: str
    """The field of a user that it shows and is sorted by, by its name on the wire."""
    is_usual: bool
    """Whether it is shown unless others are chosen."""
    is_sortable: bool = True


COLUMNS = (
    UserColumn(
        key="status",
        heading=N_("Status"),
        field="user_invite_status",
        is_usual=True,
    ),
    UserColumn(
        key="roles",
        heading=N_("Roles"),
        field="user_roles",
        is_usual=True,
        is_sortable=False,
    ),
    UserColumn(
        key="unit",
        heading=N_("Business unit"),
        field="user_business_unit",
        is_usual=True,
    ),
    UserColumn(
        key="department",
        heading=N_("Department"),
        field="user_department",
        is_usual=True,
    ),
    UserColumn(
        key="title",
        heading=N_("Job title"),
        field="user_job_title",
        is_usual=False,
    ),
    UserColumn(
        key="city",
        heading=N_("City"),
        field="user_location",
        is_usual=False,
    ),
)
SORTS = {"name": "user_last_name", "email": "user_email"} | {
    column.key: column.field for column in COLUMNS if column.is_sortable
}
PARAMS = (
    *LISTED,
    sorts(*SORTS),
    Param("status", "choice", "", choices=(*(key for key, _, _ in STATUSES), "trash")),
    Param("role", "number", "", multi=True),
    Param("unit", "text", ""),
    Param("department", "text", ""),
    Param("cols", "text", ""),
)


def find_users(request: PageRequest[Any], db: Reading, part: Part) -> tuple[list[User], int]:
    """One page of those who fit the address's filters, and how many there are in all."""
    query = request.query
    field, down = request.sort
    status = query.get("status")
    filters: dict[str, list[Any]] = {
        "user_business_unit": query.all("unit"),
        "user_department": query.all("department"),
    }
    filters |= next((wanted for key, _, wanted in STATUSES if key == status), {})
    return users.list_users(
        db,
        part,
        text=query.get("s"),
        filters=filters,
        statuses=None,
        role_ids=query.all("role"),
        sort=(SORTS[field], down) if field else ("user_last_name", False),
        trashed=status == "trash",
    )


@routes("GET", LIST, rights=SEE, params=PARAMS)
def list_users(request: ReadPageRequest) -> RenderedPage:
    query = request.query
    found, total = find_users(
        request, request.db, Part(min(query.page.limit, AT_MOST), query.page.offset)
    )
    roles = {
        role["role_id"]: request.reader(role["role_name"]) for role in access.all_roles(request.db)
    }
    known = [column.key for column in COLUMNS]
    chosen = [key for key in (query.get("cols") or "").split(",") if key in known]
    return request.page(
        "users.html",
        found=found,
        total=total,
        roles=roles,
        confirms=grants.confirmations(request, roles),
        role_options=[
            ("", request.reader("Any")),
            *sorted(roles.items(), key=lambda pair: pair[1]),
        ],
        statuses=[(key, name) for key, name, _ in STATUSES],
        words={u.user_id: status_word(u.user_is_active, u.user_invite_status) for u in found},
        kinds=KINDS,
        columns=COLUMNS,
        shown=chosen or [column.key for column in COLUMNS if column.is_usual],
        chips=_chips(request, roles),
        places=grants.grant_places(request),
        invites=request.reader("Invite these people? Each of them gets a mail with a link.")
        if request.settings.smtp_url is not None
        else request.reader(
            "Invite these people? No mail server is set up, so that the invitations wait."
        ),
        may_change=request.caller.may(Right.MANAGE_USERS_ROLES),
        picked=set(request.form.numbers("user_id")) if request.error else (),
    )


def _chips(request: PageRequest[Any], roles: dict[int, str]) -> list[tuple[str, str]]:
    query, text = request.query, request.reader
    found = [(text("“%s”") % query.get("s"), "s")] if query.get("s") else []
    named = {key: name for key, name, _ in STATUSES} | {"trash": N_("In the trash")}
    if status := query.get("status"):
        found.append((text("Status: %s") % text(named[status]), "status"))
    found += [
        (text("Role: %s") % roles.get(role_id, "?"), f"role={role_id}")
        for role_id in query.all("role")
    ]
    for name, words in (
        ("unit", text("Business unit: %s")),
        ("department", text("Department: %s")),
    ):
        if value := query.get(name):
            found.append((words % value, name))
    return found


# --- a selection ---


def _form_of_many(act: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declares what a button under the list does to everybody who is picked."""
    return routes(
        "POST",
        f"{LIST}/many/{act}",
        rights=CHANGE,
        transaction="per_chunk",
        params=PARAMS,
        on_error=list_users,
    )


@_form_of_many("invite")
def invite_selected_users(request: ChunkedPageRequest) -> Redirect:
    def invite(db: Writing, user_id: int) -> None:
        service.invite_user(
            db, request.caller, user_id, send_mail=True, settings=request.settings, now=request.now
        )

    text = request.reader
    if request.settings.smtp_url is None:
        return _change_selected(
            request,
            invite,
            lambda n: text.plural(
                "%(num)s invitation waits: no mail server is set up.",
                "%(num)s invitations wait: no mail server is set up.",
                n,
            ),
        )
    return _change_selected(
        request,
        invite,
        lambda n: text.plural("Invited %(num)s person.", "Invited %(num)s people.", n),
    )


@_form_of_many("activate")
def activate_selected_users(request: ChunkedPageRequest) -> Redirect:
    text = request.reader
    return _patch_selected(
        request,
        UserPatch(user_is_active=1),
        lambda n: text.plural("Reactivated %(num)s person.", "Reactivated %(num)s people.", n),
    )


@_form_of_many("inactivate")
def inactivate_selected_users(request: ChunkedPageRequest) -> Redirect:
    text = request.reader
    return _patch_selected(
        request,
        UserPatch(user_is_active=0),
        lambda n: text.plural("Inactivated %(num)s person.", "Inactivated %(num)s people.", n),
    )


@_form_of_many("trash")
def trash_selected_users(request: ChunkedPageRequest) -> Redirect:
    text = request.reader
    return _change_selected(
        request,
        lambda db, user_id: service.trash_user(db, request.caller, user_id, now=request.now),
        lambda n: text.plural(
            "Moved %(num)s person to the trash.", "Moved %(num)s people to the trash.", n
        ),
    )


@_form_of_many("role")
def give_selected_users_a_role(request: ChunkedPageRequest) -> Redirect:
    """They keep the roles that they have."""
    text, role_id, place = (
        request.reader,
        request.form.number("role_id"),
        request.form.number("category_id"),
    )
    if role_id is None:
        raise Invalid(text("Choose the role to give."))
    if place is None:
        raise Invalid(
            text("Choose where the role holds."),
            details={"category_id": [text("needs an answer.")]},
        )
    grants.need_confirmed(request, held=(), given=[role_id])
    new = {"role_id": role_id, "category_id": place}

    def give(db: Writing, user_id: int) -> bool:
        before = service.get_user(db, user_id)["user_roles"]
        return _set_roles(request, db, user_id, before + ([] if new in before else [new]))

    return _change_selected(
        request,
        give,
        lambda n: text.plural(
            "Gave the role to %(num)s person.", "Gave the role to %(num)s people.", n
        ),
    )


@_form_of_many("take-role")
def take_role_from_selected_users(request: ChunkedPageRequest) -> Redirect:
    """Where it is named, else wherever they hold it themselves; what groups give stays."""
    text, role_id, place = (
        request.reader,
        request.form.number("taken_role_id"),
        request.form.number("taken_category_id"),
    )
    if role_id is None:
        raise Invalid(text("Choose the role to take away."))

    def take(db: Writing, user_id: int) -> bool:
        kept = [
            grant
            for grant in service.get_user(db, user_id)["user_roles"]
            if grant["role_id"] != role_id or place not in (None, grant["category_id"])
        ]
        return _set_roles(request, db, user_id, kept)

    return _change_selected(
        request,
        take,
        lambda n: text.plural(
            "Took the role from %(num)s person.", "Took the role from %(num)s people.", n
        ),
    )


def _set_roles(
    request: ChunkedPageRequest, db: Writing, user_id: int, roles: list[dict[str, int]]
) -> bool:
    return _patch_user(request, db, user_id, coerce({"user_roles": roles}, UserPatch))


def _patch_selected(
    request: ChunkedPageRequest, patch: UserPatch, say_done: Callable[[int], str]
) -> Redirect:
    return _change_selected(
        request, lambda db, user_id: _patch_user(request, db, user_id, patch), say_done
    )


def _patch_user(request: ChunkedPageRequest, db: Writing, user_id: int, patch: UserPatch) -> bool:
    """Whether it changed anything."""
    before = service.get_account(db, user_id).as_user()
    after = service.patch_user(
        db, request.caller, user_id, patch, settings=request.settings, now=request.now
    )
    return after != before


def _change_selected(
    request: ChunkedPageRequest,
    change: Callable[[Writing, int], object],
    say_done: Callable[[int], str],
) -> Redirect:
    """Changes everybody who is picked, or with `all` everybody whom the address's filters hold."""
    picked = request.form.numbers("user_id")
    if request.form.flag("all"):
        with request.db.reading() as db:
            picked = [user.user_id for user in find_users(request, db, Part(AT_ONCE + 1, 0))[0]]
    outcome = do_to_many(request, picked, change, labels={"user_roles": N_("Roles")})
    said = outcome.tell(say_done)
    following = request.form.get("next")
    return Redirect(following if following.startswith(LIST) else LIST, said)
