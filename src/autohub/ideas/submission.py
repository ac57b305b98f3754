"""Handing ideas in: who may, what is wrong with them, and what is stored (contract 4.4)."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, Right, actor, covers
from autohub.applications import store as app_store
from autohub.assessments import service as assessments
from autohub.assessments.defaults import AT_SUBMISSION
from autohub.assessments.model import Answers, Assessment
from autohub.assessments.service import Live
from autohub.audit import store as audit
from autohub.categories import store as categories
from autohub.db.engine import Reading, Writing
from autohub.flows import service as flows
from autohub.flows.model import Flow
from autohub.ideas import inputs, record_store, store
from autohub.ideas.applications import (
    NewApplications,
    add_new_applications,
    application_ids,
    invalid_data,
    unknown_fault,
)
from autohub.ideas.model import (
    OWNER_ROLE,
    SUBMITTER_ROLE,
    CreatedIdea,
    Idea,
    NewApplication,
    name_idea,
    name_key,
)
from autohub.ideas.rights import find_access_fault
from autohub.ideas.scoring import with_scores
from autohub.kit.errors import Conflict, Forbidden, Invalid
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.notifications import service as notices
from autohub.users.naming import NamedPeople

Faults = dict[str, list[str]]
RIGHTS = {
    1: Right.SUBMIT_IDEA,
    2: Right.SUBMIT_COE_IDEA,
    3: Right.SHARE_AUTOMATION,
    4: Right.SUBMIT_COE_IDEA,
    5: Right.SUBMIT_COE_IDEA,
}
RIGHTS |= {
    6: Right.SUBMIT_CHANGE_REQUEST,
    7: Right.SUBMIT_IDEA,
    8: Right.SUBMIT_IDEA,
    -1: Right.SUBMIT_IDEA,
}
"""The right to hand in an idea of each type, on its category."""
CHANGE_REQUEST = 6
"""The submission type of those (contract 4.1)."""
INCOMPLETE = "Please fill in all the required information"
NO_NAME = "Automation name cannot be empty."
NO_CATEGORY = "Invalid Category Id."
NO_OWNER = "Cannot identify owner by email"
NO_SUBMITTER = "Cannot identify submitter by email"
OWNER_KEY = "error_invalid_process_owner"


class Incomplete(Invalid):
    """Questions that must be answered are not; `questions` are their keys."""

    def __init__(self, message: str, *, faults: Faults, lacking: Faults) -> None:
        super().__init__(message, details=faults | lacking)
        self.questions = list(lacking)


class NameTaken(Conflict):
    def __init__(self, name: str, process_id: int) -> None:
        super().__init__(
            say(
                "There is an idea named “{name}” already, number {process_id}; choose "
                "another name.",
                name=name,
                process_id=process_id,
            ),
            details={"process_name": ["is taken; names must differ in more than case and blanks."]},
        )


class NewIdea(msgspec.Struct):
    """One idea to hand in. `fields` says how the caller's body names a column, for errors.
    `is_of_past`: a table tells what was, with people who may have left since; whoever brings it
    submitted nothing of it."""

    submission_type: int
    process_name: str | None = None
    process_description: str | None = None
    category_id: int | None = None
    owner: str | None = None
    submitter: str | None = None
    applications: list[int] = []
    answers: Answers = {}
    new_applications: NewApplications = {}
    idea_flow_id: int | None = None
    extra_faults: Faults = {}
    said: list[str] = []
    fields: dict[str, str] = {}
    created_epoch: int | None = None
    phase_status_id: int | None = None
    import_key: str | None = None
    change_of_process_id: int | None = None
    tags: list[str] = []
    is_of_past: bool = False
    message: str = "Some of the values are not right."


class SubmissionContext:
    """What submissions are checked against, each thing looked up once in a transaction."""

    def __init__(self, db: Reading, caller: Caller) -> None:
        self.db, self.caller = db, caller
        self._live: dict[tuple[int, int], Live] = {}
        self._flows: dict[tuple[int, int], int] = {}
        self._flow: dict[int, Flow] = {}
        self._categories: dict[int, tuple[bool, list[int]] | None] = {}
        self.people = NamedPeople(db)
        self._applications: set[int] = set()

    def category(self, category_id: int | None) -> tuple[bool, list[int]] | None:
        """Whether a category is active, and its chain; None when it is not there."""
        if category_id is None:
            return None
        if category_id not in self._categories:
            self._categories[category_id] = categories.find_chain(self.db, category_id)
        return self._categories[category_id]

    def learn_applications(self, ids: Iterable[int]) -> None:
        """Of these the caller knows that they are there."""
        self._applications.update(ids)

    def unknown_applications(self, ids: Iterable[int]) -> list[int]:
        """Those that are not there."""
        if new := set(ids) - self._applications:
            self._applications |= app_store.existing_applications(self.db, new).keys()
        return sorted(set(ids) - self._applications)

    def live(self, category_id: int, submission_type: int) -> Live:
        key = (category_id, submission_type)
        if key not in self._live:
            self._live[key] = assessments.live_assessments_for(
                self.db, category_id, submission_type
            )
        return self._live[key]

    def flow(self, category_id: int, submission_type: int, idea_flow_id: int | None) -> Flow:
        key = (category_id, submission_type)
        if idea_flow_id is None:
            if key not in self._flows:
                self._flows[key] = flows.get_category_flows(self.db, category_id)[
                    str(submission_type)
                ]
            idea_flow_id = self._flows[key]
        if idea_flow_id not in self._flow:
            self._flow[idea_flow_id] = flows.get_flow(self.db, idea_flow_id)
        return self._flow[idea_flow_id]


def acting_caller(db: Reading, caller: Caller, submitter: str | None) -> Caller:
    """Whose rights decide: the caller's, and with a tenant-level token those of the submitter.
    Raises Forbidden, Invalid."""
    if not caller.is_tenant_level:
        return caller
    if not submitter:
        raise Forbidden
    people = NamedPeople(db, [submitter])
    user_id = people.id_of(submitter)
    if user_id is None:
        raise Invalid(NO_SUBMITTER, details={"submitter": [people.find_fault(submitter)]})
    if access.find_active_account(db, email_key=email_key(submitter)) is None:
        raise Forbidden
    grants, keys = access.list_grants(db, user_id)
    return Caller(
        kind=caller.kind,
        user_id=user_id,
        token_id=caller.token_id,
        session_id=None,
        door=caller.door,
        grants=tuple(grants),
        role_keys=tuple(keys),
    )


def submit_idea(db: Writing, caller: Caller, wanted: NewIdea, *, now: int) -> CreatedIdea:
    """Stores one idea at the start of its flow. Raises Invalid naming every fault, Forbidden,
    NameTaken."""
    who = acting_caller(db, caller, wanted.submitter)
    intake = SubmissionContext(db, who)
    idea = check_new_idea(intake, wanted, now=now)
    db.lock(f"idea {name_key(idea.process_name)}")
    if taken := store.find_taken_names(db, who, [name_key(idea.process_name)]):
        raise NameTaken(idea.process_name, next(iter(taken.values())))
    add_new_applications(db, caller, idea, wanted.new_applications, now=now)
    idea.process_id = record_store.reserve_ids(db, 1)[0]
    insert_new_ideas(db, caller, intake, [idea], now=now)
    notices.notify_submitted(db, caller, idea.process_id, idea.phase_status_id, now=now)
    return name_idea(idea)


def insert_new_ideas(
    db: Writing,
    caller: Caller,
    intake: SubmissionContext,
    ideas: Sequence[Idea],
    *,
    door: str = "",
    now: int,
) -> None:
    """Stores checked ideas, whose ids are reserved, with the first line of their history. `door`
    is through which they came, the caller's unless given."""
    definitions = {
        version: held
        for item in ideas
        for version, held in intake.live(item.category_id, item.process_submission_type).values()
    }
    record_store.insert_ideas(db, [with_scores(item, definitions) for item in ideas])
    who = actor(caller)
    first = [
        (
            i,
            min(i.process_created_epoch, now),
            i.submitter_user_id if who.user_id is None else who.user_id,
        )
        for i in ideas
    ]
    record_store.insert_history(
        db,
        [
            (i.process_id, at, by, door or who.door, None, i.phase_status_id, None, 0)
            for i, at, by in first
        ],
    )
    facts = (
        "process_submission_type",
        "category_id",
        "phase_status_id",
        "submitter_user_id",
        "owner_user_id",
    )
    rows = [
        audit.build_entry(
            who,
            "submit idea",
            "idea",
            i.process_id,
            now=now,
            before=None,
            after={f: getattr(i, f) for f in facts},
            key=None,
        )
        for i in ideas
    ]
    audit.add_many(db, rows)


