"""SCIM over HTTP: everything below `/scim/v2/`. The library is imported when the first directory
calls."""

from functools import cache
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.kit.errors import HubError, Invalid
from autohub.kit.sentences import encode
from autohub.scim.model import ERROR, MEDIA, ScimError
from autohub.users.planning import EmailTaken
from autohub.web.mounts import MountRequest, Protocol, ScimRoutes
from autohub.web.routes import RawBody
from autohub.web.streaming import Answer

PREFIX = "/scim/v2"
routes = ScimRoutes("SCIM")


def render_error(error: HubError) -> bytes:
    """A refusal as RFC 7644, section 3.12, has it."""
    faults = [f"{name}: {' '.join(texts)}" for name, texts in error.details.items()]
    body: dict[str, Any] = {
        "schemas": [ERROR],
        "status": str(error.status),
        "detail": " ".join([error.message, *faults]),
    }
    if kind := _scim_type(error):
        body["scimType"] = kind
    return encode(body)


def _scim_type(error: HubError) -> str | None:
    if isinstance(error, ScimError):
        return error.scim_type
    if isinstance(error, EmailTaken):
        return "uniqueness"
    return "invalidValue" if isinstance(error, Invalid) else None


PROTOCOL = Protocol(media=MEDIA, challenge='Bearer realm="SCIM"', render_error=render_error)


@cache
def _load_serving() -> Any:
    from autohub.scim import serving

    return serving


def _serve(request: MountRequest) -> Answer:
    """Provisions people and groups"""
    answered: Answer = _load_serving().serve(request, base=request.settings.base_url + PREFIX)
    return answered


for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    for path in (PREFIX, f"{PREFIX}/{{rest:path}}"):
        routes(
            method,
            path,
            rights=ANY_RIGHT,
            tenant_level=True,
            body=None if method in ("GET", "DELETE") else RawBody,
        )(_serve)
