"""Manage Access: the table of users, the panel that adds and changes one, and what a selection of them can be given."""

from dataclasses import replace
from typing import Any

from autohub.access import store as access
from autohub.access.model import STANDARD_USER, Right, permission_name
from autohub.categories import store as categories
from autohub.collaborators import service as collaborators
from autohub.collaborators import store as collaborator_store
from autohub.console import grants, store
from autohub.db.engine import Reading, Writing
from autohub.invitations import service as invitations
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline.model import category_paths
from autohub.users import service
from autohub.users import store as users
from autohub.users.model import NewEmail, NewUser, Reassign, User, UserPatch, email_key, status_word
from autohub.web.many import AT_ONCE, do_to_many
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ChunkVisit, ReadVisit, See, Views, Visit, WriteVisit, sorts, stamp

views = Views()
LIST = "/admin/access/users"
SEE, CHANGE = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)
STATUSES: tuple[tuple[str, str, dict[str, list[int]]], ...] = (
    ("not-invited", N_("Not invited"), {"user_is_active": [1], "user_invite_status": [0]}),
    ("pending", N_("Pending"), {"user_is_active": [1], "user_invite_status": [1, 2]}),
    ("active", N_("Active"), {"user_is_active": [1], "user_invite_status": [3]}),
    ("inactive", N_("Inactive"), {"user_is_active": [0]}),
)
SORTS = {
    "name": "user_last_name",
    "email": "user_email",
    "status": "user_invite_status",
    "unit": "user_business_unit",
    "department": "user_department",
    "title": "user_job_title",
    "city": "user_location",
}
COLUMNS = (
    ("status", N_("Status"), True),
    ("roles", N_("Roles"), True),
    ("unit", N_("Business unit"), True),
    ("department", N_("Department"), True),
    ("title", N_("Job title"), False),
    ("city", N_("City"), False),
)
PARAMS = (
    *LISTED,
    sorts(*SORTS),
    Param("status", "choice", "", choices=(*(key for key, _, _ in STATUSES), "trash")),
    Param("role", "number", "", multi=True),
    Param("unit", "text", ""),
    Param("department", "text", ""),
    Param("cols", "text", ""),
)
TEXT_FIELDS = (
    "user_first_name",
    "user_last_name",
    "user_email",
    "user_job_title",
    "user_location",
    "user_business_unit",
    "user_department",
)
KINDS = {"Not invited": "off", "Pending": "wait", "Pending (invited)": "wait", "Active": "good", "Inactive": "bad"}


def _fitting(visit: Visit[Any], db: Reading, part: Part) -> tuple[list[User], int]:
    """One page of those who fit the address's filters, and how many there are in all."""
    query = visit.query
    field, down = visit.sort
    status = query.get("status")
    filters: dict[str, list[Any]] = {"user_business_unit": query.all("unit"), "user_department": query.all("department")}
    filters |= next((wanted for key, _, wanted in STATUSES if key == status), {})
    return users.page(
        db,
        part,
        text=query.get("s"),
        filters=filters,
        statuses=None,
        role_ids=query.all("role"),
        sort=(SORTS[field], down) if field else ("user_last_name", False),
        trashed=status == "trash",
    )


@views("GET", LIST, rights=SEE, params=PARAMS)
def listed(visit: ReadVisit) -> Page:
    query = visit.query
    found, total = _fitting(visit, visit.db, Part(min(query.page.limit, AT_MOST), query.page.offset))
    roles = {role["role_id"]: visit.reader(role["role_name"]) for role in access.roles(visit.db)}
    known = [key for key, _, _ in COLUMNS]
    chosen = [key for key in (query.get("cols") or "").split(",") if key in known]
    return visit.page(
        "users.html",
        found=found,
        total=total,
        roles=roles,
        confirms=grants.confirmations(visit, roles),
        role_options=[("", visit.reader("Any")), *sorted(roles.items(), key=lambda pair: pair[1])],
        statuses=[(key, name) for key, name, _ in STATUSES],
        words={u.user_id: status_word(u.user_is_active, u.user_invite_status) for u in found},
        kinds=KINDS,
        columns=COLUMNS,
        shown=chosen or [key for key, _, usual in COLUMNS if usual],
        chips=_chips(visit, roles),
        places=grants.places(visit),
        may_change=visit.caller.may(Right.MANAGE_USERS_ROLES),
        picked=set(visit.form.numbers("user_id")) if visit.error else (),
    )


