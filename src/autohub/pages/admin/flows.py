"""Idea flows: their moves, who may make them, the categories that they are for, and phases and
statuses of one's own."""

from typing import Any, NamedTuple

import msgspec

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.flows import model, store
from autohub.flows import service as flows
from autohub.flows.model import (
    CategoryFlow,
    Flow,
    NewFlow,
    NewPhase,
    NewStatus,
    PhaseChange,
    Status,
)
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce, read
from autohub.kit.text import N_
from autohub.web.page_requests import (
    ChunkedPageRequest,
    Download,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT = "/admin/setup/flows"
RIGHTS = (Right.MANAGE_PLATFORM_SETUP,)
WAITS: tuple[tuple[str, str], ...] = (
    ("", N_("Nobody")),
    ("review", N_("A review")),
    ("assess", N_("The owner's assessment")),
    ("decide", N_("A decision")),
    ("resume", N_("A decision to go on")),
    ("rework", N_("Rework by the submitter")),
)
"""What a status of one's own can make its ideas wait for."""
MOVERS = (
    Right.REVIEW_IDEAS,
    Right.UPDATE_STATUS,
    Right.EDIT_ANY_IDEA,
    Right.MANAGE_PLATFORM_SETUP,
    Right.SUBMIT_IDEA,
)


def list_flows(request: ReadPageRequest) -> RenderedPage:
    rows = store.list_flows(request.db)
    counts = {row.idea_flow_id: store.count_ideas_in(request.db, row.idea_flow_id) for row in rows}
    types = {key: name for key, (_, name) in model.SUBMISSION_TYPES.items()}
    phases, text = flows.list_phases(request.db), request.reader
    labels = {f"target-{phase.phase_id}": f"{text(phase.phase_name)}:" for phase in phases}
    labels |= {
        "phase_status_name": text("New status"),
        "phase_name": text("New phase"),
        "phase_order": text("Place"),
        "file": text("File"),
    }
    options = [(phase.phase_id, text(phase.phase_name)) for phase in phases]
    return request.page(
        "flows.html",
        flows=rows,
        counts=counts,
        types=types,
        phases=phases,
        labels=labels,
        phase_options=options,
        wait_options=[(task, request.reader(name)) for task, name in WAITS],
    )


routes("GET", AT, rights=RIGHTS)(list_flows)


def show_flow(request: ReadPageRequest) -> RenderedPage:
    flow = flows.get_flow(request.db, request.id)
    statuses = store.all_statuses(request.db)
    options = [
        (i, f"{request.reader(s.phase_name)} – {request.reader(s.phase_status_name)}")
        for i, s in statuses.items()
    ]
    places = sorted(
        category_paths(categories.all_categories(request.db)).items(), key=lambda pair: pair[1]
    )
    return request.page(
        "flow.html",
        flow=flow,
        start=dict(options)[flow.start_status_id],
        stages=_flow_stages(flow, statuses),
        options=options,
        movers=[(right.value, request.reader(right.value)) for right in MOVERS],
        places=[(0, request.reader("The whole installation")), *places],
        paths=dict(places),
        used_in=store.categories_of(request.db, request.id),
        types=[
            (key, name)
            for key, (_, name) in model.SUBMISSION_TYPES.items()
            if key > 0 and flow.submission_type in (-1, key)
        ],
    )


routes("GET", f"{AT}/{{flow}}", rights=RIGHTS)(show_flow)


class FlowStep(NamedTuple):
    """A status of a flow: for each permission, the statuses to which it leads."""

    status: Status
    ways: dict[str, list[Status]]


def _flow_stages(flow: Flow, statuses: dict[int, Status]) -> list[tuple[str, list[FlowStep]]]:
    """The flow's phases, each with its statuses and where they lead."""
    inside = model.statuses_of(flow.start_status_id, flow.transitions)
    steps = {
        status_id: FlowStep(status, {})
        for status_id, status in statuses.items()
        if status_id in inside
    }
    for move in flow.transitions:
        steps[move.from_status_id].ways.setdefault(move.permission, []).append(
            statuses[move.to_status_id]
        )
    stages: dict[str, list[FlowStep]] = {}
    for step in steps.values():
        stages.setdefault(step.status.phase_name, []).append(step)
    return list(stages.items())


def _save_flow(request: WritePageRequest, **changes: Any) -> Redirect:
    """Saves a custom flow with `changes` of the call's body."""
    flow = flows.get_flow(request.db, request.id)
    raw = msgspec.to_builtins(
        NewFlow(
            idea_flow_name=flow.idea_flow_name,
            start_status_id=flow.start_status_id,
            transitions=flow.transitions,
            submission_type=flow.submission_type,
        )
    )
    wanted = coerce(raw | changes, NewFlow)
    flows.update_flow(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect(f"{AT}/{request.id}", request.reader("The flow is saved."))


def _moves(request: WritePageRequest) -> list[dict[str, Any]]:
    """The flow's moves as a call's body has them."""
    moves: list[dict[str, Any]] = msgspec.to_builtins(
        flows.get_flow(request.db, request.id).transitions
    )
    return moves


@routes("POST", f"{AT}/{{flow}}", rights=RIGHTS, on_error=show_flow)
def update_flow(request: WritePageRequest) -> Redirect:
    """Saves the name and the start."""
    return _save_flow(
        request,
        idea_flow_name=request.form.get("idea_flow_name"),
        start_status_id=request.form.number("start_status_id"),
    )


@routes("POST", f"{AT}/{{flow}}/moves", rights=RIGHTS, on_error=show_flow)
def add_move(request: WritePageRequest) -> Redirect:
    form = request.form
    move = {name: form.number(name) for name in ("from_status_id", "to_status_id")}
    added = move | {"permission": form.get("permission")}
    return _save_flow(request, transitions=[*_moves(request), added])


@routes("POST", f"{AT}/{{flow}}/moves/delete", rights=RIGHTS, on_error=show_flow)
def delete_move(request: WritePageRequest) -> Redirect:
    """Takes the move out that `drop` names by its two statuses: 48-50."""
    kept = [
        move
        for move in _moves(request)
        if f"{move['from_status_id']}-{move['to_status_id']}" != request.form.get("drop")
    ]
    return _save_flow(request, transitions=kept)


@routes("POST", f"{AT}/{{flow}}/statuses/delete", rights=RIGHTS, on_error=show_flow)
def delete_status(request: WritePageRequest) -> Redirect:
    """Takes the status `without` out of the flow, with all moves from it and to it."""
    gone = request.form.number("without")
    kept = [
        move
        for move in _moves(request)
        if gone not in (move["from_status_id"], move["to_status_id"])
    ]
    return _save_flow(request, transitions=kept)


@routes("POST", f"{AT}/{{flow}}/copy", rights=RIGHTS, on_error=show_flow)
def copy_flow(request: WritePageRequest) -> Redirect:
    flow, text = flows.get_flow(request.db, request.id), request.reader
    name = request.form.get("idea_flow_name") or text("Copy of %s") % flow.idea_flow_name
    made = flows.copy_flow(request.db, request.caller, request.id, name, now=request.now)
    return Redirect(
        f"{AT}/{made.idea_flow_id}",
        text("The copy is there; change its moves, and give it to a category."),
    )


@routes("POST", f"{AT}/{{flow}}/place", rights=RIGHTS, on_error=show_flow)
def place_flow(request: WritePageRequest) -> Redirect:
    """Has new ideas of a category take this way, or no longer."""
    form = request.form
    wanted = CategoryFlow(
        form.number("submission_type") or 0, None if form.flag("none") else request.id
    )
    flows.set_category_flow(
        request.db, request.caller, form.number("category_id") or 0, wanted, now=request.now
    )
    return Redirect(f"{AT}/{request.id}", request.reader("Saved: new ideas there take this way."))


@routes("POST", f"{AT}/{{flow}}/delete", rights=RIGHTS, on_error=show_flow)
def delete_flow(request: WritePageRequest) -> Redirect:
    flows.delete_flow(request.db, request.caller, request.id, now=request.now)
    return Redirect(AT, request.reader("The flow is deleted."))


@routes("GET", f"{AT}/{{flow}}/download", rights=RIGHTS)
def download_flow(request: ReadPageRequest) -> Download:
    flow = flows.get_flow(request.db, request.id)
    return Download(
        f"idea-flow-{request.id}.json",
        msgspec.json.format(msgspec.json.encode(flow), indent=2),
        "application/json",
    )


@routes(
    "POST",
    f"{AT}/upload",
    rights=RIGHTS,
    on_error=list_flows,
    transaction="per_chunk",
    uploads=True,
)
def upload_flow(request: ChunkedPageRequest) -> Redirect:
    sent = request.form.files.get("file")
    if sent is None:
        raise Invalid(
            request.reader("Nothing was read."), details={"file": [request.reader("is required.")]}
        )
    new = read(sent.path.read_bytes(), NewFlow)
    made = request.db.write(lambda db: flows.create_flow(db, request.caller, new, now=request.now))
    return Redirect(f"{AT}/{made.idea_flow_id}", request.reader("The flow is read in."))


@routes("POST", f"{AT}/phases", rights=RIGHTS, on_error=list_flows)
def create_phase(request: WritePageRequest) -> Redirect:
    new = coerce(
        {
            "phase_name": request.form.get("phase_name"),
            "phase_order": request.form.number("phase_order") or 100,
        },
        NewPhase,
    )
    flows.create_phase(request.db, request.caller, new, now=request.now)
    return Redirect(
        AT, request.reader("The phase “%s” is there; give it statuses.") % new.phase_name
    )


@routes("POST", f"{AT}/targets", rights=RIGHTS, on_error=list_flows)
def set_targets(request: WritePageRequest) -> Redirect:
    """After how many days in a status of each phase an idea is late."""
    for phase in flows.list_phases(request.db):
        field = f"target-{phase.phase_id}"
        if field in request.form:
            try:
                wanted = coerce({"phase_target_days": request.form.number(field)}, PhaseChange)
            except Invalid as error:
                raise Invalid(
                    error.message,
                    details={field: [text for texts in error.details.values() for text in texts]},
                ) from None
            flows.update_phase(request.db, request.caller, phase.phase_id, wanted, now=request.now)
    return Redirect(AT, request.reader("The targets are saved."))


@routes("POST", f"{AT}/statuses", rights=RIGHTS, on_error=list_flows)
def create_status(request: WritePageRequest) -> Redirect:
    new = coerce(
        {
            "phase_id": request.form.number("phase_id"),
            "phase_status_name": request.form.get("phase_status_name"),
            "waits_for": request.form.get("waits_for") or None,
        },
        NewStatus,
    )
    flows.create_status(request.db, request.caller, new, now=request.now)
    return Redirect(AT, request.reader("The status “%s” is there.") % new.phase_status_name)
