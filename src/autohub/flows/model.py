"""Phases, statuses and flows as data (contract 4.1, product 3); what stands here is laid down in
every installation and can be extended by an administrator."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from autohub.access.model import Id, Right
from autohub.kit.sentences import say
from autohub.kit.text import slug

PHASES = (
    # contract 4.1: id, key, name
    (1, "IDEA", "Idea"),
    (2, "ASSESSMENT", "Assessment"),
    (3, "QUALIFICATION", "Qualification"),
    (4, "ANALYSIS", "Analysis"),
    (5, "SOLUTION_DESIGN", "Solution Design"),
    (6, "DEVELOPMENT", "Development"),
    (7, "TESTING", "Testing"),
    (8, "HYPERCARE", "Hypercare"),
    (9, "LIVE", "Live"),
    (10, "BUSINESS_REVIEW", "Business Review"),
    (11, "TECHNICAL_REVIEW", "Technical Review"),
)

TARGET_DAYS = {1: 14, 2: 30, 3: 14, 4: 30, 5: 30, 6: 60, 7: 30, 8: 30, 10: 14, 11: 14}
"""After how many days in one status of a phase an idea counts as late, at first; ours. Live
ideas never are."""

IMPLEMENTATION = ("On track", "Cancelled", "On hold", "At risk", "Delayed", "Completed")
"""The six statuses of the phases 4 to 8, in the order of their ids."""

STATUSES: tuple[tuple[int, int, str], ...] = (
    # contract 4.1: phase_status_id, phase_id, name; the key is the phase's key and the name
    (46, 1, "Awaiting review"),
    (47, 1, "Approved"),
    (48, 1, "Rejected"),
    (49, 1, "Duplicate"),
    (50, 1, "Archived"),
    (51, 2, "Not started"),
    (52, 2, "On hold"),
    (53, 2, "In progress"),
    (54, 3, "Awaiting review"),
    (55, 3, "On hold"),
    (56, 3, "Approved"),
    (57, 3, "Rejected"),
    (58, 4, "Not started"),
    *((59 + 6 * n + i, 4 + n, name) for n in range(5) for i, name in enumerate(IMPLEMENTATION)),
    (89, 2, "Archived"),
    (90, 3, "Archived"),
    (91, 9, "Ongoing"),
    (92, 9, "On hold"),
    (93, 9, "Archived"),
    (94, 10, "Awaiting review"),
    (95, 10, "Approved"),
    (96, 10, "Rejected"),
    (97, 11, "Awaiting review"),
    (98, 11, "Rework required"),
    (99, 11, "Approved"),
    (100, 11, "Rejected"),
    (101, 10, "Rework required"),
)


class StatusId(IntEnum):
    """The statuses on which something depends, by their keys; contract 4.1 has the others."""

    IDEA_AWAITING_REVIEW = 46
    IDEA_APPROVED = 47
    IDEA_REJECTED = 48
    IDEA_DUPLICATE = 49
    IDEA_ARCHIVED = 50
    ASSESSMENT_NOT_STARTED = 51
    ASSESSMENT_ON_HOLD = 52
    ASSESSMENT_IN_PROGRESS = 53
    QUALIFICATION_AWAITING_REVIEW = 54
    QUALIFICATION_ON_HOLD = 55
    QUALIFICATION_APPROVED = 56
    QUALIFICATION_REJECTED = 57
    ASSESSMENT_ARCHIVED = 89
    QUALIFICATION_ARCHIVED = 90
    LIVE_ARCHIVED = 93
    BUSINESS_REVIEW_AWAITING_REVIEW = 94
    BUSINESS_REVIEW_APPROVED = 95
    BUSINESS_REVIEW_REJECTED = 96
    TECHNICAL_REVIEW_AWAITING_REVIEW = 97
    TECHNICAL_REVIEW_REWORK_REQUIRED = 98
    TECHNICAL_REVIEW_APPROVED = 99
    TECHNICAL_REVIEW_REJECTED = 100
    BUSINESS_REVIEW_REWORK_REQUIRED = 101


Task = Literal["review", "assess", "decide", "resume", "rework"]
WAITS_FOR: dict[int, Task] = {
    StatusId.IDEA_AWAITING_REVIEW: "review",
    StatusId.BUSINESS_REVIEW_AWAITING_REVIEW: "review",
    StatusId.TECHNICAL_REVIEW_AWAITING_REVIEW: "review",
    StatusId.ASSESSMENT_NOT_STARTED: "assess",
    StatusId.ASSESSMENT_IN_PROGRESS: "assess",
    StatusId.QUALIFICATION_AWAITING_REVIEW: "decide",
    StatusId.QUALIFICATION_ON_HOLD: "resume",
    StatusId.BUSINESS_REVIEW_REWORK_REQUIRED: "rework",
    StatusId.TECHNICAL_REVIEW_REWORK_REQUIRED: "rework",
}
"""What an idea in one of the published statuses waits for (product 3). Reviewers, owners, deciders
and submitters have it among their tasks; what was put on hold waits to be resumed, which is
nobody's task. A status of an installation's own says it by `waits_for`."""


SHOWN = {91: "In Production"}
"""Statuses that people know by another name than their key's."""

