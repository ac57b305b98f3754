"""Reading, copying, importing and assigning flows."""

from collections.abc import Sequence
from typing import Any

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.db.stamps import keep
from autohub.flows import model, store
from autohub.flows.model import (
    CategoryFlow,
    Flow,
    FlowStatus,
    NewFlow,
    NewPhase,
    NewStatus,
    Phase,
    PhaseChange,
    Status,
    Transition,
)
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say
from autohub.kit.text import fold


class DefaultFlowFixed(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Default flows stay as they are; copy one, change the copy, and give it to a category."
        )


def seed_flows(db: Writing) -> bool:
    """Lays the phases, the statuses and the default flows down; False when they are there
    already."""
    if store.has_defaults(db):
        return False
    keys = {phase_id: key for phase_id, key, _ in model.PHASES}
    statuses = [
        (
            i,
            p,
            model.status_key(keys[p], name),
            model.SHOWN.get(i, name),
            model.WAITS_FOR.get(i),
        )
        for i, p, name in model.STATUSES
    ]
    store.insert_defaults(
        db,
        [(*phase, phase[0], model.TARGET_DAYS.get(phase[0])) for phase in model.PHASES],
        statuses,
    )
    for type_, (_, name) in model.SUBMISSION_TYPES.items():
        if type_ > 0:
            start, moves = model.default_flow(type_)
            values = {"idea_flow_id": type_, "idea_flow_is_default": 1} | _values(
                NewFlow(
                    idea_flow_name=name,
                    start_status_id=start,
                    transitions=moves,
                    submission_type=type_,
                )
            )
            store.save_flow(db, None, values, moves)
    return True


def list_phases(db: Reading) -> list[Phase]:
    """Every phase with its statuses, in order."""
    statuses = store.all_statuses(db).values()
    return [
        Phase(**row._mapping, statuses=[s for s in statuses if s.phase_id == row.phase_id])
        for row in store.list_phases(db)
    ]


def create_phase(db: Writing, caller: Caller, new: NewPhase, *, now: int) -> Phase:
    """A phase of an organisation's own, which flows may use once it has statuses. Raises
    Conflict for a taken name."""
    db.lock("phases")
    known = store.list_phases(db)
    key = model.key_part(new.phase_name)
    if not key or key in {row.phase_key for row in known}:
        raise Conflict(
            say(
                "There is a phase named “{phase_name}” already, or the name has no "
                "letters; choose another.",
                phase_name=new.phase_name,
            )
        )
    phase_id = max([model.FIRST_CUSTOM_PHASE - 1, *(row.phase_id for row in known)]) + 1
    facts = {
        "phase_id": phase_id,
        "phase_key": key,
        "phase_name": new.phase_name,
        "phase_order": new.phase_order,
    }
    store.insert_phase(db, facts)
    audit.record(db, actor(caller), "add phase", "phase", phase_id, now=now, after=facts)
    return next(found for found in list_phases(db) if found.phase_id == phase_id)


def update_phase(
    db: Writing, caller: Caller, phase_id: int, wanted: PhaseChange, *, now: int
) -> Phase:
    """Raises NotFound."""
    before = next((found for found in list_phases(db) if found.phase_id == phase_id), None)
    if before is None:
        raise NotFound(
            say("There is no phase {phase_id}; GET /phases lists them.", phase_id=phase_id)
        )
    after = msgspec.structs.replace(before, phase_target_days=wanted.phase_target_days)
    if after != before:
        store.update_phase(db, phase_id, {"phase_target_days": wanted.phase_target_days})
        old = {"phase_target_days": before.phase_target_days}
        audit.record(
            db,
            actor(caller),
            "change phase",
            "phase",
            phase_id,
            now=now,
            before=old,
            after=msgspec.to_builtins(wanted),
        )
    return after


def create_status(db: Writing, caller: Caller, new: NewStatus, *, now: int) -> Status:
    """Raises Invalid for a phase that is not there, Conflict for a name that the phase has
    already."""
    db.lock("phases")
    found = next((p for p in list_phases(db) if p.phase_id == new.phase_id), None)
    if found is None:
        raise Invalid(
            "The phase is not known.",
            details={
                "phase_id": [
                    say(
                        "There is no phase {phase_id}; GET /phases lists them.",
                        phase_id=new.phase_id,
                    )
                ]
            },
        )
    key = model.status_key(found.phase_key, new.phase_status_name)
    known = store.all_statuses(db)
    if key in {status.phase_status_key for status in known.values()} or key.endswith("_"):
        raise Conflict(
            say(
                "{phase_name} has a status named “{phase_status_name}” already, or the "
                "name has no letters.",
                phase_name=found.phase_name,
                phase_status_name=new.phase_status_name,
            )
        )
    status_id = (
        max(known) + 1
    )  # the published ones were laid down with their ids, past the database's own counter
    facts = {
        "phase_status_id": status_id,
        "phase_id": new.phase_id,
        "phase_status_key": key,
        "phase_status_name": new.phase_status_name,
        "waits_for": new.waits_for,
    }
    store.insert_status(db, facts)
    audit.record(db, actor(caller), "add status", "phase_status", status_id, now=now, after=facts)
    return store.all_statuses(db)[status_id]


