"""How an idea looks wherever one is listed, and in which words."""

import msgspec

from autohub.assessments.detailed import EASE_BANDS
from autohub.ideas.model import slug_of
from autohub.kit.text import N_, full_name

KINDS = {
    "Approved": "good",
    "Completed": "good",
    "In Production": "good",
    "Rejected": "bad",
    "Cancelled": "bad",
    "On hold": "hold",
    "At risk": "risk",
    "Delayed": "risk",
    "Rework required": "risk",
    "Awaiting review": "wait",
    "Not started": "wait",
    "Archived": "off",
    "Duplicate": "off",
}
"""How a status looks: good, bad, hold, risk, wait, off, and run for all others."""

TYPES = {
    1: N_("Employee-driven"),
    2: N_("CoE-driven"),
    3: N_("Citizen development"),
    4: N_("Process mining"),
    5: N_("Task mining"),
    6: N_("Change request"),
    7: N_("Agentic AI"),
    8: N_("Business process"),
}
PRIORITIES = ("High", "Medium", "Low")
NO_PRIORITY = "none"  # what a form says to take it away


class IdeaRow(msgspec.Struct):
    """One idea in a list. Names are null where there is nobody, or nobody any more."""

    process_id: int
    process_name: str
    category_id: int
    phase_id: int
    phase_name: str
    phase_target_days: int | None
    phase_status_id: int
    phase_status_name: str
    status_epoch: int
    process_submission_type: int
    process_created_epoch: int
    process_updated_epoch: int
    process_priority: str | None
    process_num_votes: int
    owner_user_id: int | None
    owner_first_name: str | None
    owner_last_name: str | None
    owner_is_active: int | None
    owner_trashed_epoch: int | None
    submitter_user_id: int | None
    submitter_first_name: str | None
    submitter_last_name: str | None
    process_overall_gauge_score: float | None
    process_automation_score: float | None
    process_ease_of_implementation_score: float | None
    process_estimated_benefit_score: float | None

    @property
    def slug(self) -> str:
        return slug_of(self.process_name, self.process_id)

    @property
    def owner(self) -> str | None:
        return full_name(self.owner_first_name, self.owner_last_name) or None

    @property
    def owner_has_left(self) -> bool:
        """Whether the owner's account is inactive or in the trash."""
        is_there = self.owner_is_active and self.owner_trashed_epoch is None
        return self.owner_user_id is not None and not is_there

    @property
    def submitter(self) -> str | None:
        return full_name(self.submitter_first_name, self.submitter_last_name) or None

    @property
    def kind(self) -> str:
        return kind_of(self.phase_status_name)

    @property
    def ease(self) -> str | None:
        """Easy, Medium or Difficult, to be translated; by the bands that every installation
        starts with."""
        score = self.process_ease_of_implementation_score
        return (
            None
            if score is None
            else next(band.name for band in EASE_BANDS if score >= band.at_least)
        )

    def is_late(self, days: int) -> bool:
        return days > (self.phase_target_days or days) and self.kind not in ("bad", "off", "good")


def kind_of(status_name: str) -> str:
    return KINDS.get(status_name, "run")
