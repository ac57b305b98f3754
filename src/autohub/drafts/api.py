"""The calls about drafts; ours, beside the contract."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.drafts import service
from autohub.ideas import examples
from autohub.ideas.model import CreatedIdea, Draft, DraftInput
from autohub.kit.query import PAGING
from autohub.web.routes import Paged, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Drafts")
_BODY: dict[str, Any] = {
    "body": DraftInput,
    "body_example": {"idea_flow_id": 8, "user_inputs": examples.INPUTS},
    "lines": True,
    "answer": Draft,
    "example": examples.DRAFT,
}


@routes(
    "GET",
    "/drafts",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("drafts", Draft),
    example={
        "page": 1,
        "pageSize": 20,
        "totalItems": 1,
        "totalPages": 1,
        "drafts": [examples.DRAFT],
    },
)
def list_drafts(request: ReadApiRequest) -> Any:
    """Lists the caller's own drafts, the last changed first"""
    found, total = service.list_drafts(request.db, request.caller, request.query.page)
    return request.query.page.envelope("drafts", found, total)


@routes("GET", "/drafts/{draft_id}", rights=ANY_RIGHT, answer=Draft, example=examples.DRAFT)
def get_draft(request: ReadApiRequest) -> Draft:
    """Shows one of the caller's drafts"""
    return service.get_draft(request.db, request.caller, request.id)


@routes(
    "POST",
    "/drafts",
    rights=ANY_RIGHT,
    status=201,
    message="Resource Created",
    errors=(404,),
    **_BODY,
)
def create_draft(request: WriteApiRequest) -> Draft:
    """Keeps an idea that is not ready yet; nothing of it is checked before it is handed in"""
    return service.save_draft(request.db, request.caller, None, request.body, now=request.now)


@routes("PUT", "/drafts/{draft_id}", rights=ANY_RIGHT, **_BODY)
def update_draft(request: WriteApiRequest) -> Draft:
    """Replaces a draft"""
    return service.save_draft(request.db, request.caller, request.id, request.body, now=request.now)


@routes("DELETE", "/drafts/{draft_id}", rights=ANY_RIGHT, answer=None, example=None)
def delete_draft(request: WriteApiRequest) -> None:
    """Deletes a draft"""
    service.delete_draft(request.db, request.caller, request.id)


@routes(
    "POST",
    "/drafts/{draft_id}/submit",
    rights=ANY_RIGHT,
    status=201,
    message="Resource Created",
    answer=CreatedIdea,
    example=examples.CREATED,
)
def submit_draft(request: WriteApiRequest) -> CreatedIdea:
    """Hands a draft in"""
    return service.submit_draft(request.db, request.caller, request.id, now=request.now)
