"""What the pipeline's address asks for."""

from typing import Any

from autohub.ideas.list_store import Filters
from autohub.pages.pipeline.model import PIPELINE_VIEWS, PipelineView
from autohub.web.page_requests import PageRequest

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
COLUMN_FIELDS = SORTS | {
    "phase": "process_phase_status",
    "owner": "owner",
    "submitter": "process_submitter",
    "type": "process_submission_type",
}
"""What columns show, by its name in the Output Dictionary."""


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
