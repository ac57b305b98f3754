"""One idea as it is stored, and what the calls take (contract 4)."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from autohub.access.model import Id
from autohub.assessments.model import Answers
from autohub.kit.jsonbody import SLUG
from autohub.kit.text import fold, slug

LIVE_PHASE = 9
"""In which ideas are automations at work (contract 4.1)."""
SINGLE_LINE = {"says": "must be one line of text."}
ProcessName = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[^\n\r\t]*$", extra=SINGLE_LINE)
]
LongText = Annotated[str, Meta(min_length=1, max_length=50_000)]
Email = Annotated[str, Meta(min_length=1, max_length=64)]
Fifth = Annotated[int, Meta(ge=1, le=5)]
Tag = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[^\n\r\t]*$", extra=SINGLE_LINE)]
Reason = Annotated[str, Meta(max_length=2000)]
IdeaId = Annotated[int, Meta(ge=0, le=2**53 - 1, extra=SLUG)]
"""An idea's number, for which its slug may stand."""
Inputs = dict[str, Any]

SUBMITTER_ROLE, OWNER_ROLE, PROJECT_MANAGER_ROLE = 1, 2, 3
COLLABORATOR_ROLES = (
    # contract 4.5: id, name, permanent
    (1, "Submitter", 1),
    (2, "Process Owner", 1),
    (3, "Project Manager", 1),
    (4, "Business Analyst", 0),
    (5, "Solution Architect", 0),
    (6, "RPA Developer", 0),
)
FIRST_CUSTOM_COLLABORATOR_ROLE = 101

SCORES = (
    "process_overall_gauge_score",
    "process_automation_score",
    "process_ease_of_implementation_score",
    "process_estimated_benefit_score",
)
EXTRAS = (
    "process_automation_id",
    "software_vendor_id",
    "software_vendor",
    "software_cost_id",
    "cost_description",
    "running_cost",
    "number_of_robots",
    "process_type_id",
)
"""Fields of the record that other nouns fill; null until then."""


class Idea(msgspec.Struct):
    """All that is stored of one idea; everything in the record follows from it and from today's
    names."""

    process_id: int
    process_uuid: str
    process_name: str
    process_description: str
    process_submission_type: int
    idea_flow_id: int
    category_id: int
    phase_status_id: int
    status_epoch: int
    submitter_user_id: int | None
    owner_user_id: int | None
    process_created_epoch: int
    process_updated_epoch: int
    category_other_text: str | None = None
    process_is_deleted: int = 0
    process_priority: str | None = None
    process_num_votes: int = 0
    process_num_documents: int = 0
    import_key: str | None = None
    import_hash: str | None = None
    change_of_process_id: int | None = None
    scores: dict[str, float | None] = {}
    answers: Answers = {}
    assessed: dict[str, int] = {}
    extras: dict[str, Any] = {}
    tags: list[str] = []
    seats: list[tuple[int, int]] = []  # (user_id, collaborator role_id), sorted
    applications: list[int] = []

    @property
    def process_slug(self) -> str:
        """The name in lower case with dashes, and the id, by which every former slug still leads
        to the idea (contract 6)."""
        return slug_of(self.process_name, self.process_id)


def slug_of(name: str, process_id: int) -> str:
    """'Check invoices', 1183 -> 'check-invoices-1183'."""
    return "-".join(part for part in (slug(name), str(process_id)) if part)


def set_person(idea: Idea, which: str, user_id: int | None) -> None:
    """Gives the idea another owner or submitter, and that person the seat that goes with it."""
    role_id = OWNER_ROLE if which == "owner" else SUBMITTER_ROLE
    setattr(idea, f"{which}_user_id", user_id)
    kept = {seat for seat in idea.seats if seat[1] != role_id}
    idea.seats = sorted(kept | ({(user_id, role_id)} if user_id is not None else set()))


def name_key(name: str) -> str:
    """Names are one when they differ in case and surrounding blanks alone (contract 4.4)."""
    return fold(" ".join(name.split()))


# --- what the calls take and answer ---


class EmployeeIdea(msgspec.Struct):
    """The body of POST /automationidea (contract 4.4, 5.1); `category` is the same as
    `category_id`."""

    process_name: ProcessName
    process_description: LongText
    rules: Fifth
    input_type: Fifth
    input_quality: Fifth
    stability: Fifth
    documentation: Fifth
    owner: Email
    category_id: Id | None = None
    category: Id | None = None
    submitter: Email | None = None
    applications: Annotated[list[Id], Meta(max_length=100)] = []


