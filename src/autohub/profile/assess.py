"""The assessments of one idea: its scores opened into what made them, and the questionnaires to fill in."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.assessments import service as assessments
from autohub.assessments.defaults import LATER
from autohub.assessments.model import Assessment
from autohub.categories import store as categories
from autohub.ideas import questions, scoring, service, store
from autohub.ideas.explained import explained
from autohub.ideas.model import AssessmentInput, Idea
from autohub.ideas.rights import need_edit
from autohub.kit.errors import NotFound
from autohub.pipeline.model import category_paths
from autohub.profile import changes
from autohub.profile.header import held_of, page
from autohub.profile.pages import AT, columns_of, forms_of
from autohub.web.pages import Page
from autohub.web.views import ReadVisit, See, Views, Visit, WriteVisit

views = Views()


@views("GET", f"{AT}/assessments", rights=ANY_RIGHT)
def shown(visit: ReadVisit) -> Page:
    held = held_of(visit)
    results = [result for result in scoring.results(visit.db, held.idea) if result.value is not None or result.factors]
    there = {form.key: form for form in forms_of(visit, held.idea)}
    later = assessments.live(visit.db, held.idea.category_id, LATER[held.idea.process_submission_type])
    offered = there | {key: form for key, (_, form) in later.items() if key not in there}
    answered = {key: sum(q in held.idea.answers for q in form.questions) for key, form in offered.items()}
    return page(
        visit,
        "profile-assessments.html",
        held,
        "assessments",
        scores=explained(results, visit.reader),
        offered=[form for key, form in offered.items() if key != "EX" or held.phase_id == store.LIVE_PHASE],
        answered=answered,
    )


def _form_of(visit: Visit[Any], idea: Idea) -> Assessment:
    """The assessment that the address names, in the version that the idea has or would get. Raises NotFound."""
    key = visit.path["key"]
    found = {form.key: form for form in forms_of(visit, idea)}
    if key not in found and key in LATER[idea.process_submission_type]:
        found |= {k: form for k, (_, form) in assessments.live(visit.db, idea.category_id, [key]).items()}
    if key not in found:
        raise NotFound(visit.reader("This kind of idea has no such assessment."))
    return found[key]


def fill_form(visit: ReadVisit) -> Page:
    held = held_of(visit)
    need_edit(visit.db, visit.caller, held, "about")
    form = _form_of(visit, held.idea)
    values, comments = questions.answered([form], held.idea.answers, columns_of(visit, held.idea))
    if visit.error is not None:
        typed, comments = questions.typed(visit.form, [form])
        values |= typed
    return page(
        visit,
        "profile-fill.html",
        held,
        "assessments",
        form=form,
        groups=questions.groups([form], values, comments, visit.error.details if visit.error else {}),
        labels={q.key: visit.reader(q.title) for q in form.questions.values()},
        paths=category_paths({i: row for i, row in categories.all_(visit.db).items() if row.category_is_active}),
        applications=store.application_names(visit.db),
        stamp=changes.stamp_of(visit, held.idea),
    )


views("GET", f"{AT}/assessments/{{key}}", rights=ANY_RIGHT)(fill_form)


@views("POST", f"{AT}/assessments/{{key}}", rights=ANY_RIGHT, again=fill_form)
def fill(visit: WriteVisit) -> See:
    held = changes.check_stamp(visit, visit.number("process"))
    form = _form_of(visit, held.idea)
    wanted = AssessmentInput(form.key, questions.sent(visit.form, [form]))
    service.complete(visit.db, visit.caller, held.idea.process_id, wanted, now=visit.now)
    said = visit.reader("“%s” is complete, and the scores are made anew.") % form.title
    return See(f"/automation-profile/{held.idea.process_slug}/assessments", said)
