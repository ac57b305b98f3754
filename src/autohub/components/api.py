"""The calls about components and the automation store (contract 4.6)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.components import service, store
from autohub.components.model import (
    STATUSES,
    Component,
    ComponentChange,
    ComponentStatus,
    NewComponent,
    NewOffer,
    NewReview,
    Offer,
    Review,
    UsedComponents,
)
from autohub.ideas.examples import PERSON
from autohub.ideas.rights import find_idea
from autohub.kit.query import PAGING, SEARCH, Param, sorting
from autohub.web.routes import Paged, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Components")
PUBLISH = (Right.PUBLISH_TO_STORE,)
_PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1}
_NEW = {
    "component_name": "Read an invoice",
    "category_id": 3,
    "component_description": "Takes the fields out of a scanned invoice.",
    "component_type": "Workflow",
    "component_version": "1.0",
    "component_link": "https://code.example.com/read-invoice",
}
_COMPONENT = _NEW | {
    "component_id": 2,
    "component_status": "Published",
    "author_user_id": 7,
    "author_email": "jane.doe@example.com",
    "component_num_automations": 3,
    "component_created_epoch": 1767225600000,
    "component_updated_epoch": 1767225600000,
}
_OFFER = {
    "process_id": 1183,
    "process_name": "Check invoices",
    "process_slug": "check-invoices-1183",
    "process_description": "Every invoice is compared with its order.",
    "category_id": 3,
    "offer_text": "Ask the finance team for access.",
    "rating": 4.5,
    "review_count": 2,
    "published_epoch": 1767225600000,
}
_REVIEW = PERSON | {
    "review_id": 1,
    "rating": 5,
    "review_text": "Saves me an hour a day.",
    "review_created_epoch": 1767225600000,
}


@routes(
    "GET",
    "/components",
    rights=ANY_RIGHT,
    params=(
        *PAGING,
        *SEARCH,
        *sorting(*store.SORTS),
        Param("status", "choice", "Those with this status.", choices=STATUSES, multi=True),
        Param("category", "number", "Those filed under this category or below it.", multi=True),
    ),
    answer=Paged("components", Component),
    example=_PAGE | {"components": [_COMPONENT]},
)
def list_components(request: ReadApiRequest) -> Any:
    """Lists reusable components: published ones, one's own, and those that one looks after"""
    query = request.query
    facts: dict[str, Any] = {
        "text": query.get("s"),
        "statuses": query.all("status"),
        "category_ids": query.all("category"),
    }
    found, total = store.list_components(
        request.db, request.caller, query.page, sort=query.sort, **facts
    )
    return query.page.envelope("components", found, total)


@routes("GET", "/components/{component_id}", rights=ANY_RIGHT, answer=Component, example=_COMPONENT)
def get_component(request: ReadApiRequest) -> Component:
    """Shows one component"""
    return service.get_component(request.db, request.caller, request.id)


@routes(
    "POST",
    "/components",
    rights=ANY_RIGHT,
    body=NewComponent,
    body_example=_NEW,
    lines=True,
    status=201,
    message="Resource Created",
    answer=Component,
    example=_COMPONENT,
)
def create_component(request: WriteApiRequest) -> Component:
    """Makes a component; it is a draft until it is submitted and published"""
    return service.create_component(request.db, request.caller, request.body, now=request.now)


@routes(
    "PATCH",
    "/components/{component_id}",
    rights=ANY_RIGHT,
    body=ComponentChange,
    body_example={"component_version": "1.1"},
    lines=True,
    answer=Component,
    example=_COMPONENT,
)
def update_component(request: WriteApiRequest) -> Component:
    """Changes a component"""
    return service.update_component(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "POST",
    "/components/{component_id}/status",
    rights=ANY_RIGHT,
    body=ComponentStatus,
    body_example={"component_status": "Submitted"},
    lines=True,
    message="Resource Updated",
    answer=Component,
    example=_COMPONENT,
)
def change_status(request: WriteApiRequest) -> Component:
    """Submits, reviews, publishes, rejects or archives a component"""
    return service.change_status(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "DELETE",
    "/components/{component_id}",
    rights=ANY_RIGHT,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_component(request: WriteApiRequest) -> None:
    """Deletes a component that nothing uses"""
    service.delete_component(request.db, request.caller, request.id, now=request.now)


@routes(
    "GET",
    "/automations/{process_id}/components",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("components", Component),
    example=_PAGE | {"components": [_COMPONENT]},
)
def list_components_of_idea(request: ReadApiRequest) -> Any:
    """Lists the components that an idea uses"""
    held = find_idea(request.db, request.caller, request.id)
    found, total = service.list_components_of_idea(
        request.db,
        request.caller,
        held,
        request.query.page,
    )
    return request.query.page.envelope("components", found, total)


@routes(
    "PUT",
    "/automations/{process_id}/components",
    rights=ANY_RIGHT,
    body=UsedComponents,
    body_example={"component_ids": [2]},
    answer=dict[str, list[Component]],
    example={"components": [_COMPONENT]},
)
def set_components_of_idea(request: WriteApiRequest) -> Any:
    """Replaces the components of an idea"""
    held = find_idea(request.db, request.caller, request.id)
    return {
        "components": service.set_components_of_idea(
            request.db, request.caller, held, request.body.component_ids, now=request.now
        )
    }


@routes(
    "GET",
    "/automation-store",
    rights=ANY_RIGHT,
    params=(*PAGING, *SEARCH),
    answer=Paged("automations", Offer),
    example=_PAGE | {"automations": [_OFFER]},
)
def list_offers(request: ReadApiRequest) -> Any:
    """Lists the live automations that are offered for use"""
    found, total = store.list_offers(
        request.db, request.caller, request.query.page, text=request.query.get("s")
    )
    return request.query.page.envelope("automations", found, total)


@routes(
    "PUT",
    "/automation-store/{process_id}",
    rights=PUBLISH,
    any_category=True,
    body=NewOffer,
    body_example={"offer_text": "Ask the finance team for access."},
    lines=True,
    answer=Offer,
    example=_OFFER,
    errors=(409,),
)
def publish_offer(request: WriteApiRequest) -> Offer:
    """Offers a live automation for use"""
    held = find_idea(request.db, request.caller, request.id)
    return service.publish_offer(request.db, request.caller, held, request.body, now=request.now)


@routes(
    "DELETE",
    "/automation-store/{process_id}",
    rights=PUBLISH,
    any_category=True,
    answer=None,
    example=None,
)
def withdraw_offer(request: WriteApiRequest) -> None:
    """Takes an automation out of the store"""
    held = find_idea(request.db, request.caller, request.id)
    service.withdraw_offer(request.db, request.caller, held, now=request.now)


@routes(
    "GET",
    "/automation-store/{process_id}/reviews",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("reviews", Review),
    example=_PAGE | {"reviews": [_REVIEW]},
)
def list_reviews(request: ReadApiRequest) -> Any:
    """Lists the reviews of an offered automation, newest first"""
    found, total = service.list_reviews(request.db, request.caller, request.id, request.query.page)
    return request.query.page.envelope("reviews", found, total)


@routes(
    "POST",
    "/automation-store/{process_id}/reviews",
    rights=ANY_RIGHT,
    body=NewReview,
    body_example={"rating": 5, "review_text": "Saves me an hour a day."},
    lines=True,
    status=201,
    message="Resource Created",
    answer=Offer,
    example=_OFFER,
)
def put_review(request: WriteApiRequest) -> Offer:
    """Reviews an offered automation; a second review takes the first one's place"""
    return service.put_review(request.db, request.caller, request.id, request.body, now=request.now)
