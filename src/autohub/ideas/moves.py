"""Moves through a flow: which are allowed to whom, and what each leaves behind (contract 4.4,
product 3)."""

from collections.abc import Mapping, Sequence

from autohub.access.model import Caller, Right, actor, covers
from autohub.assessments import service as assessments
from autohub.assessments.model import Assessment
from autohub.assessments.scoring import holding_questions
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.flows import model as flow_model
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.flows.model import Flow, Status, StatusId, Transition
from autohub.ideas import record_store, scoring, store
from autohub.ideas.model import PROJECT_MANAGER_ROLE, FlowChange, Idea, StatusChange, set_person
from autohub.ideas.rights import (
    AuthorizedIdea,
    find_access_fault,
    is_assigned,
    may_on_idea,
)
from autohub.kit.errors import Conflict, Forbidden, Invalid
from autohub.kit.sentences import say
from autohub.notifications import service as notices
from autohub.users.naming import NamedPeople

ASSESSMENT_PHASE, FIRST_IMPLEMENTATION, LAST_IMPLEMENTATION = 2, 4, 8
AWAITING_REVIEW = StatusId.IDEA_AWAITING_REVIEW
ARCHIVED = StatusId.IDEA_ARCHIVED
DUPLICATE = StatusId.IDEA_DUPLICATE
ASSESSMENT_ON_HOLD = StatusId.ASSESSMENT_ON_HOLD
DECISION = StatusId.QUALIFICATION_AWAITING_REVIEW
DECIDED = StatusId.QUALIFICATION_APPROVED
APPROVED = (StatusId.IDEA_APPROVED, StatusId.ASSESSMENT_NOT_STARTED)
CHANGE_REQUEST = 6
WITHDRAWN = "Withdrawn by the submitter."


class MoveNotAllowed(Conflict):
    def __init__(self, here: str, wanted: str, allowed: list[str]) -> None:
        ways = (
            say("From “{here}” it leads to: {allowed}.", here=here, allowed=", ".join(allowed))
            if allowed
            else say("“{here}” is an end: no move leads on.", here=here)
        )
        super().__init__(
            f"The idea's flow has no move from “{here}” to “{wanted}” that you may make. {ways}"
        )


def load_status_names(db: Reading) -> dict[int, str]:
    """'Idea – Awaiting review' by phase_status_id."""
    return {
        i: f"{s.phase_name} – {s.phase_status_name}" for i, s in flow_store.all_statuses(db).items()
    }


def change_status(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    wanted: StatusChange,
    *,
    may_force: bool = False,
    now: int,
) -> None:
    """Moves an idea (contract 4.4, POST /automations/status). To the status that it has already,
    nothing happens. With `may_force`, who may set the status of any idea there sets each one of its
    flow, and the history marks as forced what is no move of the flow.

    Raises Forbidden, Invalid for a status that is not there, MoveNotAllowed naming the
    moves that are.
    """
    named = load_status_names(db)
    if wanted.phase_status_id not in named:
        raise Invalid(
            "The status is not known.",
            details={
                "phase_status_id": [
                    say(
                        "There is no status {status}.",
                        status=wanted.phase_status_id,
                    )
                ]
            },
        )
    if held.idea.phase_status_id == wanted.phase_status_id:
        return
    flow = flows.get_flow(db, held.idea.idea_flow_id)
    ways = [move for move in flow.transitions if move.from_status_id == held.idea.phase_status_id]
    mine = [move for move in ways if may_make(db, caller, held, move)]
    forced = False
    if wanted.phase_status_id not in {move.to_status_id for move in mine}:
        inside = wanted.phase_status_id in flow_model.statuses_of(
            flow.start_status_id, flow.transitions
        )
        forced = may_force and inside and covers(caller.reach(Right.UPDATE_STATUS), held.chain)
        in_flow = wanted.phase_status_id in {move.to_status_id for move in ways}
        if not forced and (in_flow or not _may_steer(caller, held)):
            raise Forbidden
        if not forced:
            raise MoveNotAllowed(
                named[held.idea.phase_status_id],
                named[wanted.phase_status_id],
                [f"{named[m.to_status_id]} ({m.to_status_id})" for m in mine],
            )
    _name_people(db, held, wanted)
    if (
        held.idea.phase_status_id == AWAITING_REVIEW
        and wanted.phase_status_id in APPROVED
        and held.idea.owner_user_id is None
    ):
        raise Invalid(
            "A process owner is set before an idea is approved.",
            details={"owner": ["is required for this move."]},
        )
    reason = wanted.reason or None
    if wanted.duplicate_of is not None:
        reason = _duplicate_reason(db, caller, held, wanted, reason)
    elif (
        reason is None
        and wanted.phase_status_id == ARCHIVED
        and caller.user_id is not None
        and caller.user_id == held.idea.submitter_user_id
    ):
        reason = WITHDRAWN
    seats = bool(wanted.owner or wanted.project_manager)
    move_idea(
        db, caller, held, wanted.phase_status_id, reason=reason, forced=forced, seats=seats, now=now
    )


