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
from autohub.flows.model import Status
from autohub.ideas import moves, record_store
from autohub.ideas.model import LIVE_PHASE
from autohub.ideas.rights import AuthorizedIdea, find_idea, may_edit, may_on_idea
from autohub.ideas.rows_store import load_rows
from autohub.kit.text import N_
from autohub.pages.idea.next_step import VERBS, find_last_decision, find_next_step
from autohub.pages.shared.model import REASONED, TYPES
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
    statuses = flow_store.all_statuses(request.db)
    shown = [
        (address, name)
        for address, name, right in TABS
        if right is None or may_on_idea(request.caller, right, held)
    ]
    return request.page(
        template,
        **{"labels": {}} | values,
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
        verbs=VERBS,
        rejecting=REASONED,
        step=find_next_step(request, held, to, statuses),
        decided=find_last_decision(request, held),
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
