"""Audit entries in words: one sentence for each field that changed, with names for numbers."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from autohub.access import store as access
from autohub.applications import store as application_store
from autohub.assessments import store as assessment_store
from autohub.audit.model import Entry
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.flows import store as flows
from autohub.kit.text import N_
from autohub.pages.shared.model import TYPES
from autohub.users import store as users
from autohub.web.page_requests import PageRequest

PREFIXES = (
    "user_",
    "process_",
    "component_",
    "category_",
    "application_",
    "token_",
    "role_",
    "group_",
    "session_",
)
"""What stands before the fields of a noun, and tells nobody anything beside its name."""
LABELS = {
    "user_id": N_("Person"),
    "owner_user_id": N_("Process owner"),
    "submitter_user_id": N_("Submitter"),
    "process_id": N_("Idea"),
    "role_id": N_("Role"),
    "parent_id": N_("Category above"),
    "categoryIds": N_("Categories"),
    "category_order_number": N_("Place in the list"),
    "application_is_citrix_client": N_("Citrix client"),
    "num_documents": N_("Documents"),
    "seats": N_("Collaborators"),
    "hla": N_("High-level assessment"),
    "process_num_votes": N_("Interested"),
    "forced": N_("Set by an administrator"),
}
"""What is not called by its key."""
SILENT = {"assessed", "scores", "process_slug", "process_search_text", "process_updated_epoch"}
"""What follows from the rest of an entry, or is for the hub alone."""
FLAGS = {"forced", "ended", "application_is_citrix_client"}
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
"""A choice as calls write it."""
EMPTY: tuple[Any, ...] = (None, "", [], {})


class FieldChange(NamedTuple):
    """One field of an entry, in words: from what to what; empty where there was nothing."""

    label: str
    before: str
    after: str


class AuditWords:
    """What the numbers in some entries stand for."""

    def __init__(self, request: PageRequest[Any], found: list[Entry]) -> None:
        self.text, db = request.reader, request.db
        sides = [side for entry in found for side in (entry.before, entry.after) if side]
        ids = {entry.actor_user_id for entry in found if entry.actor_user_id is not None}
        ids |= {entry.object_id or 0 for entry in found if entry.object_type == "user"}
        ids |= {
            value
            for side in sides
            for key, value in side.items()
            if key.endswith("user_id") and isinstance(value, int)
        }
        ids |= {pair[0] for side in sides for pair in side.get("seats") or ()}
        self.people = users.full_names(db, ids)
        self._paths = category_paths(categories.all_categories(db))
        self._statuses = flows.all_statuses(db)
        self._flows = {row.idea_flow_id: row.idea_flow_name for row in flows.list_flows(db)}
        self._roles = {role["role_id"]: role["role_name"] for role in access.all_roles(db)}
        self._applications = application_store.application_names(db)
        asked = {
            version_id
            for side in sides
            for version_id in (side.get("assessed") or {}).values()
            if isinstance(version_id, int)
        }
        if any("answers" in side for side in sides):
            asked |= {*assessment_store.live_versions(db, [0]).values()}
        self._questions = {
            question.key: question
            for form in assessment_store.load_definitions(db, sorted(asked)).values()
            for question in form.questions.values()
        }

    def changes(self, entry: Entry) -> list[FieldChange]:
        """Every field that is another than before."""
        return list(self._compare(entry.before or {}, entry.after or {}))

    def _compare(
        self, before: dict[str, Any], after: dict[str, Any], within: str = ""
    ) -> Iterator[FieldChange]:
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key), after.get(key)
            is_flag = key in FLAGS or "_is_" in key
            if key in SILENT or old == new or (old in EMPTY and new in EMPTY):
                continue
            if is_flag and old in EMPTY and not new:
                continue
            label = self.label(key)
            if within and key not in self._questions:
                label = f"{within} – {label}"
            old_parts, new_parts = self._parts(old), self._parts(new)
            if old_parts is not None or new_parts is not None:
                nested = "" if key == "answers" else label
                yield from self._compare(old_parts or {}, new_parts or {}, nested)
            elif isinstance(old, list) and isinstance(new, list):
                gone = [each for each in old if each not in new]
                come = [each for each in new if each not in old]
                yield FieldChange(label, self._value(key, gone), self._value(key, come))
            else:
                yield FieldChange(label, self._value(key, old), self._value(key, new))

    @staticmethod
    def _parts(value: Any) -> dict[str, Any] | None:
        """The fields of a value that has some; an answer is one, with its comment."""
        return value if isinstance(value, dict) and "value" not in value else None

    def label(self, key: str) -> str:
        """'process_created_epoch' -> 'Created'."""
        if key in self._questions:
            return self.text(self._questions[key].title)
        if key in LABELS:
            return self.text(LABELS[key])
        bare = next(
            (key.removeprefix(prefix) for prefix in PREFIXES if key.startswith(prefix)), key
        )
        bare = bare.removesuffix("_epoch").removesuffix("_id")
        words = bare if bare not in ("", "id") else key.removesuffix("_id")
        words = words.removeprefix("is_").replace("_", " ")
        return self.text(words[:1].upper() + words[1:])

    def _value(self, key: str, value: Any) -> str:
        if value in EMPTY:
            return ""
        if isinstance(value, dict):
            return self._record(key, value)
        if isinstance(value, list):
            if key == "seats":
                return ", ".join(self.people.get(pair[0], "?") for pair in value)
            return "; ".join(filter(None, (self._value(key, each) for each in value)))
        if isinstance(value, str):
            labels = self._questions[key].labels if key in self._questions else {}
            if value in labels:
                return self.text(labels[value])
            is_code = CODE.fullmatch(value) is not None
            return self.text(value.replace("_", " ")) if is_code else value
        return self._number(key, value)

    def _record(self, key: str, value: dict[str, Any]) -> str:
        """A part of an entry in one line: a grant, an answer, a cost."""
        text = self.text
        if "role_id" in value and "category_id" in value:
            role = text(self._roles.get(value["role_id"], text("a role that is gone")))
            return text("%(role)s in %(place)s") % {
                "role": role,
                "place": self._value("category_id", value["category_id"]) or text("everywhere"),
            }
        if "value" in value:
            said = self._value(key, value["value"])
            return f"{said} ({value['comment']})" if value.get("comment") else said
        words = (
            f"{self.label(name)} {self._value(name, each)}"
            for name, each in value.items()
            if each not in EMPTY
        )
        return ", ".join(words)

    def _number(self, key: str, value: Any) -> str:
        text = self.text
        if isinstance(value, bool) or key in FLAGS or "_is_" in key:
            return text("yes") if value else text("no")
        named: dict[Any, str] = {}
        if key.endswith("_epoch"):
            return text.moment(value)
        if key.endswith("user_id"):
            return self.people.get(value, text("somebody who is gone"))
        if key in ("category_id", "parent_id", "categoryIds"):
            named = {0: text("everywhere")} | self._paths
        elif key.endswith("status_id"):
            named = {
                i: f"{text(row.phase_name)} – {text(row.phase_status_name)}"
                for i, row in self._statuses.items()
            }
        elif key == "role_id":
            named = {i: text(name) for i, name in self._roles.items()}
        elif key in ("applications", "application_id"):
            named = dict(self._applications)
        elif key == "idea_flow_id":
            named = {i: text(name) for i, name in self._flows.items()}
        elif key == "process_submission_type":
            named = {i: text(name) for i, name in TYPES.items()}
        if value in named:
            return named[value]
        is_whole = float(value).is_integer()
        return text.number(value, 0 if is_whole else 2)
