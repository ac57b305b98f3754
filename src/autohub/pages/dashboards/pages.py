"""The dashboard: period and category are chosen once for all; each mark opens its rows."""

import tempfile
from pathlib import Path
from typing import Any

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.kit import tabular
from autohub.kit.clock import DAY, MINUTE, iso
from autohub.kit.errors import NotFound
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pages.dashboards import service
from autohub.pages.dashboards.store import Scope
from autohub.web.page_requests import Download, PageRequest, PageRoutes, ReadPageRequest
from autohub.web.pages import RenderedPage

routes = PageRoutes()
PERIODS = (
    ("month", N_("This month")),
    ("quarter", N_("This quarter")),
    ("year", N_("This year")),
    ("30", N_("Last 30 days")),
    ("90", N_("Last 90 days")),
    ("365", N_("Last 12 months")),
    ("1095", N_("Last three years")),
)
USUAL = "365"
SAME = 5 * MINUTE
PARAMS = (
    Param("period", "choice", "", choices=tuple(days for days, _ in PERIODS)),
    Param("category", "number", ""),
    Param("chart", "text", ""),
)


def _scope(request: PageRequest[Any]) -> Scope:
    """Until the end of these minutes, so that who looks again a moment later asks for the same."""
    period = request.query.get("period") or USUAL
    place = request.query.get("category")
    until = (request.now // SAME + 1) * SAME - 1
    since = (
        until - int(period) * DAY
        if period.isdigit()
        else service.start_of_period(period, request.now, request.reader.zone)
    )
    return Scope(
        caller=request.caller, category_ids=[place] if place else [], since=since, until=until
    )


@routes("GET", "/dashboards", rights=(Right.VIEW_DASHBOARDS,), any_category=True, params=PARAMS)
def show_dashboards(request: ReadPageRequest) -> RenderedPage:
    found = service.show_dashboard(request.db, _scope(request), request.reader)
    return request.page(
        "dashboards.html",
        figures=found.figures,
        charts=found.charts,
        periods=PERIODS,
        period=request.query.get("period") or USUAL,
        places=sorted(
            category_paths(categories.all_categories(request.db)).items(), key=lambda pair: pair[1]
        ),
    )


@routes(
    "GET", "/dashboards/download", rights=(Right.VIEW_DASHBOARDS,), any_category=True, params=PARAMS
)
def download_chart(request: ReadPageRequest) -> Download:
    """The table behind one chart."""
    wanted = request.query.get("chart")
    chart = next(
        (
            each
            for each in service.show_dashboard(request.db, _scope(request), request.reader).charts
            if each.key == wanted
        ),
        None,
    )
    if chart is None:
        raise NotFound(request.reader("There is no such chart."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.csv"
        tabular.write(
            path,
            "csv",
            [chart.unit or chart.title, *(series.name for series in chart.series)],
            chart.rows(),
        )
        return Download(
            f"{chart.key}-{iso(request.now)[:10]}.csv", path.read_bytes(), "text/csv; charset=utf-8"
        )
