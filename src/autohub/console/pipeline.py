"""Import pipeline: a table of ideas, whose columns are mapped in a form, tried, and then imported."""

from collections import Counter
from dataclasses import replace
from typing import Any, NamedTuple

from autohub.access.model import Right
from autohub.console import columns
from autohub.flows import store as flows
from autohub.flows.model import SUBMISSION_TYPES
from autohub.imports import mapping, reading, service
from autohub.imports.mapping import Mapping
from autohub.imports.model import ImportReport
from autohub.integrations.blobs import Lost, new_work_key
from autohub.kit.errors import Invalid
from autohub.kit.seal import same, sign
from autohub.kit.text import shorten
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, Sent, Views, Visit

views = Views()
AT = "/admin/setup/import"
RIGHTS = (Right.IMPORT_PIPELINE,)
EXAMPLES, STATUSES_SHOWN, REASONS_SHOWN, ROWS_SHOWN = 3, 100, 10, 200


class Table(NamedTuple):
    """A kept file: its signed key and name, its headings, some cells of each column, and every text of the status column."""

    key: str
    name: str
    headings: list[str]
    examples: dict[str, list[str]]
    statuses: list[str]
    total: int


@views("GET", AT, rights=RIGHTS)
def choose(visit: ReadVisit) -> Page:
    return visit.page("import.html", limit=visit.settings.import_limit_mb)


def _signature(visit: Visit[Any], key: str) -> str:
    """Binds a kept file to the person who brought it."""
    return sign(visit.installation.secret, "pipeline import", visit.caller.user_id, key)


def _kept(visit: Visit[Any]) -> bytes:
    """The bytes of the file that the form names. Raises Invalid."""
    key, _, signature = visit.form.get("key").partition("-")
    gone = visit.reader("The file is not there any more; choose it again.")
    if not same(signature, _signature(visit, key)):
        raise Invalid(gone)
    try:
        return b"".join(visit.blobs.read(key))
    except Lost:
        raise Invalid(gone) from None


def _table(raw: bytes, key: str, name: str, status_heading: str | None) -> Table:
    headings, lines = reading.lines(raw, _kind(raw))
    examples: dict[str, list[str]] = {}
    statuses: dict[str, None] = {}
    total = 0
    for _, row in lines:
        total += 1
        for heading, cell in row.items():
            seen = examples.setdefault(heading, [])
            if cell.strip() and len(seen) < EXAMPLES and (short := shorten(cell.strip(), 30)) not in seen:
                seen.append(short)
        if status_heading and (text := row.get(status_heading, "").strip()) and len(statuses) < STATUSES_SHOWN:
            statuses[text] = None
    return Table(key, name, headings, examples, list(statuses), total)


def _kind(raw: bytes) -> str:
    return "xlsx" if raw[:2] == b"PK" else "csv"


def _status_heading(wanted: Mapping) -> str | None:
    return next((heading for heading, meaning in wanted.columns.items() if meaning == "status"), None)


def _page(visit: Visit[Any], table: Table, wanted: Mapping, report: ImportReport | None = None, *, tried: bool = False) -> Page:
    with visit.db.reading() as db:
        rows, known = flows.flows(db), flows.statuses(db)
        flow = next((row for row in rows if row.idea_flow_id == wanted.idea_flow_id), rows[0])
        asked = service.questions(db, flow.submission_type)
    text = visit.reader
    labels = {f"columns.{heading}": f"“{heading}”:" for heading in table.headings}
    return visit.page(
        "import-map.html",
        table=table,
        columns=columns.columns(table.headings, table.examples, wanted),
        groups=columns.meanings(text, asked),
        named=columns.statuses(table.statuses, known, wanted),
        status_options=[("", text("Choose …"))]
        + [(s.phase_status_key, f"{text(s.phase_name)} – {text(s.phase_status_name)}") for s in known.values()],
        flow_options=[(row.idea_flow_id, f"{row.idea_flow_name} ({text(SUBMISSION_TYPES[row.submission_type][1])})") for row in rows],
        question_options=[("", text("Nowhere"))] + [(key, text(question.title)) for key, question in asked.items()],
        choices=columns.CHOICES,
        facts=columns.facts(wanted),
        labels=labels,
        report=report,
        reasons=_reasons(report) if report else [],
        rows=report.results[:ROWS_SHOWN] if report else [],
        tried=tried,
    )


def _reasons(report: ImportReport) -> list[tuple[str, str, int]]:
    """What is wrong most often: the column, the sentence, and in how many rows."""
    counted = Counter((field, text) for row in report.results for field, texts in row.errors.items() for text in texts)
    return [(field, text, n) for (field, text), n in counted.most_common(REASONS_SHOWN)]


@views("POST", AT, rights=RIGHTS, again=choose, transaction="chunks", uploads=True)
def bring(visit: ChunkVisit) -> Page:
    """Keeps the file, and shows what its columns are likely to be, or what a mapping that comes along says."""
    sent, text = visit.form.files.get("file"), visit.reader
    if sent is None:
        raise Invalid(text("Nothing was read."), details={"file": [text("is required: choose a CSV file or a workbook.")]})
    raw = sent.path.read_bytes()
    headings, _ = reading.lines(raw, _kind(raw))
    if given := visit.form.files.get("mapping"):
        try:
            wanted = mapping.read(given.path.read_bytes().decode("utf-8"))
        except UnicodeDecodeError:
            raise Invalid(text("Nothing was read."), details={"mapping": [text("is not UTF-8 text.")]}) from None
    else:
        with visit.db.reading() as db:
            wanted = columns.suggested(headings, service.questions(db, 1))
    key = new_work_key()
    table = _table(raw, f"{key}-{_signature(visit, key)}", sent.name, _status_heading(wanted))
    visit.blobs.put(key, sent.path)
    return _page(visit, table, wanted)


@views("POST", f"{AT}/run", rights=RIGHTS, again=choose, transaction="chunks")
def run(visit: ChunkVisit) -> Page | Sent:
    """Tries the import or carries it out; gives the mapping out; or shows the form anew for another flow."""
    raw, act = _kept(visit), visit.form.get("act")
    headings, lines = reading.lines(raw, _kind(raw))
    wanted = columns.from_form(visit.form, headings)
    if act == "mapping":
        return Sent("mapping.toml", mapping.written(wanted).encode(), "application/toml; charset=utf-8")
    table = _table(raw, visit.form.get("key"), visit.form.get("name"), _status_heading(wanted))
    report: ImportReport | None = None
    if act in ("try", "import"):
        try:
            columns.check(wanted)
            report = service.run(
                visit.db, visit.caller, lines, headings, wanted, settings=visit.settings, now=visit.now, dry_run=act == "try"
            )
        except Invalid as error:
            visit.reader.retell(error)
            return _page(replace(visit, error=error), table, wanted)
    return _page(visit, table, wanted, report, tried=act == "try")
