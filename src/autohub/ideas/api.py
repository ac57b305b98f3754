"""The calls about ideas (contract 4)."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.assessments.scoring import Result
from autohub.ideas import (
    duplicates,
    examples,
    forms,
    listing,
    moves,
    rescoring,
    schema,
    scoring,
    service,
    submission,
)
from autohub.ideas.fields import AllowedMove, IdeaRecord
from autohub.ideas.model import (
    AssessmentInput,
    CategoryChange,
    CoeIdea,
    CreatedIdea,
    Duplicate,
    EmployeeIdea,
    FlowChange,
    HistoryEntry,
    MinedIdea,
    Patch,
    SchemaIdea,
    StatusChange,
    Tags,
    name_idea,
)
from autohub.ideas.reading import encode_record
from autohub.ideas.rescoring import RescorePreview, RescoreResult
from autohub.ideas.rights import find_idea
from autohub.kit.errors import Invalid
from autohub.kit.query import Param
from autohub.web.routes import (
    ChunkedApiRequest,
    Paged,
    ReadApiRequest,
    Routes,
    Stream,
    WriteApiRequest,
)

routes = Routes("Ideas")
NO_FLOW = {"message": "No process made for the given idea flow"}
_CREATED: dict[str, Any] = {
    "status": 201,
    "message": "Resource Created",
    "answer": CreatedIdea,
    "example": examples.CREATED,
    "lines": True,
}
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "processes": [examples.IDEA]}
_LIST: dict[str, Any] = {
    "rights": ANY_RIGHT,
    "cached": True,
    "streams": "database",
    "answer": Paged("processes", IdeaRecord),
    "example": _PAGE,
}


@routes("GET", "/automations", params=listing.PARAMS, **_LIST)
def list_automations(request: ReadApiRequest) -> Stream:
    """Lists the ideas that the caller may see

    An ETag comes with the answer; sent back as If-None-Match it saves the body while nothing has
    changed.
    """
    return listing.stream_page(request)


@routes(
    "GET",
    "/automationpipeline",
    params=(
        *listing.PARAMS,
        Param("pre", "text", "Accepted and passed over; the original's clients send `all`."),
    ),
    **_LIST,
)
def list_pipeline(request: ReadApiRequest) -> Stream:
    """Lists the pipeline: the same ideas under the same filters"""
    return listing.stream_page(request)


@routes(
    "GET",
    "/automations/duplicates",
    rights=ANY_RIGHT,
    params=(
        Param("name", "text", "The name of the idea to be.", required=True),
        Param("description", "text", "What it is about."),
    ),
    answer=list[Duplicate],
    example=[examples.DUPLICATE],
)
def list_potential_duplicates(request: ReadApiRequest) -> list[Duplicate]:
    """Ranks the ideas that may be the same as a new one, and says why

    Only ideas that the caller may see are compared.
    """
    name = request.query.get("name")
    if name is None:
        raise Invalid("Say how the idea is called.", details={"name": ["is required."]})
    return duplicates.find_duplicates(
        request.db, request.caller, name, request.query.get("description") or ""
    )


@routes(
    "GET",
    "/automations/{process_id}",
    rights=ANY_RIGHT,
    cached=True,
    answer=IdeaRecord,
    example=examples.IDEA,
)
def get_automation(request: ReadApiRequest) -> Any:
    """Shows one idea by its number or its slug"""
    return msgspec.Raw(encode_record(request.db, request.caller, request.id))


@routes(
    "POST",
    "/automationidea",
    rights=(Right.SUBMIT_IDEA,),
    any_category=True,
    tenant_level=True,
    body=EmployeeIdea,
    extra_checks=forms.find_further_faults,
    body_example=examples.EMPLOYEE,
    **_CREATED,
)
def submit_employee_idea(request: WriteApiRequest) -> CreatedIdea:
    """Hands in an employee-driven idea

    A tenant-level token names the `submitter`, whose rights decide.
    """
    return submission.submit_idea(
        request.db,
        request.caller,
        forms.from_employee_body(request.db, request.body),
        now=request.now,
    )


@routes(
    "POST",
    "/coe-automationidea",
    rights=(Right.SUBMIT_COE_IDEA,),
    any_category=True,
    tenant_level=True,
    body=CoeIdea,
    extra_checks=forms.find_further_faults,
    body_example=examples.COE,
    **_CREATED,
)
def submit_coe_idea(request: WriteApiRequest) -> CreatedIdea:
    """Hands in a CoE-driven idea with its Detailed Assessment"""
    return forms.submit_coe(request.db, request.caller, request.body, 2, now=request.now)


@routes(
    "POST",
    "/processmining-idea",
    rights=(Right.SUBMIT_COE_IDEA,),
    any_category=True,
    tenant_level=True,
    body=MinedIdea,
    extra_checks=forms.find_further_faults,
    body_example=examples.MINED,
    **_CREATED,
)
def submit_mined_idea(request: WriteApiRequest) -> CreatedIdea:
    """Hands in an idea that process mining found"""
    return forms.submit_coe(request.db, request.caller, request.body, 4, now=request.now)


@routes(
    "GET",
    "/idea-schema",
    rights=ANY_RIGHT,
    no_envelope=True,
    errors=(404,),
    answer=dict[str, Any],
    params=(
        Param("idea_flow_id", "number", "The idea flow.", required=True),
        Param(
            "category", "number", "As asked in this category; the whole installation unless given."
        ),
    ),
    example=examples.SCHEMA,
)
def get_idea_schema(request: ReadApiRequest) -> Any:
    """Describes what a flow asks, as a JSON Schema, with the template of a body"""
    flow_id = request.query.get("idea_flow_id")
    if flow_id is None:
        raise Invalid(
            "Say for which flow.",
            details={"idea_flow_id": ["is required; GET /idea-flows lists them."]},
        )
    found = schema.schema_of_flow(
        request.db, request.caller, flow_id, request.query.get("category") or 0
    )
    return NO_FLOW if found is None else {"status": "success", "data": found}


def submit_from_schema(request: WriteApiRequest) -> CreatedIdea:
    """Hands in an idea of any flow, by the answers of its schema"""
    body = request.body
    return submission.submit_from_schema(
        request.db,
        request.caller,
        body.idea_flow_id,
        body.user_inputs,
        body.new_applications,
        now=request.now,
        change_of_process_id=body.change_of_process_id,
    )


for _path in ("/idea-from-schema", "/automations"):
    routes(
        "POST",
        _path,
        rights=ANY_RIGHT,
        body=SchemaIdea,
        body_example={"idea_flow_id": 8, "user_inputs": examples.INPUTS},
        errors=(404,),
        **_CREATED,
    )(submit_from_schema)


@routes(
    "PATCH",
    "/automations/{process_id}",
    rights=ANY_RIGHT,
    body=Patch,
    body_example=examples.PATCH,
    lines=True,
    answer=CreatedIdea,
    example=examples.CREATED,
    errors=(409,),
)
def patch_automation(request: WriteApiRequest) -> CreatedIdea:
    """Changes the answers that are sent, and nothing else"""
    held = find_idea(request.db, request.caller, request.id)
    service.patch_idea(request.db, request.caller, held, request.body, now=request.now)
    return name_idea(held.idea)


@routes(
    "DELETE",
    "/automations/{process_id}",
    rights=(Right.DELETE_DATA,),
    any_category=True,
    answer=None,
    example=None,
)
def delete_automation(request: WriteApiRequest) -> None:
    """Deletes an idea for good"""
    held = find_idea(request.db, request.caller, request.id)
    service.delete_idea(request.db, request.caller, held, now=request.now)


@routes(
    "GET",
    "/automations/{process_id}/schema",
    rights=ANY_RIGHT,
    no_envelope=True,
    answer=dict[str, Any],
    example=examples.SCHEMA,
)
def get_schema_of_automation(request: ReadApiRequest) -> Any:
    """Describes an idea's questions as a JSON Schema, with its answers"""
    return {
        "status": "success",
        "data": schema.schema_of_idea(
            request.db, find_idea(request.db, request.caller, request.id).idea
        ),
    }


