"""The calls about drafts; ours, beside the contract."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.access.routes import Paged, ReadCall, Routes, WriteCall
from autohub.drafts import service
from autohub.ideas import examples
from autohub.ideas.model import Created, Draft, DraftInput
from autohub.kit.query import PAGING

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
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "drafts": [examples.DRAFT]},
)
def read(call: ReadCall) -> Any:
    """Lists the caller's own drafts, the last changed first"""
    found, total = service.listed(call.db, call.caller, call.query.page)
    return call.query.page.envelope("drafts", found, total)


@routes("GET", "/drafts/{draft_id}", rights=ANY_RIGHT, answer=Draft, example=examples.DRAFT)
def one(call: ReadCall) -> Draft:
    """Shows one of the caller's drafts"""
    return service.one(call.db, call.caller, call.id)


@routes("POST", "/drafts", rights=ANY_RIGHT, status=201, message="Resource Created", errors=(404,), **_BODY)
def add(call: WriteCall) -> Draft:
    """Keeps an idea that is not ready yet; nothing of it is checked before it is handed in"""
    return service.save(call.db, call.caller, None, call.body, now=call.now)


@routes("PUT", "/drafts/{draft_id}", rights=ANY_RIGHT, **_BODY)
def change(call: WriteCall) -> Draft:
    """Replaces a draft"""
    return service.save(call.db, call.caller, call.id, call.body, now=call.now)


@routes("DELETE", "/drafts/{draft_id}", rights=ANY_RIGHT, answer=None, example=None)
def remove(call: WriteCall) -> None:
    """Deletes a draft"""
    service.remove(call.db, call.caller, call.id)


@routes(
    "POST",
    "/drafts/{draft_id}/submit",
    rights=ANY_RIGHT,
    status=201,
    message="Resource Created",
    answer=Created,
    example=examples.CREATED,
)
def submit(call: WriteCall) -> Created:
    """Hands a draft in"""
    return service.submit(call.db, call.caller, call.id, now=call.now)
