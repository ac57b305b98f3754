"""Ideas as rows of an import, which finds them again and merges what changed."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from autohub.applications import store as application_store
from autohub.assessments.model import Question
from autohub.db.engine import Reading
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.flows.model import SUBMISSION_TYPES
from autohub.ideas.record import parse_numbered_answers
from autohub.imports import service as imports
from autohub.imports.mapping import Mapping
from autohub.imports.model import FIELDS, RowResult
from autohub.integrations.open_api import NotGiven, OtherHub
from autohub.kit import cells
from autohub.kit.errors import flatten
from autohub.kit.sentences import say
from autohub.kit.text import fold
from autohub.kit.workbook import Figure
from autohub.move_in import parts, store
from autohub.move_in.model import KnownRecord
from autohub.move_in.moving import Moving

NEW = "new"
"""What stands in the place of a fingerprint while an idea lacks parts and past."""
READERS = 4
"""How many answers of the other hub are asked for at once."""


class TheirIdea(NamedTuple):
    """A record of contract 4.3 with what further calls give of it."""

    record: dict[str, Any]
    comments: dict[str, str]
    parts: parts.TheirParts


def move_ideas(moving: Moving) -> None:
    """Every idea that the token may see. One that was done before the run was broken off is not
    asked for again."""
    matched = _match_flows(moving)
    ids = moving.ids["idea"] = {}
    changes: list[tuple[int, int]] = []
    votes = 0
    types = [*SUBMISSION_TYPES]
    for page in moving.hub.walk("automations", "processes", submissionType=types):
        for record in page:
            if record.get("change_of_process_id"):
                changes.append((record["process_id"], record["change_of_process_id"]))
            votes += record.get("process_num_votes") or 0
        done = _find_done(moving, page)
        ids |= done
        left = [record for record in page if record["process_id"] not in done]
        with ThreadPoolExecutor(READERS) as pool:
            theirs = list(pool.map(lambda record: _read(moving.hub, record), left))
        _write(moving, matched, theirs)
    if votes:
        told = say("The Open API does not say whose the {count} votes are.", count=votes)
        moving.report.add("vote", "", "votes", "not given", told)
    parts.link_changes(moving, changes)


def _load_known(moving: Moving, records: Iterable[dict[str, Any]]) -> dict[str, KnownRecord]:
    their_ids = [str(record["process_id"]) for record in records]
    with moving.database.reading() as db:
        return store.load_known(db, moving.source, "idea", their_ids)


def _find_done(moving: Moving, page: list[dict[str, Any]]) -> dict[int, int]:
    """The ids here, by those there, of the ideas that this run has brought whole."""
    known = _load_known(moving, page)
    return {
        int(their_id): record.our_id
        for their_id, record in known.items()
        if record.seen_epoch == moving.started and record.theirs != NEW
    }


def _read(hub: OtherHub, record: dict[str, Any]) -> TheirIdea:
    return TheirIdea(record, _read_comments(hub, record), parts.read_parts(hub, record))


def _read_comments(hub: OtherHub, record: dict[str, Any]) -> dict[str, str]:
    """By question; the record itself has none."""
    try:
        schema = hub.get(f"automations/{record['process_id']}/schema")
    except NotGiven:
        return {}
    return {
        key: question["comment"]
        for sections in (schema.get("user_inputs") or {}).values()
        for questions in sections.values()
        for key, question in questions.items()
        if isinstance(question, dict) and question.get("comment")
    }


def _match_flows(moving: Moving) -> dict[Any, int]:
    """The flows here by the ids there, by name; and the flows that each type of idea has here of
    itself, by 'type 2'."""
    with moving.database.reading() as db:
        ours = flow_store.list_flows(db)
    by_name = {fold(flow.idea_flow_name): flow.idea_flow_id for flow in ours}
    found: dict[Any, int] = {}
    for flow in reversed(ours):
        found[f"type {flow.submission_type}"] = flow.idea_flow_id
    try:
        for flow in moving.hub.get("idea-flows"):
            our_id = by_name.get(fold(flow["Idea flow name"]))
            if our_id is not None:
                found[flow["Idea flow ID"]] = our_id
            else:
                told = say("This hub has no flow “{name}”.", name=flow["Idea flow name"])
                moving.report.add(
                    "flow", flow["Idea flow ID"], flow["Idea flow name"], "failed", told
                )
    except NotGiven as error:
        moving.report.add("flow", "", "GET /idea-flows", "not given", error.message)
    return found


def _write(moving: Moving, matched: dict[Any, int], theirs: list[TheirIdea]) -> None:
    by_flow: dict[int, list[TheirIdea]] = {}
    for idea in theirs:
        record = idea.record
        named = record.get("idea_flow_id")
        flow = matched.get(named if named else f"type {record['process_submission_type']}")
        if flow is None:
            _refuse(moving, record, "This hub has no such flow; create it, and run this again.")
        else:
            by_flow.setdefault(flow, []).append(idea)
    for flow_id, ideas in by_flow.items():
        results = list(zip(ideas, _import(moving, flow_id, ideas), strict=True))
        _note_new(moving, results)
        known = _load_known(moving, (idea.record for idea in ideas))
        for idea, result in results:
            fact = known.get(str(idea.record["process_id"]))
            _finish(moving, idea, result, is_new=fact is not None and fact.theirs == NEW)


def _note_new(moving: Moving, results: Iterable[tuple[TheirIdea, RowResult]]) -> None:
    """Notes which ideas were made just now, so that a run that is broken off before it has brought
    all their parts, and takes them up again, still knows that they are new."""
    facts = {
        str(idea.record["process_id"]): moving.fact(result.process_id or 0, NEW)
        for idea, result in results
        if result.outcome == "created"
    }
    moving.database.write(lambda db: store.keep_known(db, moving.source, "idea", facts))


def _refuse(moving: Moving, record: dict[str, Any], *texts: str) -> None:
    moving.report.add("idea", record["process_id"], record["process_name"], "failed", *texts)


def _import(moving: Moving, flow_id: int, ideas: list[TheirIdea]) -> list[RowResult]:
    with moving.database.reading() as db:
        submission_type = flows.get_flow(db, flow_id).submission_type
        questions = imports.list_questions(db, submission_type)
        table = list(_table(db, moving, ideas, questions))
    columns = sorted({name for row in table for name in row})
    mapping = Mapping(
        idea_flow_id=flow_id,
        columns={name: name for name in columns},
        long_names="shorten",
        taken_names="number",
        create_people=True,
        decimal_sign="point",
    )
    report = imports.run_import(
        moving.database,
        moving.caller,
        list(enumerate(table, 1)),
        columns,
        mapping,
        settings=moving.settings,
        now=moving.now,
        keep_all=True,
    )
    return report.results


def _table(
    db: Reading, moving: Moving, ideas: Iterable[TheirIdea], questions: dict[str, Question]
) -> Iterator[dict[str, str]]:
    """One row an idea, as `autohub ideas export` writes it."""
    applications = application_store.versioned_names(db)
    statuses = {s.phase_status_key for s in flow_store.all_statuses(db).values()}
    for idea in ideas:
        record = idea.record
        row = {name: _text(record.get(name)) for name in FIELDS}
        row |= {
            "import_key": record.get("process_uuid") or f"{moving.source}#{record['process_id']}",
            "category": " > ".join(part["category_name"] for part in record["categories"]),
            "owner": _email(record.get("owner")),
            "submitter": _email(record.get("process_submitter")),
            "status": _status(record, statuses),
            "process_created_epoch": str(record["process_created_epoch"]),
            "tags": cells.join_cells(record.get("tags") or ()),
            "applications": cells.join_cells(
                _application(moving, applications, each)
                for each in record.get("applications") or ()
            ),
        }
        for key, question in questions.items():
            row[key] = _text(record.get(question.field))
            if key in idea.comments:
                row[f"{key} comment"] = idea.comments[key]
        row |= {
            key: code
            for key, code in parse_numbered_answers(record).items()
            if key in questions and not row.get(key)
        }
        yield {name: text for name, text in row.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return cells.join_cells(map(str, value))
    if isinstance(value, int | float):
        return Figure(value)
    return "" if value is None else str(value)


def _email(person: Any) -> str:
    return str((person or {}).get("user_email") or "")


def _status(record: dict[str, Any], known: set[str]) -> str:
    """The key of the status; a hub that has other keys than contract 4.1 is read by its names."""
    key = str(record.get("phase_status_key") or "")
    named = f"{record.get('phase_name')} - {record.get('phase_status_name')}"
    return key if key in known else named


def _application(moving: Moving, names: dict[int, str], each: Any) -> str:
    their_id = each["application_id"] if isinstance(each, dict) else each
    our_id = moving.ours("application", their_id)
    if our_id is not None:
        return names[our_id]
    return str(each.get("application_name", "")) if isinstance(each, dict) else ""


def _finish(moving: Moving, idea: TheirIdea, result: RowResult, *, is_new: bool) -> None:
    record = idea.record
    texts = [*result.notes, *flatten(result.errors)]
    if result.process_id is None:
        _refuse(moving, record, *texts)
        return
    their_id = record["process_id"]
    moving.ids["idea"][their_id] = result.process_id
    moving.report.add("idea", their_id, record["process_name"], result.outcome, *texts)
    parts.write_parts(moving, result.process_id, record, idea.parts, is_new=is_new)
    fact = moving.fact(result.process_id)
    moving.database.write(
        lambda db: store.keep_known(db, moving.source, "idea", {str(their_id): fact})
    )
