"""The fixed forms of the Open API (contract 5.1, 5.2) as answers to the live questions."""

from typing import Any

from autohub.access import store as access
from autohub.access.model import Caller
from autohub.assessments import service as assessments
from autohub.assessments.defaults import HIGH_LEVEL_QUESTIONS, assessments_for
from autohub.assessments.model import Assessment
from autohub.assessments.service import Live
from autohub.categories import store as categories
from autohub.db.engine import Reading, Writing
from autohub.ideas import inputs, moves, store, submission
from autohub.ideas.model import CoeIdea, CreatedIdea, EmployeeIdea, MinedIdea
from autohub.ideas.rights import AuthorizedIdea
from autohub.ideas.submission import NewIdea
from autohub.kit.sentences import say
from autohub.users.naming import NamedPeople

_OVERVIEW = {
    "process_pain_points": "OVR-OVERVIEW_PAIN_POINTS",
    "process_negative_impact": "OVR-OVERVIEW_NEGATIVE_IMPACT",
    "source_link": "OVR-OVERVIEW_SOURCE_LINK",
}
_OWN = {
    "process_name",
    "process_description",
    "category_id",
    "category",
    "owner",
    "submitter",
    "applications",
}


def from_employee_body(db: Reading, body: EmployeeIdea) -> NewIdea:
    """POST /automationidea: numbers 1 to 5 become the answers of the High-Level Assessment."""
    wanted = _new_idea(body, 1)
    live = assessments.live_assessments(db, wanted.category_id or 0, assessments_for(1))
    questions = live["HLA"][1].questions
    for key, _, _ in HIGH_LEVEL_QUESTIONS:
        question = questions.get(f"HLA-{key.upper()}")
        if question is None:
            continue  # the live version does not ask it
        number = getattr(body, key)
        option = next((o for o in question.options if o.number == str(number)), None)
        if option is None:
            wanted.extra_faults[key] = [
                say("has no answer {number} in the live assessment.", number=number)
            ]
        else:
            wanted.answers[question.key] = {"value": option.code}
    _check_description(wanted, live)
    return wanted


def from_coe_body(db: Reading, body: CoeIdea, submission_type: int) -> tuple[NewIdea, Live]:
    """POST /coe-automationidea and its kin: the keys of contract 5.2 become the answers of the
    Detailed Assessment."""
    wanted = _new_idea(body, submission_type)
    live = assessments.live_assessments(
        db, wanted.category_id or 0, assessments_for(submission_type)
    )
    given = _detailed_answers(
        live, {field: getattr(body, field) for field in body.__struct_fields__}
    )
    wanted.answers, wanted.extra_faults = given.answers, wanted.extra_faults | given.faults
    _check_description(wanted, live)
    return wanted, live


def _detailed_answers(live: Live, values: dict[str, Any]) -> inputs.GivenAnswers:
    """The keys of contract 5.2 as answers; faults stand under the keys."""
    questions = live["OVR"][1].questions | live["DA"][1].questions
    given = inputs.GivenAnswers()
    for field, value in values.items():
        question = (
            questions.get(_OVERVIEW.get(field, f"DA-{field.upper()}"))
            if field not in _OWN
            else None
        )
        if question is not None and value is not None:
            inputs.take_answer(given, question, {"value": value})
            if question.key in given.faults:
                given.faults[field] = given.faults.pop(question.key)
    return given


def find_further_faults(db: Reading, _: Caller, value: Any) -> dict[str, list[str]]:
    """What is also wrong with a body whose form is not right: category, people, and the answers
    of a Detailed Assessment."""
    if not isinstance(value, dict):
        return {}
    faults: dict[str, list[str]] = {}
    category_id = (
        value.get("category_id") if value.get("category_id") is not None else value.get("category")
    )
    if category_id is None:
        faults["category_id"] = ["is required."]
    elif (
        isinstance(category_id, int)
        and not isinstance(category_id, bool)
        and categories.find_chain(db, category_id) is None
    ):
        faults["category_id"] = [submission.category_fault(category_id, is_archived=False)]
    people = NamedPeople(db)
    for name in ("owner", "submitter"):
        email = value.get(name)
        if isinstance(email, str) and email.strip():
            fault = people.find_fault(email.strip(), of_past=name == "submitter")
            faults |= {name: [fault]} if fault else {}
    texts = {str(key): item for key, item in value.items() if isinstance(item, str | int | float)}
    return (
        faults
        | _detailed_answers(assessments.live_assessments(db, 0, assessments_for(2)), texts).faults
        if "automation_goal" in value
        else faults
    )


def submit_coe(
    db: Writing, caller: Caller, body: CoeIdea | MinedIdea, submission_type: int, *, now: int
) -> CreatedIdea:
    """Hands it in, and sends it On hold by itself when an answer says so (contract 5.2)."""
    wanted, live = from_coe_body(db, body, submission_type)
    created = submission.submit_idea(db, caller, wanted, now=now)
    idea = store.load_ideas(db, [created.process_id])[created.process_id]
    held = AuthorizedIdea(
        idea,
        access.category_chains(db, [idea.category_id])[idea.category_id],
        store.get_phase_of_status(db, idea.phase_status_id),
    )
    moves.hold_if_unstable(db, caller, held, live["DA"][1], now=now)
    return created


def _new_idea(body: EmployeeIdea | CoeIdea, submission_type: int) -> NewIdea:
    category_id = body.category_id if body.category_id is not None else body.category
    faults = {} if category_id is not None else {"category_id": ["is required."]}
    return NewIdea(
        submission_type,
        process_name=body.process_name,
        process_description=body.process_description,
        category_id=category_id,
        owner=body.owner,
        submitter=body.submitter,
        applications=body.applications,
        extra_faults=faults,
    )


def _check_description(wanted: NewIdea, live: Live) -> None:
    """Checks the description by the rule of its question."""
    form: Assessment = live["OVR"][1]
    question = form.questions.get("OVR-OVERVIEW_DESCRIPTION")
    if question is not None:
        given = inputs.GivenAnswers()
        inputs.take_answer(given, question, {"value": wanted.process_description})
        if given.faults:
            wanted.extra_faults["process_description"] = given.faults[question.key]
