"""The calls about ideas (contract 4)."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.access.routes import ChunkCall, Paged, ReadCall, Routes, Stream, WriteCall
from autohub.assessments.scoring import Result
from autohub.ideas import duplicates, examples, forms, listing, moves, rescoring, schema, scoring, service, store, submission
from autohub.ideas.model import (
    AssessmentInput,
    CategoryChange,
    CoeIdea,
    Created,
    Duplicate,
    EmployeeIdea,
    FlowChange,
    MinedIdea,
    Moved,
    Patch,
    SchemaIdea,
    StatusChange,
    Tags,
)
from autohub.ideas.reading import record
from autohub.ideas.rescoring import Preview, Rescored
from autohub.ideas.rights import find
from autohub.kit.errors import Invalid
from autohub.kit.query import Param

routes = Routes("Ideas")
NO_FLOW = {"message": "No process made for the given idea flow"}
_CREATED: dict[str, Any] = {"status": 201, "message": "Resource Created", "answer": Created, "example": examples.CREATED, "lines": True}
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "processes": [examples.IDEA]}


@routes(
    "GET",
    "/automations",
    rights=ANY_RIGHT,
    streams="database",
    answer=Paged("processes", dict[str, Any]),
    params=listing.PARAMS,
    example=_PAGE,
)
def read(call: ReadCall) -> Stream:
    """Lists the ideas that the caller may see

    An ETag comes with the answer; sent back as If-None-Match it saves the body while nothing has changed.
    """
    return listing.page(call)


@routes(
    "GET",
    "/automationpipeline",
    rights=ANY_RIGHT,
    streams="database",
    answer=Paged("processes", dict[str, Any]),
    params=(*listing.PARAMS, Param("pre", "text", "Accepted and passed over; the original's clients send `all`.")),
    example=_PAGE,
)
def pipeline(call: ReadCall) -> Stream:
    """Lists the pipeline: the same ideas under the same filters"""
    return listing.page(call)


@routes(
    "GET",
    "/automations/duplicates",
    rights=ANY_RIGHT,
    params=(Param("name", "text", "The name of the idea to be; required."), Param("description", "text", "What it is about.")),
    answer=list[Duplicate],
    example=[examples.DUPLICATE],
)
def potential_duplicates(call: ReadCall) -> list[Duplicate]:
    """Ranks the ideas that may be the same as a new one, and says why

    Only ideas that the caller may see are compared.
    """
    name = call.query.get("name")
    if name is None:
        raise Invalid("Say how the idea is called.", details={"name": ["is required."]})
    return duplicates.find(call.db, call.caller, name, call.query.get("description") or "")


@routes("GET", "/automations/{process_id}", rights=ANY_RIGHT, answer=dict[str, Any], example=examples.IDEA)
def one(call: ReadCall) -> Any:
    """Shows one idea by its number or its slug"""
    find(call.db, call.caller, call.id)
    return msgspec.Raw(record(call.db, call.id))


@routes(
    "POST",
    "/automationidea",
    rights=(Right.SUBMIT_IDEA,),
    somewhere=True,
    tenant_level=True,
    body=EmployeeIdea,
    further=forms.further,
    body_example=examples.EMPLOYEE,
    **_CREATED,
)
def employee(call: WriteCall) -> Created:
    """Hands in an employee-driven idea

    A tenant-level token names the `submitter`, whose rights decide.
    """
    return submission.submit(call.db, call.caller, forms.employee(call.db, call.body), now=call.now)


@routes(
    "POST",
    "/coe-automationidea",
    rights=(Right.SUBMIT_COE_IDEA,),
    somewhere=True,
    tenant_level=True,
    body=CoeIdea,
    further=forms.further,
    body_example=examples.COE,
    **_CREATED,
)
def coe(call: WriteCall) -> Created:
    """Hands in a CoE-driven idea with its Detailed Assessment"""
    return forms.submit_coe(call.db, call.caller, call.body, 2, now=call.now)


@routes(
    "POST",
    "/processmining-idea",
    rights=(Right.SUBMIT_COE_IDEA,),
    somewhere=True,
    tenant_level=True,
    body=MinedIdea,
    further=forms.further,
    body_example=examples.MINED,
    **_CREATED,
)
def mined(call: WriteCall) -> Created:
    """Hands in an idea that process mining found"""
    return forms.submit_coe(call.db, call.caller, call.body, 4, now=call.now)


@routes(
    "GET",
    "/idea-schema",
    rights=ANY_RIGHT,
    bare=True,
    errors=(404,),
    answer=dict[str, Any],
    params=(
        Param("idea_flow_id", "number", "The idea flow; required."),
        Param("category", "number", "As asked in this category; the whole installation unless given."),
    ),
    example=examples.SCHEMA,
)
def idea_schema(call: ReadCall) -> Any:
    """Describes what a flow asks, as a JSON Schema, with the template of a body"""
    flow_id = call.query.get("idea_flow_id")
    if flow_id is None:
        raise Invalid("Say for which flow.", details={"idea_flow_id": ["is required; GET /idea-flows lists them."]})
    found = schema.of_flow(call.db, call.caller, flow_id, call.query.get("category") or 0)
    return NO_FLOW if found is None else {"status": "success", "data": found}


def _from_schema(call: WriteCall) -> Created:
    """Hands in an idea of any flow, by the answers of its schema"""
    body = call.body
    return submission.from_schema(call.db, call.caller, body.idea_flow_id, body.user_inputs, body.new_applications, now=call.now)


for _path in ("/idea-from-schema", "/automations"):
    routes(
        "POST",
        _path,
        rights=ANY_RIGHT,
        body=SchemaIdea,
        body_example={"idea_flow_id": 8, "user_inputs": examples.INPUTS},
        errors=(404,),
        **_CREATED,
    )(_from_schema)


@routes(
    "PATCH",
    "/automations/{process_id}",
    rights=ANY_RIGHT,
    body=Patch,
    body_example=examples.PATCH,
    lines=True,
    answer=Created,
    example=examples.CREATED,
    errors=(409,),
)
def patch(call: WriteCall) -> Created:
    """Changes the answers that are sent, and nothing else"""
    service.patch(call.db, call.caller, call.id, call.body, now=call.now)
    return _created(call)


@routes("DELETE", "/automations/{process_id}", rights=(Right.DELETE_DATA,), somewhere=True, answer=None, example=None)
def remove(call: WriteCall) -> None:
    """Deletes an idea for good"""
    service.remove(call.db, call.caller, call.id, now=call.now)


@routes("GET", "/automations/{process_id}/schema", rights=ANY_RIGHT, bare=True, answer=dict[str, Any], example=examples.SCHEMA)
def schema_of(call: ReadCall) -> Any:
    """Describes an idea's questions as a JSON Schema, with its answers"""
    return {"status": "success", "data": schema.of_idea(call.db, find(call.db, call.caller, call.id).idea)}


