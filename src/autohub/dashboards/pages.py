"""The dashboard: period and category are chosen once for all; each mark opens its rows."""

import tempfile
from pathlib import Path
from typing import Any

from autohub.access.model import Right
from autohub.categories import store as categories
from autohub.dashboards import service
from autohub.dashboards.store import Scope
from autohub.kit import tabular
from autohub.kit.clock import DAY, iso
from autohub.kit.errors import NotFound
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import ReadVisit, Sent, Views, Visit

views = Views()
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
PARAMS = (
    Param("period", "choice", "", choices=tuple(days for days, _ in PERIODS)),
    Param("category", "number", ""),
    Param("chart", "text", ""),
)


def _scope(visit: Visit[Any]) -> Scope:
    period = visit.query.get("period") or USUAL
    place = visit.query.get("category")
    since = visit.now - int(period) * DAY if period.isdigit() else service.began(period, visit.now)
    return Scope(visit.caller, [place] if place else [], since, visit.now)


@views("GET", "/dashboards", rights=(Right.VIEW_DASHBOARDS,), somewhere=True, params=PARAMS)
def dashboards(visit: ReadVisit) -> Page:
    scope = _scope(visit)
    return visit.page(
        "dashboards.html",
        figures=service.figures(visit.db, scope, visit.reader),
        charts=service.charts(visit.db, scope, visit.reader, now=visit.now),
        periods=PERIODS,
        period=visit.query.get("period") or USUAL,
        places=sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1]),
    )


@views("GET", "/dashboards/download", rights=(Right.VIEW_DASHBOARDS,), somewhere=True, params=PARAMS)
def download(visit: ReadVisit) -> Sent:
    """The table behind one chart."""
    wanted = visit.query.get("chart")
    chart = next((each for each in service.charts(visit.db, _scope(visit), visit.reader, now=visit.now) if each.key == wanted), None)
    if chart is None:
        raise NotFound(visit.reader("There is no such chart."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.csv"
        tabular.write(path, "csv", [chart.unit or chart.title, *(series.name for series in chart.series)], chart.rows())
        return Sent(f"{chart.key}-{iso(visit.now)[:10]}.csv", path.read_bytes(), "text/csv; charset=utf-8")
