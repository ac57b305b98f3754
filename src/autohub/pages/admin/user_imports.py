"""Import users: the pages of the steps."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from autohub.access import store as access
from autohub.access.model import Right
from autohub.categories import store as category_store
from autohub.categories.model import category_paths
from autohub.db.engine import Reading
from autohub.kit import tabular
from autohub.kit.clock import iso
from autohub.kit.query import EVERYTHING, Param
from autohub.kit.text import N_
from autohub.pages.admin import uploads
from autohub.pages.admin.users import PARAMS as FILTERS
from autohub.pages.admin.users import find_users
from autohub.user_imports import service, store
from autohub.users import rows as user_rows
from autohub.users.model import STATUS_FIELDS, TEXTS, BulkReport
from autohub.web.forms import is_number
from autohub.web.page_requests import (
    LISTED,
    ChunkedPageRequest,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT = "/admin/access/import"
RIGHTS = (Right.MANAGE_USERS_ROLES,)
FIELDS = (
    ("user_email", N_("E-mail")),
    ("user_first_name", N_("First name")),
    ("user_last_name", N_("Last name")),
    ("user_job_title", N_("Job title")),
    ("user_business_unit", N_("Business unit")),
    ("user_department", N_("Department")),
    ("user_location", N_("City")),
    ("user_is_active", N_("Active (1) or inactive (0)")),
    ("user_invite_status", N_("Invitation: 0 none, 1 pending, 2 mail it")),
    ("roles", N_("Roles by name, separated by semicolons")),
    *(
        (f"{name}{n}", words % n)
        for n in range(1, 6)
        for name, words in (("role_id", "Role id %d"), ("category_id", "Category id %d"))
    ),
)
LABELS = dict(FIELDS) | {"user_is_active": N_("Active"), "user_roles": N_("Roles")}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_upload_form(request: ReadPageRequest) -> RenderedPage:
    return request.page(
        "user-import-choose.html",
        latest=store.list_latest(request.db, request.caller.user_id or 0, limit=10),
        limit=request.settings.import_limit_mb,
    )


routes("GET", AT, rights=RIGHTS)(show_upload_form)


@routes("POST", AT, rights=RIGHTS, on_error=show_upload_form, transaction="per_chunk", uploads=True)
def upload_file(request: ChunkedPageRequest) -> Redirect:
    sent = uploads.read_upload(request)
    begun = service.begin_import(
        request.db,
        request.blobs,
        request.caller,
        name=sent.name,
        path=sent.path,
        choice=sent.choice,
        settings=request.settings,
        now=request.now,
    )
    return Redirect(f"{AT}/{begun.sync_id}", request.reader(begun.note))


def show_step(request: ReadPageRequest) -> RenderedPage:
    """The step at which a file is."""
    row = service.get_import(request.db, request.caller, request.id)
    if row.state == "mapping":
        return _mapping(request, row)
    report = service.report_of(row)
    found = (
        service.list_failing_rows(request.blobs, row, request.query.get("s"))
        if row.state == "preview"
        else []
    )
    part = request.query.page
    return request.page(
        "user-import.html",
        row=row,
        report=report,
        headings=msgspec.json.decode(row.headings),
        labels=LABELS,
        failing=found[part.offset : part.offset + service.SHOWN],
        total=len(found),
        typed=dict(request.form.pairs),
        changed=_list_changed(request.db, report) if row.state == "preview" and report else [],
    )


class ChangedPerson(NamedTuple):
    """A row of the file, and its fields with what they are and what they would be."""

    number: int
    email: str
    widens: bool
    changes: list[tuple[str, str, str]]


def _list_changed(db: Reading, report: BulkReport) -> list[ChangedPerson]:
    paths = category_paths(category_store.all_categories(db))
    names = {role["role_id"]: str(role["role_name"]) for role in access.all_roles(db)}

    def describe(value: Any) -> str:
        if not isinstance(value, list):
            return "" if value is None else str(value)
        held = sorted((grant["role_id"], grant["category_id"]) for grant in value)
        return "; ".join(
            names.get(role_id, str(role_id)) + (f" ({paths.get(place, place)})" if place else "")
            for role_id, place in held
        )

    return [
        ChangedPerson(
            number=result.index + 2,
            email=result.user_email or "",
            widens=result.widens is True,
            changes=[
                (name, describe(change.before), describe(change.after))
                for name, change in result.changes.items()
            ],
        )
        for result in report.results
        if result.changes is not UNSET
    ]


def _mapping(request: PageRequest[Any], row: Any) -> RenderedPage:
    table = service.load_table(request.blobs, row)
    chosen = service.suggest_columns(table)
    if request.error is not None:
        chosen = request.form.all("field")
    sample = [
        [line[place] if place < len(line) else "" for line in table.rows[: service.SAMPLE]]
        for place in range(len(table.headings))
    ]
    return request.page(
        "user-import-map.html",
        row=row,
        columns=list(zip(table.headings, chosen, sample, strict=False)),
        fields=FIELDS,
    )


routes("GET", f"{AT}/{{sync}}", rights=RIGHTS, params=LISTED)(show_step)


@routes(
    "POST",
    f"{AT}/{{sync}}/map",
    rights=RIGHTS,
    on_error=show_step,
    transaction="per_chunk",
    params=LISTED,
)
def set_mapping(request: ChunkedPageRequest) -> Redirect:
    known = {field for field, _ in FIELDS}
    fields = [field if field in known else "" for field in request.form.all("field")]
    service.set_mapping(
        request.db,
        request.blobs,
        request.caller,
        request.id,
        fields,
        request.settings,
        now=request.now,
    )
    return Redirect(f"{AT}/{request.id}")


@routes(
    "POST",
    f"{AT}/{{sync}}/correct",
    rights=RIGHTS,
    on_error=show_step,
    transaction="per_chunk",
    params=LISTED,
)
def correct_cells(request: ChunkedPageRequest) -> Redirect:
    cells: dict[int, dict[int, str]] = {}
    for name, value in request.form.pairs:
        index, _, column = name.removeprefix("cell-").partition("-")
        if name.startswith("cell-") and is_number(index) and is_number(column):
            cells.setdefault(int(index), {})[int(column)] = value
    service.correct_cells(
        request.db,
        request.blobs,
        request.caller,
        request.id,
        cells,
        request.settings,
        now=request.now,
    )
    return Redirect(
        f"{AT}/{request.id}",
        request.reader("The corrections are in; the file was looked through again."),
    )


@routes("POST", f"{AT}/{{sync}}/run", rights=RIGHTS, on_error=show_step, params=LISTED)
def start_import(request: WritePageRequest) -> Redirect:
    service.start_import(
        request.db,
        request.caller,
        request.id,
        atomic=bool(request.form.flag("atomic")),
        may_widen=bool(request.form.flag("may_widen")),
        now=request.now,
    )
    return Redirect(f"{AT}/{request.id}")


@routes("POST", f"{AT}/{{sync}}/stop", rights=RIGHTS, on_error=show_step, params=LISTED)
def stop_import(request: WritePageRequest) -> Redirect:
    service.stop_import(request.db, request.caller, request.id, now=request.now)
    return Redirect(f"{AT}/{request.id}")


@routes("GET", f"{AT}/{{sync}}/failed", rights=RIGHTS)
def download_failed_rows(request: ReadPageRequest) -> Download:
    row = service.get_import(request.db, request.caller, request.id)
    headings = [*msgspec.json.decode(row.headings), "What is wrong"]
    return Download(
        "failed-rows.csv",
        _table_download("csv", headings, service.list_failed_rows(request.blobs, row)),
        "text/csv; charset=utf-8",
    )


@routes(
    "GET",
    "/admin/access/export",
    rights=(Right.MANAGE_USERS,),
    params=(
        *FILTERS,
        Param("kind", "choice", "", choices=("csv", "xlsx")),
        Param("empty", "flag", ""),
    ),
)
def export_users(request: ReadPageRequest) -> Download:
    """The users whom the list's filters hold, or an empty template, as a file that the import
    reads."""
    kind = request.query.get("kind") or "csv"
    media = WORKBOOK if kind == "xlsx" else "text/csv; charset=utf-8"
    if request.query.get("empty"):
        return Download(
            f"users-template.{kind}",
            _table_download(kind, [*TEXTS, *STATUS_FIELDS, "role_id1", "category_id1"], []),
            media,
        )
    found, _ = find_users(request, request.db, EVERYTHING)
    records = [user_rows.export_row(user) for user in found]
    most = max((len(record["user_roles"]) for record in records), default=1)
    rows = (user_rows.export_cells(record, most) for record in records)
    return Download(
        f"users-{iso(request.now)[:10]}.{kind}",
        _table_download(kind, user_rows.export_headings(most), rows),
        media,
    )


def _table_download(kind: str, headings: list[str], rows: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{kind}"
        tabular.write(path, kind, headings, rows)
        return path.read_bytes()
