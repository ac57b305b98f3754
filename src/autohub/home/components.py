"""Reusable components: the shelf, sharing one, and its way from draft to published."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.categories import store as categories
from autohub.components import model, service, store
from autohub.components.model import STATUSES, Component, ComponentChange, ComponentStatus, NewComponent
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Views, Visit, WriteVisit, stamp

views = Views()
AT = "/components"
VERBS = {
    model.DRAFT: N_("Take it back to draft"),
    model.SUBMITTED: N_("Submit it for review"),
    model.IN_REVIEW: N_("Take it into review"),
    model.PUBLISHED: N_("Publish"),
    model.NEEDS_UPDATE: N_("Ask for an update"),
    model.REJECTED: N_("Reject for good"),
    model.ARCHIVED: N_("Archive"),
}
"""What a move to a status is called on its button."""
TEXTS = ("component_name", "component_description", "component_type", "component_version", "component_link")


@views("GET", AT, rights=ANY_RIGHT, params=(*LISTED, Param("status", "choice", "", choices=STATUSES, multi=True)))
def shelf(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    facts: dict[str, Any] = {"text": visit.query.get("s"), "statuses": visit.query.all("status"), "category_ids": []}
    found, total = store.page(visit.db, visit.caller, part, sort=("component_name", False), **facts)
    paths = category_paths(categories.all_(visit.db))
    return visit.page("components.html", found=found, total=total, paths=paths, statuses=STATUSES)


def _stored(component: Component | None) -> dict[str, Any]:
    return {name: getattr(component, name) or "" if component else "" for name in (*TEXTS, "category_id")}


def _form(visit: Visit[Any], component: Component | None) -> Page:
    stored = _stored(component)
    kept = {name: visit.typed(name, value) for name, value in stored.items()}
    places = sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1])
    return visit.page(
        "component.html",
        component=component,
        kept=kept,
        stamp=stamp(stored) if component else "",
        places=places,
        moves=service.moves(visit.db, visit.caller, component) if component else (),
        verbs=VERBS,
        may_change=component is None or service.may_change(visit.db, visit.caller, component),
    )


def new_form(visit: ReadVisit) -> Page:
    return _form(visit, None)


def form(visit: ReadVisit) -> Page:
    return _form(visit, service.one(visit.db, visit.caller, visit.id))


views("GET", f"{AT}/add", rights=ANY_RIGHT)(new_form)
views("GET", f"{AT}/{{component}}", rights=ANY_RIGHT)(form)


def _body(visit: Visit[Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {name: visit.form.get(name) for name in TEXTS}
    return sent | {"component_link": sent["component_link"] or None, "category_id": visit.form.number("category_id")}


@views("POST", f"{AT}/add", rights=ANY_RIGHT, again=new_form)
def add(visit: WriteVisit) -> See:
    made = service.add(visit.db, visit.caller, fit(_body(visit), NewComponent, lines=True), now=visit.now)
    return See(f"{AT}/{made.component_id}", visit.reader("The component is a draft; submit it when it is ready."))


@views("POST", f"{AT}/{{component}}", rights=ANY_RIGHT, again=form)
def change(visit: WriteVisit) -> See:
    visit.check_stamp(
        "component",
        visit.id,
        lambda: _stored(service.one(visit.db, visit.caller, visit.id)),
        lambda stored: {name: stored[name] for name in TEXTS},
    )
    service.change(visit.db, visit.caller, visit.id, fit(_body(visit), ComponentChange, lines=True), now=visit.now)
    return See(f"{AT}/{visit.id}", visit.reader("The component is saved."))


@views("POST", f"{AT}/{{component}}/move", rights=ANY_RIGHT, again=form)
def move(visit: WriteVisit) -> See:
    if visit.form.get("to") == "delete":
        service.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(AT, visit.reader("The component is deleted."))
    wanted = fit({"component_status": visit.form.get("to"), "reason": visit.form.get("reason") or None}, ComponentStatus, lines=True)
    made = service.change_status(visit.db, visit.caller, visit.id, wanted, now=visit.now)
    return See(f"{AT}/{visit.id}", visit.reader("The component is now: %s.") % visit.reader(made.component_status))