@routes(
    "GET",
    "/automations/{process_id}/scores",
    rights=ANY_RIGHT,
    answer=list[Result],
    example=[examples.SCORE],
)
def explain_scores(request: ReadApiRequest) -> list[Result]:
    """Explains every score: its factors, their weights, and the formula that made it"""
    return scoring.compute_results(
        request.db, find_idea(request.db, request.caller, request.id).idea
    )


@routes(
    "GET",
    "/automations/{process_id}/history",
    rights=ANY_RIGHT,
    answer=list[HistoryEntry],
    example=[examples.MOVED],
)
def list_history(request: ReadApiRequest) -> list[HistoryEntry]:
    """Lists an idea's moves: who, when, from, to, why"""
    held = find_idea(request.db, request.caller, request.id)
    return service.list_history(request.db, held)


@routes(
    "GET",
    "/automations/{process_id}/moves",
    rights=ANY_RIGHT,
    answer=list[AllowedMove],
    example=[examples.ALLOWED_MOVE],
)
def list_allowed_moves(request: ReadApiRequest) -> Any:
    """Lists the moves that the caller may make now"""
    held = find_idea(request.db, request.caller, request.id)
    return moves.list_allowed_moves(request.db, request.caller, held)


@routes(
    "POST",
    "/automations/status",
    rights=ANY_RIGHT,
    body=StatusChange,
    subject_path="/automations/{process_id}",
    subject=lambda _, body: {"process_id": str(body.process_id)},
    body_example={"process_id": 1183, "phase_status_id": 53},
    lines=True,
    status=201,
    message="Resource Updated",
    answer=dict[str, str],
    example={"message": "Sync Successful."},
    errors=(404, 409),
)
def change_status(request: WriteApiRequest) -> dict[str, str]:
    """Moves an idea to another status of its flow

    Who may set the status of any idea there sets each one of the flow; the history marks as
    forced what is no move of it. Anybody else is told the moves that the flow has.
    """
    held = find_idea(request.db, request.caller, request.body.process_id)
    moves.change_status(
        request.db, request.caller, held, request.body, may_force=True, now=request.now
    )
    return {"message": "Sync Successful."}


