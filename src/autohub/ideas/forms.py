"""The fixed forms of the Open API (contract 5.1, 5.2) as answers to the live questions."""

from typing import Any

from autohub.access import store as access
from autohub.access.model import Caller
from autohub.assessments import service as assessments
from autohub.assessments.defaults import HIGH_LEVEL_QUESTIONS, asked
from autohub.assessments.model import Assessment
from autohub.assessments.service import Live
from autohub.categories import store as categories
from autohub.db.engine import Reading, Writing
from autohub.ideas import inputs, moves, store, submission
from autohub.ideas.model import CoeIdea, Created, EmployeeIdea, MinedIdea
from autohub.ideas.rights import Held
from autohub.ideas.submission import Wanted
from autohub.users.model import email_key

_OVERVIEW = {
    "process_pain_points": "OVR-OVERVIEW_PAIN_POINTS",
    "process_negative_impact": "OVR-OVERVIEW_NEGATIVE_IMPACT",
    "source_link": "OVR-OVERVIEW_SOURCE_LINK",
}
_OWN = {"process_name", "process_description", "category_id", "category", "owner", "submitter", "applications"}


def employee(db: Reading, body: EmployeeIdea) -> Wanted:
    """POST /automationidea: numbers 1 to 5 become the answers of the High-Level Assessment."""
    wanted = _wanted(body, 1)
    live = assessments.live(db, wanted.category_id or 0, asked(1))
    questions = live["HLA"][1].questions
    for key, _, _ in HIGH_LEVEL_QUESTIONS:
        question = questions.get(f"HLA-{key.upper()}")
        if question is None:
            continue  # the live version does not ask it
        number = getattr(body, key)
        option = next((o for o in question.options if o.number == str(number)), None)
        if option is None:
            wanted.extra_faults[key] = [f"has no answer {number} in the live assessment."]
        else:
            wanted.answers[question.key] = {"value": option.code}
    _describe(wanted, live)
    return wanted


def coe(db: Reading, body: CoeIdea, submission_type: int) -> tuple[Wanted, Live]:
    """POST /coe-automationidea and its kin: the keys of contract 5.2 become the answers of the Detailed Assessment."""
    wanted = _wanted(body, submission_type)
    live = assessments.live(db, wanted.category_id or 0, asked(submission_type))
    given = _detailed(live, {field: getattr(body, field) for field in body.__struct_fields__})
    wanted.answers, wanted.extra_faults = given.answers, wanted.extra_faults | given.faults
    _describe(wanted, live)
    return wanted, live


def _detailed(live: Live, values: dict[str, Any]) -> inputs.Given:
    """The keys of contract 5.2 as answers; faults stand under the keys."""
    questions = live["OVR"][1].questions | live["DA"][1].questions
    given = inputs.Given()
    for field, value in values.items():
        question = questions.get(_OVERVIEW.get(field, f"DA-{field.upper()}")) if field not in _OWN else None
        if question is not None and value is not None:
            inputs.take(given, question, {"value": value})
            if question.key in given.faults:
                given.faults[field] = given.faults.pop(question.key)
    return given


def further(db: Reading, _: Caller, value: Any) -> dict[str, list[str]]:
    """What is also wrong with a body whose form is not right: category, people, and the answers of a Detailed Assessment."""
    if not isinstance(value, dict):
        return {}
    faults: dict[str, list[str]] = {}
    category_id = value.get("category_id") if value.get("category_id") is not None else value.get("category")
    if category_id is None:
        faults["category_id"] = ["is required."]
    elif isinstance(category_id, int) and not isinstance(category_id, bool) and categories.place(db, category_id) is None:
        faults["category_id"] = [submission.place_fault(category_id, is_archived=False)]
    for name in ("owner", "submitter"):
        email = value.get(name)
        if isinstance(email, str) and email.strip() and not store.user_ids_by_email(db, [email_key(email.strip())]):
            faults[name] = [f"There is no user with the address {email.strip()}."]
    texts = {str(key): item for key, item in value.items() if isinstance(item, str | int | float)}
    return faults | _detailed(assessments.live(db, 0, asked(2)), texts).faults if "automation_goal" in value else faults


def submit_coe(db: Writing, caller: Caller, body: CoeIdea | MinedIdea, submission_type: int, *, now: int) -> Created:
    """Hands it in, and sends it On hold by itself when an answer says so (contract 5.2)."""
    wanted, live = coe(db, body, submission_type)
    created = submission.submit(db, caller, wanted, now=now)
    idea = store.load(db, [created.process_id])[created.process_id]
    held = Held(idea, access.category_chains(db, [idea.category_id])[idea.category_id], store.phase_of(db, idea.phase_status_id))
    moves.hold_if_unstable(db, caller, held, live["DA"][1], now=now)
    return created


def _wanted(body: EmployeeIdea | CoeIdea, submission_type: int) -> Wanted:
    category_id = body.category_id if body.category_id is not None else body.category
    faults = {} if category_id is not None else {"category_id": ["is required."]}
    return Wanted(
        submission_type,
        process_name=body.process_name,
        process_description=body.process_description,
        category_id=category_id,
        owner=body.owner,
        submitter=body.submitter,
        applications=body.applications,
        extra_faults=faults,
    )


def _describe(wanted: Wanted, live: Live) -> None:
    """Checks the description by the rule of its question."""
    form: Assessment = live["OVR"][1]
    question = form.questions.get("OVR-OVERVIEW_DESCRIPTION")
    if question is not None:
        given = inputs.Given()
        inputs.take(given, question, {"value": wanted.process_description})
        if given.faults:
            wanted.extra_faults["process_description"] = given.faults[question.key]
