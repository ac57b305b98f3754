"""The decision chart: ideas by ease of implementation and benefit."""

from collections.abc import Mapping, Sequence
from typing import Any

from autohub.flows.model import Status
from autohub.ideas import moves
from autohub.ideas import store as ideas
from autohub.ideas.list_store import list_ideas
from autohub.ideas.rows_store import load_rows
from autohub.kit.query import Page as Part
from autohub.pages.pipeline.filters import filters_of
from autohub.web.page_requests import PageRequest, ReadPageRequest

BUBBLES = 400


def render_chart(
    request: ReadPageRequest, statuses: Mapping[int, Status], chains: Mapping[int, list[int]]
) -> dict[str, Any]:
    """The ideas that can be placed: those with both an ease of implementation and a benefit."""
    wanted = filters_of(request)
    ids, placeable = list_ideas(
        request.db,
        request.caller,
        wanted._replace(has_scores=True),
        Part(BUBBLES, 0),
        sort=("process_estimated_benefit_score", True),
    )
    _, total = list_ideas(request.db, request.caller, wanted, Part(0, 0), sort=(None, False))
    placed = load_rows(request.db, ids)
    drivers = _drivers(request, [row.process_id for row in placed])
    points = [
        {
            "id": row.process_id,
            "name": row.process_name,
            "href": f"/automation-profile/{row.slug}",
            "x": round(row.process_ease_of_implementation_score or 0, 1),
            "y": round(row.process_estimated_benefit_score or 0, 1),
            "size": round(row.process_overall_gauge_score or 0, 1),
            "driver": drivers.get(row.process_id, request.reader("No driver named")),
        }
        for row in placed
    ]
    chart = {"kind": "decision", "points": points, "texts": _chart_texts(request)}
    allowed = moves.list_allowed_statuses(
        request.db, request.caller, [row.process_id for row in placed], statuses, chains
    )
    return {
        "rows": placed,
        "total": total,
        "lacking": total - placeable,
        "chart": chart,
        "drivers": drivers,
        "moves": allowed,
    }


def _chart_texts(request: PageRequest[Any]) -> dict[str, str]:
    text = request.reader
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


def _drivers(request: ReadPageRequest, ids: Sequence[int]) -> dict[int, str]:
    """The primary driver of each idea, which is what its automation is to bring first (contract
    5.2, Automation goal)."""
    found: dict[int, str] = {}
    for process_id, idea in ideas.load_ideas(request.db, ids).items():
        code = str((idea.answers.get("DA-AUTOMATION_GOAL") or {}).get("value") or "")
        if code:
            found[process_id] = code.removeprefix("automation-goal-").replace("-", " ").capitalize()
    return found
