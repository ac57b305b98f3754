"""What the pipeline's address asks for: its parameters, what they select, and how that is told."""

from collections.abc import Mapping
from typing import Any

from autohub.ideas.list_store import Filters
from autohub.ideas.rows import LIST_COLUMNS
from autohub.kit.query import Param
from autohub.pages.pipeline.model import PIPELINE_VIEWS, PipelineView
from autohub.pages.shared.model import TYPES
from autohub.users import store as users
from autohub.web.page_requests import LISTED, PageRequest, sorts

SORTS = {"name": "process_name"} | {
    column.key: column.sort for column in LIST_COLUMNS if column.sort is not None
}
LAYOUTS = ("table", "board", "chart")
FILTERS = (
    Param("category", "number", "", multi=True),
    Param("phase", "number", "", multi=True),
    Param("status", "number", "", multi=True),
    Param("type", "number", "", multi=True),
    Param("owner", "number", "", multi=True),
    Param("submitter", "number", "", multi=True),
    Param("bu", "text", "", multi=True),
    Param("tag", "text", "", multi=True),
    Param("since", "number", ""),
    Param("until", "number", ""),
)
PARAMS = (
    *LISTED,
    sorts(*SORTS),
    Param("view", "choice", "", choices=tuple(view.key for view in PIPELINE_VIEWS)),
    Param("layout", "choice", "", choices=LAYOUTS),
    Param("cols", "text", ""),
    *FILTERS,
)
NO_FILTERS = {"s": None} | {param.name: None for param in FILTERS}
"""What the address loses when all filters are dropped."""


def view_of(request: PageRequest[Any]) -> PipelineView:
    wanted = request.query.get("view") or "all"
    return next(view for view in PIPELINE_VIEWS if view.key == wanted)


def filters_of(request: PageRequest[Any]) -> Filters:
    """What the address asks for, within its view."""
    query, view = request.query, view_of(request)
    phases = [p for p in query.all("phase") if not view.phase_ids or p in view.phase_ids] or list(
        view.phase_ids
    )
    return Filters(
        text=query.get("s"),
        category_ids=query.all("category"),
        phase_ids=phases,
        status_ids=query.all("status"),
        waits_for=view.tasks,
        not_retired=bool(view.without) and not query.all("status"),
        submission_types=query.all("type"),
        business_units=query.all("bu"),
        tags=query.all("tag"),
        owner_ids=query.all("owner"),
        submitter_ids=query.all("submitter"),
        created=(query.moment("since"), query.moment("until")),
    )


def order_of(request: PageRequest[Any]) -> tuple[str | None, bool]:
    """Last changed first, unless the address says otherwise. Days in a status count backwards
    from its beginning."""
    field, down = request.sort
    if field is None:
        return "process_updated_epoch", True
    return SORTS[field], down != (field == "age")


def describe_filters(
    request: PageRequest[Any],
    paths: Mapping[int, str],
    status_names: Mapping[int, str],
    phases: Mapping[int, str],
) -> list[tuple[str, str]]:
    """Each filter that is on, in words, with what its button sends to drop it."""
    query, text = request.query, request.reader
    people = users.full_names(request.db, [*query.all("owner"), *query.all("submitter")])
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
        found.append((text("Submitted since %s") % request.reader.day(since), "since"))
    if until := query.moment("until"):
        found.append((text("Submitted until %s") % request.reader.day(until), "until"))
    return found
