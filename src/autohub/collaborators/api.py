"""The calls about collaborators (contract 4.5)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.collaborators import service
from autohub.collaborators.model import (
    Assignments,
    Collaborator,
    CollaboratorRole,
    CollaboratorRoleChange,
    NewCollaboratorRole,
    Removals,
)
from autohub.ideas.examples import PERSON
from autohub.ideas.rights import find_idea
from autohub.kit.errors import Invalid
from autohub.kit.query import Param
from autohub.web.routes import ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Collaborators")
SETUP = (Right.MANAGE_USERS_ROLES,)
_ONE = PERSON | {
    "user_is_active": 1,
    "roles": [{"role_id": 4, "role_name": "Business Analyst"}],
    "edit_parts": ["documentation"],
}
_ROLE = {
    "role_id": 101,
    "role_name": "Tester",
    "role_description": "Tests the automation.",
    "role_is_permanent": 0,
    "role_is_assignable": 1,
    "holders": [7],
}
_LIST = dict[str, list[Collaborator]]


@routes(
    "GET",
    "/automations/collaborators",
    rights=(Right.VIEW_COLLABORATORS,),
    tenant_level=True,
    any_category=True,
    params=(Param("collaborators", "idea", "The idea's number or slug.", required=True),),
    answer=_LIST,
    example={"collaborators": [_ONE]},
    errors=(404,),
)
def list_collaborators(request: ReadApiRequest) -> Any:
    """Lists everyone with a collaborator role on an idea"""
    process_id = request.query.get("collaborators")
    if process_id is None:
        raise Invalid(
            "Say of which idea.", details={"collaborators": ["is required: the idea's process_id."]}
        )
    held = find_idea(request.db, request.caller, process_id)
    return {"collaborators": service.list_collaborators(request.db, request.caller, held)}


@routes(
    "POST",
    "/automations/{process_id}/collaborators",
    rights=ANY_RIGHT,
    body=Assignments,
    body_example={"collaborators": [{"user_email": "jane.doe@example.com", "role_ids": [4]}]},
    status=201,
    message="Resource Updated",
    answer=_LIST,
    example={"collaborators": [_ONE]},
)
def add_collaborators(request: WriteApiRequest) -> Any:
    """Gives people roles on an idea, in the place of those they had there"""
    held = find_idea(request.db, request.caller, request.id)
    return {
        "collaborators": service.add_collaborators(
            request.db, request.caller, held, request.body.collaborators, now=request.now
        )
    }


@routes(
    "DELETE",
    "/automations/{process_id}/collaborators",
    rights=ANY_RIGHT,
    body=Removals,
    body_example={"collaborators": [{"user_email": "jane.doe@example.com"}]},
    answer=_LIST,
    example={"collaborators": []},
    errors=(409,),
)
def remove_collaborators(request: WriteApiRequest) -> Any:
    """Takes people's roles on an idea away"""
    held = find_idea(request.db, request.caller, request.id)
    return {
        "collaborators": service.remove_collaborators(
            request.db, request.caller, held, request.body.collaborators, now=request.now
        )
    }


@routes(
    "GET",
    "/collaborator-roles",
    rights=ANY_RIGHT,
    answer=dict[str, list[CollaboratorRole]],
    example={"roles": [_ROLE]},
)
def list_roles(request: ReadApiRequest) -> Any:
    """Lists the roles that people may have on ideas"""
    return {"roles": service.list_roles(request.db)}


@routes(
    "POST",
    "/collaborator-roles",
    rights=SETUP,
    body=NewCollaboratorRole,
    body_example={"role_name": "Tester", "role_is_assignable": 1},
    status=201,
    message="Resource Created",
    answer=CollaboratorRole,
    example=_ROLE,
)
def create_role(request: WriteApiRequest) -> CollaboratorRole:
    """Makes a collaborator role"""
    return service.create_role(request.db, request.caller, request.body, now=request.now)


@routes(
    "PATCH",
    "/collaborator-roles/{role_id}",
    rights=SETUP,
    body=CollaboratorRoleChange,
    body_example={"holders": [7]},
    answer=CollaboratorRole,
    example=_ROLE,
    errors=(409,),
)
def update_role(request: WriteApiRequest) -> CollaboratorRole:
    """Changes a collaborator role, and who may be picked for an assignable one"""
    return service.update_role(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "DELETE",
    "/collaborator-roles/{role_id}",
    rights=SETUP,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_role(request: WriteApiRequest) -> None:
    """Deletes a collaborator role that nobody has on an idea"""
    service.delete_role(request.db, request.caller, request.id, now=request.now)
