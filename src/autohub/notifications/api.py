"""The calls about one's own notices; ours, beside the contract."""

from autohub.access.model import ANY_RIGHT
from autohub.notifications import service
from autohub.notifications.model import NoticeChoice
from autohub.web.routes import ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Notices")


@routes(
    "GET", "/notices", rights=ANY_RIGHT, answer=NoticeChoice, example={"off": ["status changed"]}
)
def get_notice_choice(request: ReadApiRequest) -> NoticeChoice:
    """Lists the mails about ideas that the caller does not want"""
    return service.get_choice(request.db, request.caller)


@routes(
    "PUT",
    "/notices",
    rights=ANY_RIGHT,
    body=NoticeChoice,
    body_example={"off": ["status changed"]},
    answer=NoticeChoice,
    example={"off": ["status changed"]},
)
def put_notice_choice(request: WriteApiRequest) -> NoticeChoice:
    """Chooses the mails about ideas that the caller does not want"""
    return service.set_choice(request.db, request.caller, request.body)
