"""What the reader must do now with an idea: one step by status and role, and what it is called."""

from typing import Any, NamedTuple

from autohub.assessments import service as assessments
from autohub.assessments.defaults import LATER
from autohub.assessments.store import load_definitions
from autohub.flows.model import IMPLEMENTATION, Status, StatusId
from autohub.ideas import moves, record_store
from autohub.ideas.rights import AuthorizedIdea
from autohub.kit.text import N_
from autohub.pages.shared.model import REASONED, REJECTED
from autohub.users import store as users
from autohub.web.page_requests import PageRequest

DETAILED = "DA"
REVIEWS: dict[int, tuple[int, ...]] = {
    StatusId.IDEA_AWAITING_REVIEW: (
        StatusId.ASSESSMENT_NOT_STARTED,
        StatusId.IDEA_REJECTED,
        StatusId.IDEA_DUPLICATE,
    ),
    StatusId.QUALIFICATION_AWAITING_REVIEW: (
        StatusId.QUALIFICATION_APPROVED,
        StatusId.QUALIFICATION_ON_HOLD,
        StatusId.QUALIFICATION_REJECTED,
    ),
    StatusId.BUSINESS_REVIEW_AWAITING_REVIEW: (
        StatusId.BUSINESS_REVIEW_APPROVED,
        StatusId.BUSINESS_REVIEW_REWORK_REQUIRED,
        StatusId.BUSINESS_REVIEW_REJECTED,
    ),
    StatusId.TECHNICAL_REVIEW_AWAITING_REVIEW: (
        StatusId.TECHNICAL_REVIEW_APPROVED,
        StatusId.TECHNICAL_REVIEW_REWORK_REQUIRED,
        StatusId.TECHNICAL_REVIEW_REJECTED,
    ),
}
"""Which moves are offered as buttons, by the status that waits for a decision (product 3, steps 2,
5 and 7); the first one is what is usually done."""
VERBS: dict[int, str] = {
    StatusId.IDEA_APPROVED: N_("Approve, assess later"),
    StatusId.IDEA_REJECTED: N_("Reject"),
    StatusId.IDEA_DUPLICATE: N_("Mark as duplicate"),
    StatusId.ASSESSMENT_NOT_STARTED: N_("Approve"),
    StatusId.QUALIFICATION_ON_HOLD: N_("Put on hold"),
    StatusId.QUALIFICATION_APPROVED: N_("Approve"),
    StatusId.QUALIFICATION_REJECTED: N_("Reject"),
    StatusId.BUSINESS_REVIEW_APPROVED: N_("Approve"),
    StatusId.BUSINESS_REVIEW_REJECTED: N_("Reject"),
    StatusId.TECHNICAL_REVIEW_REWORK_REQUIRED: N_("Ask for rework"),
    StatusId.TECHNICAL_REVIEW_APPROVED: N_("Approve"),
    StatusId.TECHNICAL_REVIEW_REJECTED: N_("Reject"),
    StatusId.BUSINESS_REVIEW_REWORK_REQUIRED: N_("Ask for rework"),
}
"""What a move to a status is called on its button; the others go by the status's name."""
ASKED = {
    StatusId.IDEA_AWAITING_REVIEW: N_(
        "This idea waits for your review: approve it, reject it, or mark it as a duplicate."
    ),
    StatusId.QUALIFICATION_AWAITING_REVIEW: N_("This idea waits for your decision."),
    StatusId.BUSINESS_REVIEW_AWAITING_REVIEW: N_("This automation waits for your review."),
    StatusId.TECHNICAL_REVIEW_AWAITING_REVIEW: N_("This automation waits for your review."),
}


class Action(NamedTuple):
    """A button: where below the idea's address it leads, and what stands on it."""

    address: str
    label: str
    in_panel: bool = True


class NextStep(NamedTuple):
    """What is asked of the reader in words, and the buttons; the first is what they do next."""

    text: str
    actions: list[Action]


class LastDecision(NamedTuple):
    """Who brought the idea into the status in which it is, when, and why."""

    name: str | None
    at_epoch: int
    reason: str | None


