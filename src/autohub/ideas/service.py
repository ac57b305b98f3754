"""What can be done with an idea that was handed in, but for its moves (contract 4.4)."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from autohub.access.model import Caller, Right, actor, covers
from autohub.applications import store as app_store
from autohub.assessments import service as assessments
from autohub.assessments import store as assessment_store
from autohub.assessments.defaults import LATER, assessments_for, assessments_of_idea
from autohub.assessments.model import Assessment
from autohub.audit import store as audit
from autohub.audit.model import Action
from autohub.categories import store as categories
from autohub.db.engine import Reading, Writing
from autohub.ideas import inputs, moves, record_store, scoring, store
from autohub.ideas.applications import (
    add_new_applications,
    application_ids,
    invalid_data,
    unknown_fault,
)
from autohub.ideas.model import (
    COLLABORATOR_ROLES,
    LIVE_PHASE,
    OWNER_ROLE,
    SUBMITTER_ROLE,
    AssessmentInput,
    CategoryChange,
    HistoryEntry,
    Idea,
    Patch,
    name_key,
    set_person,
)
from autohub.ideas.rights import (
    AuthorizedIdea,
    find_access_fault,
    may_name_owner,
    may_on_idea,
    need_edit,
)
from autohub.ideas.submission import (
    NO_CATEGORY,
    NO_NAME,
    NO_OWNER,
    NO_SUBMITTER,
    OWNER_KEY,
    NameTaken,
    category_fault,
)
from autohub.kit.errors import Conflict, Forbidden, Invalid
from autohub.kit.sentences import say
from autohub.kit.text import fold
from autohub.users.naming import NamedPeople


def seed_collaborator_roles(db: Writing) -> bool:
    """Lays the collaborator roles down; False when they are there already."""
    return store.insert_default_roles(db, COLLABORATOR_ROLES)


def patch_idea(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: Patch, *, now: int
) -> None:
    """Changes the answers that are sent, and nothing else (contract 4.4). Raises Forbidden,
    Invalid, NameTaken."""
    need_edit(db, caller, held, "about")
    before = msgspec.to_builtins(held.idea)
    given = inputs.parse_inputs(wanted.user_inputs, _load_forms(db, held.idea))
    _apply_answers(db, caller, held, given)
    new = given.new_applications | {"": wanted.new_applications}
    add_new_applications(db, caller, held.idea, new, now=now)
    if wanted.process_priority is not None:
        held.idea.process_priority = wanted.process_priority or None
    _save_and_audit(db, caller, held.idea, before, "change idea", now=now)


def _load_forms(db: Reading, idea: Idea) -> list[Assessment]:
    """The questions that this idea may be asked, in the versions that it has."""
    definitions = assessment_store.load_definitions(db, idea.assessed.values())
    return [
        definitions[idea.assessed[key]]
        for key in assessments_of_idea(idea.process_submission_type, idea.assessed)
    ]


def _apply_answers(
    db: Writing, caller: Caller, held: AuthorizedIdea, given: inputs.GivenAnswers
) -> None:
    """Puts checked answers into the idea. Raises Invalid naming every fault, Forbidden,
    NameTaken."""
    idea, columns = held.idea, given.columns
    faults, said, key = dict(given.faults), list(given.said), None
    for column, text in (
        ("process_name", NO_NAME),
        ("process_description", "The description cannot be empty."),
    ):
        if column in columns and not columns[column]:
            faults[column] = ["must not be empty."]
            said.append(text)
    people = NamedPeople(db, [columns.get("owner"), columns.get("submitter")])
    for column, text in (("owner", NO_OWNER), ("submitter", NO_SUBMITTER)):
        named = columns.get(column)
        fault = named and people.find_fault(
            named, now=idea.owner_user_id, of_past=column == "submitter"
        )
        if fault:
            faults[column] = [fault]
            said.append(text)
            key = OWNER_KEY if column == "owner" else key
    if owner := columns.get("owner"):
        owner_id = people.id_of(owner)
        if owner_id is not None and owner_id != idea.owner_user_id:
            if not may_name_owner(caller, held):
                raise Forbidden
            if no_access := find_access_fault(db, owner_id, owner, held.chain, idea):
                faults.setdefault("owner", []).append(no_access)
                said.append(NO_OWNER)
                key = OWNER_KEY
    if "owner" in columns and not columns["owner"] and idea.owner_user_id is not None:
        faults["owner"] = ["must not be empty; name another owner instead."]
    named = application_ids(columns.get("applications", ()), given.answers)
    if lost := sorted(named - app_store.existing_applications(db, named).keys()):
        said.append(invalid_data(unknown_fault(lost)))
        faults["applications"] = [unknown_fault(lost)]
    if faults:
        raise Invalid(
            said[0] if said else "Some of the values are not right.", details=faults, key=key
        )
    if "process_name" in columns and name_key(columns["process_name"]) != name_key(
        idea.process_name
    ):
        wanted = name_key(columns["process_name"])
        db.lock(f"idea {wanted}")
        if taken := store.find_taken_names(db, caller, [wanted], other_than=idea.process_id):
            raise NameTaken(columns["process_name"], taken[wanted])
    for column in ("process_name", "process_description", "applications"):
        setattr(idea, column, columns.get(column, getattr(idea, column)))
    if columns.get("owner"):
        set_person(idea, "owner", people.id_of(columns["owner"]))
    submitter = columns.get("submitter")
    if submitter and people.id_of(submitter) != idea.submitter_user_id:
        if not may_on_idea(caller, Right.EDIT_ANY_IDEA, held):
            raise Forbidden
        set_person(idea, "submitter", people.id_of(submitter))
    if columns.get("category_id") not in (None, idea.category_id):
        _file_under(db, caller, held, columns["category_id"])
    idea.answers = inputs.merge_answers(idea.answers, given.answers)


def _save_and_audit(
    db: Writing,
    caller: Caller,
    idea: Idea,
    before: dict[str, Any],
    action: Action,
    *,
    now: int,
    lists: bool = True,
) -> None:
    """Stores a changed idea with its audit entry; one that is as it was is left alone."""
    after = msgspec.to_builtins(idea)
    changed = {name for name in after if after[name] != before[name]} - {"scores"}
    if not changed:
        return
    idea.process_updated_epoch = now
    scoring.save_ideas(
        db, [idea], lists=lists, texts=bool(changed & {"process_name", "process_description"})
    )
    old, new = ({name: facts[name] for name in sorted(changed)} for facts in (before, after))
    audit.record(db, actor(caller), action, "idea", idea.process_id, now=now, before=old, after=new)


def save_change(
    db: Writing,
    caller: Caller,
    idea: Idea,
    before: dict[str, Any],
    action: Action,
    *,
    now: int,
    lists: bool = True,
) -> None:
    """For the nouns above: stores what they changed on an idea. `before` is the idea as
    msgspec.to_builtins gave it."""
    _save_and_audit(db, caller, idea, before, action, now=now, lists=lists)


def touch(db: Writing, idea: Idea, *, now: int) -> None:
    """For what is kept beside an idea: whoever asks for ideas changed since then hears of it."""
    idea.process_updated_epoch = now
    scoring.save_ideas(db, [idea], lists=False, texts=False)


def complete_assessment(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: AssessmentInput, *, now: int
) -> None:
    """Submits one assessment with all that it requires. The Detailed Assessment moves the idea
    on: to the decision, or On hold when an answer says so (product 3, step 4). Raises Forbidden,
    Invalid, Conflict."""
    need_edit(db, caller, held, "about")
    idea = held.idea
    allowed = dict.fromkeys([*assessments_for(idea.process_submission_type), *idea.assessed])
    if wanted.assessment not in allowed:
        raise Invalid(
            "This kind of idea has no such assessment.",
            details={"assessment": [say("must be one of {choices}.", choices=", ".join(allowed))]},
        )
    if wanted.assessment == "EX" and held.phase_id != LIVE_PHASE:
        raise Conflict("The Execution Assessment is for ideas that are Live; this one is not yet.")
    before = msgspec.to_builtins(idea)
    if wanted.assessment in LATER[idea.process_submission_type]:
        live = assessments.live_assessments(db, idea.category_id, [wanted.assessment])
        idea.assessed = idea.assessed | {key: version for key, (version, _) in live.items()}
    form = assessment_store.load_definitions(db, [idea.assessed[wanted.assessment]])[
        idea.assessed[wanted.assessment]
    ]
    given = inputs.parse_inputs(wanted.user_inputs, _load_forms(db, idea))
    columns = {
        "process_name": idea.process_name,
        "process_description": idea.process_description,
        "category_id": idea.category_id,
    }
    lacking = inputs.missing_questions(
        [form], inputs.merge_answers(idea.answers, given.answers), columns | given.columns
    )
    if lacking:
        raise Invalid("Please fill in all the required information", details=given.faults | lacking)
    _apply_answers(db, caller, held, given)
    action = cast(Action, f"complete assessment {wanted.assessment}")
    _save_and_audit(db, caller, idea, before, action, now=now)
    if wanted.assessment == "DA":
        moves.after_assessment(db, caller, held, form, now=now)


def set_category(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: CategoryChange, *, now: int
) -> None:
    """Files an idea under another category. Raises Forbidden, Invalid."""
    need_edit(db, caller, held, "about")
    before = msgspec.to_builtins(held.idea)
    if wanted.category_id != held.idea.category_id:
        _file_under(db, caller, held, wanted.category_id)
    held.idea.category_other_text = wanted.category_other_text
    _save_and_audit(db, caller, held.idea, before, "change category", now=now)


def _file_under(db: Reading, caller: Caller, held: AuthorizedIdea, category_id: int) -> None:
    """Raises Invalid for what is not there or archived, Forbidden for a place that the caller
    could not edit in."""
    place = categories.find_chain(db, category_id)
    if place is None or not place[0]:
        raise Invalid(
            NO_CATEGORY,
            details={"category_id": [category_fault(category_id, is_archived=place is not None)]},
        )
    own = caller.user_id is not None and caller.user_id in (
        held.idea.owner_user_id,
        held.idea.submitter_user_id,
    )
    if not covers(caller.reach(Right.EDIT_ANY_IDEA), place[1]) and not (
        own and covers(caller.reach(Right.SUBMIT_IDEA), place[1])
    ):
        raise Forbidden
    held.idea.category_id, held.chain = category_id, list(place[1])


def set_tags(
    db: Writing, caller: Caller, held: AuthorizedIdea, tags: Iterable[str], *, now: int
) -> list[str]:
    """Replaces the tags; those that differ in case alone are one. Raises Forbidden."""
    need_edit(db, caller, held, "about")
    before = msgspec.to_builtins(held.idea)
    unique: dict[str, str] = {}
    for tag in tags:
        unique.setdefault(fold(tag), tag)
    held.idea.tags = list(unique.values())
    _save_and_audit(db, caller, held.idea, before, "set tags", now=now)
    return held.idea.tags


def delete_idea(db: Writing, caller: Caller, held: AuthorizedIdea, *, now: int) -> None:
    """Deletes an idea for good: nobody sees it any more. Raises Forbidden."""
    if not may_on_idea(caller, Right.DELETE_DATA, held):
        raise Forbidden
    before = msgspec.to_builtins(held.idea)
    held.idea.process_is_deleted = 1
    _save_and_audit(db, caller, held.idea, before, "delete idea", now=now)


def list_history(db: Reading, held: AuthorizedIdea) -> list[HistoryEntry]:
    """Every move of an idea, oldest first: who, when, from, to, why."""
    named = moves.load_status_names(db)
    return [
        HistoryEntry(
            at_epoch=row.at_epoch,
            user_id=row.user_id,
            user_email=row.user_email,
            door=row.door,
            from_status_id=row.from_status_id,
            to_status_id=row.to_status_id,
            from_status_name=named.get(row.from_status_id or 0),
            to_status_name=named[row.to_status_id],
            reason=row.reason,
            forced=row.forced,
        )
        for row in record_store.list_history(db, held.idea.process_id)
    ]


def hand_over_ideas(
    db: Writing, caller: Caller, from_user: int, to_user: int, *, now: int
) -> dict[str, int]:
    """A leaver's ideas and seats go to a successor: owner and collaborator seats; who submitted
    an idea stays a fact."""
    found = {"ideas": 0, "seats": 0}
    for idea in store.load_ideas(db, store.list_of_user(db, from_user), lock=True).values():
        before = msgspec.to_builtins(idea)
        seats = [
            seat
            for seat in idea.seats
            if seat[0] == from_user and seat[1] not in (SUBMITTER_ROLE, OWNER_ROLE)
        ]
        found["seats"] += len(seats)
        idea.seats = sorted(
            {seat for seat in idea.seats if seat not in seats}
            | {(to_user, role_id) for _, role_id in seats}
        )
        if idea.owner_user_id == from_user:
            found["ideas"] += 1
            set_person(idea, "owner", to_user)
        _save_and_audit(db, caller, idea, before, "reassign idea", now=now)
    return found
