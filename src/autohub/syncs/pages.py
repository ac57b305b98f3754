"""Import users: the pages of the steps."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.kit import tabular
from autohub.kit.clock import iso
from autohub.kit.errors import Invalid
from autohub.kit.query import EVERYTHING, Param
from autohub.kit.text import N_
from autohub.syncs import service, store
from autohub.users import rows as user_rows
from autohub.users import store as users
from autohub.users.model import STATUS_FIELDS, TEXTS
from autohub.web.pages import Page
from autohub.web.views import LISTED, ChunkVisit, ReadVisit, See, Sent, Views, Visit, WriteVisit, is_number

views = Views()
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
    *((f"{name}{n}", words % n) for n in range(1, 6) for name, words in (("role_id", "Role id %d"), ("category_id", "Category id %d"))),
)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def choose(visit: ReadVisit) -> Page:
    return visit.page(
        "sync-choose.html", latest=store.latest(visit.db, visit.caller.user_id or 0, limit=10), limit=visit.settings.import_limit_mb
    )


views("GET", AT, rights=RIGHTS)(choose)


@views("POST", AT, rights=RIGHTS, again=choose, transaction="chunks", uploads=True)
def bring(visit: ChunkVisit) -> See:
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required: choose a CSV file or a workbook.")]})
    made = service.begin(visit.db, visit.blobs, visit.caller, name=sent.name, path=sent.path, settings=visit.settings, now=visit.now)
    return See(f"{AT}/{made}")


def step(visit: ReadVisit) -> Page:
    """The step at which a file is."""
    row = service.one(visit.db, visit.caller, visit.id)
    if row.state == "mapping":
        return _mapping(visit, row)
    report = service.report_of(row)
    found = service.failing(visit.blobs, row, visit.query.get("s")) if row.state == "preview" else []
    part = visit.query.page
    return visit.page(
        "sync.html",
        row=row,
        report=report,
        headings=msgspec.json.decode(row.headings),
        labels=dict(FIELDS),
        failing=found[part.offset : part.offset + service.SHOWN],
        total=len(found),
        typed=dict(visit.form.pairs),
    )


def _mapping(visit: Visit[Any], row: Any) -> Page:
    table = service.table(visit.blobs, row)
    chosen = service.suggested(table)
    if visit.error is not None:
        chosen = visit.form.all("field")
    sample = [[line[place] if place < len(line) else "" for line in table.rows[: service.SAMPLE]] for place in range(len(table.headings))]
    return visit.page("sync-map.html", row=row, columns=list(zip(table.headings, chosen, sample, strict=False)), fields=FIELDS)


views("GET", f"{AT}/{{sync}}", rights=RIGHTS, params=LISTED)(step)


@views("POST", f"{AT}/{{sync}}/map", rights=RIGHTS, again=step, transaction="chunks", params=LISTED)
def set_mapping(visit: ChunkVisit) -> See:
    known = {field for field, _ in FIELDS}
    fields = [field if field in known else "" for field in visit.form.all("field")]
    service.set_mapping(visit.db, visit.blobs, visit.caller, visit.id, fields, visit.settings, now=visit.now)
    return See(f"{AT}/{visit.id}")


@views("POST", f"{AT}/{{sync}}/correct", rights=RIGHTS, again=step, transaction="chunks", params=LISTED)
def correct(visit: ChunkVisit) -> See:
    cells: dict[int, dict[int, str]] = {}
    for name, value in visit.form.pairs:
        index, _, column = name.removeprefix("cell-").partition("-")
        if name.startswith("cell-") and is_number(index) and is_number(column):
            cells.setdefault(int(index), {})[int(column)] = value
    service.correct(visit.db, visit.blobs, visit.caller, visit.id, cells, visit.settings, now=visit.now)
    return See(f"{AT}/{visit.id}", visit.reader("The corrections are in; the file was looked through again."))


@views("POST", f"{AT}/{{sync}}/run", rights=RIGHTS, again=step, params=LISTED)
def start(visit: WriteVisit) -> See:
    service.start(visit.db, visit.caller, visit.id, atomic=bool(visit.form.flag("atomic")), now=visit.now)
    return See(f"{AT}/{visit.id}")


@views("GET", f"{AT}/{{sync}}/failed", rights=RIGHTS)
def failed(visit: ReadVisit) -> Sent:
    row = service.one(visit.db, visit.caller, visit.id)
    headings = [*msgspec.json.decode(row.headings), "What is wrong"]
    return Sent("failed-rows.csv", _file("csv", headings, service.failed_rows(visit.blobs, row)), "text/csv; charset=utf-8")


@views(
    "GET",
    "/admin/access/export",
    rights=(Right.MANAGE_USERS,),
    params=(Param("kind", "choice", "", choices=("csv", "xlsx")), Param("empty", "flag", "")),
)
def export(visit: ReadVisit) -> Sent:
    """All users, or an empty template, as a file that the import reads."""
    kind = visit.query.get("kind") or "csv"
    media = WORKBOOK if kind == "xlsx" else "text/csv; charset=utf-8"
    if visit.query.get("empty"):
        return Sent(f"users-template.{kind}", _file(kind, [*TEXTS, *STATUS_FIELDS, "role_id1", "category_id1"], []), media)
    found, _ = users.page(visit.db, EVERYTHING, text=None, filters={}, statuses=None, role_ids=[], sort=(None, False), trashed=False)
    records = [user_rows.exported(user) for user in found]
    most = max((len(record["user_roles"]) for record in records), default=1)
    rows = (user_rows.export_cells(record, most) for record in records)
    return Sent(f"users-{iso(visit.now)[:10]}.{kind}", _file(kind, user_rows.export_headings(most), rows), media)


def _file(kind: str, headings: list[str], rows: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{kind}"
        tabular.write(path, kind, headings, rows)
        return path.read_bytes()
