"""Making, reviewing and using components; offering live automations (contract 4.6, product 1)."""

from collections.abc import Iterable

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, Right, actor, covers
from autohub.audit import store as audit
from autohub.components import model, store
from autohub.components.model import (
    Component,
    ComponentChange,
    ComponentStatus,
    NewComponent,
    NewOffer,
    NewReview,
    Offer,
    Review,
)
from autohub.db.engine import Reading, Writing
from autohub.ideas.model import LIVE_PHASE
from autohub.ideas.rights import AuthorizedIdea, may_on_idea, need_edit
from autohub.kit.errors import Conflict, Forbidden, Invalid, NotFound
from autohub.kit.query import EVERYTHING, Page
from autohub.kit.sentences import say


def get_component(db: Reading, caller: Caller, component_id: int) -> Component:
    """Raises NotFound."""
    found = store.get_component(db, caller, component_id)
    if found is None:
        raise NotFound(say("There is no component {component_id}.", component_id=component_id))
    return found


def create_component(db: Writing, caller: Caller, new: NewComponent, *, now: int) -> Component:
    """A draft of the caller's. Raises Invalid for a category that is not there."""
    _check_category(db, new.category_id)
    values = msgspec.to_builtins(new) | {
        "component_status": model.DRAFT,
        "author_user_id": caller.user_id,
    }
    component_id = store.save_component(db, None, values, now=now)
    audit.record(
        db,
        actor(caller),
        "add component",
        "component",
        component_id,
        now=now,
        after=msgspec.to_builtins(new),
    )
    return get_component(db, caller, component_id)


def update_component(
    db: Writing, caller: Caller, component_id: int, wanted: ComponentChange, *, now: int
) -> Component:
    """By its author while it is no more than a draft, else by who manages components there.
    Raises NotFound, Forbidden, Invalid."""
    before = get_component(db, caller, component_id)
    if not may_change(db, caller, before):
        raise Forbidden
    values = msgspec.to_builtins(wanted)
    if "category_id" in values:
        _check_category(db, values["category_id"])
    store.save_component(db, component_id, values, now=now)
    old = {name: getattr(before, name) for name in values}
    audit.record(
        db,
        actor(caller),
        "change component",
        "component",
        component_id,
        now=now,
        before=old,
        after=values,
    )
    return get_component(db, caller, component_id)


def allowed_statuses(db: Reading, caller: Caller, component: Component) -> tuple[str, ...]:
    """The statuses to which the caller may move a component: as its author, and as who manages
    components there."""
    at = component.component_status
    mine = model.BY_AUTHOR.get(at, ()) if caller.user_id == component.author_user_id else ()
    curators = model.BY_CURATOR.get(at, ()) if _can_curate(db, caller, component) else ()
    return tuple(dict.fromkeys((*mine, *curators)))


def may_change(db: Reading, caller: Caller, component: Component) -> bool:
    """Its author while it is no more than a draft, and who manages components there."""
    mine = caller.user_id == component.author_user_id and component.component_status in (
        model.DRAFT,
        model.NEEDS_UPDATE,
    )
    return mine or _can_curate(db, caller, component)


def change_status(
    db: Writing, caller: Caller, component_id: int, wanted: ComponentStatus, *, now: int
) -> Component:
    """Raises NotFound, Invalid for an unknown status, Conflict naming the moves that there are,
    Forbidden."""
    before = get_component(db, caller, component_id)
    if wanted.component_status not in model.STATUSES:
        raise Invalid(
            "The status is not known.",
            details={
                "component_status": [
                    say("must be one of {choices}.", choices=", ".join(model.STATUSES))
                ]
            },
        )
    at, ways = before.component_status, allowed_statuses(db, caller, before)
    if wanted.component_status not in ways:
        if not ways:
            raise Forbidden
        raise Conflict(say("From {at} you may move it to: {ways}.", at=at, ways=", ".join(ways)))
    store.save_component(db, component_id, {"component_status": wanted.component_status}, now=now)
    after = {"component_status": wanted.component_status, "reason": wanted.reason}
    audit.record(
        db,
        actor(caller),
        "move component",
        "component",
        component_id,
        now=now,
        before={"component_status": at},
        after=after,
    )
    return get_component(db, caller, component_id)


def delete_component(db: Writing, caller: Caller, component_id: int, *, now: int) -> None:
    """Raises NotFound, Forbidden, Conflict for one that ideas use or that was published."""
    before = get_component(db, caller, component_id)
    mine = caller.user_id == before.author_user_id and before.component_status == model.DRAFT
    if not mine and not _can_curate(db, caller, before):
        raise Forbidden
    if before.component_num_automations or before.component_status == model.PUBLISHED:
        raise Conflict("The component is published or used in ideas; archive it instead.")
    store.delete_component(db, component_id)
    audit.record(
        db,
        actor(caller),
        "delete component",
        "component",
        component_id,
        now=now,
        before=msgspec.to_builtins(before),
    )


