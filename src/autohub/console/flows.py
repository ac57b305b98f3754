"""Idea flows: their moves, who may make them, the categories that they are for, and phases and statuses of one's own."""

from typing import NamedTuple

import msgspec

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.flows import model, store
from autohub.flows import service as flows
from autohub.flows.model import CategoryFlow, Flow, NewFlow, NewPhase, NewStatus, PhaseChange, Status
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit, read
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, See, Sent, Views, WriteVisit

views = Views()
AT = "/admin/setup/flows"
RIGHTS = (Right.MANAGE_PLATFORM_SETUP,)
MOVERS = (Right.REVIEW_IDEAS, Right.UPDATE_STATUS, Right.EDIT_ANY_IDEA, Right.MANAGE_PLATFORM_SETUP, Right.SUBMIT_IDEA)


def listed(visit: ReadVisit) -> Page:
    rows = store.flows(visit.db)
    counts = {row.idea_flow_id: store.ideas_in(visit.db, row.idea_flow_id) for row in rows}
    types = {key: name for key, (_, name) in model.SUBMISSION_TYPES.items()}
    phases, text = flows.phases(visit.db), visit.reader
    labels = {f"target-{phase.phase_id}": f"{text(phase.phase_name)}:" for phase in phases}
    labels |= {"phase_status_name": text("New status"), "phase_name": text("New phase"), "phase_order": text("Place"), "file": text("File")}
    options = [(phase.phase_id, text(phase.phase_name)) for phase in phases]
    return visit.page("flows.html", flows=rows, counts=counts, types=types, phases=phases, labels=labels, phase_options=options)


views("GET", AT, rights=RIGHTS)(listed)


def shown(visit: ReadVisit) -> Page:
    flow = flows.one(visit.db, visit.id)
    statuses = store.statuses(visit.db)
    options = [(i, f"{visit.reader(s.phase_name)} – {visit.reader(s.phase_status_name)}") for i, s in statuses.items()]
    places = sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1])
    return visit.page(
        "flow.html",
        flow=flow,
        start=dict(options)[flow.start_status_id],
        stages=_stages(flow, statuses),
        options=options,
        movers=[(right.value, visit.reader(right.value)) for right in MOVERS],
        places=[(0, visit.reader("The whole installation")), *places],
        paths=dict(places),
        used_in=store.categories_of(visit.db, visit.id),
        types=[(key, name) for key, (_, name) in model.SUBMISSION_TYPES.items() if key > 0 and flow.submission_type in (-1, key)],
    )


views("GET", f"{AT}/{{flow}}", rights=RIGHTS)(shown)


class Step(NamedTuple):
    """A status of a flow: for each permission, the statuses to which it leads."""

    status: Status
    ways: dict[str, list[Status]]


def _stages(flow: Flow, statuses: dict[int, Status]) -> list[tuple[str, list[Step]]]:
    """The flow's phases, each with its statuses and where they lead."""
    inside = model.within(flow.start_status_id, flow.transitions)
    steps = {status_id: Step(status, {}) for status_id, status in statuses.items() if status_id in inside}
    for move in flow.transitions:
        steps[move.from_status_id].ways.setdefault(move.permission, []).append(statuses[move.to_status_id])
    stages: dict[str, list[Step]] = {}
    for step in steps.values():
        stages.setdefault(step.status.phase_name, []).append(step)
    return list(stages.items())


