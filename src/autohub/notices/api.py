"""The calls about one's own notices; ours, beside the contract."""

from autohub.access.model import ANY_RIGHT
from autohub.access.routes import ReadCall, Routes, WriteCall
from autohub.notices import service
from autohub.notices.model import Choice

routes = Routes("Notices")


@routes("GET", "/notices", rights=ANY_RIGHT, answer=Choice, example={"off": ["status changed"]})
def read(call: ReadCall) -> Choice:
    """Lists the mails about ideas that the caller does not want"""
    return service.choice(call.db, call.caller)


@routes(
    "PUT",
    "/notices",
    rights=ANY_RIGHT,
    body=Choice,
    body_example={"off": ["status changed"]},
    answer=Choice,
    example={"off": ["status changed"]},
)
def choose(call: WriteCall) -> Choice:
    """Chooses the mails about ideas that the caller does not want"""
    return service.choose(call.db, call.caller, call.body)
