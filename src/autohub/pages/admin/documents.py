"""Platform setup: the types of documents, and where their templates are."""

from typing import Any

from autohub.access.model import Right
from autohub.documents import types
from autohub.documents.model import (
    FIRST_CUSTOM_TYPE,
    DocumentType,
    DocumentTypeChange,
    NewDocumentType,
)
from autohub.kit.jsonbody import coerce
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    stamp,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT, RIGHTS = "/admin/setup/documents", (Right.MANAGE_PLATFORM_SETUP,)


@routes("GET", AT, rights=RIGHTS)
def list_document_types(request: ReadPageRequest) -> RenderedPage:
    return request.page("documents.html", found=types.list_types(request.db))


def _type_record(kind: DocumentType | None) -> dict[str, str]:
    """What the form's fields show of a type, or of one that is to be added."""
    return {
        "file_type_name": kind.file_type_name if kind else "",
        "accepted_extensions": ", ".join(kind.accepted_extensions) if kind else "",
        "template_link": kind.template_link or "" if kind else "",
    }


def _render_form(request: PageRequest[Any], kind: DocumentType | None) -> RenderedPage:
    kept = _type_record(kind)
    stored = (
        {"allow_embed_link": kind.allow_embed_link, "is_active": kind.document_type_is_active}
        if kind
        else {"allow_embed_link": 1}
    )
    ticked = {
        name: request.form.flag(name) if request.error else value for name, value in stored.items()
    }
    fixed = kind is not None and kind.file_type_id < FIRST_CUSTOM_TYPE
    return request.page(
        "document-type.html",
        kind=kind,
        kept=kept,
        ticked=ticked,
        fixed=fixed,
        stamp=stamp(kind) if kind else "",
    )


def show_new_type(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, None)


def show_type(request: ReadPageRequest) -> RenderedPage:
    return _render_form(request, types.get_type(request.db, request.id))


routes("GET", f"{AT}/add", rights=RIGHTS)(show_new_type)
routes("GET", f"{AT}/{{kind}}", rights=RIGHTS)(show_type)


def _type_body(request: PageRequest[Any]) -> dict[str, Any]:
    form = request.form
    body: dict[str, Any] = {"template_link": form.get("template_link") or None}
    if "file_type_name" in form:
        endings = [
            part.strip().lstrip(".").lower() for part in form.get("accepted_extensions").split(",")
        ]
        body |= {
            "file_type_name": form.get("file_type_name"),
            "accepted_extensions": [part for part in endings if part],
        }
        body |= {"allow_embed_link": form.flag("allow_embed_link")}
    return body


@routes("POST", f"{AT}/add", rights=RIGHTS, on_error=show_new_type)
def create_type(request: WritePageRequest) -> Redirect:
    made = types.create_type(
        request.db, request.caller, coerce(_type_body(request), NewDocumentType), now=request.now
    )
    return Redirect(AT, request.reader("“%s” is added.") % made.file_type_name)


@routes("POST", f"{AT}/{{kind}}", rights=RIGHTS, on_error=show_type)
def update_type(request: WritePageRequest) -> Redirect:
    request.check_stamp(
        "document_type",
        request.id,
        lambda: types.get_type(request.db, request.id),
        lambda kind: {
            name: text for name, text in _type_record(kind).items() if name in request.form
        },
    )
    wanted = coerce(
        _type_body(request) | {"document_type_is_active": request.form.flag("is_active")},
        DocumentTypeChange,
    )
    made = types.update_type(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect(AT, request.reader("“%s” is saved.") % request.reader(made.file_type_name))
