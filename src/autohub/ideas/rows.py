"""One idea in a list, and the columns that lists have: on the page of the pipeline, in its export,
and by what it is sorted."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from autohub.assessments.detailed import EASE_BANDS
from autohub.flows.model import SUBMISSION_TYPES
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


class IdeaRow(msgspec.Struct):
    """One idea in a list. `rows_store` finds each field's column by its name: `owner_…` and
    `submitter_…` are fields of their accounts. Names are null where there is nobody, or nobody
    any more."""

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
    def submission_type(self) -> str:
        return SUBMISSION_TYPES[self.process_submission_type][1]

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


class ListColumn(NamedTuple):
    """A column of a list of ideas. Whatever begins with `value` is named by its attribute in
    IdeaRow."""

    key: str
    """What addresses call it."""
    heading: str
    field: str
    """What it shows, by its name in the Output Dictionary."""
    cell: Literal["text", "number", "bar", "day", "days", "person", "status", "type"]
    """How pages show the value: `cell` in pipeline.html."""
    value: str
    is_usual: bool
    """Whether it is shown unless others are chosen."""
    sort: str | None
    """By which field of `list_store.SORTS` it is sorted, if it is."""
    exports: Mapping[str, str]
    """Its columns in the export: their values by their headings; epochs become days."""

    @property
    def is_number(self) -> bool:
        return self.cell in ("number", "bar", "days")


LIST_COLUMNS = (
    ListColumn(
        key="owner",
        heading=N_("Owner"),
        field="owner",
        cell="person",
        value="owner",
        is_usual=True,
        sort=None,
        exports={"Owner": "owner"},
    ),
    ListColumn(
        key="phase",
        heading=N_("Phase and status"),
        field="process_phase_status",
        cell="status",
        value="phase_status_name",
        is_usual=True,
        sort="phase_status_id",
        exports={"Phase": "phase_name", "Status": "phase_status_name"},
    ),
    ListColumn(
        key="score",
        heading=N_("Score"),
        field="process_overall_gauge_score",
        cell="bar",
        value="process_overall_gauge_score",
        is_usual=True,
        sort="process_overall_gauge_score",
        exports={"Idea score": "process_overall_gauge_score"},
    ),
    ListColumn(
        key="benefit",
        heading=N_("Benefit, h/year"),
        field="process_estimated_benefit_score",
        cell="number",
        value="process_estimated_benefit_score",
        is_usual=True,
        sort="process_estimated_benefit_score",
        exports={"Benefit (hours a year)": "process_estimated_benefit_score"},
    ),
    ListColumn(
        key="ease",
        heading=N_("Ease"),
        field="process_ease_of_implementation_score",
        cell="text",
        value="ease",
        is_usual=True,
        sort="process_ease_of_implementation_score",
        exports={"Ease of implementation": "process_ease_of_implementation_score"},
    ),
    ListColumn(
        key="age",
        heading=N_("Days there"),
        field="process_status_epoch",
        cell="days",
        value="status_epoch",
        is_usual=True,
        sort="process_status_epoch",
        exports={"Status since": "status_epoch"},
    ),
    ListColumn(
        key="priority",
        heading=N_("Priority"),
        field="process_priority",
        cell="text",
        value="process_priority",
        is_usual=True,
        sort="process_priority",
        exports={"Priority": "process_priority"},
    ),
    ListColumn(
        key="submitter",
        heading=N_("Submitter"),
        field="process_submitter",
        cell="person",
        value="submitter",
        is_usual=False,
        sort=None,
        exports={"Submitter": "submitter"},
    ),
    ListColumn(
        key="type",
        heading=N_("Type"),
        field="process_submission_type",
        cell="type",
        value="process_submission_type",
        is_usual=False,
        sort=None,
        exports={"Type": "submission_type"},
    ),
    ListColumn(
        key="automation",
        heading=N_("Automation potential"),
        field="process_automation_score",
        cell="bar",
        value="process_automation_score",
        is_usual=False,
        sort="process_automation_score",
        exports={"Automation potential": "process_automation_score"},
    ),
    ListColumn(
        key="votes",
        heading=N_("Interested"),
        field="process_num_votes",
        cell="number",
        value="process_num_votes",
        is_usual=False,
        sort="process_num_votes",
        exports={"Interested": "process_num_votes"},
    ),
    ListColumn(
        key="created",
        heading=N_("Submitted"),
        field="process_created_epoch",
        cell="day",
        value="process_created_epoch",
        is_usual=False,
        sort="process_created_epoch",
        exports={"Submitted": "process_created_epoch"},
    ),
    ListColumn(
        key="updated",
        heading=N_("Last changed"),
        field="process_updated_epoch",
        cell="day",
        value="process_updated_epoch",
        is_usual=False,
        sort="process_updated_epoch",
        exports={"Last changed": "process_updated_epoch"},
    ),
)