@routes("GET", "/automations/{process_id}/scores", rights=ANY_RIGHT, answer=list[Result], example=[examples.SCORE])
def scores(call: ReadCall) -> list[Result]:
    """Explains every score: its factors, their weights, and the formula that made it"""
    return scoring.results(call.db, find(call.db, call.caller, call.id).idea)


@routes("GET", "/automations/{process_id}/history", rights=ANY_RIGHT, answer=list[Moved], example=[examples.MOVED])
def history(call: ReadCall) -> list[Moved]:
    """Lists an idea's moves: who, when, from, to, why"""
    return service.history(call.db, call.caller, call.id)


@routes(
    "GET",
    "/automations/{process_id}/moves",
    rights=ANY_RIGHT,
    answer=list[dict[str, Any]],
    example=[{"phase_status_id": 51, "phase_status_name": "Assessment – Not started", "permission": "Review ideas"}],
)
def possible(call: ReadCall) -> Any:
    """Lists the moves that the caller may make now"""
    return moves.allowed(call.db, call.caller, call.id)


@routes(
    "POST",
    "/automations/status",
    rights=ANY_RIGHT,
    body=StatusChange,
    body_example={"process_id": 1183, "phase_status_id": 53},
    lines=True,
    status=201,
    message="Resource Updated",
    answer=dict[str, str],
    example={"message": "Sync Successful."},
    errors=(404, 409),
)
def change_status(call: WriteCall) -> dict[str, str]:
    """Moves an idea to another status of its flow

    A move that the flow does not have is refused with those that it has.
    """
    moves.change_status(call.db, call.caller, call.body, now=call.now)
    return {"message": "Sync Successful."}