SUBMISSION_TYPES = {
    1: ("idea", "Employee-driven Idea"),
    2: ("top-down", "CoE-driven Idea"),
    3: ("automation", "Citizen Development"),
    4: ("process-mining", "Process Mining"),
    5: ("task-mining", "Task Mining"),
    6: ("change-request", "Change Request"),
    7: ("agentic-ai-idea", "Agentic AI Idea"),
    8: ("business-process", "Business Process"),
    -1: ("custom", "Custom"),
}
"""Contract 4.1: the types of submission, their keys and the names of their default flows."""

FIRST_CUSTOM_FLOW = FIRST_CUSTOM_PHASE = 101


class Transition(msgspec.Struct, frozen=True, order=True):
    """One move, and the permission that allows it to those who hold it on the idea's category or
    are assigned to the idea."""

    from_status_id: Id
    to_status_id: Id
    permission: str


def _review() -> Iterable[Transition]:
    """Product 3, step 2 and 3: the Idea Approver decides; what was decided can be taken up
    again."""
    right = Right.REVIEW_IDEAS
    for to in (47, 48, 49, 50, 51):
        yield Transition(46, to, right)
    for decided, then in ((47, (51, 50)), (48, (46, 50)), (49, (46, 50)), (50, (46,))):
        for to in then:
            yield Transition(decided, to, right)


def _assess_and_decide() -> Iterable[Transition]:
    """Product 3, steps 4 and 5."""
    right = Right.UPDATE_STATUS
    moves = {
        51: (52, 53, 54, 89),
        52: (51, 53, 89),
        53: (52, 54, 89),
        89: (51,),
        54: (55, 56, 57, 90),
        55: (54, 56, 57, 90),
    }
    moves |= {56: (55, 58, 90), 57: (54, 90), 90: (54,)}
    return (Transition(at, to, right) for at, targets in moves.items() for to in targets)


def _implement() -> Iterable[Transition]:
    """Product 3, step 6: within a phase every status leads to every other, and Completed on to
    the next phase."""
    right = Right.UPDATE_STATUS
    for n in range(5):
        six = range(59 + 6 * n, 65 + 6 * n)
        yield from (Transition(at, to, right) for at in six for to in six if at != to)
        yield Transition(six[-1], six[-1] + 1 if n < 4 else 91, right)
    yield from (Transition(58, to, right) for to in range(59, 65))
    yield from (
        Transition(at, to, right) for at, to in ((91, 92), (92, 91), (91, 93), (92, 93), (93, 91))
    )


def _citizen() -> Iterable[Transition]:
    """Product 3, step 7: Business Review, Technical Review, Live."""
    right = Right.REVIEW_IDEAS
    moves = {
        94: (95, 96, 101),
        101: (94,),
        96: (94,),
        95: (97,),
        97: (98, 99, 100),
        98: (97,),
        100: (97,),
        99: (91,),
    }
    yield from (Transition(at, to, right) for at, targets in moves.items() for to in targets)
    yield from (
        Transition(at, to, Right.UPDATE_STATUS)
        for at, to in ((91, 92), (92, 91), (91, 93), (92, 93), (93, 91))
    )


def default_flow(submission_type: int) -> tuple[int, list[Transition]]:
    """The status in which ideas of this type start, and the moves of their default flow."""
    if submission_type == 3:
        return 94, sorted(_citizen())
    from_assessment = [*_assess_and_decide(), *_implement()]
    if submission_type in (2, 4, 5):
        return 51, sorted(from_assessment)
    return 46, sorted([*_review(), *from_assessment])


def status_key(phase_key: str, name: str) -> str:
    """'SOLUTION_DESIGN', 'On track' -> 'SOLUTION_DESIGN_ON_TRACK'."""
    return f"{phase_key}_{key_part(name)}"


