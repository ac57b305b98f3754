"""Collaborators and their roles, as the wire carries them (contract 4.5)."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Flag, Id
from autohub.ideas.model import Email
from autohub.ideas.rights import Part

RoleName = Annotated[str, Meta(min_length=1, max_length=50)]


class AssignedRole(msgspec.Struct):
    role_id: int
    role_name: str


class CollaboratorRole(msgspec.Struct):
    """`role_is_permanent`: every installation has it. `role_is_assignable`: a person must be
    named for it before being picked."""

    role_id: int
    role_name: str
    role_description: str
    role_is_permanent: int
    role_is_assignable: int
    holders: list[int]


class Collaborator(msgspec.Struct):
    """One person with a seat on an idea; `edit_parts` are the parts that they may change besides
    what their role gives; `user_is_active` is 0 for who has left."""

    user_id: int
    user_email: str | None
    user_first_name: str | None
    user_last_name: str | None
    user_is_active: int
    roles: list[AssignedRole]
    edit_parts: list[str]


class Assignment(msgspec.Struct):
    """Gives a person these roles on the idea, in the place of those held there so far."""

    user_email: Email
    role_ids: Annotated[list[Id], Meta(min_length=1, max_length=20)]
    edit_parts: list[Part] | UnsetType = UNSET


class Assignments(msgspec.Struct):
    collaborators: Annotated[list[Assignment], Meta(min_length=1, max_length=100)]


class Removal(msgspec.Struct):
    user_email: Email


class Removals(msgspec.Struct):
    collaborators: Annotated[list[Removal], Meta(min_length=1, max_length=100)]


class NewCollaboratorRole(msgspec.Struct):
    role_name: RoleName
    role_description: Annotated[str, Meta(max_length=500)] = ""
    role_is_assignable: Flag = 0


class CollaboratorRoleChange(msgspec.Struct):
    """`holders` replaces the people who may be picked for an assignable role."""

    role_name: RoleName | UnsetType = UNSET
    role_description: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    role_is_assignable: Flag | UnsetType = UNSET
    holders: Annotated[list[Id], Meta(max_length=100_000)] | UnsetType = UNSET
