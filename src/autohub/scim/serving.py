"""A SCIM request through scim2-server, over the hub's storage."""

from http import HTTPStatus
from typing import Any

from scim2_models import Context, Resource, ResponseParameters, SCIMException, SearchRequest
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from scim2_server.storage import SearchPage

from autohub.kit.sentences import encode
from autohub.scim.model import LIST, MEDIA, ScimError, project
from autohub.scim.resources import PROVIDER
from autohub.scim.storage import Storage
from autohub.web.mounts import MountRequest
from autohub.web.streaming import Answer


class Service(ScimService):
    """The protocol, with two differences: a PATCH answers what became of the resource, which Entra
    reads, and a list is not made of models."""

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        return self.resource_response(
            self.publish(base_url, resource),
            Context.RESOURCE_REPLACEMENT_RESPONSE,
            response_parameters,
        )

    def search_response(
        self,
        base_url: str,
        resource_types: list[Any],
        page: SearchPage,
        search_request: SearchRequest[Any],
    ) -> ScimResponse:
        wanted, without = search_request.attributes, search_request.excluded_attributes
        rows: list[Any] = page.resources
        body = {
            "schemas": [LIST],
            "totalResults": page.total,
            "startIndex": search_request.start_index,
            "itemsPerPage": len(rows),
            "Resources": [project(row, wanted, without) for row in rows],
        }
        return ScimResponse(HTTPStatus.OK, body)


_SERVICE = Service(PROVIDER)


def serve(request: MountRequest, *, base: str) -> Answer:
    """The answer. Raises ScimError, and what the services raise, so that nothing is written."""
    asked = ScimRequest(
        method=request.method,
        base_url=base,
        path=request.rest,
        query=request.query,
        headers=request.headers,
        body=request.body,
        subject=request.caller,
    )
    storage = Storage(
        request.db, request.caller, settings=request.settings, now=request.now, base=base
    )
    try:
        found = ScimHandler(_SERVICE, storage).handle(asked)
    except SCIMException as error:
        told = error.to_error()
        raise ScimError(
            told.detail or "This is not possible.",
            status=int(told.status or 400),
            scim_type=told.scim_type,
        ) from None
    content = b"" if found.body is None else encode(found.body)
    headers = {k.lower(): v for k, v in found.headers.items() if k != "Content-Type"}
    return Answer(status=int(found.status), content=content, media=MEDIA, headers=headers)
