"""The pipeline: table, board and decision chart of the ideas that one may see."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.flows import store as flows
from autohub.flows.model import Status
from autohub.ideas import moves
from autohub.ideas import store as ideas
from autohub.ideas.store import Filters
from autohub.kit import tabular
from autohub.kit.clock import iso
from autohub.kit.errors import Invalid
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline import store
from autohub.pipeline.model import (
    NO_PRIORITY,
    PRIORITIES,
    TYPES,
    VIEWS,
    Row,
    View,
    category_paths,
)
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Sent, Views, Visit, WriteVisit, sorts

views = Views()
PAGE = "pipeline"
SORTS = {
    "name": "process_name",
    "phase": "phase_status_id",
    "score": "process_overall_gauge_score",
    "automation": "process_automation_score",
    "benefit": "process_estimated_benefit_score",
    "ease": "process_ease_of_implementation_score",
    "age": "process_status_epoch",
    "priority": "process_priority",
    "votes": "process_num_votes",
    "created": "process_created_epoch",
    "updated": "process_updated_epoch",
}
COLUMNS = (
    # key, heading, shown unless chosen otherwise
    ("owner", N_("Owner"), True),
    ("phase", N_("Phase and status"), True),
    ("score", N_("Score"), True),
    ("benefit", N_("Benefit, h/year"), True),
    ("ease", N_("Ease"), True),
    ("age", N_("Days there"), True),
    ("priority", N_("Priority"), True),
    ("submitter", N_("Submitter"), False),
    ("type", N_("Type"), False),
    ("automation", N_("Automation potential"), False),
    ("votes", N_("Interested"), False),
    ("created", N_("Submitted"), False),
    ("updated", N_("Last changed"), False),
)
LAYOUTS = ("table", "board", "chart")
CARDS, BUBBLES = 25, 400
PARAMS = (
    *LISTED,
    sorts(*SORTS),
    Param("view", "choice", "", choices=tuple(view.key for view in VIEWS)),
    Param("layout", "choice", "", choices=LAYOUTS),
    Param("category", "number", "", multi=True),
    Param("phase", "number", "", multi=True),
    Param("status", "number", "", multi=True),
    Param("type", "number", "", multi=True),
    Param("owner", "number", "", multi=True),
    Param("submitter", "number", "", multi=True),
    Param("bu", "text", "", multi=True),
    Param("tag", "text", "", multi=True),
    Param("cols", "text", ""),
    Param("since", "number", ""),
    Param("until", "number", ""),
)


def view_of(visit: Visit[Any]) -> View:
    wanted = visit.query.get("view") or "all"
    return next(view for view in VIEWS if view.key == wanted)


def filters_of(visit: Visit[Any]) -> Filters:
    """What the address asks for, within its view."""
    query, view = visit.query, view_of(visit)
    statuses = [s for s in query.all("status") if not view.status_ids or s in view.status_ids] or list(view.status_ids)
    phases = [p for p in query.all("phase") if not view.phase_ids or p in view.phase_ids] or list(view.phase_ids)
    return Filters(
        text=query.get("s"),
        category_ids=query.all("category"),
        phase_ids=phases,
        status_ids=statuses,
        submission_types=query.all("type"),
        business_units=query.all("bu"),
        tags=query.all("tag"),
        owner_ids=query.all("owner"),
        submitter_ids=query.all("submitter"),
        created=(query.moment("since"), query.moment("until")),
    )


def order_of(visit: Visit[Any]) -> tuple[str | None, bool]:
    """Last changed first, unless the address says otherwise. Days in a status count backwards from its beginning."""
    field, down = visit.sort
    if field is None:
        return "process_updated_epoch", True
    return SORTS[field], down != (field == "age")


@views("GET", "/pipeline", rights=ANY_RIGHT, params=PARAMS)
def pipeline(visit: ReadVisit) -> Page:
    layout = visit.query.get("layout") or "table"
    text = visit.reader
    counted = store.counts(visit.db, visit.caller)
    statuses = flows.statuses(visit.db)
    paths = category_paths(categories.all_(visit.db))
    status_names = {i: f"{text(row.phase_name)} – {text(row.phase_status_name)}" for i, row in statuses.items()}
    phases = {row.phase_id: text(row.phase_name) for row in statuses.values()}
    values: dict[str, Any] = {
        "layout": layout,
        "view": view_of(visit),
        "views": VIEWS,
        "counts": {view.key: _count(view, counted, statuses) for view in VIEWS},
        "paths": paths,
        "chips": _chips(visit, paths, status_names, phases),
        "saved": store.saved(visit.db, visit.caller.user_id or 0, PAGE),
        "status_names": status_names,
        "phases": phases,
        "types": TYPES,
        "type_options": [(i, visit.reader(name)) for i, name in TYPES.items()],
        "columns": COLUMNS,
        "shown": _columns(visit),
        "may_import": visit.may(Right.IMPORT_PIPELINE),
        "may_edit": visit.may(Right.EDIT_ANY_IDEA),
    }
    if layout == "board":
        return visit.page("pipeline.html", **values, **_board(visit, statuses))
    if layout == "chart":
        return visit.page("pipeline.html", **values, **_chart(visit))
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    ids, total = ideas.page(visit.db, visit.caller, filters_of(visit), part, sort=order_of(visit))
    found = store.rows(visit.db, ids)
    allowed = moves.allowed_of(visit.db, visit.caller, ids)
    ways = sorted(
        {status_id for those in allowed.values() for status_id in those} - {moves.DUPLICATE}
    )  # it would need an original for each
    way_options = [(status_id, status_names[status_id]) for status_id in ways]
    priority_options = [*((name, text(name)) for name in PRIORITIES), (NO_PRIORITY, text("No priority"))]
    return visit.page(
        "pipeline.html",
        **values,
        rows=found,
        total=total,
        moves=allowed,
        picked=set(visit.form.numbers("process_id")) if visit.error else (),
        ways=ways,
        way_options=way_options,
        priority_options=priority_options,
    )


def again(visit: ReadVisit) -> Page:
    """The list as it was when a form on it was sent that is refused."""
    shown: Page = pipeline(replace(visit, address="/pipeline"))
    return shown


def _count(view: View, counted: Mapping[int, int], statuses: Mapping[int, Status]) -> int:
    if view.status_ids:
        return sum(counted.get(status_id, 0) for status_id in view.status_ids)
    return sum(n for status_id, n in counted.items() if not view.phase_ids or statuses[status_id].phase_id in view.phase_ids)


def _columns(visit: Visit[Any]) -> list[str]:
    known = [key for key, _, _ in COLUMNS]
    chosen = [key for key in (visit.query.get("cols") or "").split(",") if key in known]
    return chosen or [key for key, _, usual in COLUMNS if usual]


def _board(visit: ReadVisit, statuses: Mapping[int, Status]) -> dict[str, Any]:
    wanted = filters_of(visit)
    totals = store.by_phase(visit.db, visit.caller, wanted)
    phases = [row for row in flows.phases(visit.db) if row.phase_is_active]
    view = view_of(visit)
    if view.phase_ids:
        phases = [row for row in phases if row.phase_id in view.phase_ids]
    if view.status_ids:
        phases = [row for row in phases if row.phase_id in totals]
    ids = store.first_of_phase(visit.db, visit.caller, wanted, [row.phase_id for row in phases], limit=CARDS)
    everything = [process_id for found in ids.values() for process_id in found]
    cards = {row.process_id: row for row in store.rows(visit.db, everything)}
    allowed = moves.allowed_of(visit.db, visit.caller, everything)
    board = [(row, totals.get(row.phase_id, (0, 0.0)), [cards[i] for i in ids.get(row.phase_id, ())]) for row in phases]
    lanes: dict[int, dict[str, list[int]]] = {}
    for process_id, to in allowed.items():
        for status_id in to:
            lanes.setdefault(process_id, {}).setdefault(str(statuses[status_id].phase_id), []).append(status_id)
    return {"board": board, "moves": allowed, "lanes": lanes, "total": sum(n for n, _ in totals.values())}


def _chart(visit: ReadVisit) -> dict[str, Any]:
    """The ideas that can be placed: those with both an ease of implementation and a benefit."""
    wanted = filters_of(visit)
    ids, placeable = ideas.page(
        visit.db, visit.caller, wanted._replace(has_scores=True), Part(BUBBLES, 0), sort=("process_estimated_benefit_score", True)
    )
    _, total = ideas.page(visit.db, visit.caller, wanted, Part(0, 0), sort=(None, False))
    placed = store.rows(visit.db, ids)
    drivers = _drivers(visit, [row.process_id for row in placed])
    points = [
        {
            "id": row.process_id,
            "name": row.process_name,
            "href": f"/automation-profile/{row.slug}",
            "x": round(row.process_ease_of_implementation_score or 0, 1),
            "y": round(row.process_estimated_benefit_score or 0, 1),
            "size": round(row.process_overall_gauge_score or 0, 1),
            "driver": drivers.get(row.process_id, visit.reader("No driver named")),
        }
        for row in placed
    ]
    chart = {"kind": "decision", "points": points, "texts": _chart_texts(visit)}
    allowed = moves.allowed_of(visit.db, visit.caller, [row.process_id for row in placed])
    return {"rows": placed, "total": total, "lacking": total - placeable, "chart": chart, "drivers": drivers, "moves": allowed}


def _chart_texts(visit: Visit[Any]) -> dict[str, str]:
    text = visit.reader
    return {
        "x": text("Ease of implementation"),
        "y": text("Benefit, hours a year"),
        "steep": text("Benefit, hours a year; every line is ten times the one below"),
        "quick": text("Quick wins"),
        "major": text("Must-do improvements"),
        "low": text("Low-hanging fruit"),
        "long": text("Long-term improvements"),
        "score": text("Idea score"),
    }


def _drivers(visit: ReadVisit, ids: Sequence[int]) -> dict[int, str]:
    """The primary driver of each idea, which is what its automation is to bring first (contract 5.2, Automation goal)."""
    found: dict[int, str] = {}
    for process_id, idea in ideas.load(visit.db, ids).items():
        code = str((idea.answers.get("DA-AUTOMATION_GOAL") or {}).get("value") or "")
        if code:
            found[process_id] = code.removeprefix("automation-goal-").replace("-", " ").capitalize()
    return found


def _chips(
    visit: Visit[Any], paths: Mapping[int, str], status_names: Mapping[int, str], phases: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Each filter that is on, in words, with what its button sends to drop it."""
    query, text = visit.query, visit.reader
    people = store.names(visit.db, [*query.all("owner"), *query.all("submitter")])
    found: list[tuple[str, str]] = []
    if query.get("s"):
        found.append((text("“%s”") % query.get("s"), "s"))
    words: tuple[tuple[str, Any], ...] = (
        ("category", lambda v: paths.get(v, text("an unknown category"))),
        ("phase", lambda v: text("Phase: %s") % phases.get(v, "?")),
        ("status", lambda v: status_names.get(v, "?")),
        ("type", lambda v: text(TYPES.get(v, "?"))),
        ("owner", lambda v: text("Owner: %s") % people.get(v, "?")),
        ("submitter", lambda v: text("Submitter: %s") % people.get(v, "?")),
        ("bu", lambda v: text("Business unit: %s") % v),
        ("tag", lambda v: text("Tag: %s") % v),
    )
    for name, word in words:
        found += [(word(value), f"{name}={value}") for value in query.all(name)]
    if since := query.moment("since"):
        found.append((text("Submitted since %s") % visit.reader.day(since), "since"))
    if until := query.moment("until"):
        found.append((text("Submitted until %s") % visit.reader.day(until), "until"))
    return found


