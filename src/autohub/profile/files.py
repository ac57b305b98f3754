"""Documents and components of an idea, and the changes that people ask for."""

import mimetypes
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.access.routes import NOTHING, Stream, Upload
from autohub.components import service as components
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED
from autohub.documents import service as documents
from autohub.documents import types
from autohub.documents.model import NewDocument
from autohub.ideas.rights import find, need_edit
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import EVERYTHING
from autohub.kit.query import Page as Part
from autohub.pipeline import store as lists
from autohub.profile import store
from autohub.profile.header import held_of, page
from autohub.profile.pages import AT
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, See, Views, WriteVisit

views = Views()
PICKED_FROM = 500


# --- documents ---


@views("GET", f"{AT}/documentation", rights=ANY_RIGHT)
def shelf(visit: ReadVisit) -> Page:
    held = held_of(visit)
    found, _ = documents.listed(visit.db, visit.caller, held.idea.process_id, EVERYTHING)
    media, _ = documents.media(visit.db, visit.caller, held.idea.process_id, EVERYTHING)
    return page(visit, "profile-files.html", held, "documentation", documents=found, media=media)


def file_form(visit: ReadVisit) -> Page:
    held = held_of(visit)
    need_edit(visit.db, visit.caller, held, "documentation")
    kinds = [kind for kind in types.listed(visit.db) if kind.document_type_is_active]
    return page(
        visit,
        "profile-file.html",
        held,
        "documentation",
        type_options=[(t.file_type_id, visit.reader(t.file_type_name)) for t in kinds],
        templates=[(visit.reader(t.file_type_name), t.template_link) for t in kinds if t.template_link],
        limit=visit.settings.document_limit_mb,
    )


views("GET", f"{AT}/documentation/add", rights=ANY_RIGHT)(file_form)


@views("POST", f"{AT}/documentation/add", rights=ANY_RIGHT, again=file_form, transaction="chunks", uploads=True)
def add_file(visit: ChunkVisit) -> See:
    form, sent = visit.form, visit.form.files.get("file")
    body: dict[str, Any] = {
        "document_title": form.get("document_title"),
        "document_description": form.get("document_description"),
        "document_type_id": form.number("document_type_id"),
        "embed_link": form.get("embed_link") or None,
    }
    upload = NOTHING
    if sent is not None:
        if not sent.size:
            raise Invalid(visit.reader("Nothing was added."), details={"file": [visit.reader("is empty.")]})
        media = sent.media or mimetypes.guess_type(sent.name)[0] or "application/octet-stream"
        body["file"] = {"file_name": sent.name, "mimetype": media, "file_content": "sent apart", "file_encoding": "base64"}
        upload = Upload(sent.path, sent.size, sent.sha256)
    new = fit(body, NewDocument, lines=True)
    process_id = visit.number("process")
    documents.add(visit.db, visit.blobs, visit.caller, process_id, new, upload, now=visit.now)
    return See(f"/automation-profile/{visit.path['process']}/documentation", visit.reader("“%s” is added.") % new.document_title)


@views("POST", f"{AT}/documentation/remove", rights=ANY_RIGHT, again=shelf)
def remove_file(visit: WriteVisit) -> See:
    documents.remove(visit.db, visit.caller, visit.number("process"), visit.form.number("document_id") or 0, now=visit.now)
    return See(f"/automation-profile/{visit.path['process']}/documentation", visit.reader("The document is deleted."))


@views("GET", "/files/{file}", rights=ANY_RIGHT)
def download(visit: ReadVisit) -> Stream:
    return documents.download(visit.db, visit.blobs, visit.caller, visit.number("file"))


# --- components ---


@views("GET", f"{AT}/components", rights=ANY_RIGHT)
def parts(visit: ReadVisit) -> Page:
    held = held_of(visit)
    used, _ = components.of_idea(visit.db, visit.caller, held.idea.process_id, EVERYTHING)
    published: dict[str, Any] = {"text": None, "statuses": [PUBLISHED], "category_ids": [], "sort": ("component_name", False)}
    known, _ = component_store.page(visit.db, visit.caller, Part(PICKED_FROM, 0), **published)
    there = {one.component_id for one in used}
    options = [(c.component_id, f"{c.component_name} {c.component_version}".strip()) for c in known if c.component_id not in there]
    return page(visit, "profile-components.html", held, "components", used=used, component_options=options)


@views("POST", f"{AT}/components", rights=ANY_RIGHT, again=parts)
def use(visit: WriteVisit) -> See:
    """Adds one component to those of the idea, or takes one away."""
    process_id = visit.number("process")
    find(visit.db, visit.caller, process_id, lock=True)
    used, _ = components.of_idea(visit.db, visit.caller, process_id, EVERYTHING)
    ids = {one.component_id for one in used}
    if wanted := visit.form.number("add"):
        ids.add(wanted)
    if unwanted := visit.form.number("remove"):
        ids.discard(unwanted)
    components.use(visit.db, visit.caller, process_id, sorted(ids), now=visit.now)
    return See(f"/automation-profile/{visit.path['process']}/components", visit.reader("The components of this idea are kept."))


# --- change requests ---


@views("GET", f"{AT}/change-requests", rights=ANY_RIGHT)
def wishes(visit: ReadVisit) -> Page:
    held = held_of(visit)
    rows = lists.rows(visit.db, store.change_requests(visit.db, visit.caller, held.idea.process_id))
    original = store.original_of(visit.db, visit.caller, held.idea.process_id)
    return page(
        visit, "profile-wishes.html", held, "change-requests", rows=rows, original=lists.rows(visit.db, [original] if original else [])
    )