def _name_people(db: Reading, held: AuthorizedIdea, wanted: StatusChange) -> None:
    """Who makes a move may name the process owner that it lacks, and the project manager of what
    is decided (product 3, steps 2 and 5). Raises Invalid."""
    named = {"owner": wanted.owner, "project_manager": wanted.project_manager}
    people = NamedPeople(db, named.values())
    faults = {
        field: [fault]
        for field, email in named.items()
        if email and (fault := people.find_fault(email))
    }
    for field, email in named.items():
        user_id = people.id_of(email) if email and field not in faults else None
        if email and user_id is not None:
            no_access = find_access_fault(db, user_id, email, held.chain, held.idea)
            faults |= {field: [no_access]} if no_access else {}
    if wanted.owner and held.idea.owner_user_id is not None:
        faults["owner"] = ["is named already; change it among the collaborators."]
    if wanted.project_manager and wanted.phase_status_id != DECIDED:
        faults["project_manager"] = ["is named when an idea's qualification is approved."]
    if faults:
        raise Invalid("Some of the people are not right.", details=faults)
    if wanted.owner:
        set_person(held.idea, "owner", people.id_of(wanted.owner))
    if wanted.project_manager:
        kept = {seat for seat in held.idea.seats if seat[1] != PROJECT_MANAGER_ROLE}
        manager = people.id_of(wanted.project_manager)
        assert manager is not None
        held.idea.seats = sorted(kept | {(manager, PROJECT_MANAGER_ROLE)})


def _may_steer(caller: Caller, held: AuthorizedIdea) -> bool:
    """Whether the caller has anything to do with this idea's moves, and is so told which there
    are."""
    rights = (Right.UPDATE_STATUS, Right.REVIEW_IDEAS)
    return any(may_on_idea(caller, right, held) for right in rights) or (
        is_assigned(caller, held.idea) and caller.user_id is not None
    )


def _duplicate_reason(
    db: Reading, caller: Caller, held: AuthorizedIdea, wanted: StatusChange, reason: str | None
) -> str:
    """Raises Invalid when there is no such original."""
    if wanted.duplicate_of == held.idea.process_id or not store.can_see(
        db, caller, wanted.duplicate_of or 0
    ):
        raise Invalid(
            "The original is not there.",
            details={
                "duplicate_of": [
                    say("There is no other idea {duplicate_of}.", duplicate_of=wanted.duplicate_of)
                ]
            },
        )
    return f"Duplicate of idea {wanted.duplicate_of}. {reason or ''}".strip()