def _can_curate(db: Reading, caller: Caller, component: Component) -> bool:
    chain = access.category_chains(db, [component.category_id])[component.category_id]
    return covers(caller.reach(Right.MANAGE_COMPONENTS), chain)


def _check_category(db: Reading, category_id: int) -> None:
    if category_id not in access.category_chains(db, [category_id]):
        raise Invalid(
            "Invalid Category Id.",
            details={
                "category_id": [
                    say(
                        "There is no category {category_id}; GET /hierarchy lists them.",
                        category_id=category_id,
                    )
                ]
            },
        )


def list_components_of_idea(
    db: Reading, caller: Caller, held: AuthorizedIdea, page: Page
) -> tuple[list[Component], int]:
    """One page of the components that an idea uses, and how many there are in all."""
    return store.list_of_idea(db, caller, held.idea.process_id, page)


def set_components_of_idea(
    db: Writing, caller: Caller, held: AuthorizedIdea, component_ids: Iterable[int], *, now: int
) -> list[Component]:
    """Makes these the components of an idea. Raises Forbidden, Invalid naming those
    that are not there."""
    process_id = held.idea.process_id
    need_edit(db, caller, held, "components")
    wanted = sorted(set(component_ids))
    if lost := [c for c in wanted if c not in store.visible_ids(db, caller, wanted)]:
        raise Invalid(
            "Some components are not there.",
            details={
                "component_ids": [
                    say("There is no component {component_id}.", component_id=c) for c in lost
                ]
            },
        )
    before = [c.component_id for c in store.list_of_idea(db, caller, process_id, EVERYTHING)[0]]
    store.set_components_of_idea(db, process_id, wanted)
    old, new = {"component_ids": before}, {"component_ids": wanted}
    audit.record(
        db, actor(caller), "set components", "idea", process_id, now=now, before=old, after=new
    )
    return store.list_of_idea(db, caller, process_id, EVERYTHING)[0]


# --- the automation store ---


def get_offer(db: Reading, caller: Caller, process_id: int) -> Offer:
    """Raises NotFound."""
    found, _ = store.list_offers(db, caller, Page(1, 0), text=None, process_id=process_id)
    if not found:
        raise NotFound(
            say("There is no automation {process_id} in the store.", process_id=process_id)
        )
    return found[0]


def publish_offer(
    db: Writing, caller: Caller, held: AuthorizedIdea, new: NewOffer, *, now: int
) -> Offer:
    """Offers a live automation for use. Raises Forbidden, Conflict for one that is not
    Live."""
    process_id = held.idea.process_id
    if not may_on_idea(caller, Right.PUBLISH_TO_STORE, held):
        raise Forbidden
    if held.phase_id != LIVE_PHASE:
        raise Conflict("Only an automation that is Live can be offered.")
    values = {
        "offer_text": new.offer_text,
        "published_by_user_id": caller.user_id,
        "published_epoch": now,
    }
    store.save_offer(db, process_id, values)
    audit.record(
        db,
        actor(caller),
        "publish to store",
        "idea",
        process_id,
        now=now,
        after={"offer_text": new.offer_text},
    )
    return get_offer(db, caller, process_id)


def withdraw_offer(db: Writing, caller: Caller, held: AuthorizedIdea, *, now: int) -> None:
    """Raises Forbidden, NotFound for one that is not in the store."""
    process_id = held.idea.process_id
    if not may_on_idea(caller, Right.PUBLISH_TO_STORE, held):
        raise Forbidden
    if not store.delete_offer(db, process_id):
        raise NotFound(
            say("There is no automation {process_id} in the store.", process_id=process_id)
        )
    audit.record(db, actor(caller), "withdraw from store", "idea", process_id, now=now)


def list_reviews(
    db: Reading, caller: Caller, process_id: int, page: Page
) -> tuple[list[Review], int]:
    """Raises NotFound."""
    get_offer(db, caller, process_id)
    rows, total = store.list_reviews(db, process_id, page)
    return [
        Review(
            review_id=row.review_id,
            user_id=row.user_id,
            user_email=row.user_email,
            user_first_name=row.user_first_name,
            user_last_name=row.user_last_name,
            rating=row.rating,
            review_text=row.review_text,
            review_created_epoch=row.review_created_epoch,
        )
        for row in rows
    ], total


def put_review(db: Writing, caller: Caller, process_id: int, new: NewReview, *, now: int) -> Offer:
    """A person's one review of an offered automation, in the place of the last. Raises NotFound,
    Forbidden."""
    get_offer(db, caller, process_id)
    if caller.user_id is None:
        raise Forbidden
    store.save_review(
        db, process_id, caller.user_id, msgspec.to_builtins(new) | {"review_created_epoch": now}
    )
    audit.record(
        db, actor(caller), "review", "idea", process_id, now=now, after={"rating": new.rating}
    )
    return get_offer(db, caller, process_id)
