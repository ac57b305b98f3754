"""The record of contract 4.3 as the OpenAPI document describes it. It is built by `record.py`; what
its fields mean stands in the Output Dictionary (web.dictionary)."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

Number = int | None | UnsetType
Figure = float | None | UnsetType
Text = str | None | UnsetType


class NamedPerson(msgspec.Struct):
    """A person as records name one; null everywhere once the person was erased."""

    user_id: int | None
    user_email: str | None
    user_first_name: str | None
    user_last_name: str | None


class NamedRole(msgspec.Struct):
    role_id: int
    role_name: str


class NamedCollaborator(msgspec.Struct):
    """Somebody with roles on an idea."""

    user_email: str | None
    user_first_name: str | None
    user_last_name: str | None
    roles: list[NamedRole]


class NamedCategory(msgspec.Struct):
    category_id: int
    category_name: str


class NamedApplication(msgspec.Struct):
    application_id: int
    application_name: str
    application_version: str


class NamedPhase(msgspec.Struct):
    phase_id: int
    phase_key: str
    phase_name: str
    phase_is_active: int
    phase_order: int


class NamedStatus(msgspec.Struct):
    phase_status_id: int
    phase_id: int
    phase_status_key: str
    phase_status_name: str


class IdeaRecord(msgspec.Struct, kw_only=True):
    """An idea. Beside these fields there is one for each question of its assessments, named by the
    question's key in lower case (`da-volumes`), each with a twin `…__display` for readers. A list
    may be narrowed by `fields=`, and a deleted idea has its ids and times alone."""

    process_id: int
    process_uuid: str | UnsetType = UNSET
    process_slug: str | UnsetType = UNSET
    process_name: str | UnsetType = UNSET
    process_description: str | UnsetType = UNSET
    process_description__display: Text = UNSET
    process_submission_type: int | UnsetType = UNSET
    process_is_deleted: int | UnsetType = UNSET
    idea_flow_id: int | UnsetType = UNSET
    process_submitter_user_id: Number = UNSET
    process_owner_user_id: Number = UNSET
    process_submitter: NamedPerson | None | UnsetType = UNSET
    owner: NamedPerson | None | UnsetType = UNSET
    user_department: Text = UNSET
    user_business_unit: Text = UNSET
    process_phase_id: int | UnsetType = UNSET
    phase_id: int | UnsetType = UNSET
    phase_key: str | UnsetType = UNSET
    phase_name: str | UnsetType = UNSET
    process_phase: NamedPhase | UnsetType = UNSET
    process_phase_status_id: int | UnsetType = UNSET
    phase_status_id: int | UnsetType = UNSET
    phase_status_key: str | UnsetType = UNSET
    phase_status_name: str | UnsetType = UNSET
    process_phase_status: NamedStatus | UnsetType = UNSET
    process_created_epoch: int | UnsetType = UNSET
    process_created_epoch__display: Text = UNSET
    process_updated_epoch: int | UnsetType = UNSET
    process_updated_epoch__display: Text = UNSET
    process_status_epoch: int | UnsetType = UNSET
    process_status_epoch__display: Text = UNSET
    hierarchy: str | UnsetType = UNSET
    process_l1_id: Number = UNSET
    process_l2_id: Number = UNSET
    process_l3_id: Number = UNSET
    category_id: int | UnsetType = UNSET
    category_name: str | UnsetType = UNSET
    category_level_id: int | UnsetType = UNSET
    category_is_other: int | UnsetType = UNSET
    category_other_text: Text = UNSET
    subcategories: list[NamedCategory] | UnsetType = UNSET
    categories: list[NamedCategory] | UnsetType = UNSET
    collaborators: list[NamedCollaborator] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    applications: list[NamedApplication] | UnsetType = UNSET
    process_num_collaborators: int | UnsetType = UNSET
    process_num_votes: int | UnsetType = UNSET
    process_num_documents: int | UnsetType = UNSET
    process_num_applications: int | UnsetType = UNSET
    process_priority: Text = UNSET
    change_of_process_id: Number = UNSET
    process_goal: Text = UNSET
    process_pain_points: Text = UNSET
    process_negative_impact: Text = UNSET
    process_rules_id: Number = UNSET
    process_input_type_id: Number = UNSET
    process_input_structure_id: Number = UNSET
    process_stability_id: Number = UNSET
    process_documentation_availability_ids: Text = UNSET
    process_overall_gauge_score: Figure = UNSET
    process_overall_gauge_score__display: Text = UNSET
    process_automation_score: Figure = UNSET
    process_automation_score__display: Text = UNSET
    process_ease_of_implementation_score: Figure = UNSET
    process_ease_of_implementation_score__display: Text = UNSET
    process_estimated_benefit_score: Figure = UNSET
    process_estimated_benefit_score__display: Text = UNSET
    process_suitability_score: Figure = UNSET
    process_suitability_score__display: Text = UNSET
    process_readiness_score: Figure = UNSET
    process_readiness_score__display: Text = UNSET
    orchestrator_automation_uuid: Text = UNSET
    process_automation_id: Any = None
    software_vendor_id: Any = None
    software_vendor: Text = UNSET
    software_cost_id: Any = None
    cost_description: Text = UNSET
    running_cost: Figure = UNSET
    number_of_robots: Figure = UNSET
    process_type_id: Any = None


class AllowedMove(msgspec.Struct):
    """A move that the caller may make now."""

    phase_status_id: int
    phase_status_name: str
    permission: str