def may_make(db: Reading, caller: Caller, held: AuthorizedIdea, move: Transition) -> bool:
    """Whether the caller may make this move of the flow: by the move's permission on the idea's
    category; by that permission where it holds for assigned people, in the implementation
    phases; or by an own right: the owner while it is assessed, the submitter to withdraw before
    it is reviewed (product 3)."""
    right = Right(move.permission)
    if covers(caller.reach(right), held.chain):
        return True
    if covers(caller.reach(Right.UPDATE_STATUS), held.chain) and right == Right.REVIEW_IDEAS:
        return True  # “of any idea”
    if caller.user_id is None:
        return False
    if FIRST_IMPLEMENTATION <= held.phase_id <= LAST_IMPLEMENTATION and is_assigned(
        caller, held.idea
    ):
        return covers(caller.assigned_reach(right), held.chain)
    if caller.user_id == held.idea.owner_user_id and held.phase_id == ASSESSMENT_PHASE:
        return (
            move.to_status_id == DECISION
            or store.get_phase_of_status(db, move.to_status_id) == ASSESSMENT_PHASE
        )
    return (move.from_status_id, move.to_status_id) == (
        AWAITING_REVIEW,
        ARCHIVED,
    ) and caller.user_id == held.idea.submitter_user_id


def list_allowed_moves(
    db: Reading, caller: Caller, held: AuthorizedIdea
) -> list[dict[str, object]]:
    """The moves that the caller may make now."""
    named = load_status_names(db)
    return [
        {
            "phase_status_id": move.to_status_id,
            "phase_status_name": named[move.to_status_id],
            "permission": move.permission,
        }
        for move in _ways_of(db, caller, held)
    ]


def list_allowed_status_ids(db: Reading, caller: Caller, held: AuthorizedIdea) -> list[int]:
    """The statuses to which the caller may move an idea now."""
    return [move.to_status_id for move in _ways_of(db, caller, held)]


def _ways_of(db: Reading, caller: Caller, held: AuthorizedIdea) -> list[Transition]:
    ways = flows.list_transitions(db, held.idea.idea_flow_id, held.idea.phase_status_id)
    return [move for move in ways if may_make(db, caller, held, move)]


def list_allowed_statuses(
    db: Reading,
    caller: Caller,
    process_ids: Sequence[int],
    statuses: Mapping[int, Status],
    chains: Mapping[int, list[int]],
) -> dict[int, list[int]]:
    """The statuses to which the caller may move each of these ideas now, which are all ones that
    they may see. `statuses` and `chains` (the ids from the top) are those of the whole
    installation, which a list shows anyway."""
    ideas = store.load_ideas(db, process_ids, bare=True)
    moves = flow_store.list_transitions(db, sorted({idea.idea_flow_id for idea in ideas.values()}))
    found: dict[int, list[int]] = {}
    for idea in ideas.values():
        held = AuthorizedIdea(
            idea, chains[idea.category_id], statuses[idea.phase_status_id].phase_id
        )
        ways = [
            move
            for move in moves.get(idea.idea_flow_id, ())
            if move.from_status_id == idea.phase_status_id
        ]
        found[idea.process_id] = [
            move.to_status_id for move in ways if may_make(db, caller, held, move)
        ]
    return found


def move_idea(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    status_id: int,
    *,
    reason: str | None,
    now: int,
    forced: bool = False,
    seats: bool = False,
) -> None:
    """Gives an idea another status, with its history and audit; the rules were checked. `seats`:
    who sits on it changed too."""
    idea = held.idea
    before = idea.phase_status_id
    idea.phase_status_id, idea.status_epoch, idea.process_updated_epoch = status_id, now, now
    held.phase_id = store.get_phase_of_status(db, status_id)
    scoring.save_ideas(db, [idea], lists=seats, texts=False)
    who = actor(caller)
    record_store.insert_history(
        db, [(idea.process_id, now, who.user_id, who.door, before, status_id, reason, int(forced))]
    )
    after = {"phase_status_id": status_id, "reason": reason, "forced": int(forced)}
    people = {"submitter": idea.submitter_user_id, "owner": idea.owner_user_id}
    notices.notify_moved(
        db,
        caller,
        idea.process_id,
        status_id,
        before=before,
        **people,
        reason=reason,
        now=now,
    )
    audit.record(
        db,
        who,
        "move idea",
        "idea",
        idea.process_id,
        now=now,
        before={"phase_status_id": before},
        after=after,
    )


