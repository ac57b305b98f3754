"""Import pipeline: a table of ideas, whose columns are mapped in a form, tried, and then
imported."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from autohub.access.model import Right
from autohub.db.engine import Writing
from autohub.flows import store as flows
from autohub.flows.model import SUBMISSION_TYPES
from autohub.imports import reading, runs, service
from autohub.imports import store as records
from autohub.imports.mapping import Mapping
from autohub.imports.model import ImportReport
from autohub.integrations.blobs import Lost, new_work_key
from autohub.kit.errors import Invalid
from autohub.kit.seal import same, sign
from autohub.kit.tablefile import TableFile
from autohub.kit.text import shorten
from autohub.kit.toml import read_toml, write_toml
from autohub.pages.admin import columns, uploads
from autohub.web.page_requests import (
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
AT = "/admin/setup/import"
RIGHTS = (Right.IMPORT_PIPELINE,)
EXAMPLES, STATUSES_SHOWN, REASONS_SHOWN, ROWS_SHOWN = 3, 100, 10, 200


class KeptTable(NamedTuple):
    """A kept file: its signed key and name, its headings, some cells of each column, and every
    text of the status column."""

    key: str
    name: str
    headings: list[str]
    examples: dict[str, list[str]]
    statuses: list[str]
    total: int


@routes("GET", AT, rights=RIGHTS)
def show_import_form(request: ReadPageRequest) -> RenderedPage:
    return request.page(
        "import.html",
        limit=request.settings.import_limit_mb,
        latest=records.list_runs(request.db, request.caller.user_id or 0, limit=10),
    )


def _sign_file(request: PageRequest[Any], key: str) -> str:
    """Binds a kept file to the person who brought it."""
    return sign(request.installation.secret, "pipeline import", request.caller.user_id, key)


def _read_kept_file(request: PageRequest[Any]) -> bytes:
    """The bytes of the file that the form names. Raises Invalid."""
    key, _, signature = request.form.get("key").partition("-")
    gone = request.reader("The file is not there any more; choose it again.")
    if not same(signature, _sign_file(request, key)):
        raise Invalid(gone)
    try:
        return b"".join(request.blobs.read(key))
    except Lost:
        raise Invalid(gone) from None


class MappedTable(NamedTuple):
    """A kept file with what the form says its columns mean."""

    table: KeptTable
    lines: reading.Lines
    wanted: Mapping


def _read_mapped_table(request: PageRequest[Any]) -> MappedTable:
    """Raises Invalid."""
    file = reading.open_table(_read_kept_file(request), uploads.read_choice(request.form))
    wanted = columns.mapping_from_form(request.form, file.headings)
    table = _load_table(file, request.form.get("key"), request.form.get("name"), wanted)
    return MappedTable(table, file, wanted)


def _load_table(file: TableFile, key: str, name: str, wanted: Mapping) -> KeptTable:
    status_heading = _status_heading(wanted)
    examples: dict[str, list[str]] = {}
    statuses: dict[str, None] = {}
    total = 0
    for _, row in file:
        total += 1
        for heading, cell in row.items():
            seen = examples.setdefault(heading, [])
            if (
                cell.strip()
                and len(seen) < EXAMPLES
                and (short := shorten(cell.strip(), 30)) not in seen
            ):
                seen.append(short)
        if (
            status_heading
            and (text := row.get(status_heading, "").strip())
            and len(statuses) < STATUSES_SHOWN
        ):
            statuses[text] = None
    return KeptTable(
        key=key,
        name=name,
        headings=file.headings,
        examples=examples,
        statuses=list(statuses),
        total=total,
    )


def _status_heading(wanted: Mapping) -> str | None:
    return next(
        (heading for heading, meaning in wanted.columns.items() if meaning == "status"), None
    )


def _render_mapping(
    request: PageRequest[Any],
    table: KeptTable,
    wanted: Mapping,
    report: ImportReport | None = None,
    *,
    tried: bool = False,
    notes: Sequence[str] = (),
) -> RenderedPage:
    with request.db.reading() as db:
        rows, known = flows.list_flows(db), flows.all_statuses(db)
        flow = next((row for row in rows if row.idea_flow_id == wanted.idea_flow_id), rows[0])
        asked = service.list_questions(db, flow.submission_type)
    text = request.reader
    labels = {f"columns.{heading}": f"“{heading}”:" for heading in table.headings}
    return request.page(
        "import-map.html",
        table=table,
        columns=columns.describe_columns(table.headings, table.examples, wanted),
        groups=columns.list_meanings(text, asked),
        named=columns.match_statuses(table.statuses, known, wanted),
        status_options=[("", text("Choose …"))]
        + [
            (s.phase_status_key, f"{text(s.phase_name)} – {text(s.phase_status_name)}")
            for s in known.values()
        ],
        flow_options=[
            (
                row.idea_flow_id,
                f"{row.idea_flow_name} ({text(SUBMISSION_TYPES[row.submission_type][1])})",
            )
            for row in rows
        ],
        question_options=[("", text("Nowhere"))]
        + [(key, text(question.title)) for key, question in asked.items()],
        choices=columns.CHOICES,
        facts=columns.mapping_facts(wanted),
        labels=labels,
        report=report,
        reasons=_commonest_reasons(report) if report else [],
        rows=report.results[:ROWS_SHOWN] if report else [],
        tried=tried,
        notes=list(filter(None, notes)),
    )


def _commonest_reasons(report: ImportReport) -> list[tuple[str, str, int]]:
    """What is wrong most often: the column, the sentence, and in how many rows."""
    counted = Counter(
        (field, text)
        for row in report.results
        for field, texts in row.errors.items()
        for text in texts
    )
    return [(field, text, n) for (field, text), n in counted.most_common(REASONS_SHOWN)]


@routes("POST", AT, rights=RIGHTS, on_error=show_import_form, transaction="per_chunk", uploads=True)
def upload_table(request: ChunkedPageRequest) -> RenderedPage:
    """Keeps the file, and shows what its columns are likely to be, or what a mapping that comes
    along says."""
    sent, text = uploads.read_upload(request), request.reader
    notes: list[str] = []
    if given := request.form.files.get("mapping"):
        try:
            wanted = read_toml(given.path.read_bytes().decode("utf-8"), Mapping)
        except UnicodeDecodeError:
            raise Invalid(
                text("Nothing was read."), details={"mapping": [text("is not UTF-8 text.")]}
            ) from None
        file = reading.open_table(sent.read(), sent.choice.over(wanted.choice), asks=False)
    else:
        file = reading.open_table(sent.read(), sent.choice, asks=False)
        with request.db.reading() as db:
            known = service.recall_mapping(db, file.headings)
            wanted = (
                known.mapping
                if known
                else columns.suggest_mapping(file.headings, service.list_questions(db, 1))
            )
        if known:
            notes.append(
                text("Columns of these names were imported on %s; they are read as they were then.")
                % text.day(known.since)
            )
    choice = sent.choice.over(wanted.choice)
    if file.note:
        choice = choice._replace(encoding=file.encoding)
    wanted = msgspec.structs.replace(wanted, **choice._asdict())
    key = new_work_key()
    table = _load_table(file, f"{key}-{_sign_file(request, key)}", sent.name, wanted)
    request.blobs.put(key, sent.path)
    notes.append(text(file.note))
    return _render_mapping(request, table, wanted, notes=notes)


def _form_of_mapping(act: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declares what a button of the form does in which columns are given a meaning."""
    return routes(
        "POST",
        f"{AT}/{act}",
        rights=RIGHTS,
        on_error=show_import_form,
        transaction="per_chunk",
    )