@routes(
    "PATCH",
    "/idea-flows/automations/{process_id}/idea-flow",
    rights=ANY_RIGHT,
    body=FlowChange,
    body_example={"idea_flow_id": 1, "phase_variable": "IDEA", "status_variable": "IDEA_AWAITING_REVIEW"},
    answer=Created,
    example=examples.CREATED,
)
def change_flow(call: WriteCall) -> Created:
    """Puts an idea into another flow, at one of its statuses"""
    moves.change_flow(call.db, call.caller, call.id, call.body, now=call.now)
    return _created(call)


@routes(
    "PUT",
    "/automation/{process_id}/categories",
    rights=ANY_RIGHT,
    body=CategoryChange,
    body_example={"category_id": 3},
    answer=Created,
    example=examples.CREATED,
)
def set_category(call: WriteCall) -> Created:
    """Files an idea under another category; the chain above follows"""
    service.set_category(call.db, call.caller, call.id, call.body, now=call.now)
    return _created(call)


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
def set_tags(call: WriteCall) -> dict[str, list[str]]:
    """Replaces an idea's tags"""
    return {"tags": service.set_tags(call.db, call.caller, call.id, call.body.tags, now=call.now)}


@routes(
    "POST",
    "/automations/{process_id}/assessments",
    rights=ANY_RIGHT,
    body=AssessmentInput,
    body_example={"assessment": "DA", "user_inputs": {"DA": {"ah-section-da-0-1": {"DA-VOLUMES": {"value": 120}}}}},
    lines=True,
    message="Resource Updated",
    answer=Created,
    example=examples.CREATED,
    errors=(409,),
)
def complete(call: WriteCall) -> Created:
    """Submits one assessment of an idea

    The Detailed Assessment moves the idea on to the decision, or On hold when a major change is expected.
    """
    service.complete(call.db, call.caller, call.id, call.body, now=call.now)
    return _created(call)


def _created(call: WriteCall) -> Created:
    idea = store.load(call.db, [call.id])[call.id]
    return Created(idea.process_id, idea.process_uuid, idea.process_name, idea.process_slug)


@routes(
    "GET",
    "/assessments/{version_id}/preview",
    rights=(Right.CUSTOMIZE_ASSESSMENTS,),
    answer=Preview,
    params=(Param("category", "number", "Only the ideas of this category and below it."),),
    example={
        "total": 120,
        "changed": 1,
        "means": {"process_overall_gauge_score": {"before": 61.2, "after": 64.9}},
        "most_changed": [{"process_id": 1183, "process_name": "Check invoices", "before": {}, "after": {}}],
    },
)
def preview(call: ReadCall) -> Preview:
    """Shows what a version would do to the scores of the whole pipeline, before it is set live"""
    return rescoring.preview(call.db, call.id, call.query.get("category") or 0)


@routes(
    "POST",
    "/assessments/{version_id}/rescore",
    rights=(Right.CUSTOMIZE_ASSESSMENTS,),
    transaction="chunks",
    message="Resource Updated",
    answer=Rescored,
    example={"total": 120, "changed": 87},
)
def rescore(call: ChunkCall) -> Rescored:
    """Brings the ideas of its categories to a live version, and scores them anew by it"""
    return rescoring.rescore(call.db, call.caller, call.id, now=call.now)