# --- saved views ---


@views("POST", "/pipeline/views", rights=ANY_RIGHT, params=PARAMS, again=again)
def save_view(visit: WriteVisit) -> See:
    """Keeps the list that the address asks for, or forgets a kept one."""
    name, query = visit.form.get("view_name"), urlencode([pair for pair in visit.pairs if pair[1]])
    user_id = visit.caller.user_id or 0
    if visit.form.flag("drop"):
        store.drop(visit.db, user_id, PAGE, name)
        return See(_back(query), visit.reader("The saved view “%s” is gone.") % name)
    if not 0 < len(name) <= 50 or len(query) > 2000:
        raise Invalid(visit.reader("The view was not saved."), details={"view_name": [visit.reader("must have 1 to 50 characters.")]})
    store.save(visit.db, user_id, PAGE, name, query, now=visit.now)
    return See(_back(query), visit.reader("Saved as “%s”; the menu “Views” leads back here.") % name)


def _back(query: str) -> str:
    return f"/pipeline?{query}" if query else "/pipeline"


# --- taking it away ---


@views("GET", "/pipeline/export", rights=ANY_RIGHT, params=(*PARAMS, Param("kind", "choice", "", choices=("csv", "xlsx"))))
def export(visit: ReadVisit) -> Sent:
    """Everything that the filters hold, as a table."""
    ids, _ = ideas.page(visit.db, visit.caller, filters_of(visit), Part(100_000, 0), sort=order_of(visit))
    paths = category_paths(categories.all_(visit.db))
    kind = visit.query.get("kind") or "xlsx"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"pipeline.{kind}"
        rows = (line(row, paths) for start in range(0, len(ids), 2000) for row in store.rows(visit.db, ids[start : start + 2000]))
        tabular.write(path, kind, HEADINGS, rows)
        content = path.read_bytes()
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Sent(f"pipeline-{iso(visit.now)[:10]}.{kind}", content, media)


HEADINGS = (
    "Number",
    "Name",
    "Category",
    "Owner",
    "Submitter",
    "Type",
    "Phase",
    "Status",
    "Status since",
    "Idea score",
    "Automation potential",
    "Ease of implementation",
    "Benefit (hours a year)",
    "Priority",
    "Interested",
    "Submitted",
    "Last changed",
)


def line(row: Row, paths: Mapping[int, str]) -> list[str | None]:
    """One row of an export, under HEADINGS."""

    def number(value: float | None) -> str | None:
        return None if value is None else f"{value:.2f}".rstrip("0").rstrip(".")

    return [
        str(row.process_id),
        row.process_name,
        paths.get(row.category_id),
        row.owner,
        row.submitter,
        TYPES.get(row.process_submission_type),
        row.phase_name,
        row.phase_status_name,
        iso(row.status_epoch)[:10],
        number(row.process_overall_gauge_score),
        number(row.process_automation_score),
        number(row.process_ease_of_implementation_score),
        number(row.process_estimated_benefit_score),
        row.process_priority,
        str(row.process_num_votes),
        iso(row.process_created_epoch)[:10],
        iso(row.process_updated_epoch)[:10],
    ]