def list_flows(db: Reading) -> list[dict[str, Any]]:
    """Every flow with its phases and their statuses, under the keys that clients know (contract
    4.4)."""
    rows = store.list_flows(db)
    moves = store.list_transitions(db, [row.idea_flow_id for row in rows])
    statuses = store.all_statuses(db)
    found = []
    for row in rows:
        flow: dict[str, Any] = {
            "Idea flow name": row.idea_flow_name,
            "Idea flow ID": row.idea_flow_id,
            "Idea flow type": model.SUBMISSION_TYPES[row.submission_type][0],
        }
        within = model.statuses_of(row.start_status_id, moves[row.idea_flow_id])
        for status in statuses.values():
            if status.phase_status_id in within:
                flow.setdefault(status.phase_key, {})[status.phase_status_key] = FlowStatus(
                    status.phase_key, status.phase_status_key, status.phase_status_name
                )
        found.append(flow)
    return found


@keep("flows")
def get_flow(db: Reading, idea_flow_id: int) -> Flow:
    """The whole flow, as it can be imported elsewhere. Raises NotFound."""
    row = store.get_flow(db, idea_flow_id)
    if row is None:
        raise NotFound(
            say(
                "There is no idea flow {idea_flow_id}; GET /idea-flows lists them.",
                idea_flow_id=idea_flow_id,
            )
        )
    moves = store.list_transitions(db, [idea_flow_id]).get(idea_flow_id, [])
    return Flow(
        idea_flow_id=idea_flow_id,
        idea_flow_name=row.idea_flow_name,
        submission_type=row.submission_type,
        idea_flow_is_default=row.idea_flow_is_default,
        start_status_id=row.start_status_id,
        transitions=moves,
    )


def create_flow(db: Writing, caller: Caller, new: NewFlow, *, now: int) -> Flow:
    """Imports a flow. Raises Invalid naming every fault, Conflict for a taken name."""
    _check_flow(db, new, None)
    idea_flow_id = store.save_flow(db, None, _values(new), new.transitions)
    made = get_flow(db, idea_flow_id)
    audit.record(
        db,
        actor(caller),
        "add idea flow",
        "flow",
        idea_flow_id,
        now=now,
        after=msgspec.to_builtins(made),
    )
    return made


def copy_flow(db: Writing, caller: Caller, idea_flow_id: int, name: str, *, now: int) -> Flow:
    """A custom flow with the moves of another one. Raises NotFound, Conflict."""
    flow = get_flow(db, idea_flow_id)
    return create_flow(
        db,
        caller,
        NewFlow(
            idea_flow_name=name,
            start_status_id=flow.start_status_id,
            transitions=flow.transitions,
            submission_type=flow.submission_type,
        ),
        now=now,
    )


def update_flow(
    db: Writing, caller: Caller, idea_flow_id: int, wanted: NewFlow, *, now: int
) -> Flow:
    """Replaces a custom flow. Raises as `add`, DefaultFlowFixed, and Conflict when ideas would
    be left in a status outside it."""
    before = _find_custom_flow(db, idea_flow_id)
    _check_flow(db, wanted, idea_flow_id)
    if lost := sorted(
        store.statuses_in_use(db, idea_flow_id)
        - model.statuses_of(wanted.start_status_id, wanted.transitions)
    ):
        names = _status_names(db)
        raise Conflict(
            say(
                "Ideas of this flow are in {lost}; the flow must keep that.",
                lost=", ".join(names[status] for status in lost),
            )
        )
    store.save_flow(db, idea_flow_id, _values(wanted), wanted.transitions)
    after = get_flow(db, idea_flow_id)
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    audit.record(
        db, actor(caller), "change idea flow", "flow", idea_flow_id, now=now, before=old, after=new
    )
    return after


