"""The automation store: live automations that are offered for use, how one gets them, and what
their users say."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.components import service, store
from autohub.components.model import NewOffer, NewReview
from autohub.ideas.record import text_of
from autohub.ideas.rights import find_idea, may_on_idea
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT = "/store"
REVIEWS = 100


@routes("GET", AT, rights=ANY_RIGHT, params=LISTED)
def show_store(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = store.list_offers(request.db, request.caller, part, text=request.query.get("s"))
    paths = category_paths(categories.all_categories(request.db))
    return request.page(
        "store.html",
        found=[(each, text_of(each.process_description)) for each in found],
        total=total,
        paths=paths,
    )


def show_offer(request: ReadPageRequest) -> RenderedPage:
    """One automation on offer, with its reviews; the reader's own can be written or changed."""
    process_id = request.number("offer")
    offer = service.get_offer(request.db, request.caller, process_id)
    reviews, total = service.list_reviews(request.db, request.caller, process_id, Part(REVIEWS, 0))
    mine = next((each for each in reviews if each.user_id == request.caller.user_id), None)
    kept: dict[str, Any] = {
        "rating": mine.rating if mine else None,
        "review_text": mine.review_text if mine else "",
    }
    if request.error:
        kept = {
            "rating": request.form.get("rating"),
            "review_text": request.form.get("review_text"),
        }
    return request.page(
        "store-offer.html",
        offer=offer,
        about=text_of(offer.process_description),
        path=category_paths(categories.all_categories(request.db)).get(offer.category_id, ""),
        reviews=reviews,
        total=total,
        kept=kept,
        may_publish=_may_publish(request, process_id),
    )


routes("GET", f"{AT}/{{offer}}", rights=ANY_RIGHT)(show_offer)


@routes("POST", f"{AT}/{{offer}}", rights=ANY_RIGHT, on_error=show_offer)
def put_review(request: WritePageRequest) -> Redirect:
    if not request.form.get("rating"):
        raise Invalid(
            request.reader("The review was not kept."),
            details={"rating": [request.reader("is required.")]},
        )
    new = coerce(
        {"rating": request.form.number("rating"), "review_text": request.form.get("review_text")},
        NewReview,
        lines=True,
    )
    service.put_review(request.db, request.caller, request.number("offer"), new, now=request.now)
    return Redirect(
        f"{AT}/{request.path['offer']}",
        request.reader("Your review is kept. You can change it here at any time."),
    )


def _may_publish(request: PageRequest[Any], process_id: int) -> bool:
    return may_on_idea(
        request.caller, Right.PUBLISH_TO_STORE, find_idea(request.db, request.caller, process_id)
    )


def show_offer_form(request: ReadPageRequest) -> RenderedPage:
    held = find_idea(request.db, request.caller, request.number("offer"))
    try:
        offer = service.get_offer(request.db, request.caller, held.idea.process_id)
    except NotFound:
        offer = None
    text = request.form.get("offer_text") if request.error else offer.offer_text if offer else ""
    return request.page(
        "store-publish.html", held=held, offer=offer, text=text, at=f"{AT}/{request.path['offer']}"
    )


routes("GET", f"{AT}/{{offer}}/offer", rights=(Right.PUBLISH_TO_STORE,), any_category=True)(
    show_offer_form
)


@routes(
    "POST",
    f"{AT}/{{offer}}/offer",
    rights=(Right.PUBLISH_TO_STORE,),
    any_category=True,
    on_error=show_offer_form,
)
def change_offer(request: WritePageRequest) -> Redirect:
    """Offers a live automation, changes what is said of it, or takes it out of the store."""
    held = find_idea(request.db, request.caller, request.number("offer"))
    if request.form.flag("withdraw"):
        service.withdraw_offer(request.db, request.caller, held, now=request.now)
        return Redirect(AT, request.reader("The automation is no longer in the store."))
    new = coerce({"offer_text": request.form.get("offer_text")}, NewOffer, lines=True)
    made = service.publish_offer(request.db, request.caller, held, new, now=request.now)
    return Redirect(
        f"{AT}/{made.process_slug}", request.reader("“%s” is in the store.") % made.process_name
    )