def check_new_idea(intake: SubmissionContext, wanted: NewIdea, *, now: int) -> Idea:
    """The idea that `wanted` makes, still without an id. Raises Invalid naming every fault,
    Forbidden."""
    faults: Faults = dict(wanted.extra_faults)
    said = list(wanted.said)  # the contract's own sentences, of which the first becomes the message
    key: str | None = None
    if not wanted.process_name:
        _add_fault(faults, wanted, "process_name", "is required.")
        said.append(NO_NAME)
    place = intake.category(wanted.category_id)
    if place is None or not place[0]:
        _add_fault(
            faults,
            wanted,
            "category_id",
            category_fault(wanted.category_id, is_archived=place is not None),
        )
        said.append(NO_CATEGORY)
    people = intake.people
    owner = people.id_of(wanted.owner) if wanted.owner else None
    if fault := _owner_fault(intake, wanted, place[1] if place else None):
        _add_fault(faults, wanted, "owner", fault)
        said.append(NO_OWNER)
        key = OWNER_KEY
    usual = None if wanted.is_of_past else intake.caller.user_id
    submitter = people.id_of(wanted.submitter) if wanted.submitter else usual
    if wanted.submitter and (fault := people.find_fault(wanted.submitter, of_past=True)):
        _add_fault(faults, wanted, "submitter", fault)
        said.append(NO_SUBMITTER)
    if lost := intake.unknown_applications(application_ids(wanted.applications, wanted.answers)):
        _add_fault(faults, wanted, "applications", unknown_fault(lost))
        said.append(invalid_data(unknown_fault(lost)))
    if fault := _change_of_fault(intake, wanted):
        _add_fault(faults, wanted, "change_of_process_id", fault)
    if place is not None:
        _check_rights(intake.caller, wanted, place[1], submitter)
    if faults:
        raise Invalid(said[0] if said else wanted.message, details=faults, key=key)
    assert wanted.category_id is not None and wanted.process_name is not None
    flow = intake.flow(wanted.category_id, wanted.submission_type, wanted.idea_flow_id)
    live = intake.live(wanted.category_id, wanted.submission_type)
    seats = {(submitter, SUBMITTER_ROLE), (owner, OWNER_ROLE)}
    return Idea(
        process_id=0,
        process_uuid=str(uuid.uuid4()),
        process_name=wanted.process_name,
        process_description=wanted.process_description or "",
        process_submission_type=wanted.submission_type,
        idea_flow_id=flow.idea_flow_id,
        category_id=wanted.category_id,
        phase_status_id=wanted.phase_status_id or flow.start_status_id,
        status_epoch=now,
        submitter_user_id=submitter,
        owner_user_id=owner,
        process_created_epoch=wanted.created_epoch if wanted.created_epoch is not None else now,
        process_updated_epoch=now,
        answers=inputs.merge_answers({}, wanted.answers),
        assessed={name: version for name, (version, _) in live.items()},
        applications=sorted(set(wanted.applications)),
        seats=sorted((user_id, role_id) for user_id, role_id in seats if user_id is not None),
        import_key=wanted.import_key,
        change_of_process_id=wanted.change_of_process_id,
        tags=wanted.tags,
    )