def find_next_step(
    request: PageRequest[Any], held: AuthorizedIdea, to: list[Any], statuses: dict[int, Status]
) -> NextStep | None:
    text, idea = request.reader, held.idea
    mine = request.caller.user_id
    at = idea.phase_status_id
    offered = [status_id for status_id in REVIEWS.get(at, ()) if status_id in to]
    if offered and offered[0] == REVIEWS[at][0]:
        return NextStep(text(ASKED[StatusId(at)]), [_move(request, s, statuses) for s in offered])
    if mine is None:
        return None
    if held.phase_id == moves.ASSESSMENT_PHASE and mine == idea.owner_user_id:
        return _assess(request, held, to, statuses)
    if at in REASONED and mine == idea.submitter_user_id:
        return _hand_in_again(request, held)
    implements = moves.FIRST_IMPLEMENTATION <= held.phase_id <= moves.LAST_IMPLEMENTATION
    if implements and to and mine in [user for user, _ in idea.seats]:
        return _implement(request, held, to, statuses)
    return None


def _move(
    request: PageRequest[Any], status_id: int, statuses: dict[int, Status], label: str = ""
) -> Action:
    status, text = statuses[status_id], request.reader
    named = text(VERBS[status_id]) if status_id in VERBS else text(status.phase_status_name)
    return Action(f"/move?to={status_id}", label or named)


def _assess(
    request: PageRequest[Any], held: AuthorizedIdea, to: list[Any], statuses: dict[int, Status]
) -> NextStep | None:
    text, idea = request.reader, held.idea
    if DETAILED in LATER[idea.process_submission_type]:
        there = idea.assessed.get(DETAILED)
        forms = assessments.live_assessments(request.db, idea.category_id, [DETAILED])
        form = load_definitions(request.db, [there])[there] if there else forms[DETAILED][1]
        asked = sum(q.visible and q.kind != "formula" for q in form.questions.values())
        label = text.plural(
            "Fill in the Detailed Assessment (%(num)s question)",
            "Fill in the Detailed Assessment (%(num)s questions)",
            asked,
        )
        told = text("You are the process owner: fill it in, and the idea goes on to the decision.")
        return NextStep(told, [Action(f"/assessments/{DETAILED}", label, in_panel=False)])
    if StatusId.QUALIFICATION_AWAITING_REVIEW in to:
        label = text("Hand over for the decision")
        target = int(StatusId.QUALIFICATION_AWAITING_REVIEW)
        told = text("You are the process owner: hand the idea over when it can be decided.")
        return NextStep(told, [_move(request, target, statuses, label)])
    return None


def _hand_in_again(request: PageRequest[Any], held: AuthorizedIdea) -> NextStep:
    text, idea = request.reader, held.idea
    if idea.phase_status_id in REJECTED:
        return NextStep(
            text("It was not taken up as it is. You can improve it and submit it again."),
            [
                Action(
                    f"/submit/{idea.idea_flow_id}?again={idea.process_id}",
                    text("Improve and submit again"),
                    in_panel=False,
                )
            ],
        )
    told = text("Change what is asked for; the reviewers look at it again then.")
    return NextStep(told, [Action("/edit", text("Edit the idea"), in_panel=False)])


def _implement(
    request: PageRequest[Any], held: AuthorizedIdea, to: list[Any], statuses: dict[int, Status]
) -> NextStep | None:
    """Within a phase on to its end, and from there to the next one."""
    text, here = request.reader, statuses[held.idea.phase_status_id]
    of_phase = {s.phase_status_name: i for i, s in statuses.items() if s.phase_id == here.phase_id}
    on_track, completed = (of_phase.get(name) for name in (IMPLEMENTATION[0], IMPLEMENTATION[-1]))
    name = here.phase_status_name
    later = [i for i in to if statuses[i].phase_id > here.phase_id]
    if name == IMPLEMENTATION[-1] and later:
        target = later[0]
        label = text("Start %s") % text(statuses[target].phase_name)
    elif name == IMPLEMENTATION[0] and completed in to:
        target, label = completed, text("Complete %s") % text(here.phase_name)
    elif name != IMPLEMENTATION[1] and on_track in to:
        target, label = on_track, text("Set on track")
    else:
        return None
    assert target is not None
    told = text("You work on this automation: keep its status up to date.")
    other = Action("/move", text("Another status"))
    return NextStep(told, [_move(request, target, statuses, label), other])


def find_last_decision(request: PageRequest[Any], held: AuthorizedIdea) -> LastDecision | None:
    """Of an idea that was rejected or sent back: who did it, when and why."""
    if held.idea.phase_status_id not in REASONED:
        return None
    return last_move(request, held)


def last_move(request: PageRequest[Any], held: AuthorizedIdea) -> LastDecision:
    line = record_store.list_history(request.db, held.idea.process_id)[-1]
    found = users.full_names(request.db, [line.user_id] if line.user_id is not None else [])
    return LastDecision(found.get(line.user_id or 0), line.at_epoch, line.reason)
