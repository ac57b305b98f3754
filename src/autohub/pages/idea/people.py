"""Who works on an idea, who follows it, and what people ask and answer."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.collaborators import service as collaborators
from autohub.collaborators.model import Assignments, Removal
from autohub.discussions import service as discussions
from autohub.discussions.model import NewComment
from autohub.ideas.model import SUBMITTER_ROLE
from autohub.ideas.rights import PARTS, need_edit
from autohub.kit.jsonbody import coerce
from autohub.kit.query import EVERYTHING
from autohub.kit.text import N_
from autohub.pages.idea.header import find_idea_of, idea_page
from autohub.pages.idea.pages import AT
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
PART_NAMES = {
    "about": N_("About"),
    "cba": N_("Cost-benefit"),
    "documentation": N_("Documentation"),
    "components": N_("Components"),
    "collaborators": N_("Collaborators"),
}


def _back(request: PageRequest[Any], tab: str = "") -> str:
    return f"/automation-profile/{request.path['process']}{'/' if tab else ''}{tab}"


# --- collaborators ---


@routes("GET", f"{AT}/collaborators", rights=ANY_RIGHT)
def show_team(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    return idea_page(
        request,
        "idea-collaborators.html",
        held,
        "collaborators",
        people=collaborators.list_collaborators(request.db, request.caller, held),
        part_names=PART_NAMES,
        roles=[
            role for role in collaborators.list_roles(request.db) if role.role_id != SUBMITTER_ROLE
        ],
    )


def show_assignment_form(request: ReadPageRequest) -> RenderedPage:
    """The form with which somebody gets roles, or other ones."""
    held = find_idea_of(request)
    need_edit(request.db, request.caller, held, "collaborators")
    wanted = dict(request.pairs).get("person", "")
    there = {
        p.user_email: p
        for p in collaborators.list_collaborators(request.db, request.caller, held)
        if p.user_email
    }
    person = there.get(wanted)
    picked = [role.role_id for role in person.roles] if person else []
    parts = list(person.edit_parts) if person else []
    if request.error is not None:
        picked = request.form.numbers("role_id")
        parts = request.form.all("part")
    return idea_page(
        request,
        "idea-collaborator.html",
        held,
        "collaborators",
        person=person,
        email=request.form.get("user_email") or wanted,
        picked=picked,
        given=parts,
        part_names=PART_NAMES,
        faults=[
            text
            for texts in (request.error.details if request.error else {}).values()
            for text in texts
        ],
        roles=[
            role for role in collaborators.list_roles(request.db) if role.role_id != SUBMITTER_ROLE
        ],
    )


routes("GET", f"{AT}/collaborators/seat", rights=ANY_RIGHT)(show_assignment_form)


@routes("POST", f"{AT}/collaborators/seat", rights=ANY_RIGHT, on_error=show_assignment_form)
def assign_collaborator(request: WritePageRequest) -> Redirect:
    held = find_idea_of(request)
    form = request.form
    roles = form.numbers("role_id")
    seat = {
        "user_email": form.get("user_email"),
        "role_ids": roles,
        "edit_parts": [p for p in form.all("part") if p in PARTS],
    }
    wanted = coerce({"collaborators": [seat]}, Assignments)
    collaborators.add_collaborators(
        request.db, request.caller, held, wanted.collaborators, now=request.now
    )
    return Redirect(
        _back(request, "collaborators"),
        request.reader("%s works on this idea now, and is told so.") % form.get("user_email"),
    )


@routes("POST", f"{AT}/collaborators/leave", rights=ANY_RIGHT, on_error=show_team)
def remove_collaborator(request: WritePageRequest) -> Redirect:
    held = find_idea_of(request)
    email = request.form.get("user_email")
    collaborators.remove_collaborators(
        request.db, request.caller, held, [Removal(email)], now=request.now
    )
    return Redirect(
        _back(request, "collaborators"), request.reader("%s works on this idea no more.") % email
    )


# --- votes, follows, questions ---


@routes("POST", f"{AT}/vote", rights=ANY_RIGHT)
def vote(request: WritePageRequest) -> Redirect:
    discussions.set_vote(
        request.db,
        request.caller,
        find_idea_of(request),
        wanted=bool(request.form.flag("wanted")),
        now=request.now,
    )
    return Redirect(_back(request))


@routes("POST", f"{AT}/follow", rights=ANY_RIGHT)
def follow(request: WritePageRequest) -> Redirect:
    wanted = bool(request.form.flag("wanted"))
    discussions.set_follow(
        request.db, request.caller, find_idea_of(request), wanted=wanted, now=request.now
    )
    return Redirect(
        _back(request),
        request.reader("You are told when this idea moves on.")
        if wanted
        else request.reader("You follow it no more."),
    )


@routes("GET", f"{AT}/questions", rights=ANY_RIGHT)
def show_questions(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    found, _ = discussions.list_comments(request.db, held, EVERYTHING)
    answers: dict[int, list[Any]] = {}
    for comment in found:
        if comment.parent_id is not None:
            answers.setdefault(comment.parent_id, []).append(comment)
    asked = [comment for comment in found if comment.parent_id is None]
    return idea_page(
        request,
        "idea-questions.html",
        held,
        "questions",
        asked=asked,
        answers=answers,
        typed=request.form.get("comment_text"),
    )


@routes("POST", f"{AT}/questions", rights=ANY_RIGHT, on_error=show_questions)
def add_comment(request: WritePageRequest) -> Redirect:
    form = request.form
    new = coerce(
        {"comment_text": form.get("comment_text"), "parent_id": form.number("parent_id")},
        NewComment,
        lines=True,
    )
    discussions.add_comment(request.db, request.caller, find_idea_of(request), new, now=request.now)
    return Redirect(_back(request, "questions"))


@routes("POST", f"{AT}/questions/{{comment}}/back", rights=ANY_RIGHT, on_error=show_questions)
def delete_comment(request: WritePageRequest) -> Redirect:
    discussions.update_comment(
        request.db,
        request.caller,
        find_idea_of(request),
        request.number("comment"),
        None,
        now=request.now,
    )
    return Redirect(_back(request, "questions"), request.reader("What you wrote is taken back."))
