"""People and groups as SCIM describes them: what is announced is what is kept.

Imports pydantic, which takes longer than the rest of the hub; so nothing imports this before a
directory calls.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

from autohub.scim.model import ENTERPRISE, GROUP, PER_PAGE, USER


class Name(ComplexAttribute):
    given_name: str | None = None
    """The first name."""
    family_name: str | None = None
    """The last name; empty for people with a single name."""


class Email(ComplexAttribute):
    value: str | None = None
    """The address to which the hub writes."""
    type: str | None = Field(None, examples=["work"])
    """Work: the hub keeps one address."""
    primary: bool | None = None
    """Whether it is the one that counts."""


class Address(ComplexAttribute):
    locality: str | None = None
    """The city."""
    type: str | None = Field(None, examples=["work"])
    """Work: the hub keeps one place."""


class EnterpriseUser(Extension):
    __schema__ = URN(ENTERPRISE)

    department: str | None = None
    """The department in which the person works."""
    division: str | None = None
    """The business unit in which the person works."""


class User(Resource[AnyExtension]):
    __schema__ = URN(USER)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The person's name at the directory: the e-mail address, unless emails holds that."""
    name: Name | None = None
    """The person's name."""
    display_name: str | None = None
    """The name as the directory shows it."""
    title: str | None = None
    """What the person does."""
    active: bool | None = None
    """Whether the account may be used."""
    emails: list[Email] | None = None
    """The person's e-mail address."""
    addresses: list[Address] | None = None
    """Where the person works."""


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of a user."""
    ref: Annotated[
        Reference["User"] | None,  # type: ignore[type-arg]
        Mutability.immutable,
    ] = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """The address of the user."""


class Group(Resource[Any]):
    __schema__ = URN(GROUP)

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """What people call the group."""
    members: list[Member] | None = None
    """Who is in it."""


TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What Entra and Okta send beside the standard is read as they mean it."""

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[
        ResourceType.from_resource(User[EnterpriseUser]),
        ResourceType.from_resource(Group),
    ],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=PER_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="SCIM token",
                description="A SCIM token of the hub, which an Account Owner makes.",
                primary=True,
            )
        ],
    ),
    policy=TOLERANT,
)
