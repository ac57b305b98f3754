"""What a list of ideas shows, and in which words."""

from typing import NamedTuple

from autohub.flows.model import StatusId, waiting_for
from autohub.kit.text import N_

REVIEW_STATUSES = waiting_for("review")
"""Awaiting review: ideas, and citizen developers' automations in both of their reviews (contract
4.1)."""
DECISION_STATUSES = (*waiting_for("decide"), int(StatusId.QUALIFICATION_ON_HOLD))
IMPLEMENTATION_PHASES = (4, 5, 6, 7, 8)
LIVE_PHASES = (9,)


class PipelineView(NamedTuple):
    """One of the pipeline's views (product 5): what it holds."""

    key: str
    name: str
    status_ids: tuple[int, ...] = ()
    phase_ids: tuple[int, ...] = ()


PIPELINE_VIEWS = (
    PipelineView("all", N_("All")),
    PipelineView("review", N_("Review"), status_ids=REVIEW_STATUSES),
    PipelineView("decision", N_("Decision"), status_ids=DECISION_STATUSES),
    PipelineView("implementation", N_("Implementation"), phase_ids=IMPLEMENTATION_PHASES),
    PipelineView("live", N_("Live"), phase_ids=LIVE_PHASES),
)
