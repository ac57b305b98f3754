"""Documents and components of an idea, and the changes that people ask for."""

import mimetypes
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.components import service as components
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED
from autohub.documents import service as documents
from autohub.documents import types
from autohub.documents.model import NewDocument
from autohub.ideas import store as ideas
from autohub.ideas.list_store import Filters, list_first_ideas
from autohub.ideas.rights import need_edit
from autohub.ideas.rows_store import load_rows
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import EVERYTHING
from autohub.kit.query import Page as Part
from autohub.pages.idea.header import find_idea_of, idea_page
from autohub.pages.idea.pages import AT
from autohub.web.page_requests import (
    ChunkedPageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage
from autohub.web.routes import NOTHING, Stream, Upload

routes = PageRoutes()
PICKED_FROM = 500
WISHES_SHOWN = 200


# --- documents ---


@routes("GET", f"{AT}/documentation", rights=ANY_RIGHT)
def show_files(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    found, _ = documents.list_documents(request.db, held, EVERYTHING)
    media, _ = documents.list_media(request.db, held, EVERYTHING)
    return idea_page(
        request, "idea-documents.html", held, "documentation", documents=found, media=media
    )


def show_file_form(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    need_edit(request.db, request.caller, held, "documentation")
    kinds = [kind for kind in types.list_types(request.db) if kind.document_type_is_active]
    return idea_page(
        request,
        "idea-document.html",
        held,
        "documentation",
        type_options=[(t.file_type_id, request.reader(t.file_type_name)) for t in kinds],
        templates=[
            (request.reader(t.file_type_name), t.template_link) for t in kinds if t.template_link
        ],
        limit=request.settings.document_limit_mb,
    )


routes("GET", f"{AT}/documentation/add", rights=ANY_RIGHT)(show_file_form)


@routes(
    "POST",
    f"{AT}/documentation/add",
    rights=ANY_RIGHT,
    on_error=show_file_form,
    transaction="per_chunk",
    uploads=True,
)
def add_file(request: ChunkedPageRequest) -> Redirect:
    form, sent = request.form, request.form.files.get("file")
    body: dict[str, Any] = {
        "document_title": form.get("document_title"),
        "document_description": form.get("document_description"),
        "document_type_id": form.number("document_type_id"),
        "embed_link": form.get("embed_link") or None,
    }
    upload = NOTHING
    if sent is not None:
        if not sent.size:
            raise Invalid(
                request.reader("Nothing was added."),
                details={"file": [request.reader("is empty.")]},
            )
        media = sent.media or mimetypes.guess_type(sent.name)[0] or "application/octet-stream"
        body["file"] = {
            "file_name": sent.name,
            "mimetype": media,
            "file_content": "sent apart",
            "file_encoding": "base64",
        }
        upload = Upload(sent.path, sent.size, sent.sha256)
    new = coerce(body, NewDocument, lines=True)
    process_id = request.number("process")
    documents.add_document(
        request.db, request.blobs, request.caller, process_id, new, upload, now=request.now
    )
    return Redirect(
        f"/automation-profile/{request.path['process']}/documentation",
        request.reader("“%s” is added.") % new.document_title,
    )


@routes("POST", f"{AT}/documentation/remove", rights=ANY_RIGHT, on_error=show_files)
def remove_file(request: WritePageRequest) -> Redirect:
    documents.delete_document(
        request.db,
        request.caller,
        find_idea_of(request),
        request.form.number("document_id") or 0,
        now=request.now,
    )
    return Redirect(
        f"/automation-profile/{request.path['process']}/documentation",
        request.reader("The document is deleted."),
    )


@routes("GET", "/files/{file}", rights=ANY_RIGHT)
def download(request: ReadPageRequest) -> Stream:
    return documents.open_file(request.db, request.blobs, request.caller, request.number("file"))


# --- components ---


@routes("GET", f"{AT}/components", rights=ANY_RIGHT)
def show_components(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    used, _ = components.list_components_of_idea(request.db, request.caller, held, EVERYTHING)
    published: dict[str, Any] = {
        "text": None,
        "statuses": [PUBLISHED],
        "category_ids": [],
        "sort": ("component_name", False),
    }
    known, _ = component_store.list_components(
        request.db, request.caller, Part(PICKED_FROM, 0), **published
    )
    there = {one.component_id for one in used}
    options = [
        (c.component_id, f"{c.component_name} {c.component_version}".strip())
        for c in known
        if c.component_id not in there
    ]
    return idea_page(
        request, "idea-components.html", held, "components", used=used, component_options=options
    )


@routes("POST", f"{AT}/components", rights=ANY_RIGHT, on_error=show_components)
def change_components(request: WritePageRequest) -> Redirect:
    """Adds one component to those of the idea, or takes one away."""
    held = find_idea_of(request)
    used, _ = components.list_components_of_idea(request.db, request.caller, held, EVERYTHING)
    ids = {one.component_id for one in used}
    if wanted := request.form.number("add"):
        ids.add(wanted)
    if unwanted := request.form.number("remove"):
        ids.discard(unwanted)
    components.set_components_of_idea(
        request.db, request.caller, held, sorted(ids), now=request.now
    )
    return Redirect(
        f"/automation-profile/{request.path['process']}/components",
        request.reader("The components of this idea are kept."),
    )


# --- change requests ---


@routes("GET", f"{AT}/change-requests", rights=ANY_RIGHT)
def show_change_requests(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    wishes = list_first_ideas(
        request.db,
        request.caller,
        Filters(change_of_ids=[held.idea.process_id]),
        WISHES_SHOWN,
        sort=("process_id", True),
    )
    original = held.idea.change_of_process_id
    shown = original and ideas.can_see(request.db, request.caller, original)
    return idea_page(
        request,
        "idea-change-requests.html",
        held,
        "change-requests",
        rows=load_rows(request.db, wishes),
        original=load_rows(request.db, [original] if original and shown else []),
    )
