"""What stands above every tab of an idea: name, place, phase track, people, and what waits for
the reader."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.db.engine import Reading
from autohub.discussions import service as discussions
from autohub.flows import model as flow_model
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.flows.model import Status, StatusId
from autohub.ideas import moves, record_store
from autohub.ideas.model import LIVE_PHASE
from autohub.ideas.rights import AuthorizedIdea, find_idea, may_edit, may_on_idea
from autohub.ideas.rows_store import load_rows
from autohub.kit.text import N_
from autohub.pages.shared.model import TYPES
from autohub.web.page_requests import PageRequest
from autohub.web.pages import RenderedPage

TABS = (
    # address, name, the right without which it is not shown
    ("", N_("About"), None),
    ("assessments", N_("Assessments"), None),
    ("cost-benefit", N_("Cost-benefit"), Right.VIEW_CBA),
    ("documentation", N_("Documentation"), None),
    ("components", N_("Components"), None),
    ("collaborators", N_("Collaborators"), Right.VIEW_COLLABORATORS),
    ("change-requests", N_("Change requests"), None),
    ("history", N_("History"), None),
    ("questions", N_("Questions and answers"), None),
)


FIRST_MOVES: dict[int, tuple[int, ...]] = {
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
"""Which moves are offered as buttons, by the status that waits for somebody (product 3, steps 2,
5 and 7); the first one is what is usually done, and stands out. Where none is named none does."""
REVIEWS_OF_AUTOMATIONS = (
    StatusId.BUSINESS_REVIEW_AWAITING_REVIEW,
    StatusId.TECHNICAL_REVIEW_AWAITING_REVIEW,
)
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


class PhaseMarker(NamedTuple):
    """One phase of the track: when the idea came to it (null: not yet), and whether it is there
    now."""

    name: str
    since: int | None
    is_here: bool


def idea_page(
    request: PageRequest[Any], template: str, held: AuthorizedIdea, tab: str, **values: Any
) -> RenderedPage:
    """A tab of the idea under its header."""
    process_id = held.idea.process_id
    row = load_rows(request.db, [process_id])[0]
    to = moves.list_allowed_status_ids(request.db, request.caller, held)
    named = [status_id for status_id in FIRST_MOVES.get(row.phase_status_id, ()) if status_id in to]
    statuses = flow_store.all_statuses(request.db)
    shown = [
        (address, name)
        for address, name, right in TABS
        if right is None or may_on_idea(request.caller, right, held)
    ]
    return request.page(
        template,
        **values,
        row=row,
        idea=held.idea,
        base=f"/automation-profile/{row.slug}",
        tab=tab,
        tabs=shown,
        path=category_paths(categories.all_categories(request.db)).get(row.category_id, ""),
        type_name=TYPES[row.process_submission_type],
        standing=discussions.get_popularity(request.db, request.caller, held),
        track=phase_track(request.db, held, statuses),
        statuses=statuses,
        to=to,
        first_moves=(named or to)[:3],
        usual_move=named[0] if named else None,
        verbs=VERBS,
        waits=_next_step(request, held, to),
        may_edit={
            part: may_edit(request.db, request.caller, held, part)
            for part in ("about", "cba", "documentation", "components")
        }
        | {"collaborators": may_edit(request.db, request.caller, held, "collaborators")},
        may_offer=held.phase_id == LIVE_PHASE
        and may_on_idea(request.caller, Right.PUBLISH_TO_STORE, held),
        may_delete=may_on_idea(request.caller, Right.DELETE_DATA, held),
    )


def find_idea_of(request: PageRequest[Any]) -> AuthorizedIdea:
    """The idea that the address names, locked where the route writes. Raises NotFound."""
    return find_idea(request.db, request.caller, request.number("process"))


def phase_track(
    db: Reading, held: AuthorizedIdea, statuses: Mapping[int, Status]
) -> list[PhaseMarker]:
    """The phases of the idea's flow in their order, each with the day on which the idea first
    came to it."""
    flow = flows.get_flow(db, held.idea.idea_flow_id)
    inside = {
        statuses[s].phase_id
        for s in flow_model.statuses_of(flow.start_status_id, flow.transitions)
        if s in statuses
    }
    came: dict[int, int] = {}
    for line in record_store.list_history(db, held.idea.process_id):
        came.setdefault(statuses[line.to_status_id].phase_id, line.at_epoch)
    phases = [row for row in flow_store.list_phases(db) if row.phase_id in inside | {held.phase_id}]
    return [
        PhaseMarker(row.phase_name, came.get(row.phase_id), row.phase_id == held.phase_id)
        for row in phases
    ]


def _next_step(request: PageRequest[Any], held: AuthorizedIdea, to: list[Any]) -> str | None:
    """What the reader is asked to do here now, in words."""
    text, idea = request.reader, held.idea
    status, mine = idea.phase_status_id, request.caller.user_id
    if status == moves.AWAITING_REVIEW and any(s in to for s in moves.APPROVED):
        return text(
            "This idea waits for your review: approve it, reject it, or mark it as a duplicate."
        )
    if held.phase_id == moves.ASSESSMENT_PHASE and mine is not None and mine == idea.owner_user_id:
        return text(
            "You are the process owner: fill in the Detailed Assessment, and the idea goes on to "
            "the decision."
        )
    if status == moves.DECISION and moves.DECIDED in to:
        return text("This idea waits for your decision.")
    if status in REVIEWS_OF_AUTOMATIONS and to:
        return text("This automation waits for your review.")
    if (
        moves.FIRST_IMPLEMENTATION <= held.phase_id <= moves.LAST_IMPLEMENTATION
        and to
        and mine in [user for user, _ in idea.seats]
    ):
        return text("You work on this automation: keep its status up to date.")
    return None