def _owner_fault(intake: SubmissionContext, wanted: NewIdea, chain: list[int] | None) -> str:
    """Why the named owner cannot own the idea, '' if they can. A table that tells of the past may
    name people who have left, or have no access any more."""
    if not wanted.owner:
        return ""
    fault = intake.people.find_fault(wanted.owner, of_past=wanted.is_of_past)
    owner = intake.people.id_of(wanted.owner)
    if fault or owner is None or chain is None or wanted.is_of_past:
        return fault
    return find_access_fault(intake.db, owner, wanted.owner, chain)


def category_fault(category_id: int | None, *, is_archived: bool) -> str:
    if category_id is None:
        return "is required."
    return (
        "is archived; choose another."
        if is_archived
        else say(
            "There is no category {category_id}; GET /hierarchy lists them.",
            category_id=category_id,
        )
    )


def _add_fault(faults: Faults, wanted: NewIdea, column: str, text: str) -> None:
    faults.setdefault(wanted.fields.get(column, column), []).append(text)


def _change_of_fault(intake: SubmissionContext, wanted: NewIdea) -> str:
    of = wanted.change_of_process_id
    if of is None:
        return ""
    if wanted.submission_type != CHANGE_REQUEST:
        return "is given by change requests alone."
    return (
        ""
        if store.can_see(intake.db, intake.caller, of)
        else say("There is no idea {process_id}.", process_id=of)
    )