def _chips(visit: Visit[Any], roles: dict[int, str]) -> list[tuple[str, str]]:
    query, text = visit.query, visit.reader
    found = [(text("“%s”") % query.get("s"), "s")] if query.get("s") else []
    named = {key: name for key, name, _ in STATUSES} | {"trash": N_("In the trash")}
    if status := query.get("status"):
        found.append((text("Status: %s") % text(named[status]), "status"))
    found += [(text("Role: %s") % roles.get(role_id, "?"), f"role={role_id}") for role_id in query.all("role")]
    for name, words in (("unit", text("Business unit: %s")), ("department", text("Department: %s"))):
        if value := query.get(name):
            found.append((words % value, name))
    return found


# --- the panel ---


def add_form(visit: ReadVisit) -> Page:
    """Add User (product 1): Standard User everywhere is given by default."""
    kept = {name: visit.form.get(name) for name in TEXT_FIELDS}
    given = grants.plain(grants.sent(visit.form)) if visit.error else [{"role_id": STANDARD_USER, "category_id": 0}]
    mailing = bool(visit.form.flag("send_email")) if visit.error else True
    return _panel(visit, kept, given, person=None, mailing=mailing, seats=visit.form.all("collaborator_role"))


def _panel(visit: Visit[Any], kept: dict[str, Any], given: list[dict[str, int]], *, person: Any, mailing: bool, seats: list[str]) -> Page:
    roles = access.roles(visit.db)
    names = {role["role_id"]: visit.reader(role["role_name"]) for role in roles if role["role_is_active"]}
    named = [role for role in collaborators.roles(visit.db) if role.role_is_assignable]
    return visit.page(
        "user-panel.html",
        kept=kept,
        person=person,
        grants=given,
        roles=[*names.items()],
        confirms=grants.confirmations(visit, names),
        allows={role["role_id"]: _allowed(visit, role) for role in roles},
        stamp=stamp(_record(visit, person)[0]) if person else "",
        owned=store.duties(visit.db, visit.id)["ideas"] if person else 0,
        places=grants.places(visit),
        mailing=mailing,
        status_name=status_word(person["user_is_active"], person["user_invite_status"]) if person else None,
        kinds=KINDS,
        collaborator_roles=named,
        seats=seats,
        may_change=visit.caller.may(Right.MANAGE_USERS_ROLES),
        mails=visit.settings.smtp_url is not None,
    )


def _allowed(visit: Visit[Any], role: dict[str, Any]) -> list[str]:
    """What a role allows, in words."""
    text = visit.reader
    here = [text(permission_name(name)) for name in role["permissions"]]
    return here + [text("%s (where assigned)") % text(permission_name(name)) for name in role["permissions_where_assigned"]]


views("GET", f"{LIST}/add", rights=SEE)(add_form)


def _seats(visit: Visit[Any]) -> list[int]:
    return visit.form.numbers("collaborator_role")


@views("POST", f"{LIST}/add", rights=SEE, again=add_form)
def add(visit: WriteVisit) -> See:
    body: dict[str, Any] = {name: visit.form.get(name) for name in TEXT_FIELDS}
    mailing = visit.form.flag("send_email")
    given = grants.plain(grants.sent(visit.form))
    grants.need_confirmed(visit, held=(), given=[grant["role_id"] for grant in given])
    body |= {"user_is_active": 1, "user_invite_status": 2 if mailing else 0}
    if given:
        body["user_roles"] = given
    user = service.add(visit.db, visit.caller, fit(body, NewUser), settings=visit.settings, now=visit.now)
    collaborators.name_for(visit.db, visit.caller, user.user_id, _seats(visit), now=visit.now)
    name = f"{user.user_first_name} {user.user_last_name}"
    if mailing:
        return See(LIST, visit.reader("%(name)s is added, and an invitation goes to %(email)s.") % {"name": name, "email": user.user_email})
    return See(LIST, visit.reader("%s is added. Nothing was sent yet.") % name)


@views("GET", f"{LIST}/known", rights=SEE, params=LISTED)
def known(visit: ReadVisit) -> Page:
    """Whether an address is in use, while it is typed."""
    email = visit.query.get("s") or ""
    found = users.accounts_by_email(visit.db, [email_key(email)]).get(email_key(email)) if email else None
    return visit.page("user-known.html", person=found)


@views("GET", f"{LIST}/values", rights=SEE, params=(Param("field", "choice", "", choices=TEXT_FIELDS[3:]),))
def values(visit: ReadVisit) -> Page:
    """The values that people have in a field already."""
    return visit.page("user-values.html", values=store.values(visit.db, visit.query.get("field") or TEXT_FIELDS[3]))


