"""Platform setup: the application inventory."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from autohub.access.model import Right
from autohub.applications import service as apps
from autohub.applications import store as app_store
from autohub.applications import tables
from autohub.applications.model import Application, ApplicationInput
from autohub.categories import store as category_store
from autohub.categories.model import category_paths
from autohub.kit import tabular
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import EVERYTHING
from autohub.kit.query import Page as Part
from autohub.kit.text import N_
from autohub.pages.admin import uploads
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    ChunkedPageRequest,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    stamp,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT, RIGHTS = "/admin/setup/applications", (Right.MANAGE_APP_INVENTORY,)
FIELDS = ("application_name", "application_version", "application_language")


def list_applications(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = app_store.list_applications(
        request.db,
        part,
        text=request.query.get("s"),
        category_ids=[],
        sort=("application_name", False),
    )
    used = app_store.count_uses(request.db, [app.application_id for app in found])
    return request.page(
        "applications.html",
        found=found,
        total=total,
        used=used,
        paths=category_paths(category_store.all_categories(request.db)),
    )


routes("GET", AT, rights=RIGHTS, params=LISTED)(list_applications)


def _render_form(request: PageRequest[Any], app: Application | None) -> RenderedPage:
    places = sorted(
        category_paths(category_store.all_categories(request.db)).items(), key=lambda pair: pair[1]
    )
    kept = {name: request.typed(name, getattr(app, name) if app else "") for name in FIELDS}
    picked = (
        request.form.numbers("category_id") if request.error else (app.category_ids if app else [])
    )
    return request.page(
        "application.html",
        app=app,
        kept=kept,
        picked=picked,
        places=places,
        stamp=stamp(app) if app else "",
    )


def show_new_application(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, None)


def show_application(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, apps.get_application(request.db, request.id))


routes("GET", f"{AT}/add", rights=RIGHTS)(show_new_application)
routes("GET", f"{AT}/{{application}}", rights=RIGHTS)(show_application)


def _save_application(request: WritePageRequest, application_id: int | None) -> Redirect:
    places = request.form.numbers("category_id")
    if not places:
        text = request.reader("must name at least one category.")
        raise Invalid(request.reader("Nothing was saved."), details={"categoryIds": [text]})
    body: dict[str, Any] = {name: request.form.get(name) for name in FIELDS}
    new = coerce(body | {"application_id": application_id, "categoryIds": places}, ApplicationInput)
    apps.save_applications(request.db, request.caller, [new], now=request.now)
    return Redirect(AT, request.reader("“%s” is saved.") % new.application_name)


@routes("POST", f"{AT}/add", rights=RIGHTS, on_error=show_new_application)
def create_application(request: WritePageRequest) -> Redirect:
    return _save_application(request, None)


@routes("POST", f"{AT}/{{application}}", rights=RIGHTS, on_error=show_application)
def update_application(request: WritePageRequest) -> Redirect:
    request.check_stamp(
        "application",
        request.id,
        lambda: apps.get_application(request.db, request.id),
        lambda app: {name: getattr(app, name) for name in FIELDS},
    )
    return _save_application(request, request.id)


@routes("POST", f"{AT}/{{application}}/delete", rights=RIGHTS, on_error=show_application)
def delete_application(request: WritePageRequest) -> Redirect:
    apps.delete_application(request.db, request.caller, request.id, now=request.now)
    return Redirect(AT, request.reader("The application is deleted."))


CHANGED = N_(
    "%(added)s applications were added and %(changed)s changed; %(unchanged)s are as they were."
)
WOULD_CHANGE = N_(
    "Nothing is changed yet: %(added)s applications would be added and %(changed)s changed; "
    "%(unchanged)s are as they were."
)
_import = partial(
    routes,
    "POST",
    rights=RIGHTS,
    on_error=list_applications,
    transaction="per_chunk",
    uploads=True,
    params=LISTED,
)


@_import(f"{AT}/import")
def import_applications(request: ChunkedPageRequest) -> Redirect:
    """Adds the applications of a table, and to those that are there what it says of them."""
    return _read_table(request, dry_run=False)


@_import(f"{AT}/import/preview")
def preview_applications(request: ChunkedPageRequest) -> Redirect:
    """Says what the table would change."""
    return _read_table(request, dry_run=True)


def _read_table(request: ChunkedPageRequest, *, dry_run: bool) -> Redirect:
    sent = uploads.read_upload(request)
    with request.db.reading() as db:
        paths = category_paths(category_store.all_categories(db))
    found = tables.read(sent.read(), paths, sent.choice)
    done = request.db.write(
        lambda db: tables.put(db, request.caller, found, now=request.now, dry_run=dry_run)
    )
    template = WOULD_CHANGE if dry_run else CHANGED
    counts = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    said = request.reader(template) % counts
    return Redirect(AT, f"{said} {request.reader(found.note)}".strip())


@routes("GET", f"{AT}/export", rights=RIGHTS, params=LISTED)
def export_applications(request: ReadPageRequest) -> Download:
    found, _ = app_store.list_applications(
        request.db,
        EVERYTHING,
        text=request.query.get("s"),
        category_ids=[],
        sort=("application_name", False),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "applications.csv"
        tabular.write(
            path,
            "csv",
            tables.HEADINGS,
            tables.written(found, category_paths(category_store.all_categories(request.db))),
        )
        return Download("applications.csv", path.read_bytes(), "text/csv; charset=utf-8")
