"""The automation store: live automations that are offered for use, how one gets them, and what their users say."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.components import service, store
from autohub.components.model import NewOffer, NewReview
from autohub.ideas.record import text_of
from autohub.ideas.rights import find, may
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Views, Visit, WriteVisit

views = Views()
AT = "/store"
REVIEWS = 100


@views("GET", AT, rights=ANY_RIGHT, params=LISTED)
def shelf(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    found, total = store.offers(visit.db, visit.caller, part, text=visit.query.get("s"))
    paths = category_paths(categories.all_(visit.db))
    return visit.page("store.html", found=[(each, text_of(each.process_description)) for each in found], total=total, paths=paths)


def shown(visit: ReadVisit) -> Page:
    """One automation on offer, with its reviews; the reader's own can be written or changed."""
    process_id = visit.number("offer")
    offer = service.offer(visit.db, visit.caller, process_id)
    reviews, total = service.reviews(visit.db, visit.caller, process_id, Part(REVIEWS, 0))
    mine = next((each for each in reviews if each.user_id == visit.caller.user_id), None)
    kept: dict[str, Any] = {"rating": mine.rating if mine else None, "review_text": mine.review_text if mine else ""}
    if visit.error:
        kept = {"rating": visit.form.get("rating"), "review_text": visit.form.get("review_text")}
    return visit.page(
        "store-offer.html",
        offer=offer,
        about=text_of(offer.process_description),
        path=category_paths(categories.all_(visit.db)).get(offer.category_id, ""),
        reviews=reviews,
        total=total,
        kept=kept,
        may_publish=_may_publish(visit, process_id),
    )


views("GET", f"{AT}/{{offer}}", rights=ANY_RIGHT)(shown)


@views("POST", f"{AT}/{{offer}}", rights=ANY_RIGHT, again=shown)
def review(visit: WriteVisit) -> See:
    if not visit.form.get("rating"):
        raise Invalid(visit.reader("The review was not kept."), details={"rating": [visit.reader("is required.")]})
    new = fit({"rating": visit.form.number("rating"), "review_text": visit.form.get("review_text")}, NewReview, lines=True)
    service.review(visit.db, visit.caller, visit.number("offer"), new, now=visit.now)
    return See(f"{AT}/{visit.path['offer']}", visit.reader("Your review is kept. You can change it here at any time."))


def _may_publish(visit: Visit[Any], process_id: int) -> bool:
    return may(visit.caller, Right.PUBLISH_TO_STORE, find(visit.db, visit.caller, process_id))


def offer_form(visit: ReadVisit) -> Page:
    held = find(visit.db, visit.caller, visit.number("offer"))
    try:
        offer = service.offer(visit.db, visit.caller, held.idea.process_id)
    except NotFound:
        offer = None
    text = visit.form.get("offer_text") if visit.error else offer.offer_text if offer else ""
    return visit.page("store-publish.html", held=held, offer=offer, text=text, at=f"{AT}/{visit.path['offer']}")


views("GET", f"{AT}/{{offer}}/offer", rights=(Right.PUBLISH_TO_STORE,), somewhere=True)(offer_form)


@views("POST", f"{AT}/{{offer}}/offer", rights=(Right.PUBLISH_TO_STORE,), somewhere=True, again=offer_form)
def publish(visit: WriteVisit) -> See:
    """Offers a live automation, changes what is said of it, or takes it out of the store."""
    process_id = visit.number("offer")
    if visit.form.flag("withdraw"):
        service.withdraw(visit.db, visit.caller, process_id, now=visit.now)
        return See(AT, visit.reader("The automation is no longer in the store."))
    new = fit({"offer_text": visit.form.get("offer_text")}, NewOffer, lines=True)
    made = service.publish(visit.db, visit.caller, process_id, new, now=visit.now)
    return See(f"{AT}/{made.process_slug}", visit.reader("“%s” is in the store.") % made.process_name)
