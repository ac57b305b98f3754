"""What one can do with a person: invite, deactivate, reassign, explain."""

from collections.abc import Callable
from typing import Any

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.invitations import service as invitations
from autohub.invitations.model import Link
from autohub.kit.errors import Invalid
from autohub.kit.query import Page as Part
from autohub.kit.text import email_key, full_name
from autohub.pages.admin import store
from autohub.pages.admin.user_panel import CHANGE, LIST, SEE, show_user
from autohub.users import second_factors, service
from autohub.users import store as users
from autohub.users.model import Reassign, UserPatch
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
TRASH = f"{LIST}?status=trash"


def _form_of_one(act: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declares what a button of the panel, or of a row's menu, does to one person."""
    return routes("POST", f"{LIST}/{{user}}/{act}", rights=CHANGE, on_error=show_user)


@_form_of_one("invite")
def invite_user(request: WritePageRequest) -> Redirect:
    _invite(request, send_mail=True)
    if request.settings.smtp_url is None:
        return Redirect(
            LIST,
            _say(
                request,
                "The invitation of %s waits: no mail server is set up.",
            ),
        )
    return Redirect(LIST, _say(request, "An invitation goes to %s."))


@_form_of_one("link")
def make_invitation_link(request: WritePageRequest) -> RenderedPage:
    """An invitation that no mail carries; its link is shown, to be handed over."""
    number = _invite(request, send_mail=False)
    return _render_invitations(request, None if number is None else _read_link(request, number))


def _invite(request: WritePageRequest, *, send_mail: bool) -> int | None:
    return service.invite_user(
        request.db,
        request.caller,
        request.id,
        send_mail=send_mail,
        settings=request.settings,
        now=request.now,
    )


@_form_of_one("activate")
def activate_user(request: WritePageRequest) -> Redirect:
    _patch(request, UserPatch(user_is_active=1))
    return Redirect(LIST, _say(request, "%s is active again."))


@_form_of_one("inactivate")
def inactivate_user(request: WritePageRequest) -> Redirect:
    _patch(request, UserPatch(user_is_active=0))
    return Redirect(LIST, _say(request, "%s is inactive: every session and token has ended."))


def _patch(request: WritePageRequest, patch: UserPatch) -> None:
    service.patch_user(
        request.db,
        request.caller,
        request.id,
        patch,
        settings=request.settings,
        now=request.now,
    )


@_form_of_one("reset-factors")
def reset_factors(request: WritePageRequest) -> Redirect:
    second_factors.reset_factors(request.db, request.caller, request.id, now=request.now)
    return Redirect(
        LIST, _say(request, "The second factors of %s are gone, and every session has ended.")
    )


@_form_of_one("trash")
def trash_user(request: WritePageRequest) -> Redirect:
    service.trash_user(request.db, request.caller, request.id, now=request.now)
    return Redirect(LIST, _say(request, "%s is in the trash, and can be restored from there."))


@_form_of_one("restore")
def restore_user(request: WritePageRequest) -> Redirect:
    service.restore_user(request.db, request.caller, request.id, now=request.now)
    return Redirect(TRASH, _say(request, "%s is restored."))


@_form_of_one("erase")
def erase_user(request: WritePageRequest) -> Redirect:
    said = _say(request, "All personal data of %s is erased.")
    service.erase_user(request.db, request.caller, request.id, above=request.above, now=request.now)
    return Redirect(TRASH, said)


def _say(request: PageRequest[Any], text: str) -> str:
    return request.reader(text) % _full_name(request, request.id)


def _full_name(request: PageRequest[Any], user_id: int) -> str:
    found = service.get_account(request.db, user_id)
    return full_name(found.user_first_name, found.user_last_name)


def show_reassign_form(request: ReadPageRequest) -> RenderedPage:
    person = service.get_user(request.db, request.id)
    return request.page(
        "user-reassign.html", person=person, owned=store.count_duties(request.db, request.id)
    )


routes("GET", f"{LIST}/{{user}}/reassign", rights=CHANGE)(show_reassign_form)


@routes("POST", f"{LIST}/{{user}}/reassign", rights=CHANGE, on_error=show_reassign_form)
def reassign_user(request: WritePageRequest) -> Redirect:
    email = request.form.get("to_email")
    heir = (
        users.load_accounts_by_email(request.db, [email_key(email)]).get(email_key(email))
        if email
        else None
    )
    if heir is None:
        raise Invalid(
            request.reader("Nothing was moved."),
            details={"to_email": [request.reader("is nobody's address here.")]},
        )
    name, wanted = (
        _full_name(request, request.id),
        Reassign(heir.user_id, request.form.flag("deactivate")),
    )
    moved = service.reassign_user(
        request.db,
        request.caller,
        request.id,
        wanted,
        settings=request.settings,
        now=request.now,
        above=request.above,
    )
    said = request.reader(
        "%(heir)s took over from %(name)s: %(ideas)s ideas, %(seats)s seats. Tokens that ended: "
        "%(tokens)s."
    )
    figures = {"ideas": 0, "seats": 0, "tokens": 0} | moved
    return Redirect(
        LIST,
        said
        % {"heir": full_name(heir.user_first_name, heir.user_last_name), "name": name, **figures},
    )


@routes("GET", f"{LIST}/{{user}}/why", rights=SEE)
def explain_access(request: ReadPageRequest) -> RenderedPage:
    """Why can this person do that?"""
    names = category_paths(categories.all_categories(request.db))
    return request.page(
        "user-why.html",
        person=service.get_user(request.db, request.id),
        why=service.explain_access(request.db, request.id),
        paths=names,
    )


@routes("GET", f"{LIST}/{{user}}/invitations", rights=SEE)
def list_invitations(request: ReadPageRequest) -> RenderedPage:
    return _render_invitations(request, None)


@routes("POST", f"{LIST}/{{user}}/invitations", rights=CHANGE)
def show_invitation_link(request: WritePageRequest) -> RenderedPage:
    """Shows the link of an open invitation; that it was read is audited."""
    return _render_invitations(
        request, _read_link(request, request.form.number("invitation_id") or 0)
    )


def _read_link(request: WritePageRequest, invitation_id: int) -> Link:
    return invitations.read_link(
        request.db,
        request.caller,
        invitation_id,
        settings=request.settings,
        secret=request.installation.secret,
        now=request.now,
    )


def _render_invitations(request: PageRequest[Any], link: Link | None) -> RenderedPage:
    found, _ = invitations.list_invitations(
        request.db,
        Part(50, 0),
        user_id=request.id,
        only_open=False,
        settings=request.settings,
        now=request.now,
    )
    return request.page(
        "user-invitations.html",
        person=service.get_user(request.db, request.id),
        found=found,
        link=link,
        may_change=request.caller.may(Right.MANAGE_USERS_ROLES),
    )
