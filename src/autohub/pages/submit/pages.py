"""Submit an idea: flow → category → questions out of the live schema; kept as a draft while it
is typed."""

from dataclasses import replace
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.applications import store as application_store
from autohub.assessments import service as assessments
from autohub.assessments.defaults import (
    AT_SUBMISSION,
    CATEGORY,
    DESCRIPTION,
    NAME,
    OWNER,
    SUBMITTER,
)
from autohub.assessments.model import Assessment
from autohub.assessments.scoring import Evaluation, band
from autohub.assessments.store import load_definitions
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.db.engine import Reading
from autohub.drafts import service as drafts
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.ideas import duplicates, inputs, questions, submission
from autohub.ideas.model import DraftInput
from autohub.ideas.rights import find_idea
from autohub.ideas.rows_store import load_rows
from autohub.kit.errors import Forbidden, Invalid
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pages.shared.columns import columns_of
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
DRAFT = "/workspace?tab=drafts"
ABOUT = {
    1: N_(
        "Something in your own work that a robot could do. A few words and five quick questions; "
        "reviewers take it from there."
    ),
    2: N_("Found by the centre of excellence; assessed in detail at once."),
    3: N_("An automation that you have built yourself, to be reviewed and shared."),
    4: N_("Found by process mining; assessed in detail at once."),
    5: N_("Found by task mining; assessed in detail at once."),
    6: N_("A change of an automation that runs already."),
    7: N_("A task for an agent that decides by itself within limits."),
    8: N_("A whole business process, described for later."),
}
SHAPES = {
    1: "bulb",
    2: "building",
    3: "puzzle",
    4: "search",
    5: "search",
    6: "arrows-shuffle",
    7: "robot",
    8: "sitemap",
    -1: "flag",
}
PARAMS = (
    Param("category", "number", ""),
    Param("draft", "number", ""),
    Param("of", "number", ""),
    Param("again", "number", ""),
)


@routes("GET", "/submit", rights=ANY_RIGHT)
def show_choice(request: ReadPageRequest) -> RenderedPage:
    offered = [
        row for row in flow_store.list_flows(request.db) if _may(request, row.submission_type)
    ]
    if not offered:
        raise Forbidden
    waiting, _ = drafts.list_drafts(request.db, request.caller, request.query.page)
    return request.page("submit.html", flows=offered, about=ABOUT, shapes=SHAPES, drafts=waiting)


def _may(request: PageRequest[Any], submission_type: int) -> bool:
    return request.may(submission.RIGHTS[submission_type])


def _category(request: PageRequest[Any], values: dict[str, Any]) -> int:
    """The category whose questions are asked: of the form, of the address, or of the draft; 0 is
    none yet."""
    picked = next(
        (v for k, v in values.items() if k.endswith("_CATEGORY") and v), None
    ) or request.query.get("category")
    return picked if isinstance(picked, int) and categories.find_chain(request.db, picked) else 0


def forms_for(db: Reading, submission_type: int, category_id: int) -> list[Assessment]:
    return [
        show_form
        for _, show_form in assessments.live_assessments(
            db, category_id, AT_SUBMISSION[submission_type]
        ).values()
    ]


def show_form(request: ReadPageRequest) -> RenderedPage:
    request = _tell_unanswered(request)
    flow = flows.get_flow(request.db, request.number("flow"))
    if not _may(request, flow.submission_type):
        raise Forbidden
    values: dict[str, Any] = {}
    comments: dict[str, str] = {}
    draft_id = request.form.number("draft_id") or request.query.get("draft")
    if draft_id and request.error is None:
        values, comments = questions.stored_answers(
            drafts.get_draft(request.db, request.caller, draft_id).user_inputs
        )
    if (again := request.query.get("again")) and not values and request.error is None:
        values, comments = _answers_of(request, again)
    forms = forms_for(request.db, flow.submission_type, _category(request, values))
    if request.error is not None:
        values, comments = questions.typed_answers(request.form, forms)
        forms = forms_for(request.db, flow.submission_type, _category(request, values))
    of = request.form.number("of") or request.query.get("of")
    original = (
        load_rows(request.db, [find_idea(request.db, request.caller, of).idea.process_id])
        if of
        else []
    )
    if not values and request.me is not None:
        values = {OWNER: request.me.email, SUBMITTER: request.me.email}
        if original:
            values |= {
                NAME: request.reader("Change of: %s") % original[0].process_name[:85],
                CATEGORY: original[0].category_id,
            }
    return request.page(
        "submit-form.html",
        flow=flow,
        groups=questions.build_groups(
            forms, values, comments, request.error.details if request.error else {}
        ),
        labels={q.key: request.reader(q.title) for f in forms for q in f.questions.values()},
        paths=category_paths(
            {
                i: row
                for i, row in categories.all_categories(request.db).items()
                if row.category_is_active
            }
        ),
        applications=application_store.application_names(request.db),
        draft_id=draft_id,
        original=original[0] if original else None,
        about=ABOUT.get(flow.submission_type, ""),
    )