@views("POST", f"{AT}/{{flow}}", rights=RIGHTS, again=shown)
def change(visit: WriteVisit) -> See:
    """One change of a custom flow: a move more or less, its name, its start; or a copy of it, or its end."""
    flow, form, act = flows.one(visit.db, visit.id), visit.form, visit.form.get("act")
    text = visit.reader
    if act == "copy":
        made = flows.copy(
            visit.db, visit.caller, visit.id, form.get("idea_flow_name") or text("Copy of %s") % flow.idea_flow_name, now=visit.now
        )
        return See(f"{AT}/{made.idea_flow_id}", text("The copy is there; change its moves, and give it to a category."))
    if act == "delete":
        flows.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(AT, text("The flow is deleted."))
    if act == "place":
        wanted = CategoryFlow(form.number("submission_type") or 0, None if form.flag("none") else visit.id)
        flows.set_for_category(visit.db, visit.caller, form.number("category_id") or 0, wanted, now=visit.now)
        return See(f"{AT}/{visit.id}", text("Saved: new ideas there take this way."))
    raw = msgspec.to_builtins(NewFlow(flow.idea_flow_name, flow.start_status_id, flow.transitions, flow.submission_type))
    pair = (form.number("from_status_id"), form.number("to_status_id"))
    if act == "add":
        raw["transitions"].append({"from_status_id": pair[0], "to_status_id": pair[1], "permission": form.get("permission")})
    elif form.get("drop"):
        dropped = tuple(form.get("drop").split("-"))
        raw["transitions"] = [m for m in raw["transitions"] if (str(m["from_status_id"]), str(m["to_status_id"])) != dropped]
    elif form.get("without"):
        gone = form.number("without")
        raw["transitions"] = [m for m in raw["transitions"] if gone not in (m["from_status_id"], m["to_status_id"])]
    elif act == "name":
        raw |= {"idea_flow_name": form.get("idea_flow_name"), "start_status_id": form.number("start_status_id")}
    else:
        raise Invalid(text("Choose what is to be done."))
    flows.change(visit.db, visit.caller, visit.id, fit(raw, NewFlow), now=visit.now)
    return See(f"{AT}/{visit.id}", text("The flow is saved."))


@views("GET", f"{AT}/{{flow}}/download", rights=RIGHTS)
def download(visit: ReadVisit) -> Sent:
    flow = flows.one(visit.db, visit.id)
    return Sent(f"idea-flow-{visit.id}.json", msgspec.json.format(msgspec.json.encode(flow), indent=2), "application/json")


@views("POST", f"{AT}/upload", rights=RIGHTS, again=listed, transaction="chunks", uploads=True)
def upload(visit: ChunkVisit) -> See:
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required.")]})
    new = read(sent.path.read_bytes(), NewFlow)
    made = visit.db.write(lambda db: flows.add(db, visit.caller, new, now=visit.now))
    return See(f"{AT}/{made.idea_flow_id}", visit.reader("The flow is read in."))


@views("POST", f"{AT}/phases", rights=RIGHTS, again=listed)
def add_phase(visit: WriteVisit) -> See:
    new = fit({"phase_name": visit.form.get("phase_name"), "phase_order": visit.form.number("phase_order") or 100}, NewPhase)
    flows.add_phase(visit.db, visit.caller, new, now=visit.now)
    return See(AT, visit.reader("The phase “%s” is there; give it statuses.") % new.phase_name)


@views("POST", f"{AT}/targets", rights=RIGHTS, again=listed)
def set_targets(visit: WriteVisit) -> See:
    """After how many days in a status of each phase an idea is late."""
    for phase in flows.phases(visit.db):
        field = f"target-{phase.phase_id}"
        if field in visit.form:
            try:
                wanted = fit({"phase_target_days": visit.form.number(field)}, PhaseChange)
            except Invalid as error:
                raise Invalid(error.message, details={field: [text for texts in error.details.values() for text in texts]}) from None
            flows.change_phase(visit.db, visit.caller, phase.phase_id, wanted, now=visit.now)
    return See(AT, visit.reader("The targets are saved."))


@views("POST", f"{AT}/statuses", rights=RIGHTS, again=listed)
def add_status(visit: WriteVisit) -> See:
    new = fit({"phase_id": visit.form.number("phase_id"), "phase_status_name": visit.form.get("phase_status_name")}, NewStatus)
    flows.add_status(visit.db, visit.caller, new, now=visit.now)
    return See(AT, visit.reader("The status “%s” is there.") % new.phase_status_name)
