"""The assessments of one idea: its scores opened into what made them, and the questionnaires to
fill in."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.applications import store as application_store
from autohub.assessments import service as assessments
from autohub.assessments.defaults import LATER
from autohub.assessments.model import Assessment
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.ideas import questions, scoring, service
from autohub.ideas.explained import explain_results
from autohub.ideas.model import LIVE_PHASE, AssessmentInput, Idea
from autohub.ideas.rights import need_edit
from autohub.kit.errors import NotFound
from autohub.pages.idea import changes
from autohub.pages.idea.header import find_idea_of, idea_page
from autohub.pages.idea.pages import AT, forms_of
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


@routes("GET", f"{AT}/assessments", rights=ANY_RIGHT)
def show_assessments(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    results = [
        result
        for result in scoring.compute_results(request.db, held.idea)
        if result.value is not None or result.factors
    ]
    there = {form.key: form for form in forms_of(request, held.idea)}
    later = assessments.live_assessments(
        request.db, held.idea.category_id, LATER[held.idea.process_submission_type]
    )
    offered = there | {key: form for key, (_, form) in later.items() if key not in there}
    values, _ = questions.idea_answers(
        offered.values(), held.idea.answers, columns_of(request, held.idea)
    )
    asked = {
        key: [q.key for q in form.questions.values() if q.visible and q.kind != "formula"]
        for key, form in offered.items()
    }
    return idea_page(
        request,
        "idea-assessments.html",
        held,
        "assessments",
        scores=explain_results(results, request.reader),
        offered=[
            form for key, form in offered.items() if key != "EX" or held.phase_id == LIVE_PHASE
        ],
        asked={key: len(found) for key, found in asked.items()},
        answered={
            key: sum(values.get(q) not in (None, "", []) for q in found)
            for key, found in asked.items()
        },
    )


def _find_assessment(request: PageRequest[Any], idea: Idea) -> Assessment:
    """The assessment that the address names, in the version that the idea has or would get.
    Raises NotFound."""
    key = request.path["key"]
    found = {form.key: form for form in forms_of(request, idea)}
    if key not in found and key in LATER[idea.process_submission_type]:
        found |= {
            k: form
            for k, (_, form) in assessments.live_assessments(
                request.db, idea.category_id, [key]
            ).items()
        }
    if key not in found:
        raise NotFound(request.reader("This kind of idea has no such assessment."))
    return found[key]


def show_assessment_form(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    need_edit(request.db, request.caller, held, "about")
    form = _find_assessment(request, held.idea)
    values, comments = questions.idea_answers(
        [form], held.idea.answers, columns_of(request, held.idea)
    )
    if request.error is not None:
        typed, comments = questions.typed_answers(request.form, [form])
        values |= typed
    return idea_page(
        request,
        "idea-assessment.html",
        held,
        "assessments",
        form=form,
        groups=questions.build_groups(
            [form], values, comments, request.error.details if request.error else {}
        ),
        labels={q.key: request.reader(q.title) for q in form.questions.values()},
        paths=category_paths(
            {
                i: row
                for i, row in categories.all_categories(request.db).items()
                if row.category_is_active
            }
        ),
        applications=application_store.application_names(request.db),
        stamp=changes.stamp_of(request, held.idea),
    )


routes("GET", f"{AT}/assessments/{{key}}", rights=ANY_RIGHT)(show_assessment_form)


@routes("POST", f"{AT}/assessments/{{key}}", rights=ANY_RIGHT, on_error=show_assessment_form)
def fill_assessment(request: WritePageRequest) -> Redirect:
    held = changes.check_stamp(request)
    form = _find_assessment(request, held.idea)
    wanted = AssessmentInput(form.key, questions.parse_form(request.form, [form]))
    service.complete_assessment(request.db, request.caller, held, wanted, now=request.now)
    said = request.reader("“%s” is complete, and the scores are made anew.") % form.title
    return Redirect(f"/automation-profile/{held.idea.process_slug}/assessments", said)
