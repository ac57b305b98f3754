"""The calls about flows (contract 4.4, and our own beside it)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.flows import service
from autohub.flows.model import (
    CategoryFlow,
    Flow,
    FlowName,
    NewFlow,
    NewPhase,
    NewStatus,
    Phase,
    PhaseChange,
    Status,
)
from autohub.web.routes import ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Idea flows")
SETUP = (Right.MANAGE_PLATFORM_SETUP,)

_NEW = {
    "idea_flow_name": "Quick wins",
    "start_status_id": 46,
    "transitions": [
        {"from_status_id": 46, "to_status_id": 71, "permission": "Review ideas"},
        {
            "from_status_id": 71,
            "to_status_id": 91,
            "permission": "Update the Phase and Status of any idea",
        },
    ],
    "submission_type": 1,
}
_FLOW = {"idea_flow_id": 101, "idea_flow_is_default": 0} | _NEW
_OVERVIEW = [
    {
        "Idea flow name": "Business Process",
        "Idea flow ID": 8,
        "Idea flow type": "business-process",
        "IDEA": {
            "IDEA_AWAITING_REVIEW": {
                "phase_variable": "IDEA",
                "status_variable": "IDEA_AWAITING_REVIEW",
                "status_value": "Awaiting review",
            }
        },
    }
]


@routes("GET", "/idea-flows", rights=ANY_RIGHT, answer=list[dict[str, Any]], example=_OVERVIEW)
def list_flows(request: ReadApiRequest) -> Any:
    """Lists the idea flows, each with its phases and their statuses"""
    return service.list_flows(request.db)


@routes("GET", "/idea-flows/{idea_flow_id}", rights=ANY_RIGHT, answer=Flow, example=_FLOW)
def get_flow(request: ReadApiRequest) -> Flow:
    """Shows a whole flow with its moves, as it can be imported"""
    return service.get_flow(request.db, request.id)


@routes(
    "POST",
    "/idea-flows",
    rights=SETUP,
    body=NewFlow,
    body_example=_NEW,
    status=201,
    message="Resource Created",
    answer=Flow,
    example=_FLOW,
    errors=(409,),
)
def create_flow(request: WriteApiRequest) -> Flow:
    """Makes or imports a custom flow

    Every status must be reachable from the start; each move names the permission that it needs.
    """
    return service.create_flow(request.db, request.caller, request.body, now=request.now)


@routes(
    "POST",
    "/idea-flows/{idea_flow_id}/copy",
    rights=SETUP,
    body=FlowName,
    body_example={"idea_flow_name": "Quick wins"},
    status=201,
    message="Resource Created",
    answer=Flow,
    example=_FLOW,
    errors=(409,),
)
def copy_flow(request: WriteApiRequest) -> Flow:
    """Copies a flow under another name"""
    return service.copy_flow(
        request.db, request.caller, request.id, request.body.idea_flow_name, now=request.now
    )


@routes(
    "PUT",
    "/idea-flows/{idea_flow_id}",
    rights=SETUP,
    body=NewFlow,
    body_example=_NEW,
    answer=Flow,
    example=_FLOW,
    errors=(409,),
)
def update_flow(request: WriteApiRequest) -> Flow:
    """Replaces a custom flow"""
    return service.update_flow(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "DELETE", "/idea-flows/{idea_flow_id}", rights=SETUP, answer=None, example=None, errors=(409,)
)
def delete_flow(request: WriteApiRequest) -> None:
    """Deletes a custom flow that no category names"""
    service.delete_flow(request.db, request.caller, request.id, now=request.now)


@routes(
    "GET",
    "/categories/{category_id}/idea-flows",
    rights=ANY_RIGHT,
    answer=dict[str, int],
    example={"1": 101, "2": 2},
)
def get_category_flows(request: ReadApiRequest) -> dict[str, int]:
    """Tells which flow ideas of each type take in a category

    Its own, else that of the nearest category above, else the whole installation's (category 0),
    else the default.
    """
    return service.get_category_flows(request.db, request.id)


@routes(
    "PUT",
    "/categories/{category_id}/idea-flows",
    rights=SETUP,
    body=CategoryFlow,
    body_example={"submission_type": 1, "idea_flow_id": 101},
    answer=dict[str, int],
    example={"1": 101, "2": 2},
)
def set_category_flow(request: WriteApiRequest) -> dict[str, int]:
    """Gives a category and those below it a flow of its own for one type; null takes it away"""
    return service.set_category_flow(
        request.db, request.caller, request.id, request.body, now=request.now
    )


_STATUS = {
    "phase_status_id": 102,
    "phase_status_key": "SECURITY_CHECK_PASSED",
    "phase_status_name": "Passed",
    "phase_id": 101,
    "phase_key": "SECURITY_CHECK",
    "phase_name": "Security check",
    "waits_for": "review",
}
_PHASE = {
    "phase_id": 101,
    "phase_key": "SECURITY_CHECK",
    "phase_name": "Security check",
    "phase_is_active": 1,
    "phase_order": 5,
    "phase_target_days": None,
    "statuses": [_STATUS],
}


@routes("GET", "/phases", rights=ANY_RIGHT, answer=list[Phase], example=[_PHASE])
def list_phases(request: ReadApiRequest) -> list[Phase]:
    """Lists the phases with their statuses"""
    return service.list_phases(request.db)


@routes(
    "POST",
    "/phases",
    rights=SETUP,
    body=NewPhase,
    body_example={"phase_name": "Security check", "phase_order": 5},
    status=201,
    message="Resource Created",
    answer=Phase,
    example=_PHASE,
)
def create_phase(request: WriteApiRequest) -> Phase:
    """Adds a phase of one's own, for custom flows"""
    return service.create_phase(request.db, request.caller, request.body, now=request.now)


@routes(
    "PATCH",
    "/phases/{phase_id}",
    rights=SETUP,
    body=PhaseChange,
    body_example={"phase_target_days": 21},
    answer=Phase,
    example=_PHASE | {"phase_target_days": 21},
)
def update_phase(request: WriteApiRequest) -> Phase:
    """Says after how many days in one status of a phase ideas are late; null: never"""
    return service.update_phase(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "POST",
    "/phase-statuses",
    rights=SETUP,
    body=NewStatus,
    body_example={"phase_id": 101, "phase_status_name": "Passed", "waits_for": "review"},
    status=201,
    message="Resource Created",
    answer=Status,
    example=_STATUS,
)
def create_status(request: WriteApiRequest) -> Status:
    """Adds a status to a phase"""
    return service.create_status(request.db, request.caller, request.body, now=request.now)
