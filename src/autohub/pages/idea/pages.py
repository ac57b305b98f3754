"""About, history and moves of one idea, and editing it."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.applications import store as application_store
from autohub.assessments import store as assessment_store
from autohub.assessments.defaults import AT_SUBMISSION, assessments_of_idea
from autohub.assessments.model import Assessment
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.flows import store as flows
from autohub.ideas import duplicates, moves, questions, service
from autohub.ideas.model import Idea, Patch, StatusChange, Tags
from autohub.ideas.record import text_of
from autohub.ideas.rights import AuthorizedIdea, need_edit
from autohub.ideas.rows import kind_of
from autohub.kit.errors import Conflict, Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Param
from autohub.pages.idea import changes
from autohub.pages.idea.header import find_idea_of, idea_page
from autohub.pages.idea.next_step import last_move
from autohub.pages.shared.audit_words import AuditWords
from autohub.pages.shared.columns import columns_of
from autohub.pages.shared.model import PRIORITIES, REASONED
from autohub.web.page_requests import (
    ChangedMeanwhile,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT = "/automation-profile/{process}"
NEEDS_OWNER = moves.APPROVED


def forms_of(
    request: PageRequest[Any], idea: Idea, *, keys: tuple[str, ...] | None = None
) -> list[Assessment]:
    """The assessments of an idea in its versions: all, or those with these keys."""
    definitions = assessment_store.load_definitions(request.db, idea.assessed.values())
    wanted = assessments_of_idea(idea.process_submission_type, idea.assessed)
    return [
        definitions[idea.assessed[key]]
        for key in wanted
        if key in idea.assessed and (keys is None or key in keys)
    ]


@routes("GET", AT, rights=ANY_RIGHT)
def show_about(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    forms = forms_of(request, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type][:1])
    values, _ = questions.idea_answers(forms, held.idea.answers, columns_of(request, held.idea))
    names = application_store.application_names(request.db)
    told = [
        (question.title, _display_value(values.get(question.key), question.labels))
        for form in forms
        for question in form.questions.values()
        if question.visible
        and question.kind not in ("formula", "person", "category", "applications")
        and question.column != "process_name"
    ]
    return idea_page(
        request,
        "idea-about.html",
        held,
        "",
        told=[(t, v) for t, v in told if v],
        applications=[names.get(a, "?") for a in held.idea.applications],
    )


def _display_value(value: Any, labels: dict[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(labels.get(str(item), str(item)) for item in value)
    return "" if value is None else labels.get(str(value), text_of(str(value)))


# --- editing ---


def show_edit_form(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    need_edit(request.db, request.caller, held, "about")
    forms = forms_of(request, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type])
    values, comments = questions.idea_answers(
        forms, held.idea.answers, columns_of(request, held.idea)
    )
    theirs = []
    if request.error is not None:
        stored = values
        typed, comments = questions.typed_answers(request.form, forms)
        values = values | typed
        if isinstance(request.error, ChangedMeanwhile):
            theirs = changes.find_differences(forms, stored, values)
    faults = request.error.details if request.error else {}
    return idea_page(
        request,
        "idea-edit.html",
        held,
        "",
        groups=questions.build_groups(forms, values, comments, faults),
        labels={q.key: request.reader(q.title) for form in forms for q in form.questions.values()},
        paths=category_paths(
            {
                i: row
                for i, row in categories.all_categories(request.db).items()
                if row.category_is_active
            }
        ),
        applications=application_store.application_names(request.db),
        tags=request.form.get("tags") if request.error else ", ".join(held.idea.tags),
        priority=request.form.get("priority")
        if request.error
        else held.idea.process_priority or "",
        priorities=PRIORITIES,
        stamp=changes.stamp_of(request, held.idea),
        theirs=theirs,
    )


routes("GET", f"{AT}/edit", rights=ANY_RIGHT)(show_edit_form)


@routes("POST", f"{AT}/edit", rights=ANY_RIGHT, on_error=show_edit_form)
def edit_idea(request: WritePageRequest) -> Redirect:
    held = changes.check_stamp(request)
    forms = forms_of(request, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type])
    service.patch_idea(
        request.db,
        request.caller,
        held,
        Patch(questions.parse_form(request.form, forms), request.form.get("priority")),
        now=request.now,
    )
    tags = coerce(
        {"tags": [tag.strip() for tag in request.form.get("tags").split(",") if tag.strip()]}, Tags
    )
    service.set_tags(request.db, request.caller, held, tags.tags, now=request.now)
    return Redirect(_address(held), request.reader("Your changes are saved."))


def _address(held: AuthorizedIdea) -> str:
    return f"/automation-profile/{held.idea.process_slug}"


# --- moving ---


def show_move_form(request: ReadPageRequest) -> RenderedPage:
    """What a move needs: which status, why, and the people without whom it cannot be."""
    held = find_idea_of(request)
    wanted = request.query.all("to") or request.form.numbers("to")
    allowed = [
        int(str(move["phase_status_id"]))
        for move in moves.list_allowed_moves(request.db, request.caller, held)
    ]
    offered = [status_id for status_id in (wanted or allowed) if status_id in allowed]
    if not offered and isinstance(request.error, ChangedMeanwhile):
        offered = allowed  # what was typed is kept, whatever can still be done with it
    elif not offered:
        raise Conflict(
            request.reader(
                "The idea's flow does not lead there from where it is now, or not for you."
            )
        )
    alike = []
    if moves.DUPLICATE in offered:
        idea = held.idea
        alike = duplicates.find_duplicates(
            request.db,
            request.caller,
            idea.process_name,
            idea.process_description,
            other_than=idea.process_id,
        )
    return idea_page(
        request,
        "idea-move.html",
        held,
        "move",
        offered=offered,
        needs_owner=any(s in NEEDS_OWNER for s in offered) and held.idea.owner_user_id is None,
        names_manager=moves.DECIDED in offered,
        alike=alike,
        next=request.form.get("next") or dict(request.pairs).get("next", ""),
    )


routes("GET", f"{AT}/move", rights=ANY_RIGHT, params=(Param("to", "number", "", multi=True),))(
    show_move_form
)


@routes(
    "POST",
    f"{AT}/move",
    rights=ANY_RIGHT,
    on_error=show_move_form,
    params=(Param("to", "number", "", multi=True),),
)
def move_idea(request: WritePageRequest) -> Redirect:
    held = find_idea_of(request)
    form = request.form
    status_id = form.number("to")
    if status_id is None:
        raise Invalid(
            request.reader("Choose where the idea goes."),
            details={"to": [request.reader("needs an answer.")]},
        )
    if form.get("from") and form.number("from") != held.idea.phase_status_id:
        raise ChangedMeanwhile(_tell_last_move(request, held))
    if status_id in REASONED and not form.get("reason"):
        raise Invalid(
            request.reader("Say why."), details={"reason": [request.reader("needs an answer.")]}
        )
    original = (
        (form.number("other") or form.number("duplicate_of"))
        if status_id == moves.DUPLICATE
        else None
    )
    if status_id == moves.DUPLICATE and original is None:
        raise Invalid(
            request.reader("Say which idea it repeats."),
            details={"duplicate_of": [request.reader("needs an answer.")]},
        )
    change = coerce(
        {
            "process_id": held.idea.process_id,
            "phase_status_id": status_id,
            "reason": form.get("reason") or None,
            "duplicate_of": original,
            "owner": form.get("owner") or None if status_id in NEEDS_OWNER else None,
            "project_manager": form.get("project_manager") or None
            if status_id == moves.DECIDED
            else None,
        },
        StatusChange,
        lines=True,
    )
    moves.change_status(request.db, request.caller, held, change, now=request.now)
    said = request.reader("“%(idea)s” is now at: %(status)s.") % {
        "idea": held.idea.process_name,
        "status": moves.load_status_names(request.db)[change.phase_status_id],
    }
    following = form.get("next")
    is_ours = following.startswith(("/pipeline", "/tasks", "/automation-profile"))
    return Redirect(following if is_ours else _address(held), said)


def _tell_last_move(request: PageRequest[Any], held: AuthorizedIdea) -> str:
    """What somebody else did with an idea since its form was opened, in words."""
    text, last = request.reader, last_move(request, held)
    values = {
        "name": last.name or text("The hub"),
        "status": moves.load_status_names(request.db)[held.idea.phase_status_id],
        "moment": text.moment(last.at_epoch),
        "reason": last.reason or "",
    }
    if not last.reason:
        return text("%(name)s moved this idea to “%(status)s” on %(moment)s.") % values
    return (
        text("%(name)s moved this idea to “%(status)s” on %(moment)s. The reason: %(reason)s")
        % values
    )


# --- history, deletion ---


@routes("GET", f"{AT}/history", rights=ANY_RIGHT)
def show_history(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    lines = service.list_history(request.db, held)
    statuses = flows.all_statuses(request.db)
    shown = [
        (msgspec.structs.asdict(line), kind_of(statuses[line.to_status_id].phase_status_name))
        for line in reversed(lines)
    ]
    people = changes.names(request.db, [line.user_id for line in lines if line.user_id is not None])
    may_audit = request.may(Right.AUDIT_LOGS)
    entries = changes.list_entries(request, held.idea.process_id) if may_audit else []
    return idea_page(
        request,
        "idea-history.html",
        held,
        "history",
        lines=shown,
        people=people,
        entries=entries,
        words=AuditWords(request, entries),
    )


@routes("POST", f"{AT}/delete", rights=ANY_RIGHT)
def delete_idea(request: WritePageRequest) -> Redirect:
    held = find_idea_of(request)
    service.delete_idea(request.db, request.caller, held, now=request.now)
    return Redirect("/pipeline", request.reader("“%s” is deleted.") % held.idea.process_name)