@_form_of_mapping("mapping")
def download_mapping(request: ChunkedPageRequest) -> Download:
    """The mapping as a file that the command and the next import take."""
    content = write_toml(_read_mapped_table(request).wanted).encode()
    return Download("mapping.toml", content, "application/toml; charset=utf-8")


@_form_of_mapping("try")
def try_import(request: ChunkedPageRequest) -> RenderedPage:
    """Says what the import would do, and writes nothing."""
    return _run(request, dry_run=True)


@_form_of_mapping("run")
def run_import(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    """Imports the rows that are right: at once, or by the worker when there are many."""
    table, _, wanted = _read_mapped_table(request)
    if table.total <= service.CHUNK:
        return _run(request, dry_run=False)
    try:
        columns.check_columns(wanted)
        with request.db.reading() as db:
            service.check_fit(db, wanted, table.headings)
    except Invalid as error:
        request.reader.retell(error)
        return _render_mapping(replace(request, error=error), table, wanted)

    def start(db: Writing) -> int:
        service.remember_mapping(db, table.headings, wanted, now=request.now)
        return runs.queue_run(
            db,
            request.caller,
            file_name=table.name,
            blob_key=request.form.get("key").partition("-")[0],
            mapping=wanted,
            total=table.total,
            now=request.now,
        )

    return Redirect(f"{AT}/{request.db.write(start)}")


def show_run(request: ReadPageRequest) -> RenderedPage:
    """How far a long import is, and what became of its rows."""
    row = runs.get_run(request.db, request.caller, request.id)
    report = runs.report_of(row)
    return request.page(
        "import-run.html",
        row=row,
        report=report,
        reasons=_commonest_reasons(report) if report else [],
        rows=report.results[:ROWS_SHOWN] if report else [],
    )


routes("GET", f"{AT}/{{run}}", rights=RIGHTS)(show_run)


@routes("POST", f"{AT}/{{run}}/stop", rights=RIGHTS, on_error=show_run)
def stop_run(request: WritePageRequest) -> Redirect:
    runs.stop_run(request.db, request.caller, request.id, now=request.now)
    return Redirect(f"{AT}/{request.id}")


def _run(request: ChunkedPageRequest, *, dry_run: bool) -> RenderedPage:
    table, lines, wanted = _read_mapped_table(request)
    try:
        columns.check_columns(wanted)
        report = service.run_import(
            request.db,
            request.caller,
            lines,
            table.headings,
            wanted,
            settings=request.settings,
            now=request.now,
            dry_run=dry_run,
        )
    except Invalid as error:
        request.reader.retell(error)
        return _render_mapping(replace(request, error=error), table, wanted)
    if not dry_run:
        request.db.write(
            lambda db: service.remember_mapping(db, table.headings, wanted, now=request.now)
        )
    return _render_mapping(request, table, wanted, report, tried=dry_run)
