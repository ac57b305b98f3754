"""The pipeline: table, board and decision chart of the ideas that one may see."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from autohub.access.model import ANY_RIGHT, Right, covers
from autohub.categories import store as categories
from autohub.categories.model import category_chains, category_paths
from autohub.flows import store as flows
from autohub.flows.model import Status
from autohub.ideas import moves
from autohub.ideas.list_store import list_ideas
from autohub.ideas.rows import LIST_COLUMNS
from autohub.ideas.rows_store import load_rows
from autohub.imports.reporting import build_report
from autohub.kit import tabular
from autohub.kit.clock import iso
from autohub.kit.errors import Invalid
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.pages.pipeline import store
from autohub.pages.pipeline.chart import render_chart
from autohub.pages.pipeline.filters import (
    NO_FILTERS,
    PARAMS,
    describe_filters,
    filters_of,
    order_of,
    view_of,
)
from autohub.pages.pipeline.model import PIPELINE_VIEWS, PipelineView
from autohub.pages.shared import store as lists
from autohub.pages.shared.model import NO_PRIORITY, PRIORITIES, TYPES
from autohub.saved_views import service as views_service
from autohub.saved_views import store as saved_views
from autohub.web.page_requests import (
    AT_MOST,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
PAGE = "pipeline"
MAX_VIEW = 2000
CARDS = 25


@routes("GET", "/pipeline", rights=ANY_RIGHT, params=PARAMS)
def show_pipeline(request: ReadPageRequest) -> RenderedPage:
    layout = request.query.get("layout") or "table"
    text = request.reader
    within = filters_of(request)._replace(
        phase_ids=(), status_ids=(), waits_for=(), not_retired=False
    )
    counted = store.count_by_status(request.db, request.caller, within)  # as the tabs lead on
    statuses = flows.all_statuses(request.db)
    tree = categories.all_categories(request.db)
    paths, chains = category_paths(tree), category_chains(tree)
    status_names = {
        i: f"{text(row.phase_name)} – {text(row.phase_status_name)}" for i, row in statuses.items()
    }
    phases = {row.phase_id: text(row.phase_name) for row in statuses.values()}
    values: dict[str, Any] = {
        "layout": layout,
        "view": view_of(request),
        "views": PIPELINE_VIEWS,
        "counts": {view.key: _count(view, counted, statuses) for view in PIPELINE_VIEWS},
        "paths": paths,
        "no_filters": NO_FILTERS,
        "chips": describe_filters(request, paths, status_names, phases),
        "saved": saved_views.list_saved_views(request.db, request.caller.user_id or 0, PAGE),
        "status_names": status_names,
        "phases": phases,
        "types": TYPES,
        "type_options": [(i, request.reader(name)) for i, name in TYPES.items()],
        "columns": LIST_COLUMNS,
        "shown": _columns(request),
        "may_import": request.may(Right.IMPORT_PIPELINE),
        "may_edit": request.may(Right.EDIT_ANY_IDEA),
    }
    if layout == "board":
        return request.page("pipeline.html", **values, **_board(request, statuses, chains))
    if layout == "chart":
        return request.page("pipeline.html", **values, **render_chart(request, statuses, chains))
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    ids, total = list_ideas(
        request.db, request.caller, filters_of(request), part, sort=order_of(request)
    )
    found = load_rows(request.db, ids)
    allowed = moves.list_allowed_statuses(request.db, request.caller, ids, statuses, chains)
    ways = sorted(
        {status_id for those in allowed.values() for status_id in those} - {moves.DUPLICATE}
    )  # it would need an original for each
    way_options = [(status_id, status_names[status_id]) for status_id in ways]
    priority_options = [
        *((name, text(name)) for name in PRIORITIES),
        (NO_PRIORITY, text("No priority")),
    ]
    return request.page(
        "pipeline.html",
        **values,
        rows=found,
        total=total,
        moves=allowed,
        picked=set(request.form.numbers("process_id")) if request.error else (),
        ways=ways,
        way_options=way_options,
        priority_options=priority_options,
    )


def _count(view: PipelineView, counted: Mapping[int, int], statuses: Mapping[int, Status]) -> int:
    return sum(n for status_id, n in counted.items() if view.holds(statuses[status_id]))


def _columns(request: PageRequest[Any]) -> list[str]:
    known = [column.key for column in LIST_COLUMNS]
    chosen = [key for key in (request.query.get("cols") or "").split(",") if key in known]
    return chosen or [column.key for column in LIST_COLUMNS if column.is_usual]


def _board(
    request: ReadPageRequest, statuses: Mapping[int, Status], chains: Mapping[int, list[int]]
) -> dict[str, Any]:
    wanted = filters_of(request)
    totals = lists.sum_by_phase(request.db, request.caller, wanted)
    phases = [row for row in flows.list_phases(request.db) if row.phase_is_active]
    view = view_of(request)
    if view.phase_ids:
        phases = [row for row in phases if row.phase_id in view.phase_ids]
    if view.tasks:
        phases = [row for row in phases if row.phase_id in totals]
    ids = store.first_ideas_of_phases(
        request.db, request.caller, wanted, [row.phase_id for row in phases], limit=CARDS
    )
    everything = [process_id for found in ids.values() for process_id in found]
    cards = {row.process_id: row for row in load_rows(request.db, everything)}
    allowed = moves.list_allowed_statuses(request.db, request.caller, everything, statuses, chains)
    board = [
        (row, totals.get(row.phase_id, (0, 0.0)), [cards[i] for i in ids.get(row.phase_id, ())])
        for row in phases
    ]
    lanes: dict[int, dict[str, list[int]]] = {}
    for process_id, to in allowed.items():
        for status_id in to:
            lanes.setdefault(process_id, {}).setdefault(
                str(statuses[status_id].phase_id), []
            ).append(status_id)
    return {
        "board": board,
        "moves": allowed,
        "lanes": lanes,
        "total": sum(n for n, _ in totals.values()),
    }


# --- saved views ---


@routes("POST", "/pipeline/views", rights=ANY_RIGHT, params=PARAMS, on_error=show_pipeline)
def save_view(request: WritePageRequest) -> Redirect:
    """Keeps the list that the address asks for."""
    name, query, text = request.form.get("view_name"), _list_query(request), request.reader
    if not 0 < len(name) <= 50:
        raise Invalid(
            text("The view was not saved."),
            details={"view_name": [text("must have 1 to 50 characters.")]},
        )
    if len(query) > MAX_VIEW:
        raise Invalid(text("The view was not saved: it has too many filters."))
    views_service.save(request.db, request.caller, PAGE, name, query, now=request.now)
    return Redirect(_back(query), text("Saved as “%s”; the menu “Views” leads back here.") % name)


@routes("POST", "/pipeline/views/delete", rights=ANY_RIGHT, params=PARAMS, on_error=show_pipeline)
def delete_view(request: WritePageRequest) -> Redirect:
    """Forgets a kept list, and stays where one is."""
    name = request.form.get("view_name")
    views_service.drop(request.db, request.caller, PAGE, name)
    said = request.reader("The saved view “%s” is gone.") % name
    return Redirect(_back(_list_query(request)), said)


def _list_query(request: WritePageRequest) -> str:
    return urlencode([pair for pair in request.pairs if pair[1]])


def _back(query: str) -> str:
    return f"/pipeline?{query}" if query else "/pipeline"


# --- taking it away ---


@routes(
    "GET",
    "/pipeline/export",
    rights=ANY_RIGHT,
    params=(*PARAMS, Param("kind", "choice", "", choices=("csv", "xlsx"))),
)
def export_pipeline(request: ReadPageRequest) -> Download:
    """Everything that the filters hold, as a table."""
    ids, _ = list_ideas(
        request.db, request.caller, filters_of(request), Part(100_000, 0), sort=order_of(request)
    )
    report = build_report(
        request.db,
        ids,
        with_money=covers(request.caller.reach(Right.VIEW_CBA), ()),
        now=request.now,
    )
    kind = request.query.get("kind") or "xlsx"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"pipeline.{kind}"
        tabular.write(path, kind, report.headings, report.rows)
        content = path.read_bytes()
    media = (
        "text/csv; charset=utf-8"
        if kind == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    return Download(f"pipeline-{iso(request.now)[:10]}.{kind}", content, media)