def delete_flow(db: Writing, caller: Caller, idea_flow_id: int, *, now: int) -> None:
    """Raises NotFound, DefaultFlowFixed, and Conflict while a category names the flow or an idea
    is in it."""
    before = _find_custom_flow(db, idea_flow_id)
    if used := store.categories_of(db, idea_flow_id):
        raise Conflict(
            say(
                "The flow is in use in {count} places; give them another one first.",
                count=len(used),
            )
        )
    if count := store.count_ideas_in(db, idea_flow_id):
        raise Conflict(
            say("{count} ideas are in this flow; give them another one first.", count=count)
        )
    store.delete_flow(db, idea_flow_id)
    audit.record(
        db,
        actor(caller),
        "delete idea flow",
        "flow",
        idea_flow_id,
        now=now,
        before=msgspec.to_builtins(before),
    )


@keep("flows", "categories")
def get_category_flows(db: Reading, category_id: int) -> dict[str, int]:
    """The flow that ideas of each type take in a category: its own, else that of the nearest
    category above, else the whole installation's (category 0), else the type's default. Keys are
    the types, as texts. Raises NotFound."""
    chain = _category_chain(db, category_id)
    own = store.list_category_flows(db, chain)
    found = {}
    for type_ in (t for t in model.SUBMISSION_TYPES if t > 0):
        nearest = (own[category, type_] for category in reversed(chain) if (category, type_) in own)
        found[str(type_)] = next(nearest, type_)
    return found


def set_category_flow(
    db: Writing, caller: Caller, category_id: int, wanted: CategoryFlow, *, now: int
) -> dict[str, int]:
    """Gives a category (0: the whole installation) its own flow for one type. Raises NotFound,
    Invalid."""
    before = get_category_flows(db, category_id)
    if wanted.submission_type < 1:
        raise Invalid(
            "A flow is set for one type.", details={"submission_type": ["must be from 1 to 8."]}
        )
    if wanted.idea_flow_id is not None:
        flow = get_flow(db, wanted.idea_flow_id)
        if flow.submission_type not in (-1, wanted.submission_type):
            name = model.SUBMISSION_TYPES[flow.submission_type][1]
            raise Invalid(
                "The flow is for another type.",
                details={
                    "idea_flow_id": [
                        say(
                            "“{idea_flow_name}” is for: {name}.",
                            idea_flow_name=flow.idea_flow_name,
                            name=name,
                        )
                    ]
                },
            )
    store.set_category_flow(db, category_id, wanted.submission_type, wanted.idea_flow_id)
    after = get_category_flows(db, category_id)
    audit.record(
        db,
        actor(caller),
        "set category flow",
        "category",
        category_id,
        now=now,
        before=before,
        after=after,
    )
    return after


def list_transitions(db: Reading, idea_flow_id: int, status_id: int) -> list[Transition]:
    """The moves that the flow has from a status."""
    return [
        move
        for move in store.list_transitions(db, [idea_flow_id]).get(idea_flow_id, ())
        if move.from_status_id == status_id
    ]


def _category_chain(db: Reading, category_id: int) -> Sequence[int]:
    """Category 0, and the ids from the top down to this one."""
    if category_id == 0:
        return [0]
    chains = access.category_chains(db, [category_id])
    if category_id not in chains:
        raise NotFound(
            say(
                "There is no category {category_id}; GET /hierarchy lists them, 0 means all.",
                category_id=category_id,
            )
        )
    return [0, *chains[category_id]]


def _find_custom_flow(db: Reading, idea_flow_id: int) -> Flow:
    found = get_flow(db, idea_flow_id)
    if found.idea_flow_is_default:
        raise DefaultFlowFixed
    return found


def _check_flow(db: Reading, flow: NewFlow, idea_flow_id: int | None) -> None:
    if faults := model.find_flow_faults(flow, _status_names(db)):
        raise Invalid("The flow is not right.", details=faults)
    taken = store.find_flow_id(db, fold(flow.idea_flow_name))
    if taken is not None and taken != idea_flow_id:
        raise Conflict(
            say(
                "There is a flow named “{idea_flow_name}” already; choose another name.",
                idea_flow_name=flow.idea_flow_name,
            )
        )


def _status_names(db: Reading) -> dict[int, str]:
    """What people call each status: 'Idea – Approved'."""
    return {
        i: f"{status.phase_name} – {status.phase_status_name}"
        for i, status in store.all_statuses(db).items()
    }


def _values(flow: NewFlow) -> dict[str, Any]:
    return {
        "idea_flow_name": flow.idea_flow_name,
        "idea_flow_name_key": fold(flow.idea_flow_name),
        "submission_type": flow.submission_type,
        "start_status_id": flow.start_status_id,
    }
