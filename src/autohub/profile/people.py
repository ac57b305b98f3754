"""Who works on an idea, who follows it, and what people ask and answer."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.collaborators import service as collaborators
from autohub.collaborators.model import Leaving, Seats
from autohub.discussions import service as discussions
from autohub.discussions.model import NewComment
from autohub.ideas.model import SUBMITTER_ROLE
from autohub.ideas.rights import PARTS, need_edit
from autohub.kit.jsonbody import fit
from autohub.kit.query import EVERYTHING
from autohub.kit.text import N_
from autohub.profile.header import held_of, page
from autohub.profile.pages import AT
from autohub.web.pages import Page
from autohub.web.views import ReadVisit, See, Views, Visit, WriteVisit

views = Views()
PART_NAMES = {
    "about": N_("About"),
    "cba": N_("Cost-benefit"),
    "documentation": N_("Documentation"),
    "components": N_("Components"),
    "collaborators": N_("Collaborators"),
}


def _back(visit: Visit[Any], tab: str = "") -> str:
    return f"/automation-profile/{visit.path['process']}{'/' if tab else ''}{tab}"


# --- collaborators ---


@views("GET", f"{AT}/collaborators", rights=ANY_RIGHT)
def team(visit: ReadVisit) -> Page:
    held = held_of(visit)
    return page(
        visit,
        "profile-team.html",
        held,
        "collaborators",
        people=collaborators.listed(visit.db, visit.caller, held.idea.process_id),
        part_names=PART_NAMES,
        roles=[role for role in collaborators.roles(visit.db) if role.role_id != SUBMITTER_ROLE],
    )


def seat_form(visit: ReadVisit) -> Page:
    """The form with which somebody gets roles, or other ones."""
    held = held_of(visit)
    need_edit(visit.db, visit.caller, held, "collaborators")
    wanted = dict(visit.pairs).get("person", "")
    there = {p.user_email: p for p in collaborators.listed(visit.db, visit.caller, held.idea.process_id) if p.user_email}
    person = there.get(wanted)
    picked = [role.role_id for role in person.roles] if person else []
    parts = list(person.edit_parts) if person else []
    if visit.error is not None:
        picked = visit.form.numbers("role_id")
        parts = visit.form.all("part")
    return page(
        visit,
        "profile-seat.html",
        held,
        "collaborators",
        person=person,
        email=visit.form.get("user_email") or wanted,
        picked=picked,
        given=parts,
        part_names=PART_NAMES,
        faults=[text for texts in (visit.error.details if visit.error else {}).values() for text in texts],
        roles=[role for role in collaborators.roles(visit.db) if role.role_id != SUBMITTER_ROLE],
    )


views("GET", f"{AT}/collaborators/seat", rights=ANY_RIGHT)(seat_form)


@views("POST", f"{AT}/collaborators/seat", rights=ANY_RIGHT, again=seat_form)
def give_seat(visit: WriteVisit) -> See:
    held = held_of(visit)
    form = visit.form
    roles = form.numbers("role_id")
    seat = {"user_email": form.get("user_email"), "role_ids": roles, "edit_parts": [p for p in form.all("part") if p in PARTS]}
    wanted = fit({"collaborators": [seat]}, Seats)
    collaborators.add(visit.db, visit.caller, held.idea.process_id, wanted.collaborators, now=visit.now)
    return See(_back(visit, "collaborators"), visit.reader("%s works on this idea now, and is told so.") % form.get("user_email"))


@views("POST", f"{AT}/collaborators/leave", rights=ANY_RIGHT, again=team)
def take_seat(visit: WriteVisit) -> See:
    held = held_of(visit)
    email = visit.form.get("user_email")
    collaborators.remove(visit.db, visit.caller, held.idea.process_id, [Leaving(email)], now=visit.now)
    return See(_back(visit, "collaborators"), visit.reader("%s works on this idea no more.") % email)


# --- votes, follows, questions ---


@views("POST", f"{AT}/vote", rights=ANY_RIGHT)
def vote(visit: WriteVisit) -> See:
    discussions.vote(visit.db, visit.caller, visit.number("process"), wanted=bool(visit.form.flag("wanted")), now=visit.now)
    return See(_back(visit))


@views("POST", f"{AT}/follow", rights=ANY_RIGHT)
def follow(visit: WriteVisit) -> See:
    wanted = bool(visit.form.flag("wanted"))
    discussions.follow(visit.db, visit.caller, visit.number("process"), wanted=wanted, now=visit.now)
    return See(_back(visit), visit.reader("You are told when this idea moves on.") if wanted else visit.reader("You follow it no more."))


@views("GET", f"{AT}/questions", rights=ANY_RIGHT)
def talk(visit: ReadVisit) -> Page:
    held = held_of(visit)
    found, _ = discussions.comments(visit.db, visit.caller, held.idea.process_id, EVERYTHING)
    answers: dict[int, list[Any]] = {}
    for comment in found:
        if comment.parent_id is not None:
            answers.setdefault(comment.parent_id, []).append(comment)
    asked = [comment for comment in found if comment.parent_id is None]
    return page(visit, "profile-talk.html", held, "questions", asked=asked, answers=answers, typed=visit.form.get("comment_text"))


@views("POST", f"{AT}/questions", rights=ANY_RIGHT, again=talk)
def say(visit: WriteVisit) -> See:
    form = visit.form
    new = fit({"comment_text": form.get("comment_text"), "parent_id": form.number("parent_id")}, NewComment, lines=True)
    discussions.add_comment(visit.db, visit.caller, visit.number("process"), new, now=visit.now)
    return See(_back(visit, "questions"))


@views("POST", f"{AT}/questions/{{comment}}/back", rights=ANY_RIGHT, again=talk)
def take_back(visit: WriteVisit) -> See:
    discussions.change_comment(visit.db, visit.caller, visit.number("process"), visit.number("comment"), None, now=visit.now)
    return See(_back(visit, "questions"), visit.reader("What you wrote is taken back."))