def hold_if_unstable(
    db: Writing, caller: Caller, held: AuthorizedIdea, form: Assessment, *, now: int
) -> bool:
    """Sends an idea On hold when an answer says so and the flow has that move (contract 5.2);
    whether it did."""
    stops = holding_questions(form, held.idea.answers)
    ways = {
        move.to_status_id
        for move in flows.list_transitions(db, held.idea.idea_flow_id, held.idea.phase_status_id)
    }
    if not stops or ASSESSMENT_ON_HOLD not in ways:
        return False
    move_idea(
        db,
        caller,
        held,
        ASSESSMENT_ON_HOLD,
        reason=f"A major change is expected: “{stops[0].title}”",
        now=now,
    )
    return True


def after_assessment(
    db: Writing, caller: Caller, held: AuthorizedIdea, form: Assessment, *, now: int
) -> None:
    """What a completed Detailed Assessment sets off: the decision, or On hold when an answer
    says so (contract 5.2). Both only where the flow has that move."""
    if held.phase_id != ASSESSMENT_PHASE:
        return
    if hold_if_unstable(db, caller, held, form, now=now) or holding_questions(
        form, held.idea.answers
    ):
        return
    ways = {
        move.to_status_id
        for move in flows.list_transitions(db, held.idea.idea_flow_id, held.idea.phase_status_id)
    }
    if DECISION in ways:
        move_idea(
            db, caller, held, DECISION, reason="The Detailed Assessment is complete.", now=now
        )


def change_flow(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: FlowChange, *, now: int
) -> None:
    """Puts an idea into another flow, at one of its statuses, and so makes it one of the flow's
    type (contract 4.4). Raises Forbidden, Invalid."""
    if not may_on_idea(caller, Right.CHANGE_IDEA_FLOW, held):
        raise Forbidden
    flow = flows.get_flow(db, wanted.idea_flow_id)
    if CHANGE_REQUEST in (flow.submission_type, held.idea.process_submission_type):
        text = "A change request stays one, and nothing else becomes one."
        raise Invalid("The flow is for another type of idea.", details={"idea_flow_id": [text]})
    status = _find_status(db, flow, wanted)
    old = {"idea_flow_id": held.idea.idea_flow_id, "phase_status_id": held.idea.phase_status_id}
    new = {"idea_flow_id": flow.idea_flow_id, "phase_status_id": status.phase_status_id}
    if old == new:
        return
    held.idea.idea_flow_id = flow.idea_flow_id
    if flow.submission_type not in (-1, held.idea.process_submission_type):
        _convert(db, held.idea, flow.submission_type)
    move_idea(
        db,
        caller,
        held,
        status.phase_status_id,
        reason=str(
            say("Put into the flow “{idea_flow_name}”.", idea_flow_name=flow.idea_flow_name)
        ),
        now=now,
    )
    audit.record(
        db,
        actor(caller),
        "change idea flow of idea",
        "idea",
        held.idea.process_id,
        now=now,
        before=old,
        after=new,
    )


def _find_status(db: Reading, flow: Flow, wanted: FlowChange) -> Status:
    """The status that two variables name, with or without the phase before the second one. Raises
    Invalid naming those that the flow has."""
    within = flow_model.statuses_of(flow.start_status_id, flow.transitions)
    inside = [s for i, s in flow_store.all_statuses(db).items() if i in within]
    whole = f"{wanted.phase_variable}_{wanted.status_variable}"
    for status in inside:
        if status.phase_key == wanted.phase_variable and status.phase_status_key in (
            wanted.status_variable,
            whole,
        ):
            return status
    text = say(
        "“{idea_flow_name}” has: {held_by}.",
        idea_flow_name=flow.idea_flow_name,
        held_by=", ".join(f"{s.phase_key}/{s.phase_status_key}" for s in inside),
    )
    raise Invalid("The flow has no such phase and status.", details={"status_variable": [text]})


def _convert(db: Reading, idea: Idea, submission_type: int) -> None:
    """Makes an idea one of another type: it is asked what that type is asked, in the versions that
    it has already where it has some. No answer is dropped, so that it can be made what it was."""
    live = assessments.live_assessments_for(db, idea.category_id, submission_type)
    idea.process_submission_type = submission_type
    idea.assessed = {key: idea.assessed.get(key, version) for key, (version, _) in live.items()}
