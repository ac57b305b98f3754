"""What rows would change of the ideas that are there, in the words of a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from autohub.applications import store as application_store
from autohub.db.engine import Reading
from autohub.ideas.model import Idea
from autohub.imports.merging import ANSWER, COMMENT, name_column
from autohub.imports.rows import TableRow
from autohub.kit.changes import FieldChange, list_changes
from autohub.record_names.store import load_categories
from autohub.users import store as user_store

_PLAIN = (
    "process_name",
    "process_description",
    "category_id",
    "category_other_text",
    "owner_user_id",
    "submitter_user_id",
    "phase_status_id",
    "process_created_epoch",
    "process_priority",
    "tags",
    "applications",
)


class ChangedIdea(NamedTuple):
    """A row, and the idea that it is about as it was (plain values by field) and as it is then."""

    row: TableRow
    before: Mapping[str, Any]
    after: Idea


def describe_changes(
    db: Reading, changed: Sequence[ChangedIdea], statuses: Mapping[int, str]
) -> dict[int, dict[str, FieldChange]]:
    """By the row's number, for each column what is there and what would be: people by their
    address, categories by their path, statuses by their key. The statements that it takes do not
    depend on how many rows there are."""
    found = {
        each.row.number: list_changes(
            _facts_of(each.before), _facts_of(msgspec.to_builtins(each.after))
        )
        for each in changed
    }
    names = _load_names(db, found.values(), statuses)

    def name_value(field: str, value: Any) -> Any:
        return names[field](value) if field in names and value is not None else value

    return {
        each.row.number: {
            name_column(each.row, field): FieldChange(
                name_value(field, change.before), name_value(field, change.after)
            )
            for field, change in found[each.row.number].items()
        }
        for each in changed
    }


def _facts_of(idea: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: idea[name] for name in _PLAIN}
    for key, answer in idea["answers"].items():
        facts[f"{ANSWER}{key}"] = answer.get("value")
        facts[f"{COMMENT}{key}"] = answer.get("comment")
    return facts


def _load_names(
    db: Reading, changes: Iterable[Mapping[str, FieldChange]], statuses: Mapping[int, str]
) -> dict[str, Callable[[Any], Any]]:
    """By field: what its values are called."""
    values: dict[str, set[Any]] = {}
    for each in changes:
        for field, change in each.items():
            if field.endswith("_id"):
                values.setdefault(field, set()).update((change.before, change.after))
            elif field == "applications":
                values[field] = set()
    people = (values.get("owner_user_id", set()) | values.get("submitter_user_id", set())) - {None}
    emails = user_store.emails_by_id(db, sorted(people)) if people else {}
    places = values.get("category_id", set()) - {None}
    paths = {
        category_id: " > ".join(each["category_name"] for each in facts["categories"])
        for category_id, facts in (load_categories(db, places) if places else {}).items()
    }
    apps = application_store.versioned_names(db) if "applications" in values else {}
    return {
        "owner_user_id": lambda user_id: emails.get(user_id, user_id),
        "submitter_user_id": lambda user_id: emails.get(user_id, user_id),
        "category_id": lambda category_id: paths.get(category_id, category_id),
        "phase_status_id": lambda status_id: statuses.get(status_id, status_id),
        "applications": lambda ids: [apps.get(each, each) for each in ids],
    }
