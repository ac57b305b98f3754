"""Tables to ideas: read, checked, and written part by part (product 4, issue: import pipeline)."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from autohub.access.model import Caller
from autohub.assessments import service as assessments
from autohub.assessments.model import Question
from autohub.db.engine import Database, Reading, Writing
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.imports import store as records
from autohub.imports.mapping import Mapping, Prefer, check_meanings, own_mapping
from autohub.imports.model import ImportReport, RowResult
from autohub.imports.rows import RowReader, TableRow
from autohub.imports.writing import ImportPart
from autohub.kit.errors import HubError, Invalid
from autohub.kit.sentences import say
from autohub.kit.tablefile import FOUND
from autohub.kit.text import fold, shorten
from autohub.kit.toml import check_entries
from autohub.settings import Settings

CHUNK, CHANGES_SHOWN = 1000, 200
Progress = Callable[[ImportReport], None]
Line = tuple[int, dict[str, str]]


class ImportFailed(Invalid):
    """Nothing was written, because some rows are not right and all or none were wanted."""

    def __init__(self, report: ImportReport) -> None:
        failed = [result for result in report.results if result.outcome == "failed"]
        details = {
            f"row {r.row}, {field}": texts
            for r in failed[:100]
            for field, texts in r.errors.items()
        }
        super().__init__(
            say(
                "{failed} of {total} rows are not right; nothing was written.",
                failed=report.failed,
                total=report.total,
            ),
            details=details,
        )
        self.report = report


def list_questions(db: Reading, submission_type: int) -> dict[str, Question]:
    """Every question whose answer a table may hold, by its key: those asked of this type, but
    for what has a field of its own."""
    fields = ("process_name", "process_description", "category_id", "owner", "submitter")
    found = _asked(db, submission_type)
    return {
        k: q
        for k, q in found.items()
        if q.kind not in ("formula", "applications") and q.column not in fields
    }


def _asked(db: Reading, submission_type: int) -> dict[str, Question]:
    live = assessments.live_assessments_for(db, 0, submission_type)
    return {
        key: question
        for _, assessment in live.values()
        for key, question in assessment.questions.items()
    }


class KnownMapping(NamedTuple):
    """The mapping by which a table with the same headings was imported last, and when."""

    mapping: Mapping
    since: int


def recall_mapping(db: Reading, headings: Sequence[str]) -> KnownMapping | None:
    """None for headings that are new here, and for a mapping that does not fit any more."""
    found = records.find_mapping(db, _key_of(headings))
    if found is None:
        return None
    try:
        mapping = check_entries(msgspec.json.decode(found[0]), Mapping)
        _reader(db, mapping, headings)
    except HubError:
        return None
    return KnownMapping(mapping, found[1])


def check_fit(db: Reading, mapping: Mapping, headings: Sequence[str]) -> None:
    """Raises Invalid for a mapping that does not fit the table."""
    _reader(db, mapping, headings)


def remember_mapping(db: Writing, headings: Sequence[str], mapping: Mapping, *, now: int) -> None:
    """Keeps a mapping for the next table with these headings, in whatever order; where in its
    file that one is it may say anew."""
    mapping = msgspec.structs.replace(mapping, **FOUND._asdict())
    records.keep_mapping(db, _key_of(headings), msgspec.json.encode(mapping).decode(), now=now)


def _key_of(headings: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(sorted(map(fold, headings))).encode()).hexdigest()


def run_import(
    database: Database,
    caller: Caller,
    lines: Iterable[Line],
    headings: Sequence[str],
    mapping: Mapping | None,
    *,
    prefer: Prefer | None = None,
    settings: Settings,
    now: int,
    atomic: bool = False,
    dry_run: bool = False,
    keep_all: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Imports a table. Rows that are not right are in the report and change nothing; the others are
    written in parts, or all in one transaction when `atomic`, which raises ImportFailed if one is
    not right. Without a `mapping` the hub's own headings are read; `prefer` counts before what it
    says.

    Raises Invalid for a mapping that does not fit the table.
    """
    with database.reading() as db:
        mapping = mapping or own_mapping(headings, list_questions(db, 1))
        if prefer is not None:
            mapping = msgspec.structs.replace(mapping, prefer=prefer)
        reader = _reader(db, mapping, headings)
    report = ImportReport()
    whole = atomic or dry_run
    sharing = _look_through(reader, lines)
    written: dict[int, int] = {}
    for part in _parts(
        (reader.read(number, row) for number, row in lines), None if whole else CHUNK
    ):
        _refuse_sharing(part, sharing)
        for result in _write(
            database,
            caller,
            mapping,
            part,
            written,
            lists_changes=keep_all or dry_run,
            settings=settings,
            now=now,
            atomic=atomic,
            dry_run=dry_run,
        ):
            changes = result.changes is not UNSET
            report.add(result, keep=keep_all or (changes and report.updated < CHANGES_SHOWN))
        progress(report)
    if atomic and report.failed and not dry_run:
        raise ImportFailed(report)
    return report


