"""Many users in one call or file, in chunks that let other writers have their turn (contract
2.3)."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from msgspec import UNSET

from autohub.access import store as access
from autohub.access.model import Caller
from autohub.db.engine import Database, Reading, Writing
from autohub.kit.clock import now as clock
from autohub.kit.errors import Conflict, HubError, Invalid
from autohub.kit.sentences import say
from autohub.kit.text import email_key, fold
from autohub.settings import Settings
from autohub.users.columns import Faults, Parsed, RoleNames
from autohub.users.model import (
    BulkMode,
    BulkOutcome,
    BulkReport,
    BulkResult,
    Change,
    UserEdit,
    changes_of,
    widens,
)
from autohub.users.planning import find_further_faults, plan_changes
from autohub.users.rows import Source
from autohub.users.saving import save_changes

CHUNK = 10_000
MAX_FAULTS_SHOWN = 1000

Progress = Callable[[BulkReport], None]
Item = tuple[int, Parsed, Callable[[Faults], Faults]]


class RowsFailed(Invalid):
    """Some rows failed and all or none were wanted; `details` names them as `index.field`."""

    def __init__(self, report: BulkReport) -> None:
        shown = {
            f"{r.index}.{field}": texts
            for r in report.results
            if r.outcome == "failed"
            for field, texts in r.errors.items()
        }
        super().__init__(
            say(
                "{failed} of {total} rows failed, so nothing was written.",
                failed=report.failed,
                total=report.total,
            ),
            details=dict(islice(shown.items(), MAX_FAULTS_SHOWN)),
        )
        self.report = report


def role_names(db: Reading) -> RoleNames:
    """Role ids by their keys and folded names, for tables that name roles."""
    known = access.all_roles(db)
    keys = {role["role_key"]: role["role_id"] for role in known}
    return keys | {fold(role["role_name"]): role["role_id"] for role in known}


Kept = frozenset[BulkOutcome]
FAILED: Kept = frozenset()
CHANGED: Kept = frozenset(("updated",))
ALL: Kept = frozenset(("created", "updated", "unchanged"))
"""Which rows a report lists beside the failed ones."""


def run_bulk(
    database: Database,
    caller: Caller,
    source: Source,
    *,
    mode: BulkMode,
    atomic: bool,
    dry_run: bool,
    keep: Kept,
    settings: Settings,
    progress: Progress = lambda _: None,
) -> BulkReport:
    """Adds and edits everyone in `source`; failed rows are in the report, and those of which `keep`
    names the outcome. Two rows with one e-mail both fail. Raises RowsFailed
    when `atomic` and a row failed.

    `progress` is called after each chunk, outside its transaction unless `atomic`, where there is
    but one.
    """
    twice = _find_duplicates(source)

    def written(db: Writing, *, rows: Iterable[Item], before: BulkReport) -> BulkReport:
        """One transaction: all of `rows`, chunk by chunk."""
        part, items = BulkReport(), iter(rows)
        while chunk := list(islice(items, CHUNK)):
            _write_chunk(db, caller, chunk, twice, part, mode=mode, keep=keep, settings=settings)
            if atomic:
                progress(_sum_up(before, part))
        if atomic and part.failed:
            raise RowsFailed(part)
        if dry_run:
            raise _DryRun(part)
        return part

    if atomic:
        report = _try_bulk(
            database, lambda db: written(db, rows=_read_items(source), before=BulkReport())
        )
        report.note = source.note or UNSET
        return report
    report = BulkReport()
    items = _read_items(source)
    while chunk := list(islice(items, CHUNK)):
        report = _sum_up(report, _try_bulk(database, partial(written, rows=chunk, before=report)))
        progress(report)
    report.note = source.note or UNSET
    return report


def _read_items(source: Source) -> Iterator[Item]:
    return ((index, *row) for index, row in enumerate(source.rows()))


class _DryRun(Exception):
    """Rolls a transaction back that was only tried."""

    def __init__(self, report: BulkReport) -> None:
        self.report = report


def _try_bulk(database: Database, work: Callable[[Writing], BulkReport]) -> BulkReport:
    try:
        return database.write(work)
    except _DryRun as undone:
        return undone.report


def _sum_up(one: BulkReport, other: BulkReport) -> BulkReport:
    return BulkReport(
        total=one.total + other.total,
        created=one.created + other.created,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        failed=one.failed + other.failed,
        widened=one.widened + other.widened,
        results=one.results + other.results,
    )


def _find_duplicates(source: Source) -> set[str]:
    """The keys of the addresses that stand in more than one row."""
    seen: set[str] = set()
    twice: set[str] = set()
    for email in source.emails():
        if email:
            key = email_key(email)
            if key in seen:
                twice.add(key)
            seen.add(key)
    return twice


def _write_chunk(
    db: Writing,
    caller: Caller,
    chunk: list[Item],
    twice: set[str],
    report: BulkReport,
    *,
    mode: BulkMode,
    keep: Kept,
    settings: Settings,
) -> None:
    """Plans and writes one chunk and counts its rows in `report`."""
    results: list[BulkResult] = []
    ready: list[Item] = []
    edits: list[UserEdit] = []
    unread = [item for item in chunk if item[1].edit is None]
    also = (
        find_further_faults(db, caller, [parsed.value for _, parsed, _ in unread], mode=mode)
        if unread
        else []
    )
    for (index, parsed, named), more in zip(unread, also, strict=True):
        results.append(
            BulkResult(
                index=index,
                user_email=parsed.email,
                outcome="failed",
                errors=named(more) | parsed.faults,
            )
        )
    for item in chunk:
        index, parsed, named = item
        if parsed.edit is None:
            continue
        if twice and email_key(parsed.edit.user_email) in twice:
            fault = {"user_email": ["stands in more than one row; keep one of them."]}
            results.append(
                BulkResult(
                    index=index, user_email=parsed.email, outcome="failed", errors=named(fault)
                )
            )
        else:
            ready.append(item)
            edits.append(parsed.edit)
    changes: list[Change] = []
    targets: set[int] = set()
    for (index, parsed, named), change in zip(
        ready, plan_changes(db, caller, edits, mode=mode), strict=True
    ):
        if (
            isinstance(change, Change)
            and change.before is not None
            and change.before.user_id in targets
        ):
            change = Conflict("Another row changes the same user, under a former address.")
        if isinstance(change, HubError):
            results.append(
                BulkResult(
                    index=index,
                    user_email=parsed.email,
                    outcome="failed",
                    errors=named(change.details) or {"row": [change.message]},
                )
            )
            continue
        outcome: BulkOutcome = "created"
        if change.before is not None:
            targets.add(change.before.user_id)
            outcome = "unchanged" if change.is_empty else "updated"
        report.count(outcome)
        if outcome != "unchanged":
            changes.append(change)
        is_wider = widens(change)
        report.widened += is_wider
        if outcome in keep:
            result = BulkResult(index, parsed.email, outcome)
            if outcome == "updated":
                result.changes, result.widens = changes_of(change), is_wider or UNSET
            results.append(result)
    save_changes(db, caller, changes, settings=settings, now=clock())
    report.total += len(chunk)
    report.failed += sum(result.outcome == "failed" for result in results)
    report.results += sorted(results, key=lambda result: result.index)