def key_part(name: str) -> str:
    """'Security check, second' -> 'SECURITY_CHECK_SECOND'."""
    return slug(name).upper().replace("-", "_")


# --- what the calls take and answer ---

Name = Annotated[str, Meta(min_length=1, max_length=50)]


class Status(msgspec.Struct):
    """One status with its phase."""

    phase_status_id: int
    phase_status_key: str
    phase_status_name: str
    phase_id: int
    phase_key: str
    phase_name: str
    waits_for: Task | None = None


class Phase(msgspec.Struct):
    """A phase with its statuses."""

    phase_id: int
    phase_key: str
    phase_name: str
    phase_is_active: int
    phase_order: int
    phase_target_days: int | None
    statuses: list[Status]


class NewPhase(msgspec.Struct):
    phase_name: Annotated[str, Meta(min_length=1, max_length=50)]
    phase_order: Annotated[int, Meta(ge=0, le=10_000)] = 100


class PhaseChange(msgspec.Struct):
    """After how many days in one status of the phase an idea counts as late; null: never."""

    phase_target_days: Annotated[int, Meta(ge=1, le=3650)] | None


class NewStatus(msgspec.Struct):
    """A status to add to a phase; `waits_for` makes its ideas somebody's task."""

    phase_id: Id
    phase_status_name: Annotated[str, Meta(min_length=1, max_length=50)]
    waits_for: Task | None = None


class FlowStatus(msgspec.Struct):
    """A status as GET /idea-flows lists it under its phase (contract 4.4)."""

    phase_variable: str
    status_variable: str
    status_value: str


class Flow(msgspec.Struct):
    """A whole flow, as it is exported and imported."""

    idea_flow_id: int
    idea_flow_name: str
    submission_type: int
    idea_flow_is_default: int
    start_status_id: int
    transitions: list[Transition]


class NewFlow(msgspec.Struct):
    """What POST and PUT /idea-flows take: the shape that GET /idea-flows/{id} answers."""

    idea_flow_name: Name
    start_status_id: Id
    transitions: Annotated[list[Transition], Meta(min_length=1, max_length=2000)]
    submission_type: Annotated[int, Meta(ge=-1, le=8)] = -1


class FlowName(msgspec.Struct):
    idea_flow_name: Name


class CategoryFlow(msgspec.Struct):
    """Which flow ideas of one type take in a category and below it; null takes the setting away."""

    submission_type: Annotated[int, Meta(ge=-1, le=8)]
    idea_flow_id: Id | None


def find_flow_faults(flow: NewFlow, known: Mapping[int, str]) -> dict[str, list[str]]:
    """What is wrong with a flow, `known` being the statuses that there are and their names:
    unknown statuses and permissions, moves that stand twice or lead nowhere, and statuses that
    nobody can ever reach from the start."""
    faults: dict[str, list[str]] = {}
    if flow.start_status_id not in known:
        faults["start_status_id"] = [
            say("There is no status {status}.", status=flow.start_status_id)
        ]
    rights = {right.value for right in Right}
    seen: set[tuple[int, int]] = set()
    for index, move in enumerate(flow.transitions):
        pair = (move.from_status_id, move.to_status_id)
        problems = [
            say("There is no status {status}.", status=status)
            for status in pair
            if status not in known
        ]
        if move.permission not in rights:
            problems.append(
                say("There is no permission “{permission}”.", permission=move.permission)
            )
        if pair in seen or pair[0] == pair[1]:
            problems.append("stands twice, or leads to where it starts.")
        seen.add(pair)
        if problems:
            faults[f"transitions.{index}"] = problems
    if not faults and (
        lost := sorted(
            {move.from_status_id for move in flow.transitions}
            - reachable_statuses(flow.start_status_id, flow.transitions)
        )
    ):
        faults["transitions"] = [
            say(
                "Nothing leads from the start to the statuses {lost}.",
                lost=", ".join(known[status] for status in lost),
            )
        ]
    return faults


def statuses_of(start: int, moves: Iterable[Transition]) -> set[int]:
    """Every status of a flow."""
    return {
        start,
        *(status for move in moves for status in (move.from_status_id, move.to_status_id)),
    }


def reachable_statuses(start: int, moves: Iterable[Transition]) -> set[int]:
    """Every status that some sequence of moves leads to."""
    targets: dict[int, list[int]] = {}
    for move in moves:
        targets.setdefault(move.from_status_id, []).append(move.to_status_id)
    found, waiting = {start}, [start]
    while waiting:
        fresh = [to for to in targets.get(waiting.pop(), ()) if to not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return found
