"""Many ideas changed in one call, as many users are (contract 2.3)."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Caller, Id
from autohub.db.engine import Database, Writing
from autohub.ideas import moves, service
from autohub.ideas.model import CategoryChange, IdeaId, Inputs, Patch, Reason, StatusChange, Tag
from autohub.ideas.rights import AuthorizedIdea, find_idea
from autohub.kit.errors import HubError, Invalid
from autohub.kit.sentences import say

Outcome = Literal["updated", "unchanged", "failed"]
MAX_IDEAS = 10_000


class IdeaEdit(msgspec.Struct, kw_only=True):
    """What becomes of one idea; what is absent stays as it is."""

    process_id: IdeaId
    user_inputs: Inputs = {}
    process_priority: Annotated[str, Meta(max_length=50)] | None = None
    tags: Annotated[list[Tag], Meta(max_length=50)] | UnsetType = UNSET
    category_id: Id | None = None
    phase_status_id: Id | None = None
    reason: Reason | None = None


class IdeaEdits(msgspec.Struct):
    """The body of POST /automations/bulk."""

    automations: Annotated[list[IdeaEdit], Meta(min_length=1, max_length=MAX_IDEAS)]


class IdeaResult(msgspec.Struct):
    """What became of one element of the list."""

    index: int
    process_id: int
    outcome: Outcome
    errors: dict[str, list[str]] = {}


class IdeaBulkReport(msgspec.Struct):
    """`results` holds the failed ones; all of them when asked."""

    total: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    results: list[IdeaResult] = []


class _Undone(Exception):
    """Takes a transaction back whose results are wanted all the same."""

    def __init__(self, results: list[IdeaResult]) -> None:
        self.results = results


def change_ideas(
    database: Database,
    caller: Caller,
    wanted: Sequence[IdeaEdit],
    *,
    atomic: bool,
    dry_run: bool,
    keep_all: bool,
    now: int,
) -> IdeaBulkReport:
    """Makes every change by the rules of the single calls, each in a transaction of its own, or
    all or none when `atomic`; a dry run writes nothing.

    Raises Invalid when `atomic` and one of them failed, naming every fault as `index.field`.
    """
    edits = list(enumerate(wanted))
    report = IdeaBulkReport(total=len(edits))
    for part in [edits] if atomic else [[edit] for edit in edits]:
        for result in _change_part(database, caller, part, dry_run=dry_run, now=now):
            setattr(report, result.outcome, getattr(report, result.outcome) + 1)
            if keep_all or result.outcome == "failed":
                report.results.append(result)
    if atomic and report.failed and not dry_run:
        raise _refusal(report)
    return report


def _change_part(
    database: Database,
    caller: Caller,
    edits: Sequence[tuple[int, IdeaEdit]],
    *,
    dry_run: bool,
    now: int,
) -> list[IdeaResult]:
    """What becomes of these in one transaction, of which nothing stays if one of them fails."""

    def work(db: Writing) -> list[IdeaResult]:
        results = [_try_change(db, caller, index, edit, now=now) for index, edit in edits]
        if dry_run or any(result.outcome == "failed" for result in results):
            raise _Undone(results)
        return results

    try:
        return database.write(work)
    except _Undone as undone:
        return undone.results


def _try_change(db: Writing, caller: Caller, index: int, edit: IdeaEdit, *, now: int) -> IdeaResult:
    result = IdeaResult(index=index, process_id=edit.process_id, outcome="unchanged")
    try:
        held = find_idea(db, caller, edit.process_id)
        before = msgspec.to_builtins(held.idea)
        _change(db, caller, held, edit, now=now)
        after = msgspec.to_builtins(held.idea)
        result.outcome = "unchanged" if after == before else "updated"
    except HubError as error:
        result.outcome = "failed"
        result.errors = error.details or {"automation": [error.message]}
    return result


def _change(db: Writing, caller: Caller, held: AuthorizedIdea, edit: IdeaEdit, *, now: int) -> None:
    """In the order in which a person would: what the idea says, where it is filed, where it goes.
    Raises HubError."""
    if edit.user_inputs or edit.process_priority is not None:
        patch = Patch(edit.user_inputs, edit.process_priority)
        service.patch_idea(db, caller, held, patch, now=now)
    if edit.tags is not UNSET:
        service.set_tags(db, caller, held, edit.tags, now=now)
    if edit.category_id is not None:
        service.set_category(db, caller, held, CategoryChange(edit.category_id), now=now)
    if edit.phase_status_id is not None:
        move = StatusChange(edit.process_id, edit.phase_status_id, edit.reason)
        moves.change_status(db, caller, held, move, may_force=True, now=now)


def _refusal(report: IdeaBulkReport) -> Invalid:
    text = say(
        "{failed} of {total} changes failed, so nothing was written.",
        failed=report.failed,
        total=report.total,
    )
    details = {
        f"{result.index}.{field}": texts
        for result in report.results
        if result.outcome == "failed"
        for field, texts in result.errors.items()
    }
    return Invalid(text, details=details)
