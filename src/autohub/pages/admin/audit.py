"""The audit log as people read it: who changed what, from what to what, through which door."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.audit import store as audit
from autohub.audit.model import Entry
from autohub.ideas.rows_store import load_rows
from autohub.kit import tabular
from autohub.kit.clock import end_of_day, iso
from autohub.kit.errors import Invalid
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pages.admin import store
from autohub.pages.shared.audit_words import AuditWords
from autohub.users import store as users
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
EXPORTED = 50_000
AUDITED = (
    *LISTED,
    Param("action", "text", ""),
    Param("kind", "text", ""),
    Param("id", "number", ""),
    Param("by", "number", ""),
    Param("since", "text", ""),
    Param("until", "text", ""),
)
KINDS = {
    # what entries can be about, in the words of a filter
    "user": N_("Users"),
    "idea": N_("Ideas"),
    "role": N_("Roles"),
    "group": N_("Groups"),
    "token": N_("Tokens"),
    "session": N_("Sessions"),
    "category": N_("Categories"),
    "application": N_("Applications"),
    "document_type": N_("Types of documents"),
    "component": N_("Components"),
    "flow": N_("Idea flows"),
    "phase": N_("Phases"),
    "assessment": N_("Assessments"),
    "cost_setup": N_("Costs"),
}


class AuditNames(AuditWords):
    """The words of some entries, and what they are about."""

    def __init__(self, request: PageRequest[Any], found: list[Entry]) -> None:
        super().__init__(request, found)
        about: dict[str, set[int]] = {}
        for entry in found:
            if entry.object_id is not None:
                about.setdefault(entry.object_type, set()).add(entry.object_id)
        self.ideas = {
            row.process_id: row for row in load_rows(request.db, sorted(about.get("idea", ())))
        }
        self.objects = {
            (kind, i): name
            for kind, those in about.items()
            for i, name in store.object_names(request.db, kind, those).items()
        }

    def about(self, entry: Entry) -> str:
        """What the entry is about, by its name where it has one still."""
        return self.objects.get((entry.object_type, entry.object_id or 0)) or self.text(
            entry.object_type.replace("_", " ").capitalize()
        )


def _entries(request: PageRequest[Any], part: Part) -> tuple[list[Any], int]:
    query = request.query

    def day(name: str, *, end: bool) -> int | None:
        text = query.get(name)
        if not text:
            return None
        try:
            last = end_of_day(text)
        except ValueError:
            fault = request.reader("must be a day such as 2026-01-31.")
            raise Invalid(
                request.reader("The days are not right."), details={name: [fault]}
            ) from None
        return last if end else last - 86_399_999

    return audit.list_entries(
        request.db,
        part,
        object_type=query.get("kind"),
        object_id=query.get("id"),
        actor_user_id=query.get("by"),
        action=query.get("action"),
        since=day("since", end=False),
        until=day("until", end=True),
    )


@routes("GET", "/admin/audit", rights=(Right.AUDIT_LOGS,), params=AUDITED)
def show_audit_log(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = _entries(request, part)
    kinds = [(kind, request.reader(name)) for kind, name in KINDS.items()]
    return request.page(
        "audit.html",
        found=found,
        total=total,
        words=AuditNames(request, found),
        kinds=kinds,
        chips=_chips(request),
    )


def _chips(request: PageRequest[Any]) -> list[tuple[str, str]]:
    """Each filter that is on, in words, with what its button sends to drop it."""
    query, text = request.query, request.reader
    by = query.get("by")
    words: tuple[tuple[str, str], ...] = (
        ("action", text((query.get("action") or "").capitalize())),
        (
            "by",
            text("By: %s")
            % users.full_names(request.db, [by]).get(by, text("somebody who is gone"))
            if by
            else "",
        ),
        ("kind", text("About: %s") % text(KINDS.get(query.get("kind") or "", ""))),
        ("id", text("One of them alone")),
        ("since", text("Since %s") % query.get("since")),
        ("until", text("Until %s") % query.get("until")),
    )
    return [(word, name) for name, word in words if query.get(name)]


@routes("GET", "/admin/audit/export", rights=(Right.AUDIT_LOGS,), params=AUDITED)
def export_audit_log(request: ReadPageRequest) -> Download:
    found, _ = _entries(request, Part(EXPORTED, 0))
    people = users.full_names(
        request.db, {e.actor_user_id for e in found if e.actor_user_id is not None}
    )
    headings = ["When (UTC)", "Who", "Door", "Action", "What", "Number", "Before", "After"]
    rows = (
        [
            iso(e.at_epoch),
            people.get(e.actor_user_id or 0, ""),
            e.door,
            e.action,
            e.object_type,
            str(e.object_id or ""),
            msgspec.json.encode(e.before).decode() if e.before else None,
            msgspec.json.encode(e.after).decode() if e.after else None,
        ]
        for e in found
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.csv"
        tabular.write(path, "csv", headings, rows)
        return Download(
            f"audit-{iso(request.now)[:10]}.csv", path.read_bytes(), "text/csv; charset=utf-8"
        )