def _record(visit: Visit[Any], person: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """What the panel changes of a person, and what its fields show of it."""
    shown = {name: str(person[name] or "") for name in TEXT_FIELDS}
    return (shown, person["user_roles"], collaborator_store.roles_of(visit.db, visit.id)), shown


def change_form(visit: ReadVisit) -> Page:
    person = service.one(visit.db, visit.id)
    kept = {name: visit.form.get(name) if visit.error else person[name] or "" for name in TEXT_FIELDS}
    given = grants.plain(grants.sent(visit.form)) if visit.error else person["user_roles"]
    seats = visit.form.all("collaborator_role") if visit.error else [str(r) for r in collaborator_store.roles_of(visit.db, visit.id)]
    return _panel(visit, kept, given, person=person, mailing=False, seats=seats)


views("GET", f"{LIST}/{{user}}", rights=SEE)(change_form)


@views("POST", f"{LIST}/{{user}}", rights=CHANGE, again=change_form)
def change(visit: WriteVisit) -> See:
    shown, held, *_ = visit.check_stamp(
        "user_account",
        visit.id,
        lambda: _record(visit, service.one(visit.db, visit.id))[0],
        lambda record: record[0],
    )
    body: dict[str, Any] = {name: visit.form.get(name) for name in TEXT_FIELDS if name != "user_email"}
    if given := grants.plain(grants.sent(visit.form)):
        grants.need_confirmed(visit, held=[grant["role_id"] for grant in held], given=[grant["role_id"] for grant in given])
        body["user_roles"] = given
    else:
        raise Invalid(visit.reader("Nothing was changed."), details={"user_roles": [visit.reader("must hold at least one role.")]})
    user = service.patch(visit.db, visit.caller, visit.id, fit(body, UserPatch), settings=visit.settings, now=visit.now)
    email = visit.form.get("user_email")
    if email and email_key(email) != email_key(shown["user_email"]):
        service.change_email(visit.db, visit.caller, visit.id, fit({"user_email": email}, NewEmail).user_email, now=visit.now)
    collaborators.name_for(visit.db, visit.caller, visit.id, _seats(visit), now=visit.now)
    return See(LIST, visit.reader("%s is saved.") % f"{user.user_first_name} {user.user_last_name}")


# --- what one can do with a person ---


@views("POST", f"{LIST}/{{user}}/act", rights=CHANGE, again=change_form)
def act(visit: WriteVisit) -> See:
    """Invite, inactivate, reactivate, delete, restore, erase: one of them, as the button says."""
    wanted, user_id, text = visit.form.get("act"), visit.id, visit.reader
    name = _name(visit, user_id)
    common: dict[str, Any] = {"now": visit.now}
    if wanted == "invite":
        service.invite(visit.db, visit.caller, user_id, send_mail=True, settings=visit.settings, **common)
        said = text("An invitation goes to %s.")
    elif wanted == "link":
        service.invite(visit.db, visit.caller, user_id, send_mail=False, settings=visit.settings, **common)
        return See(f"{LIST}/{user_id}/invitations", text("A link for %s is made; copy it below.") % name)
    elif wanted in ("inactivate", "activate"):
        patch = UserPatch(user_is_active=int(wanted == "activate"))
        service.patch(visit.db, visit.caller, user_id, patch, settings=visit.settings, **common)
        said = text("%s is active again.") if wanted == "activate" else text("%s is inactive: every session and token has ended.")
    elif wanted == "trash":
        service.trash(visit.db, visit.caller, user_id, **common)
        said = text("%s is in the trash, and can be restored from there.")
    elif wanted == "restore":
        service.restore(visit.db, visit.caller, user_id, **common)
        said = text("%s is restored.")
    elif wanted == "erase":
        service.erase(visit.db, visit.caller, user_id, above=visit.above, **common)
        said = text("All personal data of %s is erased.")
    else:
        raise Invalid(text("Choose what is to be done."))
    return See(f"{LIST}?status=trash" if wanted in ("erase", "restore") else LIST, said % name)


def _name(visit: Visit[Any], user_id: int) -> str:
    found = service.account(visit.db, user_id)
    return f"{found.user_first_name} {found.user_last_name}"


def reassign_form(visit: ReadVisit) -> Page:
    person = service.one(visit.db, visit.id)
    return visit.page("user-reassign.html", person=person, owned=store.duties(visit.db, visit.id))


views("GET", f"{LIST}/{{user}}/reassign", rights=CHANGE)(reassign_form)


@views("POST", f"{LIST}/{{user}}/reassign", rights=CHANGE, again=reassign_form)
def reassign(visit: WriteVisit) -> See:
    email = visit.form.get("to_email")
    heir = users.accounts_by_email(visit.db, [email_key(email)]).get(email_key(email)) if email else None
    if heir is None:
        raise Invalid(visit.reader("Nothing was moved."), details={"to_email": [visit.reader("is nobody's address here.")]})
    name, wanted = _name(visit, visit.id), Reassign(heir.user_id, visit.form.flag("deactivate"))
    moved = service.reassign(visit.db, visit.caller, visit.id, wanted, settings=visit.settings, now=visit.now, above=visit.above)
    said = visit.reader("%(heir)s took over from %(name)s: %(ideas)s ideas, %(seats)s seats. Tokens that ended: %(tokens)s.")
    figures = {"ideas": 0, "seats": 0, "tokens": 0} | moved
    return See(LIST, said % {"heir": f"{heir.user_first_name} {heir.user_last_name}", "name": name, **figures})


@views("GET", f"{LIST}/{{user}}/why", rights=SEE)
def why(visit: ReadVisit) -> Page:
    """Why can this person do that?"""
    names = category_paths(categories.all_(visit.db))
    return visit.page("user-why.html", person=service.one(visit.db, visit.id), why=service.why(visit.db, visit.id), paths=names)


@views("GET", f"{LIST}/{{user}}/invitations", rights=SEE)
def invited(visit: ReadVisit) -> Page:
    person = service.one(visit.db, visit.id)
    found, _ = invitations.listed(visit.db, Part(50, 0), user_id=visit.id, only_open=False, settings=visit.settings, now=visit.now)
    return visit.page("user-invitations.html", person=person, found=found, link=None, may_change=visit.caller.may(Right.MANAGE_USERS_ROLES))


@views("POST", f"{LIST}/{{user}}/invitations", rights=CHANGE)
def read_link(visit: WriteVisit) -> Page:
    """Shows the link of an open invitation; that it was read is audited."""
    person = service.one(visit.db, visit.id)
    number = visit.form.number("invitation_id") or 0
    secret = visit.installation.secret
    link = invitations.read_link(visit.db, visit.caller, number, settings=visit.settings, secret=secret, now=visit.now)
    found, _ = invitations.listed(visit.db, Part(50, 0), user_id=visit.id, only_open=False, settings=visit.settings, now=visit.now)
    return visit.page("user-invitations.html", person=person, found=found, link=link, may_change=True)


# --- a selection ---


def listed_again(visit: ReadVisit) -> Page:
    shown: Page = listed(replace(visit, address=LIST))
    return shown


@views("POST", f"{LIST}/many", rights=CHANGE, transaction="chunks", params=PARAMS, again=listed_again)
def many(visit: ChunkVisit) -> See:
    """Does one thing to everybody who is picked, or with `all` to everybody whom the address's filters hold."""
    picked = visit.form.numbers("user_id")
    if visit.form.get("act") == "role":
        grants.need_confirmed(visit, held=(), given=visit.form.numbers("role_id"))
    if visit.form.flag("all"):
        with visit.db.reading() as db:
            picked = [user.user_id for user in _fitting(visit, db, Part(AT_ONCE + 1, 0))[0]]
    done, refused = do_to_many(visit, picked, lambda db, user_id: _one_of_many(visit, db, user_id))
    said = visit.reader("Done for %(done)s of %(all)s people.") % {"done": done, "all": len(picked)}
    following = visit.form.get("next")
    return See(following if following.startswith(LIST) else LIST, f"{said} {refused}".strip())


def _one_of_many(visit: ChunkVisit, db: Writing, user_id: int) -> None:
    wanted = visit.form.get("act")
    if wanted == "invite":
        service.invite(db, visit.caller, user_id, send_mail=True, settings=visit.settings, now=visit.now)
    elif wanted in ("inactivate", "activate"):
        patch = UserPatch(user_is_active=int(wanted == "activate"))
        service.patch(db, visit.caller, user_id, patch, settings=visit.settings, now=visit.now)
    elif wanted == "role":
        role_id = visit.form.number("role_id")
        if role_id is None:
            raise Invalid(visit.reader("Choose the role to give."))
        before = service.one(db, user_id)["user_roles"]
        new = {"role_id": role_id, "category_id": visit.form.number("category_id") or 0}
        body = {"user_roles": before + ([] if new in before else [new])}
        service.patch(db, visit.caller, user_id, fit(body, UserPatch), settings=visit.settings, now=visit.now)
    elif wanted == "trash":
        service.trash(db, visit.caller, user_id, now=visit.now)
    else:
        raise Invalid(visit.reader("Choose what is to be done."))