class CoeIdea(msgspec.Struct):
    """The body of POST /coe-automationidea (contract 5.2); numbers are checked against the
    questions."""

    process_name: ProcessName
    process_description: LongText
    process_pain_points: LongText
    process_negative_impact: LongText
    automation_goal: str
    task_stability: str
    application_stability: str
    category_id: Id | None = None
    category: Id | None = None
    owner: Email | None = None
    submitter: Email | None = None
    applications: Annotated[list[Id], Meta(max_length=100)] = []
    orchestrator_automation_uuid: str | None = None
    employee_average_working_days: Any = None
    employee_working_hours: Any = None
    employee_average_full_cost: Any = None
    frequency: str | None = None
    volumes: Any = None
    processing_time: Any = None
    error_rate: Any = None
    rework_time: Any = None
    process_peaks: str | None = None
    review_audit_rate: Any = None
    review_audit_time: Any = None
    number_of_ways: Any = None
    digital_input: Any = None
    structured_input: Any = None
    number_of_applications: Any = None
    thin_applications: Any = None
    documentation: str | None = None


class MinedIdea(CoeIdea, kw_only=True):
    """The body of POST /processmining-idea: as a CoE-driven idea, with the link to where it was
    found."""

    source_link: Annotated[str, Meta(max_length=2000)] | None = None


class NewApplication(msgspec.Struct):
    """An application that nobody has listed yet (contract 4.4)."""

    application_name: Annotated[str, Meta(min_length=1, max_length=50)]
    application_version: Annotated[str, Meta(max_length=20)] = ""
    application_language: Annotated[str, Meta(max_length=50)] = ""
    application_comments: Annotated[str, Meta(max_length=512)] = ""
    application_is_citrix_client: bool = False


class SchemaIdea(msgspec.Struct):
    """The body of POST /idea-from-schema and POST /automations; a change request names the
    automation that it wants changed."""

    idea_flow_id: Id
    user_inputs: Inputs
    change_of_process_id: IdeaId | None = None
    new_applications: Annotated[list[NewApplication], Meta(max_length=20)] = []


class Patch(msgspec.Struct):
    """The body of PATCH /automations/{id}: only the questions that are sent change."""

    user_inputs: Inputs
    process_priority: Annotated[str, Meta(max_length=50)] | None = None
    new_applications: Annotated[list[NewApplication], Meta(max_length=20)] = []


class AssessmentInput(msgspec.Struct):
    """Completes one assessment of an idea; answers that are not sent stay as they were."""

    assessment: str
    user_inputs: Inputs = {}


class StatusChange(msgspec.Struct):
    """The body of POST /automations/status. `reason` is kept in the history; `force` is taken and
    changes nothing; `duplicate_of` names the original. `owner` names a
    process owner where there is none yet, `project_manager` who leads what was decided; both are
    ours, beside the contract."""

    process_id: IdeaId
    phase_status_id: Id
    reason: Reason | None = None
    duplicate_of: IdeaId | None = None
    owner: Email | None = None
    project_manager: Email | None = None
    force: Annotated[int, Meta(ge=0, le=1)] = 0


class FlowChange(msgspec.Struct):
    """The body of PATCH /idea-flows/automations/{id}/idea-flow."""

    idea_flow_id: Id
    phase_variable: str
    status_variable: str


class CategoryChange(msgspec.Struct):
    """The body of PUT /automation/{id}/categories: the lowest level; the chain above follows."""

    category_id: int
    category_other_text: Annotated[str, Meta(max_length=100)] | None = None


class Tags(msgspec.Struct):
    tags: Annotated[list[Tag], Meta(max_length=50)]


class DraftInput(msgspec.Struct):
    idea_flow_id: Id
    user_inputs: Inputs


class Draft(msgspec.Struct):
    draft_id: int
    idea_flow_id: int
    process_name: str | None
    user_inputs: Inputs
    draft_created_epoch: int
    draft_updated_epoch: int


class CreatedIdea(msgspec.Struct):
    """What every submission answers."""

    process_id: int
    process_uuid: str
    process_name: str
    process_slug: str


def name_idea(idea: Idea) -> CreatedIdea:
    return CreatedIdea(
        process_id=idea.process_id,
        process_uuid=idea.process_uuid,
        process_name=idea.process_name,
        process_slug=idea.process_slug,
    )


class HistoryEntry(msgspec.Struct):
    """One entry of an idea's history; `from_status_id` null is the submission."""

    at_epoch: int
    user_id: int | None
    user_email: str | None
    door: str
    from_status_id: int | None
    to_status_id: int
    from_status_name: str | None
    to_status_name: str
    reason: str | None
    forced: int


class Duplicate(msgspec.Struct):
    """An idea that may be the same: how much alike from 0 to 100, and in what."""

    process_id: int
    process_name: str
    process_slug: str
    similarity: float
    name_similarity: float
    description_similarity: float
    because: str