def _answers_of(request: ReadPageRequest, process_id: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Those of an idea that is submitted again. Its name is taken, by itself."""
    idea = find_idea(request.db, request.caller, process_id).idea
    forms = load_definitions(request.db, idea.assessed.values()).values()
    values, comments = questions.idea_answers(forms, idea.answers, columns_of(request, idea))
    return values | {NAME: request.reader("%s, improved") % idea.process_name[:85]}, comments


def _tell_unanswered(request: ReadPageRequest) -> ReadPageRequest:
    """The contract's words for what lacks an answer are for programs; people read ours."""
    error = request.error
    if not isinstance(error, submission.Incomplete):
        return request
    told = {key: [request.reader("needs an answer.")] for key in error.questions}
    return replace(request, error=Invalid(error.message, details=error.details | told))


routes("GET", "/submit/{flow}", rights=ANY_RIGHT, params=PARAMS)(show_form)


@routes("POST", "/submit/{flow}", rights=ANY_RIGHT, on_error=show_form, params=PARAMS)
def submit_idea(request: WritePageRequest) -> Redirect:
    flow = flows.get_flow(request.db, request.number("flow"))
    sent = _parse_form(request, flow.submission_type)
    made = submission.submit_from_schema(
        request.db,
        request.caller,
        flow.idea_flow_id,
        sent,
        [],
        now=request.now,
        change_of_process_id=request.form.number("of"),
    )
    if draft_id := request.form.number("draft_id"):
        drafts.delete_draft(request.db, request.caller, draft_id)
    said = (
        request.reader(
            "“%s” is handed in. You find it here, and are told when something happens to it."
        )
        % made.process_name
    )
    return Redirect(f"/automation-profile/{made.process_slug}", said)


def _parse_form(request: PageRequest[Any], submission_type: int) -> dict[str, Any]:
    """What the form holds, by the questions of the category that it names."""
    first, _ = questions.typed_answers(request.form, forms_for(request.db, submission_type, 0))
    return questions.parse_form(
        request.form, forms_for(request.db, submission_type, _category(request, first))
    )


@routes("POST", "/submit/{flow}/draft", rights=ANY_RIGHT, params=PARAMS)
def keep_draft(request: WritePageRequest) -> RenderedPage:
    """Keeps what was typed so far; the page sends it by itself a moment after each change."""
    flow = flows.get_flow(request.db, request.number("flow"))
    wanted = DraftInput(flow.idea_flow_id, _parse_form(request, flow.submission_type))
    draft = drafts.save_draft(
        request.db, request.caller, request.form.number("draft_id"), wanted, now=request.now
    )
    return request.page("submit-kept.html", draft_id=draft.draft_id)


@routes("POST", "/submit/{flow}/look", rights=ANY_RIGHT, transaction="read", params=PARAMS)
def check_while_typing(request: ReadPageRequest) -> RenderedPage:
    """What the answers so far mean: ideas that may be the same, and the scores that they would
    get."""
    flow = flows.get_flow(request.db, request.number("flow"))
    values, _ = questions.typed_answers(
        request.form, forms_for(request.db, flow.submission_type, 0)
    )
    forms = forms_for(request.db, flow.submission_type, _category(request, values))
    given = inputs.parse_inputs(questions.parse_form(request.form, forms), forms)
    name, text = request.form.get(NAME), request.form.get(DESCRIPTION)
    alike = (
        duplicates.find_duplicates(request.db, request.caller, name, text)[:4]
        if len(name) >= 4
        else []
    )
    scores = []
    for each in forms:
        evaluated = Evaluation(each, inputs.merge_answers({}, given.answers))
        scores += [
            (s.title, value, band(s, value))
            for s in each.scores
            if (value := evaluated.value(s.key)) is not None and given.answers
        ]
    return request.page("submit-look.html", alike=alike, scores=scores)


@routes("POST", "/submit/{flow}/drop", rights=ANY_RIGHT)
def delete_draft(request: WritePageRequest) -> Redirect:
    drafts.delete_draft(request.db, request.caller, request.form.number("draft_id") or 0)
    return Redirect(DRAFT, request.reader("The draft is deleted."))