def _reader(db: Reading, mapping: Mapping, headings: Sequence[str]) -> RowReader:
    flow = flows.get_flow(db, mapping.idea_flow_id)
    submission_type = flow.submission_type
    asked, statuses = list_questions(db, submission_type), flow_store.all_statuses(db)
    check_meanings(mapping, headings, asked, [s.phase_status_key for s in statuses.values()])
    description = next(
        (q for q in _asked(db, submission_type).values() if q.column == "process_description"), None
    )
    return RowReader(mapping, asked, description, statuses, submission_type)


def _look_through(reader: RowReader, lines: Iterable[Line]) -> dict[str, list[int]]:
    """The keys that more than one row of the table brings along, with the numbers of these rows.
    The reader notes what all rows together say."""
    first: dict[str, int] = {}
    sharing: dict[str, list[int]] = {}
    for number, cells_ in lines:
        reader.note_proofs(cells_)
        key = reader.own_key(cells_)
        if key and first.setdefault(key, number) != number:
            sharing.setdefault(key, [first[key]]).append(number)
    return sharing


def _refuse_sharing(rows: Iterable[TableRow], sharing: dict[str, list[int]]) -> None:
    """Marks the rows whose key is another row's as well: which of them counts nobody can tell."""
    for row in rows:
        if others := [number for number in sharing.get(row.key, ()) if number != row.number]:
            told = say(
                "“{key}” is the key of {others} as well; give each row a key of its own.",
                key=shorten(row.key),
                others=_rows(others),
            )
            row.wanted.extra_faults[row.wanted.fields.get("import_key", "import_key")] = [told]


def _rows(numbers: Sequence[int]) -> str:
    """'row 3', 'rows 3, 7', 'rows 3, 7, 9, 12, 15 and 4 more'."""
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"{'row' if len(numbers) == 1 else 'rows'} {', '.join(map(str, numbers[:5]))}{more}"


def _parts(rows: Iterable[TableRow], size: int | None) -> Iterator[list[TableRow]]:
    part: list[TableRow] = []
    for row in rows:
        part.append(row)
        if size and len(part) >= size:
            yield part
            part = []
    if part:
        yield part


class _DryRun(Exception):
    """Takes a transaction back whose results are wanted all the same."""


def _write(
    database: Database,
    caller: Caller,
    mapping: Mapping,
    part: list[TableRow],
    written: dict[int, int],
    *,
    lists_changes: bool,
    settings: Settings,
    now: int,
    atomic: bool,
    dry_run: bool,
) -> list[RowResult]:
    """What becomes of these rows. `written` is the row that each idea was made or changed by so
    far; those of this part are added."""
    results: list[RowResult] = []

    def work(db: Writing) -> None:
        writer = ImportPart(
            db,
            caller,
            mapping,
            written,
            lists_changes=lists_changes,
            settings=settings,
            now=now,
        )
        results[:] = writer.write(part)
        if dry_run or (atomic and any(result.outcome == "failed" for result in results)):
            raise _DryRun

    with contextlib.suppress(_DryRun):
        database.write(work)
    written |= {
        r.process_id: r.row for r in results if r.process_id is not None and r.outcome != "failed"
    }
    return results
