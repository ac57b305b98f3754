"""The application inventory: which software the ideas touch (contract 3)."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Flag, Id

MAX_NAME = 50


class Application(msgspec.Struct):
    """One application as clients read it; `application_created_epoch` is in milliseconds."""

    application_id: int
    application_name: str
    application_version: str
    application_language: str
    application_code: str
    application_is_active: int
    application_added_by_end_user: int
    application_comments: str
    application_is_citrix_client: int
    category_ids: list[int]
    application_created_epoch: int


class ApplicationInput(msgspec.Struct):
    """One element of PUT /appinventory. `application_id` null adds, a number changes."""

    application_name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    category_ids: Annotated[list[Id], Meta(min_length=1)] = msgspec.field(name="categoryIds")
    application_id: Id | None = None
    application_version: Annotated[str, Meta(max_length=20)] = ""
    application_language: Annotated[str, Meta(max_length=50)] = ""
    application_comments: Annotated[str, Meta(max_length=512)] | UnsetType = UNSET
    application_is_citrix_client: Flag | UnsetType = UNSET


def application_code(name: str, version: str) -> str:
    """'Microsoft Dynamics 365', '9.2' -> 'microsoft-dynamics-365-9.2'."""
    return "-".join(f"{name} {version}".lower().split())
