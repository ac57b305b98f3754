"""What a list of ideas shows, and in which words."""

from typing import NamedTuple

from autohub.flows.model import Status, StatusId, Task
from autohub.kit.text import N_

IMPLEMENTATION_PHASES = (4, 5, 6, 7, 8)
LIVE_PHASES = (9,)


class PipelineView(NamedTuple):
    """One of the pipeline's views (product 5): the ideas that wait for one of `tasks`, or are in
    one of the phases; without either all."""

    key: str
    name: str
    tasks: tuple[Task, ...] = ()
    phase_ids: tuple[int, ...] = ()
    without: tuple[int, ...] = ()  # statuses that do not belong to it all the same

    def holds(self, status: Status) -> bool:
        """Whether ideas in this status belong to the view."""
        if self.tasks:
            return status.waits_for in self.tasks
        if status.phase_status_id in self.without:
            return False
        return not self.phase_ids or status.phase_id in self.phase_ids


PIPELINE_VIEWS = (
    PipelineView("all", N_("All")),
    PipelineView("review", N_("Review"), tasks=("review",)),
    PipelineView("decision", N_("Decision"), tasks=("decide", "resume")),
    PipelineView("implementation", N_("Implementation"), phase_ids=IMPLEMENTATION_PHASES),
    PipelineView("live", N_("Live"), phase_ids=LIVE_PHASES, without=(StatusId.LIVE_ARCHIVED,)),
)
