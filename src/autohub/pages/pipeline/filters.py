"""What the pipeline's address asks for."""

from typing import Any

from autohub.ideas.list_store import Filters
from autohub.ideas.rows import LIST_COLUMNS
from autohub.pages.pipeline.model import PIPELINE_VIEWS, PipelineView
from autohub.web.page_requests import PageRequest

SORTS = {"name": "process_name"} | {
    column.key: column.sort for column in LIST_COLUMNS if column.sort is not None
}


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