@routes(
    "PATCH",
    "/idea-flows/automations/{process_id}/idea-flow",
    subject_path="/automations/{process_id}",
    rights=ANY_RIGHT,
    body=FlowChange,
    body_example={
        "idea_flow_id": 1,
        "phase_variable": "IDEA",
        "status_variable": "IDEA_AWAITING_REVIEW",
    },
    answer=CreatedIdea,
    example=examples.CREATED,
)
def change_flow(request: WriteApiRequest) -> CreatedIdea:
    """Puts an idea into another flow, at one of its statuses"""
    held = find_idea(request.db, request.caller, request.id)
    moves.change_flow(request.db, request.caller, held, request.body, now=request.now)
    return name_idea(held.idea)


@routes(
    "PUT",
    "/automation/{process_id}/categories",
    subject_path="/automations/{process_id}",
    rights=ANY_RIGHT,
    body=CategoryChange,
    body_example={"category_id": 3},
    answer=CreatedIdea,
    example=examples.CREATED,
)
def set_category(request: WriteApiRequest) -> CreatedIdea:
    """Files an idea under another category; the chain above follows"""
    held = find_idea(request.db, request.caller, request.id)
    service.set_category(request.db, request.caller, held, request.body, now=request.now)
    return name_idea(held.idea)


@routes(
    "POST",
    "/automations/{process_id}/tags",
    rights=ANY_RIGHT,
    body=Tags,
    body_example={"tags": ["quick win"]},
    status=201,
    message="Resource Updated",
    answer=dict[str, list[str]],
    example={"tags": ["quick win"]},
)
def set_tags(request: WriteApiRequest) -> dict[str, list[str]]:
    """Replaces an idea's tags"""
    held = find_idea(request.db, request.caller, request.id)
    tags = service.set_tags(request.db, request.caller, held, request.body.tags, now=request.now)
    return {"tags": tags}


@routes(
    "POST",
    "/automations/{process_id}/assessments",
    rights=ANY_RIGHT,
    body=AssessmentInput,
    body_example={
        "assessment": "DA",
        "user_inputs": {"DA": {"ah-section-da-0-1": {"DA-VOLUMES": {"value": 120}}}},
    },
    lines=True,
    message="Resource Updated",
    answer=CreatedIdea,
    example=examples.CREATED,
    errors=(409,),
)
def complete_assessment(request: WriteApiRequest) -> CreatedIdea:
    """Submits one assessment of an idea

    The Detailed Assessment moves the idea on to the decision, or On hold when a major change is
    expected.
    """
    held = find_idea(request.db, request.caller, request.id)
    service.complete_assessment(request.db, request.caller, held, request.body, now=request.now)
    return name_idea(held.idea)


@routes(
    "GET",
    "/assessments/{version_id}/preview",
    rights=(Right.CUSTOMIZE_ASSESSMENTS,),
    answer=RescorePreview,
    params=(Param("category", "number", "Only the ideas of this category and below it."),),
    example={
        "total": 120,
        "changed": 1,
        "means": {"process_overall_gauge_score": {"before": 61.2, "after": 64.9}},
        "most_changed": [
            {"process_id": 1183, "process_name": "Check invoices", "before": {}, "after": {}}
        ],
    },
)
def preview_version(request: ReadApiRequest) -> RescorePreview:
    """Shows what a version would do to the scores of the whole pipeline, before it is set live"""
    return rescoring.preview_rescore(request.db, request.id, request.query.get("category") or 0)


@routes(
    "POST",
    "/assessments/{version_id}/rescore",
    rights=(Right.CUSTOMIZE_ASSESSMENTS,),
    transaction="per_chunk",
    message="Resource Updated",
    answer=RescoreResult,
    example={"total": 120, "changed": 87},
)
def rescore_ideas(request: ChunkedApiRequest) -> RescoreResult:
    """Brings the ideas of its categories to a live version, and scores them anew by it"""
    return rescoring.rescore_ideas(request.db, request.caller, request.id, now=request.now)
