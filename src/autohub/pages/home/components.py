"""Reusable components: the shelf, sharing one, and its way from draft to published."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.components import model, service, store
from autohub.components.model import (
    STATUSES,
    Component,
    ComponentChange,
    ComponentStatus,
    NewComponent,
)
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    stamp,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
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
TEXTS = (
    "component_name",
    "component_description",
    "component_type",
    "component_version",
    "component_link",
)


@routes(
    "GET",
    AT,
    rights=ANY_RIGHT,
    params=(*LISTED, Param("status", "choice", "", choices=STATUSES, multi=True)),
)
def show_components(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    facts: dict[str, Any] = {
        "text": request.query.get("s"),
        "statuses": request.query.all("status"),
        "category_ids": [],
    }
    found, total = store.list_components(
        request.db, request.caller, part, sort=("component_name", False), **facts
    )
    paths = category_paths(categories.all_categories(request.db))
    return request.page("components.html", found=found, total=total, paths=paths, statuses=STATUSES)


def _component_record(component: Component | None) -> dict[str, Any]:
    return {
        name: getattr(component, name) or "" if component else ""
        for name in (*TEXTS, "category_id")
    }


def _render_form(request: PageRequest[Any], component: Component | None) -> RenderedPage:
    stored = _component_record(component)
    kept = {name: request.typed(name, value) for name, value in stored.items()}
    places = sorted(
        category_paths(categories.all_categories(request.db)).items(), key=lambda pair: pair[1]
    )
    return request.page(
        "component.html",
        component=component,
        kept=kept,
        stamp=stamp(stored) if component else "",
        places=places,
        moves=service.allowed_statuses(request.db, request.caller, component) if component else (),
        verbs=VERBS,
        may_change=component is None or service.may_change(request.db, request.caller, component),
    )


def show_new_component(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, None)


def show_component(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, service.get_component(request.db, request.caller, request.id))


routes("GET", f"{AT}/add", rights=ANY_RIGHT)(show_new_component)
routes("GET", f"{AT}/{{component}}", rights=ANY_RIGHT)(show_component)


def _component_body(request: PageRequest[Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {name: request.form.get(name) for name in TEXTS}
    return sent | {
        "component_link": sent["component_link"] or None,
        "category_id": request.form.number("category_id"),
    }


@routes("POST", f"{AT}/add", rights=ANY_RIGHT, on_error=show_new_component)
def create_component(request: WritePageRequest) -> Redirect:
    made = service.create_component(
        request.db,
        request.caller,
        coerce(_component_body(request), NewComponent, lines=True),
        now=request.now,
    )
    return Redirect(
        f"{AT}/{made.component_id}",
        request.reader("The component is a draft; submit it when it is ready."),
    )


@routes("POST", f"{AT}/{{component}}", rights=ANY_RIGHT, on_error=show_component)
def update_component(request: WritePageRequest) -> Redirect:
    request.check_stamp(
        "component",
        request.id,
        lambda: _component_record(service.get_component(request.db, request.caller, request.id)),
        lambda stored: {name: stored[name] for name in TEXTS},
    )
    service.update_component(
        request.db,
        request.caller,
        request.id,
        coerce(_component_body(request), ComponentChange, lines=True),
        now=request.now,
    )
    return Redirect(f"{AT}/{request.id}", request.reader("The component is saved."))


@routes("POST", f"{AT}/{{component}}/move", rights=ANY_RIGHT, on_error=show_component)
def change_component_status(request: WritePageRequest) -> Redirect:
    if request.form.get("to") == "delete":
        service.delete_component(request.db, request.caller, request.id, now=request.now)
        return Redirect(AT, request.reader("The component is deleted."))
    wanted = coerce(
        {"component_status": request.form.get("to"), "reason": request.form.get("reason") or None},
        ComponentStatus,
        lines=True,
    )
    made = service.change_status(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect(
        f"{AT}/{request.id}",
        request.reader("The component is now: %s.") % request.reader(made.component_status),
    )
