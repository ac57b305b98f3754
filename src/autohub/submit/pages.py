"""Submit an idea: flow → category → questions out of the live schema; kept as a draft while it is typed."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.assessments import service as assessments
from autohub.assessments.defaults import AT_SUBMISSION, CATEGORY, DESCRIPTION, NAME, OWNER, SUBMITTER
from autohub.assessments.model import Assessment
from autohub.assessments.scoring import Evaluation, band
from autohub.categories import store as categories
from autohub.db.engine import Reading
from autohub.drafts import service as drafts
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.ideas import duplicates, inputs, questions, store, submission
from autohub.ideas.model import DraftInput
from autohub.ideas.rights import find
from autohub.kit.errors import Forbidden
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline import store as lists
from autohub.pipeline.model import category_paths
from autohub.profile import store as profile
from autohub.web.pages import Page
from autohub.web.views import ReadVisit, See, Views, Visit, WriteVisit

views = Views()
DRAFT = "/workspace?tab=drafts"
ABOUT = {
    1: N_("Something in your own work that a robot could do. A few words and five quick questions; reviewers take it from there."),
    2: N_("Found by the centre of excellence; assessed in detail at once."),
    3: N_("An automation that you have built yourself, to be reviewed and shared."),
    4: N_("Found by process mining; assessed in detail at once."),
    5: N_("Found by task mining; assessed in detail at once."),
    6: N_("A change of an automation that runs already."),
    7: N_("A task for an agent that decides by itself within limits."),
    8: N_("A whole business process, described for later."),
}
SHAPES = {1: "bulb", 2: "building", 3: "puzzle", 4: "search", 5: "search", 6: "arrows-shuffle", 7: "robot", 8: "sitemap", -1: "flag"}
PARAMS = (Param("category", "number", ""), Param("draft", "number", ""), Param("of", "number", ""))


@views("GET", "/submit", rights=ANY_RIGHT)
def choose(visit: ReadVisit) -> Page:
    offered = [row for row in flow_store.flows(visit.db) if _may(visit, row.submission_type)]
    if not offered:
        raise Forbidden
    waiting, _ = drafts.listed(visit.db, visit.caller, visit.query.page)
    return visit.page("submit.html", flows=offered, about=ABOUT, shapes=SHAPES, drafts=waiting)


def _may(visit: Visit[Any], submission_type: int) -> bool:
    return visit.may(submission.RIGHTS[submission_type])


def _category(visit: Visit[Any], values: dict[str, Any]) -> int:
    """The category whose questions are asked: of the form, of the address, or of the draft; 0 is none yet."""
    picked = next((v for k, v in values.items() if k.endswith("_CATEGORY") and v), None) or visit.query.get("category")
    return picked if isinstance(picked, int) and categories.place(visit.db, picked) else 0


def forms_for(db: Reading, submission_type: int, category_id: int) -> list[Assessment]:
    return [form for _, form in assessments.live(db, category_id, AT_SUBMISSION[submission_type]).values()]


def form(visit: ReadVisit) -> Page:
    flow = flows.one(visit.db, visit.number("flow"))
    if not _may(visit, flow.submission_type):
        raise Forbidden
    values: dict[str, Any] = {}
    comments: dict[str, str] = {}
    draft_id = visit.form.number("draft_id") or visit.query.get("draft")
    if draft_id and visit.error is None:
        values, comments = questions.kept(drafts.one(visit.db, visit.caller, draft_id).user_inputs)
    forms = forms_for(visit.db, flow.submission_type, _category(visit, values))
    if visit.error is not None:
        values, comments = questions.typed(visit.form, forms)
        forms = forms_for(visit.db, flow.submission_type, _category(visit, values))
    of = visit.form.number("of") or visit.query.get("of")
    original = lists.rows(visit.db, [find(visit.db, visit.caller, of).idea.process_id]) if of else []
    if not values and visit.me is not None:
        values = {OWNER: visit.me.email, SUBMITTER: visit.me.email}
        if original:
            values |= {NAME: visit.reader("Change of: %s") % original[0].process_name[:85], CATEGORY: original[0].category_id}
    return visit.page(
        "submit-form.html",
        flow=flow,
        groups=questions.groups(forms, values, comments, _faults(visit)),
        labels={q.key: visit.reader(q.title) for f in forms for q in f.questions.values()},
        paths=category_paths({i: row for i, row in categories.all_(visit.db).items() if row.category_is_active}),
        applications=store.application_names(visit.db),
        draft_id=draft_id,
        original=original[0] if original else None,
        about=ABOUT.get(flow.submission_type, ""),
    )


def _faults(visit: Visit[Any]) -> dict[str, list[str]]:
    """Faults by question; what the contract says of answers that lack is said here as people read it."""
    found = dict(visit.error.details) if visit.error else {}
    for texts in found.values():
        texts[:] = [visit.reader("needs an answer.") if text == inputs.NOT_ANSWERED else text for text in texts]
    return found


views("GET", "/submit/{flow}", rights=ANY_RIGHT, params=PARAMS)(form)


@views("POST", "/submit/{flow}", rights=ANY_RIGHT, again=form, params=PARAMS)
def hand_in(visit: WriteVisit) -> See:
    flow = flows.one(visit.db, visit.number("flow"))
    sent = _sent(visit, flow.submission_type)
    made = submission.from_schema(visit.db, visit.caller, flow.idea_flow_id, sent, [], now=visit.now)
    if draft_id := visit.form.number("draft_id"):
        drafts.remove(visit.db, visit.caller, draft_id)
    if of := visit.form.number("of"):
        profile.link_request(visit.db, made.process_id, find(visit.db, visit.caller, of).idea.process_id)
    said = visit.reader("“%s” is handed in. You find it here, and are told when something happens to it.") % made.process_name
    return See(f"/automation-profile/{made.process_slug}", said)


def _sent(visit: Visit[Any], submission_type: int) -> dict[str, Any]:
    """What the form holds, by the questions of the category that it names."""
    first, _ = questions.typed(visit.form, forms_for(visit.db, submission_type, 0))
    return questions.sent(visit.form, forms_for(visit.db, submission_type, _category(visit, first)))


@views("POST", "/submit/{flow}/draft", rights=ANY_RIGHT, params=PARAMS)
def keep(visit: WriteVisit) -> Page:
    """Keeps what was typed so far; the page sends it by itself a moment after each change."""
    flow = flows.one(visit.db, visit.number("flow"))
    wanted = DraftInput(flow.idea_flow_id, _sent(visit, flow.submission_type))
    draft = drafts.save(visit.db, visit.caller, visit.form.number("draft_id"), wanted, now=visit.now)
    return visit.page("submit-kept.html", draft_id=draft.draft_id)


@views("POST", "/submit/{flow}/look", rights=ANY_RIGHT, transaction="read", params=PARAMS)
def look(visit: ReadVisit) -> Page:
    """What the answers so far mean: ideas that may be the same, and the scores that they would get."""
    flow = flows.one(visit.db, visit.number("flow"))
    values, _ = questions.typed(visit.form, forms_for(visit.db, flow.submission_type, 0))
    forms = forms_for(visit.db, flow.submission_type, _category(visit, values))
    given = inputs.read(questions.sent(visit.form, forms), forms)
    name, text = visit.form.get(NAME), visit.form.get(DESCRIPTION)
    alike = duplicates.find(visit.db, visit.caller, name, text)[:4] if len(name) >= 4 else []
    scores = []
    for each in forms:
        evaluated = Evaluation(each, inputs.merged({}, given.answers))
        scores += [(s.title, value, band(s, value)) for s in each.scores if (value := evaluated.value(s.key)) is not None and given.answers]
    return visit.page("submit-look.html", alike=alike, scores=scores)


@views("POST", "/submit/{flow}/drop", rights=ANY_RIGHT)
def drop(visit: WriteVisit) -> See:
    drafts.remove(visit.db, visit.caller, visit.form.number("draft_id") or 0)
    return See(DRAFT, visit.reader("The draft is deleted."))
