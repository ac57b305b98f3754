"""Platform setup: the types of documents, and where their templates are."""

from typing import Any

from autohub.access.model import Right
from autohub.documents import types
from autohub.documents.model import FIRST_CUSTOM_TYPE, DocumentType, DocumentTypeChange, NewDocumentType
from autohub.kit.jsonbody import fit
from autohub.web.pages import Page
from autohub.web.views import ReadVisit, See, Views, Visit, WriteVisit, stamp

views = Views()
AT, RIGHTS = "/admin/setup/documents", (Right.MANAGE_PLATFORM_SETUP,)


@views("GET", AT, rights=RIGHTS)
def listed(visit: ReadVisit) -> Page:
    return visit.page("documents.html", found=types.listed(visit.db))


def _kept(kind: DocumentType | None) -> dict[str, str]:
    """What the form's fields show of a type, or of one that is to be added."""
    return {
        "file_type_name": kind.file_type_name if kind else "",
        "accepted_extensions": ", ".join(kind.accepted_extensions) if kind else "",
        "template_link": kind.template_link or "" if kind else "",
    }


def _form(visit: Visit[Any], kind: DocumentType | None) -> Page:
    kept = _kept(kind)
    stored = {"allow_embed_link": kind.allow_embed_link, "is_active": kind.document_type_is_active} if kind else {"allow_embed_link": 1}
    ticked = {name: visit.form.flag(name) if visit.error else value for name, value in stored.items()}
    fixed = kind is not None and kind.file_type_id < FIRST_CUSTOM_TYPE
    return visit.page("document-type.html", kind=kind, kept=kept, ticked=ticked, fixed=fixed, stamp=stamp(kind) if kind else "")


def add_form(visit: ReadVisit) -> Page:
    return _form(visit, None)


def change_form(visit: ReadVisit) -> Page:
    return _form(visit, types.one(visit.db, visit.id))


views("GET", f"{AT}/add", rights=RIGHTS)(add_form)
views("GET", f"{AT}/{{kind}}", rights=RIGHTS)(change_form)


def _body(visit: Visit[Any]) -> dict[str, Any]:
    form = visit.form
    body: dict[str, Any] = {"template_link": form.get("template_link") or None}
    if "file_type_name" in form:
        endings = [part.strip().lstrip(".").lower() for part in form.get("accepted_extensions").split(",")]
        body |= {"file_type_name": form.get("file_type_name"), "accepted_extensions": [part for part in endings if part]}
        body |= {"allow_embed_link": form.flag("allow_embed_link")}
    return body


@views("POST", f"{AT}/add", rights=RIGHTS, again=add_form)
def add(visit: WriteVisit) -> See:
    made = types.add(visit.db, visit.caller, fit(_body(visit), NewDocumentType), now=visit.now)
    return See(AT, visit.reader("“%s” is added.") % made.file_type_name)


@views("POST", f"{AT}/{{kind}}", rights=RIGHTS, again=change_form)
def change(visit: WriteVisit) -> See:
    visit.check_stamp(
        "document_type",
        visit.id,
        lambda: types.one(visit.db, visit.id),
        lambda kind: {name: text for name, text in _kept(kind).items() if name in visit.form},
    )
    wanted = fit(_body(visit) | {"document_type_is_active": visit.form.flag("is_active")}, DocumentTypeChange)
    made = types.change(visit.db, visit.caller, visit.id, wanted, now=visit.now)
    return See(AT, visit.reader("“%s” is saved.") % visit.reader(made.file_type_name))
