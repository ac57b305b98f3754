"""Platform setup: the application inventory."""

import tempfile
from pathlib import Path
from typing import Any

from autohub.access.model import Right
from autohub.apps import service as apps
from autohub.apps import store as app_store
from autohub.apps import tables
from autohub.apps.model import Application, ApplicationInput
from autohub.categories import store as category_store
from autohub.db.engine import Writing
from autohub.kit import tabular
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import EVERYTHING
from autohub.kit.query import Page as Part
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ChunkVisit, ReadVisit, See, Sent, Views, Visit, WriteVisit, stamp

views = Views()
AT, RIGHTS = "/admin/setup/applications", (Right.MANAGE_APP_INVENTORY,)
FIELDS = ("application_name", "application_version", "application_language")


def listed(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    found, total = app_store.page(visit.db, part, text=visit.query.get("s"), category_ids=[], sort=("application_name", False))
    used = app_store.uses(visit.db, [app.application_id for app in found])
    return visit.page("applications.html", found=found, total=total, used=used, paths=category_paths(category_store.all_(visit.db)))


views("GET", AT, rights=RIGHTS, params=LISTED)(listed)


def _form(visit: Visit[Any], app: Application | None) -> Page:
    places = sorted(category_paths(category_store.all_(visit.db)).items(), key=lambda pair: pair[1])
    kept = {name: visit.typed(name, getattr(app, name) if app else "") for name in FIELDS}
    picked = visit.form.numbers("category_id") if visit.error else (app.category_ids if app else [])
    return visit.page("application.html", app=app, kept=kept, picked=picked, places=places, stamp=stamp(app) if app else "")


def add_form(visit: ReadVisit) -> Page:
    return _form(visit, None)


def change_form(visit: ReadVisit) -> Page:
    return _form(visit, apps.one(visit.db, visit.id))


views("GET", f"{AT}/add", rights=RIGHTS)(add_form)
views("GET", f"{AT}/{{application}}", rights=RIGHTS)(change_form)


def _save(visit: WriteVisit, application_id: int | None) -> See:
    places = visit.form.numbers("category_id")
    if not places:
        text = visit.reader("must name at least one category.")
        raise Invalid(visit.reader("Nothing was saved."), details={"categoryIds": [text]})
    body: dict[str, Any] = {name: visit.form.get(name) for name in FIELDS}
    new = fit(body | {"application_id": application_id, "categoryIds": places}, ApplicationInput)
    apps.put_inventory(visit.db, visit.caller, [new], now=visit.now)
    return See(AT, visit.reader("“%s” is saved.") % new.application_name)


@views("POST", f"{AT}/add", rights=RIGHTS, again=add_form)
def add(visit: WriteVisit) -> See:
    return _save(visit, None)


@views("POST", f"{AT}/{{application}}", rights=RIGHTS, again=change_form)
def change(visit: WriteVisit) -> See:
    """Changes an application, or deletes it."""
    if visit.form.get("act") == "delete":
        apps.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(AT, visit.reader("The application is deleted."))
    visit.check_stamp(
        "application",
        visit.id,
        lambda: apps.one(visit.db, visit.id),
        lambda app: {name: getattr(app, name) for name in FIELDS},
    )
    return _save(visit, visit.id)


@views("POST", f"{AT}/import", rights=RIGHTS, again=listed, transaction="chunks", uploads=True, params=LISTED)
def import_applications(visit: ChunkVisit) -> See:
    """Adds the applications of a table, and to those that are there what it says of them."""
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required.")]})
    rows = list(tabular.rows_of(sent.path.read_bytes()))

    def work(db: Writing) -> int:
        return tables.put(db, visit.caller, tables.read(rows, category_paths(category_store.all_(db))), now=visit.now)

    return See(AT, visit.reader("%s applications were read in.") % visit.db.write(work))


@views("GET", f"{AT}/export", rights=RIGHTS)
def export_applications(visit: ReadVisit) -> Sent:
    found, _ = app_store.page(visit.db, EVERYTHING, text=None, category_ids=[], sort=("application_name", False))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "applications.csv"
        tabular.write(path, "csv", tables.HEADINGS, tables.written(found, category_paths(category_store.all_(visit.db))))
        return Sent("applications.csv", path.read_bytes(), "text/csv; charset=utf-8")
