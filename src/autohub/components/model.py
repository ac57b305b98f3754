"""Components and offers as the wire carries them (contract 4.6)."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Id

DRAFT, SUBMITTED, IN_REVIEW, PUBLISHED = "Draft", "Submitted", "In Review", "Published"
REJECTED, NEEDS_UPDATE, ARCHIVED = "Rejected Permanently", "Rejected Needs Update", "Archived"
STATUSES = (DRAFT, SUBMITTED, IN_REVIEW, PUBLISHED, REJECTED, NEEDS_UPDATE, ARCHIVED)
"""Contract 4.6."""

BY_AUTHOR = {DRAFT: (SUBMITTED, ARCHIVED), NEEDS_UPDATE: (SUBMITTED, ARCHIVED), SUBMITTED: (DRAFT,)}
"""The moves that a component's author may make."""
BY_CURATOR = {
    SUBMITTED: (IN_REVIEW, PUBLISHED, REJECTED, NEEDS_UPDATE),
    IN_REVIEW: (PUBLISHED, REJECTED, NEEDS_UPDATE),
    PUBLISHED: (ARCHIVED, NEEDS_UPDATE),
    REJECTED: (IN_REVIEW, ARCHIVED),
    NEEDS_UPDATE: (ARCHIVED,),
    ARCHIVED: (PUBLISHED,),
}
"""Those of whoever manages components on its category."""

OneLine = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\n\r\t]*$",
        extra={"says": "must be one line of text."},
    ),
]
Text = Annotated[str, Meta(max_length=10_000)]
Link = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=r"^https?://[^\s]+$",
        extra={"says": "must be an http or https address."},
    ),
]


class Component(msgspec.Struct):
    component_id: int
    component_name: str
    component_description: str
    component_type: str
    component_version: str
    component_status: str
    component_link: str | None
    category_id: int
    author_user_id: int | None
    author_email: str | None
    component_num_automations: int
    component_created_epoch: int
    component_updated_epoch: int


class NewComponent(msgspec.Struct):
    component_name: OneLine
    category_id: Id
    component_description: Text = ""
    component_type: Annotated[str, Meta(max_length=50)] = ""
    component_version: Annotated[str, Meta(max_length=20)] = ""
    component_link: Link | None = None


class ComponentChange(msgspec.Struct):
    component_name: OneLine | UnsetType = UNSET
    category_id: Id | UnsetType = UNSET
    component_description: Text | UnsetType = UNSET
    component_type: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    component_version: Annotated[str, Meta(max_length=20)] | UnsetType = UNSET
    component_link: Link | None | UnsetType = UNSET


class ComponentStatus(msgspec.Struct):
    component_status: str
    reason: Annotated[str, Meta(max_length=2000)] | None = None


class UsedComponents(msgspec.Struct):
    """The components of an idea, in the place of those that it has."""

    component_ids: Annotated[list[Id], Meta(max_length=500)]


class Offer(msgspec.Struct):
    """A live automation that is offered for use; `rating` is the mean of its reviews, null
    without any."""

    process_id: int
    process_name: str
    process_slug: str
    process_description: str
    category_id: int
    offer_text: str
    rating: float | None
    review_count: int
    published_epoch: int


class NewOffer(msgspec.Struct):
    offer_text: Text = ""


class Review(msgspec.Struct):
    review_id: int
    user_id: int
    user_email: str | None
    user_first_name: str | None
    user_last_name: str | None
    rating: int
    review_text: str
    review_created_epoch: int


class NewReview(msgspec.Struct):
    rating: Annotated[int, Meta(ge=1, le=5)]
    review_text: Text = ""