def _check_rights(caller: Caller, wanted: NewIdea, chain: list[int], submitter: int | None) -> None:
    """Raises Forbidden without the right on the category; a submitter other than oneself needs
    Edit all details there."""
    if not covers(caller.reach(RIGHTS[wanted.submission_type]), chain):
        raise Forbidden
    if submitter not in (None, caller.user_id) and not covers(
        caller.reach(Right.EDIT_ANY_IDEA), chain
    ):
        raise Forbidden


def submit_from_schema(
    db: Writing,
    caller: Caller,
    idea_flow_id: int,
    given_inputs: Any,
    new_applications: list[NewApplication],
    *,
    now: int,
    change_of_process_id: int | None = None,
) -> CreatedIdea:
    """POST /idea-from-schema: the answers of a generic form. Raises what `submit` raises, with
    the contract's own sentences."""
    flow = flows.get_flow(db, idea_flow_id)
    first = _first_category(given_inputs)
    intake = SubmissionContext(db, caller)
    place = intake.category(first)
    keys = AT_SUBMISSION[flow.submission_type]
    live = intake.live(first if first and place else 0, flow.submission_type)
    forms = [live[key][1] for key in keys if key in live]
    given = inputs.parse_inputs(given_inputs, forms)
    wanted = new_idea_from(flow.submission_type, given, forms)
    wanted.idea_flow_id = idea_flow_id
    wanted.new_applications |= {"": new_applications}
    wanted.change_of_process_id = change_of_process_id
    lacking = inputs.missing_questions(
        forms, given.answers, dict.fromkeys(("owner", "submitter")) | given.columns
    )
    for column in ("owner", "submitter"):
        if not given.columns.get(column) and column in wanted.fields:
            lacking.setdefault(wanted.fields[column], [inputs.NOT_ANSWERED])
    if lacking:
        message = (
            NO_NAME
            if "process_name" in given.columns and not given.columns["process_name"]
            else INCOMPLETE
        )
        raise Incomplete(message, faults=given.faults, lacking=lacking)
    return submit_idea(db, caller, wanted, now=now)


def new_idea_from(
    submission_type: int, given: inputs.GivenAnswers, forms: Sequence[Assessment]
) -> NewIdea:
    """A submission out of checked answers; its faults name the questions."""
    fields = {
        question.column: question.key
        for form in forms
        for question in form.questions.values()
        if question.column
    }
    fields["applications"] = next(
        (key for form in forms for key, q in form.questions.items() if q.is_inventory),
        "applications",
    )
    return NewIdea(
        submission_type,
        **given.columns,
        answers=given.answers,
        extra_faults=given.faults,
        said=given.said,
        new_applications=given.new_applications,
        fields=fields,
    )


def _first_category(user_inputs: Any) -> int | None:
    """The category that the inputs name, which decides which questions are asked."""
    if isinstance(user_inputs, dict):
        for sections in user_inputs.values():
            for questions in sections.values() if isinstance(sections, dict) else ():
                sent = (
                    questions.get("OVR-OVERVIEW_CATEGORY") if isinstance(questions, dict) else None
                )
                value = sent.get("value") if isinstance(sent, dict) else sent
                if (
                    isinstance(value, str)
                    and value.isascii()
                    and value.isdigit()
                    and len(value) < 16
                ):
                    value = int(value)
                if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53:
                    return value
    return None
