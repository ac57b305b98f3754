"""Import pipeline: a table of ideas, read by a mapping that is suggested and can be changed, tried first."""

import uuid
from typing import Any

from autohub.access.model import Right
from autohub.imports import mapping, reading, service
from autohub.imports.model import ImportReport
from autohub.kit.errors import Invalid, Unavailable
from autohub.kit.seal import same, sign
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, Views, Visit

views = Views()
AT = "/admin/setup/import"
RIGHTS = (Right.IMPORT_PIPELINE,)
EXAMPLES = 5


def choose(visit: ReadVisit) -> Page:
    return _page(visit, None)


def _page(visit: Visit[Any], report: ImportReport | None, **values: Any) -> Page:
    shown: dict[str, Any] = {
        "key": visit.form.get("key"),
        "name": visit.form.get("name"),
        "mapping": visit.form.get("mapping"),
        "tried": False,
    } | values
    return visit.page("import.html", report=report, limit=visit.settings.import_limit_mb, **shown)


views("GET", AT, rights=RIGHTS)(choose)


@views("POST", AT, rights=RIGHTS, again=choose, transaction="chunks", uploads=True)
def bring(visit: ChunkVisit) -> Page:
    """Keeps the file, and suggests how its columns are to be read."""
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required: choose a CSV file or a workbook.")]})
    raw = sent.path.read_bytes()
    headings, lines = reading.lines(raw, _kind(raw))
    examples: dict[str, list[str]] = {}
    for _, row in lines:
        for heading, cell in row.items():
            if cell and len(examples.setdefault(heading, [])) < EXAMPLES:
                examples[heading].append(cell)
    with visit.db.reading() as db:
        asked = service.questions(db, 1)
    key = uuid.uuid4().hex
    visit.blobs.put(key, sent.path)
    drafted = mapping.draft(headings, asked, examples)
    return _page(visit, None, key=f"{key}-{_signature(visit, key)}", name=sent.name, mapping=drafted)


def _kind(raw: bytes) -> str:
    return "xlsx" if raw[:2] == b"PK" else "csv"


def _signature(visit: Visit[Any], key: str) -> str:
    """Binds a kept file to the person who brought it."""
    return sign(visit.installation.secret, "pipeline import", visit.caller.user_id, key)


@views("POST", f"{AT}/run", rights=RIGHTS, again=choose, transaction="chunks")
def run(visit: ChunkVisit) -> Page:
    """Tries the import, or carries it out."""
    key, _, signature = visit.form.get("key").partition("-")
    if not same(signature, _signature(visit, key)):
        raise Invalid(visit.reader("The file is not there any more; choose it again."))
    try:
        raw = b"".join(visit.blobs.read(key))
    except Unavailable:
        raise Invalid(visit.reader("The file is not there any more; choose it again.")) from None
    headings, lines = reading.lines(raw, _kind(raw))
    wanted = mapping.read(visit.form.get("mapping"))
    tries = visit.form.get("act") != "import"
    report = service.run(
        visit.db, visit.caller, lines, headings, wanted, settings=visit.settings, now=visit.now, dry_run=tries, keep_all=False
    )
    return _page(visit, report, tried=tries)
