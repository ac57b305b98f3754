"""The calls about collaborators (contract 4.5)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.access.routes import ReadCall, Routes, WriteCall
from autohub.collaborators import service
from autohub.collaborators.model import (
    Collaborator,
    CollaboratorRole,
    CollaboratorRoleChange,
    Leavers,
    NewCollaboratorRole,
    Seats,
)
from autohub.ideas.examples import PERSON
from autohub.kit.errors import Invalid
from autohub.kit.query import Param

routes = Routes("Collaborators")
SETUP = (Right.MANAGE_USERS_ROLES,)
_ONE = PERSON | {"roles": [{"role_id": 4, "role_name": "Business Analyst"}], "edit_parts": ["documentation"]}
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
    somewhere=True,
    params=(Param("collaborators", "number", "The idea's process_id; required."),),
    answer=_LIST,
    example={"collaborators": [_ONE]},
    errors=(404,),
)
def read(call: ReadCall) -> Any:
    """Lists everyone with a collaborator role on an idea"""
    process_id = call.query.get("collaborators")
    if process_id is None:
        raise Invalid("Say of which idea.", details={"collaborators": ["is required: the idea's process_id."]})
    return {"collaborators": service.listed(call.db, call.caller, process_id)}


@routes(
    "POST",
    "/automations/{process_id}/collaborators",
    rights=ANY_RIGHT,
    body=Seats,
    body_example={"collaborators": [{"user_email": "jane.doe@example.com", "role_ids": [4]}]},
    status=201,
    message="Resource Updated",
    answer=_LIST,
    example={"collaborators": [_ONE]},
)
def add(call: WriteCall) -> Any:
    """Gives people roles on an idea, in the place of those they had there"""
    return {"collaborators": service.add(call.db, call.caller, call.id, call.body.collaborators, now=call.now)}


@routes(
    "DELETE",
    "/automations/{process_id}/collaborators",
    rights=ANY_RIGHT,
    body=Leavers,
    body_example={"collaborators": [{"user_email": "jane.doe@example.com"}]},
    answer=_LIST,
    example={"collaborators": []},
    errors=(409,),
)
def remove(call: WriteCall) -> Any:
    """Takes people's roles on an idea away"""
    return {"collaborators": service.remove(call.db, call.caller, call.id, call.body.collaborators, now=call.now)}


@routes("GET", "/collaborator-roles", rights=ANY_RIGHT, answer=dict[str, list[CollaboratorRole]], example={"roles": [_ROLE]})
def roles(call: ReadCall) -> Any:
    """Lists the roles that people may have on ideas"""
    return {"roles": service.roles(call.db)}


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
def add_role(call: WriteCall) -> CollaboratorRole:
    """Makes a collaborator role"""
    return service.add_role(call.db, call.caller, call.body, now=call.now)


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
def change_role(call: WriteCall) -> CollaboratorRole:
    """Changes a collaborator role, and who may be picked for an assignable one"""
    return service.change_role(call.db, call.caller, call.id, call.body, now=call.now)


@routes("DELETE", "/collaborator-roles/{role_id}", rights=SETUP, answer=None, example=None, errors=(409,))
def remove_role(call: WriteCall) -> None:
    """Deletes a collaborator role that nobody has on an idea"""
    service.remove_role(call.db, call.caller, call.id, now=call.now)
