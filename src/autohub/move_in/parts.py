"""What belongs to an idea beside its record: people, documents, components, costs and its past."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from autohub.access.model import actor
from autohub.audit import store as audit
from autohub.benefits import service as benefits
from autohub.benefits import store as benefit_store
from autohub.benefits.model import Baseline, Cost, Inputs, Plan, PlanRow
from autohub.components import service as components
from autohub.components import store as component_store
from autohub.db.engine import Reading, Writing
from autohub.documents import service as documents
from autohub.documents import store as document_store
from autohub.documents.model import DocumentChange, NewDocument, NewMedium
from autohub.flows import store as flow_store
from autohub.ideas import record_store, scoring
from autohub.ideas import service as idea_service
from autohub.ideas.model import COLLABORATOR_ROLES, EXTRAS, OWNER_ROLE, SUBMITTER_ROLE
from autohub.ideas.rights import find_idea
from autohub.integrations.open_api import NotGiven, OtherHub
from autohub.kit import private
from autohub.kit.jsonbody import convert
from autohub.kit.query import EVERYTHING
from autohub.kit.text import email_key
from autohub.move_in import store
from autohub.move_in.discussions import bring_comments
from autohub.move_in.moving import Moving, Record
from autohub.users import store as user_store
from autohub.web.routes import NOTHING, Upload

OF_ALL_HUBS = {role_id for role_id, *_ in COLLABORATOR_ROLES}
"""Collaborator roles that have these ids in every hub (contract 4.5)."""


class TheirParts(NamedTuple):
    """None is a part that the other hub does not give."""

    seats: list[dict[str, Any]] | None
    documents: list[dict[str, Any]] | None
    media: list[dict[str, Any]] | None
    components: list[int] | None
    analysis: dict[str, Any] | None
    history: list[dict[str, Any]] | None
    comments: list[dict[str, Any]] | None


def read_parts(hub: OtherHub, record: dict[str, Any]) -> TheirParts:
    """Asks for what the record does not hold. Raises OtherHubFails."""
    process_id = record["process_id"]
    path = f"automations/{process_id}"
    seats = _ask(lambda: hub.get("automations/collaborators", collaborators=process_id))
    used = _list(hub, f"{path}/components", "components")
    return TheirParts(
        seats=None if seats is None else seats["collaborators"],
        documents=_list(hub, f"{path}/documents", "documents"),
        media=_list(hub, f"{path}/media", "media"),
        components=None if used is None else [each["component_id"] for each in used],
        analysis=_ask(lambda: hub.get(f"{path}/cba")),
        history=_ask(lambda: hub.get(f"{path}/history")),
        comments=_list(hub, f"{path}/comments", "comments"),
    )


def _ask(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except NotGiven:
        return None


def _list(hub: OtherHub, path: str, name: str) -> list[dict[str, Any]] | None:
    found: list[dict[str, Any]] | None = _ask(
        lambda: [each for page in hub.walk(path, name) for each in page]
    )
    return found


def write_parts(
    moving: Moving, process_id: int, record: dict[str, Any], theirs: TheirParts, *, is_new: bool
) -> None:
    """Brings what belongs to an idea that is here by now; a new one gets its past last."""
    for name, value in theirs._asdict().items():
        if value is None:
            moving.report.add(name, record["process_id"], record["process_name"], "not given")
    for document in theirs.documents or ():
        _bring_file(moving, process_id, "document", document, _document_insert(moving, document))
    for medium in theirs.media or ():
        _bring_file(moving, process_id, "medium", medium, _medium_insert(moving, medium))
    whole = (
        ("collaborators", theirs.seats, _read_seats, _write_seats),
        ("components", theirs.components, _read_components, _write_components),
        ("analysis", _analysis(theirs.analysis), _read_analysis, _write_analysis),
    )
    for kind, value, read, write in whole:
        if value is not None:
            _bring_whole(moving, process_id, record, kind, value, read, write)
    bring_comments(moving, process_id, record["process_name"], theirs.comments or [])
    if is_new:
        moving.database.write(lambda db: _set_past(db, moving, process_id, record, theirs))


def _bring_whole(
    moving: Moving,
    process_id: int,
    record: dict[str, Any],
    kind: str,
    value: Any,
    read: Callable[[Reading, Moving, int], Any],
    write: Callable[[Writing, Moving, int, Any], None],
) -> None:
    """A part that an idea has as a whole; an empty one here is none."""

    def put(db: Writing, _: int | None) -> int:
        write(db, moving, process_id, value)
        return process_id

    moving.bring(
        Record(
            kind=kind,
            their_id=str(record["process_id"]),
            name=record["process_name"],
            theirs=value,
            read_ours=lambda db, _: read(db, moving, process_id),
            write=put,
        )
    )


# --- people ---


def _read_seats(db: Reading, moving: Moving, process_id: int) -> Any:
    return find_idea(db, moving.caller, process_id).idea.seats


def _write_seats(db: Writing, moving: Moving, process_id: int, seats: Any) -> None:
    """Who has a seat there has it here, whether they are still active or not: it is the past."""
    emails = [seat["user_email"] for seat in seats if seat.get("user_email")]
    people = user_store.user_ids_by_email(db, map(email_key, emails))
    held = find_idea(db, moving.caller, process_id)
    before = msgspec.to_builtins(held.idea)
    wanted = {
        (user_id, role_id)
        for seat in seats
        for user_id in (people.get(email_key(seat.get("user_email") or "")),)
        for role in seat["roles"]
        for role_id in (_role_here(moving, role["role_id"]),)
        if user_id is not None and role_id not in (None, SUBMITTER_ROLE, OWNER_ROLE)
    }
    fixed = {seat for seat in held.idea.seats if seat[1] in (SUBMITTER_ROLE, OWNER_ROLE)}
    held.idea.seats = sorted(fixed | {(user, role) for user, role in wanted if role is not None})
    if held.idea.seats != [tuple(seat) for seat in before["seats"]]:
        idea_service.save_change(
            db, moving.caller, held.idea, before, "add collaborators", now=moving.now
        )


def _role_here(moving: Moving, their_id: int) -> int | None:
    return their_id if their_id in OF_ALL_HUBS else moving.ours("collaborator role", their_id)


# --- components ---


def _read_components(db: Reading, moving: Moving, process_id: int) -> Any:
    used, _ = component_store.list_of_idea(db, moving.caller, process_id, EVERYTHING)
    return [component.component_id for component in used]


def _write_components(db: Writing, moving: Moving, process_id: int, their_ids: Any) -> None:
    ids = [our_id for their_id in their_ids if (our_id := moving.ours("component", their_id))]
    if ids:
        held = find_idea(db, moving.caller, process_id)
        components.set_components_of_idea(db, moving.caller, held, ids, now=moving.now)


# --- costs and benefit ---


def _analysis(theirs: dict[str, Any] | None) -> Any:
    """What people entered of an analysis; the rest of it follows."""
    if theirs is None:
        return None
    return {name: theirs.get(name) for name in ("plan", "costs", "inputs", "baseline_is_set")}


def _read_analysis(db: Reading, _: Moving, process_id: int) -> Any:
    inputs, baseline_is_set = benefit_store.get_inputs(db, process_id)
    return (
        benefit_store.get_plan(db, process_id),
        benefit_store.list_costs(db, process_id),
        inputs,
        baseline_is_set,
    )


def _write_analysis(db: Writing, moving: Moving, process_id: int, theirs: Any) -> None:
    caller, now = moving.caller, moving.now
    held = find_idea(db, caller, process_id)
    names = PlanRow.__struct_fields__
    phases = [{name: row.get(name) for name in names} for row in theirs["plan"] or ()]
    if phases:
        benefits.set_plan(db, caller, held, convert({"phases": phases}, Plan), now=now)
    if theirs["costs"]:
        costs = [
            convert({name: value for name, value in cost.items() if name != "price_id"}, Cost)
            for cost in theirs["costs"]
        ]
        benefits.set_costs(db, caller, held, costs, now=now)
    if theirs["inputs"]:
        inputs = convert(theirs["inputs"], Inputs)
        benefits.set_inputs(db, caller, held, inputs, now=now)
    planned = [row for row in phases if row["baseline_end"]]
    if theirs["baseline_is_set"] and planned:
        rows = [
            {"phase_id": r["phase_id"], "start": r["baseline_start"], "end": r["baseline_end"]}
            for r in planned
        ]
        benefits.set_baseline(db, caller, held, convert({"phases": rows}, Baseline), now=now)


# --- files ---

Insert = Callable[[Writing, int, Upload, str | None, dict[str, Any] | None], int]


def _bring_file(
    moving: Moving, process_id: int, kind: str, theirs: dict[str, Any], insert: Insert
) -> None:
    """The bytes are fetched and stored before the transaction, and only for what is new."""
    their_id = str(theirs.get("document_id") or theirs.get("media_id"))
    with moving.database.reading() as db:
        is_known = their_id in store.load_known(db, moving.source, kind, [their_id])
    name = str(theirs.get("document_title") or theirs.get("file_name") or "")
    facts = {key: theirs.get(key) for key in ("document_title", "document_description")}
    facts |= {"document_is_active": theirs.get("document_is_active", 1)}
    upload, key, file = NOTHING, None, None
    spool = moving.settings.data_dir / "spool"  # beside the blobs, into which files are moved
    private.make_folder(spool)
    with tempfile.TemporaryDirectory(dir=spool) as folder:
        if theirs.get("file_id") and not is_known:
            try:
                upload, file = _fetch(moving, theirs, Path(folder) / "file")
            except NotGiven as error:
                moving.report.add(kind, their_id, name, "not given", error.message)
                return
            key = documents.keep_bytes(moving.blobs, upload)

        def write(db: Writing, our_id: int | None) -> int:
            if our_id is None:
                return insert(db, process_id, upload, key, file)
            change = convert({k: v for k, v in facts.items() if v}, DocumentChange)
            held = find_idea(db, moving.caller, process_id)
            documents.update_document(db, moving.caller, held, our_id, change, now=moving.now)
            return our_id

        def read(db: Reading, our_id: int) -> Any:
            row = document_store.get_document(db, process_id, our_id)
            return None if row is None else [str(getattr(row, key)) for key in facts]

        moving.bring(
            Record(
                kind=kind,
                their_id=their_id,
                name=name,
                theirs=facts,
                read_ours=read,
                write=write,
            )
        )


def _fetch(moving: Moving, theirs: dict[str, Any], path: Path) -> tuple[Upload, dict[str, Any]]:
    found = moving.hub.download(theirs["file_id"], path)
    name = theirs.get("file_name") or found.name or str(theirs.get("document_title") or "file")
    media_type = theirs.get("mimetype") or found.media_type or "application/octet-stream"
    file = {
        "file_name": name,
        "mimetype": media_type,
        "file_content": "",
        "file_encoding": "base64",
    }
    return Upload(path=path, size=path.stat().st_size, sha256=found.sha256), file


def _document_insert(moving: Moving, theirs: dict[str, Any]) -> Insert:
    def insert(
        db: Writing, process_id: int, upload: Upload, key: str | None, file: dict[str, Any] | None
    ) -> int:
        title = theirs["document_title"]
        facts = {
            "document_title": title,
            "document_description": theirs.get("document_description") or title,
            "document_type_id": _type_here(db, theirs),
            "embed_link": theirs.get("embed_link") if file is None else None,
        }
        new = msgspec.structs.replace(convert(facts, NewDocument), file=file)
        stored = documents.insert_document(
            db,
            moving.caller,
            find_idea(db, moving.caller, process_id),
            new,
            upload,
            key,
            created_epoch=theirs.get("document_created_epoch"),
            now=moving.now,
        )
        if theirs.get("document_is_active") == 0:
            document_store.update_document(db, stored.document_id, {"document_is_active": 0})
        return stored.document_id

    return insert


def _type_here(db: Reading, theirs: dict[str, Any]) -> int:
    """The type of the same key; MISC for one that this hub does not have."""
    key = (theirs.get("file_type") or {}).get("file_type_key")
    types = {row.document_type_key: row.document_type_id for row in document_store.list_types(db)}
    if key is None and theirs.get("document_type_id") in types.values():
        return int(theirs["document_type_id"])
    return int(types.get(key) or types["MISC"])


def _medium_insert(moving: Moving, theirs: dict[str, Any]) -> Insert:
    def insert(
        db: Writing, process_id: int, upload: Upload, key: str | None, file: dict[str, Any] | None
    ) -> int:
        return documents.insert_medium(
            db,
            moving.caller,
            find_idea(db, moving.caller, process_id),
            NewMedium(file),
            upload,
            key,
            created_epoch=theirs.get("media_created_epoch"),
            now=moving.now,
        ).media_id

    return insert


# --- the past ---


def _set_past(
    db: Writing, moving: Moving, process_id: int, record: dict[str, Any], theirs: TheirParts
) -> None:
    """What a new idea was before it came here: its moves, its times, its uuid, and the fields of
    its record that other systems fill."""
    idea = find_idea(db, moving.caller, process_id).idea
    if theirs.history:
        record_store.replace_history(db, process_id, _moves(db, process_id, theirs.history))
    idea.process_uuid = record.get("process_uuid") or idea.process_uuid
    idea.status_epoch = record.get("process_status_epoch") or idea.status_epoch
    idea.process_updated_epoch = record["process_updated_epoch"]
    given = {name: record[name] for name in EXTRAS if record.get(name) is not None}
    idea.extras = given | {n: v for n, v in idea.extras.items() if v is not None}
    scoring.save_ideas(db, [idea], lists=False, texts=False)
    facts = {"their_id": record["process_id"], "source": moving.source}
    audit.record(
        db, actor(moving.caller), "move in idea", "idea", process_id, now=moving.now, after=facts
    )


def _moves(
    db: Reading, process_id: int, history: Sequence[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    """As record_store.HISTORY, without those of a status that this hub does not have."""
    known = flow_store.all_statuses(db)
    emails = [email_key(move["user_email"]) for move in history if move.get("user_email")]
    people = user_store.user_ids_by_email(db, emails)
    return [
        (
            process_id,
            move["at_epoch"],
            people.get(email_key(move.get("user_email") or "")),
            move.get("door") or "import",
            move.get("from_status_id"),
            move["to_status_id"],
            move.get("reason"),
            move.get("forced") or 0,
        )
        for move in history
        if move["to_status_id"] in known and move.get("from_status_id") in (None, *known)
    ]


def link_changes(moving: Moving, changes: Sequence[tuple[int, int]]) -> None:
    """Ties change requests to the automations that they change, when both are here."""
    for their_id, their_automation in changes:
        our_id = moving.ours("idea", their_id)
        automation_id = moving.ours("idea", their_automation)
        if our_id is not None and automation_id is not None:
            moving.database.write(partial(_link, moving, our_id, automation_id))


def _link(moving: Moving, process_id: int, automation_id: int, db: Writing) -> None:
    idea = find_idea(db, moving.caller, process_id).idea
    if idea.change_of_process_id is None:
        idea.change_of_process_id = automation_id
        scoring.save_ideas(db, [idea], lists=False, texts=False)
