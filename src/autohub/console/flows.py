"""Idea flows: their moves, who may make them, the categories that they are for, and phases and statuses of one's own."""

from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.flows import model, store
from autohub.flows import service as flows
from autohub.flows.model import CategoryFlow, NewFlow, NewPhase, NewStatus
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
    return visit.page("flows.html", flows=rows, counts=counts, types=types, phases=flows.phases(visit.db), typed=visit.form)


views("GET", AT, rights=RIGHTS)(listed)


def shown(visit: ReadVisit) -> Page:
    flow = flows.one(visit.db, visit.id)
    statuses = store.statuses(visit.db)
    moves: dict[int, list[Any]] = {}
    for move in flow.transitions:
        moves.setdefault(move.from_status_id, []).append(move)
    options = [(i, f"{visit.reader(s.phase_name)} – {visit.reader(s.phase_status_name)}") for i, s in statuses.items()]
    places = sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1])
    return visit.page(
        "flow.html",
        flow=flow,
        statuses=statuses,
        moves=moves,
        options=options,
        movers=[right.value for right in MOVERS],
        places=[(0, visit.reader("The whole installation")), *places],
        paths=dict(places),
        used_in=store.categories_of(visit.db, visit.id),
        types=[(key, name) for key, (_, name) in model.SUBMISSION_TYPES.items() if key > 0 and flow.submission_type in (-1, key)],
    )


views("GET", f"{AT}/{{flow}}", rights=RIGHTS)(shown)


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
    elif act == "drop":
        raw["transitions"] = [m for m in raw["transitions"] if (m["from_status_id"], m["to_status_id"]) != pair]
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


@views("POST", f"{AT}/statuses", rights=RIGHTS, again=listed)
def add_status(visit: WriteVisit) -> See:
    new = fit({"phase_id": visit.form.number("phase_id"), "phase_status_name": visit.form.get("phase_status_name")}, NewStatus)
    flows.add_status(visit.db, visit.caller, new, now=visit.now)
    return See(AT, visit.reader("The status “%s” is there.") % new.phase_status_name)
