"""What became of a table."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from autohub.kit.changes import FieldChange

Outcome = Literal["created", "updated", "unchanged", "failed"]


FIELDS = {
    "import_key": "Key",
    "process_name": "Name",
    "process_description": "Description",
    "category": "Category",
    "category_other_text": "Other category",
    "owner": "Process owner",
    "submitter": "Submitter",
    "status": "Status",
    "process_created_epoch": "Created",
    "process_priority": "Priority",
    "tags": "Tags",
    "applications": "Applications",
}
"""The fields of a row, and what people call them."""


class RowResult(msgspec.Struct):
    """One row: `row` counts as a person does (in a table the first one below the headings is 2);
    `notes` say what was changed on the way in, `errors` why nothing came of it."""

    row: int
    process_id: int | None
    process_name: str | None
    outcome: Outcome
    notes: list[str] = []
    errors: dict[str, list[str]] = {}
    changes: dict[str, FieldChange] | UnsetType = UNSET
    """Each field that changes, by its column, of an idea that is there."""


class ImportReport(msgspec.Struct):
    """`results` holds failed rows, those with notes, and in a dry run some that change; all of them
    when asked."""

    total: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    results: list[RowResult] = []
    note: str | UnsetType = UNSET
    """What must be said of how the file was read, if anything."""

    def add(self, result: RowResult, *, keep: bool) -> None:
        self.total += 1
        setattr(self, result.outcome, getattr(self, result.outcome) + 1)
        if keep or result.outcome == "failed" or result.notes:
            self.results.append(result)
