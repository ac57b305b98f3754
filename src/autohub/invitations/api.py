"""The calls about invitations of everyone; those of one person are under /users."""

from typing import Any

from autohub.access.model import Right
from autohub.invitations import service
from autohub.invitations.model import Invitation, Link
from autohub.kit.query import PAGING, Param
from autohub.web.routes import Paged, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Invitations")
_EXAMPLE = {
    "invitation_id": 3,
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "invitation_state": "open",
    "delivery_state": "waiting",
    "delivery_attempts": 0,
    "delivery_error": None,
    "invitation_created_epoch": 1767225600000,
    "invitation_expires_epoch": 1768435200000,
    "invitation_sent_epoch": None,
}


@routes(
    "GET",
    "/invitations",
    rights=(Right.MANAGE_USERS,),
    tenant_level=True,
    answer=Paged("invitations", Invitation),
    params=(*PAGING, Param("open", "flag", "1: only those that still work.")),
    example={
        "page": 1,
        "pageSize": 20,
        "totalItems": 1,
        "totalPages": 1,
        "invitations": [_EXAMPLE],
    },
)
def list_invitations(request: ReadApiRequest) -> Any:
    """Lists invitations, newest first, and what became of their mails"""
    page = request.query.page
    found, total = service.list_invitations(
        request.db,
        page,
        only_open=bool(request.query.get("open")),
        settings=request.settings,
        now=request.now,
    )
    return page.envelope("invitations", found, total)


@routes(
    "POST",
    "/invitations/{invitation_id}/link",
    rights=(Right.MANAGE_USERS,),
    tenant_level=True,
    answer=Link,
    holds_secret=True,
    example={
        "invitation_id": 3,
        "link": "http://127.0.0.1:8000/register/3-0f8c",
        "invitation_expires_epoch": 1768435200000,
    },
    errors=(409,),
)
def get_link(request: WriteApiRequest) -> Link:
    """Shows the one-time link of an open invitation, to hand it over where no mail arrives

    That it was read is written to the audit.
    """
    return service.read_link(
        request.db,
        request.caller,
        request.id,
        settings=request.settings,
        secret=request.installation.secret,
        now=request.now,
    )
