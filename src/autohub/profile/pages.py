"""About, history and moves of one idea, and editing it."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.assessments import store as assessment_store
from autohub.assessments.defaults import AT_SUBMISSION, asked_of
from autohub.assessments.model import Assessment
from autohub.categories import store as categories
from autohub.ideas import duplicates, moves, questions, service, store
from autohub.ideas.inputs import NOT_ANSWERED
from autohub.ideas.model import Idea, Patch, StatusChange, Tags
from autohub.ideas.record import text_of
from autohub.ideas.rights import need_edit
from autohub.kit.errors import Conflict, Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import Param
from autohub.pipeline.model import PRIORITIES, category_paths, kind_of
from autohub.profile import changes
from autohub.profile.header import held_of, page
from autohub.web.pages import Page
from autohub.web.views import ChangedMeanwhile, ReadVisit, See, Views, Visit, WriteVisit

views = Views()
AT = "/automation-profile/{process}"
NEEDS_OWNER = moves.APPROVED


def forms_of(visit: Visit[Any], idea: Idea, *, keys: tuple[str, ...] | None = None) -> list[Assessment]:
    """The assessments of an idea in its versions: all, or those with these keys."""
    definitions = assessment_store.definitions(visit.db, idea.assessed.values())
    wanted = asked_of(idea.process_submission_type, idea.assessed)
    return [definitions[idea.assessed[key]] for key in wanted if key in idea.assessed and (keys is None or key in keys)]


def columns_of(visit: Visit[Any], idea: Idea) -> dict[str, Any]:
    people = [user_id for user_id in (idea.owner_user_id, idea.submitter_user_id) if user_id is not None]
    emails = store.emails(visit.db, people)
    return {
        "process_name": idea.process_name,
        "process_description": text_of(idea.process_description),
        "category_id": idea.category_id,
        "owner": emails.get(idea.owner_user_id or 0),
        "submitter": emails.get(idea.submitter_user_id or 0),
        "applications": idea.applications,
    }


@views("GET", AT, rights=ANY_RIGHT)
def about(visit: ReadVisit) -> Page:
    held = held_of(visit)
    forms = forms_of(visit, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type][:1])
    values, _ = questions.answered(forms, held.idea.answers, columns_of(visit, held.idea))
    names = store.application_names(visit.db)
    told = [
        (question.title, _shown(values.get(question.key), question.labels))
        for form in forms
        for question in form.questions.values()
        if question.visible and question.kind not in ("formula", "person", "category", "applications") and question.column != "process_name"
    ]
    return page(
        visit,
        "profile-about.html",
        held,
        "",
        told=[(t, v) for t, v in told if v],
        applications=[names.get(a, "?") for a in held.idea.applications],
    )


def _shown(value: Any, labels: dict[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(labels.get(str(item), str(item)) for item in value)
    return "" if value is None else labels.get(str(value), text_of(str(value)))


# --- editing ---


def edit_form(visit: ReadVisit) -> Page:
    held = held_of(visit)
    need_edit(visit.db, visit.caller, held, "about")
    forms = forms_of(visit, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type])
    values, comments = questions.answered(forms, held.idea.answers, columns_of(visit, held.idea))
    theirs = []
    if visit.error is not None:
        stored = values
        typed, comments = questions.typed(visit.form, forms)
        values = values | typed
        if isinstance(visit.error, ChangedMeanwhile):
            theirs = changes.differing(forms, stored, values)
    faults = visit.error.details if visit.error else {}
    return page(
        visit,
        "profile-edit.html",
        held,
        "",
        groups=questions.groups(forms, values, comments, faults),
        labels={q.key: visit.reader(q.title) for form in forms for q in form.questions.values()},
        paths=category_paths({i: row for i, row in categories.all_(visit.db).items() if row.category_is_active}),
        applications=store.application_names(visit.db),
        tags=visit.form.get("tags") if visit.error else ", ".join(held.idea.tags),
        priority=visit.form.get("priority") if visit.error else held.idea.process_priority or "",
        priorities=PRIORITIES,
        stamp=changes.stamp_of(visit, held.idea),
        theirs=theirs,
    )


views("GET", f"{AT}/edit", rights=ANY_RIGHT)(edit_form)


@views("POST", f"{AT}/edit", rights=ANY_RIGHT, again=edit_form)
def edit(visit: WriteVisit) -> See:
    process_id = visit.number("process")
    held = changes.check_stamp(visit, process_id)
    forms = forms_of(visit, held.idea, keys=AT_SUBMISSION[held.idea.process_submission_type])
    service.patch(visit.db, visit.caller, process_id, Patch(questions.sent(visit.form, forms), visit.form.get("priority")), now=visit.now)
    tags = fit({"tags": [tag.strip() for tag in visit.form.get("tags").split(",") if tag.strip()]}, Tags)
    service.set_tags(visit.db, visit.caller, process_id, tags.tags, now=visit.now)
    return See(_address(visit, process_id), visit.reader("Your changes are saved."))


def _address(visit: Visit[Any], process_id: int) -> str:
    return f"/automation-profile/{store.load(visit.db, [process_id])[process_id].process_slug}"


# --- moving ---


def move_form(visit: ReadVisit) -> Page:
    """What a move needs: which status, why, and the people without whom it cannot be."""
    held = held_of(visit)
    wanted = visit.query.all("to") or visit.form.numbers("to")
    allowed = [int(str(move["phase_status_id"])) for move in moves.allowed(visit.db, visit.caller, held.idea.process_id)]
    offered = [status_id for status_id in (wanted or allowed) if status_id in allowed]
    if not offered:
        raise Conflict(visit.reader("The idea's flow does not lead there from where it is now, or not for you."))
    alike = []
    if moves.DUPLICATE in offered:
        idea = held.idea
        alike = duplicates.find(visit.db, visit.caller, idea.process_name, idea.process_description, other_than=idea.process_id)
    return page(
        visit,
        "profile-move.html",
        held,
        "move",
        offered=offered,
        needs_owner=any(s in NEEDS_OWNER for s in offered) and held.idea.owner_user_id is None,
        names_manager=moves.DECIDED in offered,
        alike=alike,
        next=visit.form.get("next") or dict(visit.pairs).get("next", ""),
    )


views("GET", f"{AT}/move", rights=ANY_RIGHT, params=(Param("to", "number", "", multi=True),))(move_form)


@views("POST", f"{AT}/move", rights=ANY_RIGHT, again=move_form, params=(Param("to", "number", "", multi=True),))
def move(visit: WriteVisit) -> See:
    held = held_of(visit)
    form = visit.form
    status_id = form.number("to")
    if status_id is None:
        raise Invalid(visit.reader("Choose where the idea goes."), details={"to": [NOT_ANSWERED]})
    original = (form.number("other") or form.number("duplicate_of")) if status_id == moves.DUPLICATE else None
    if status_id == moves.DUPLICATE and original is None:
        raise Invalid(visit.reader("Say which idea it repeats."), details={"duplicate_of": [NOT_ANSWERED]})
    change = fit(
        {
            "process_id": held.idea.process_id,
            "phase_status_id": status_id,
            "reason": form.get("reason") or None,
            "duplicate_of": original,
            "owner": form.get("owner") or None if status_id in NEEDS_OWNER else None,
            "project_manager": form.get("project_manager") or None if status_id == moves.DECIDED else None,
        },
        StatusChange,
        lines=True,
    )
    moves.change_status(visit.db, visit.caller, change, now=visit.now)
    said = visit.reader("“%(idea)s” is now at: %(status)s.") % {
        "idea": held.idea.process_name,
        "status": moves.status_names(visit.db)[change.phase_status_id],
    }
    following = form.get("next")
    is_ours = following.startswith(("/pipeline", "/tasks", "/automation-profile"))
    return See(following if is_ours else _address(visit, held.idea.process_id), said)


# --- history, deletion ---


@views("GET", f"{AT}/history", rights=ANY_RIGHT)
def history(visit: ReadVisit) -> Page:
    held = held_of(visit)
    lines = service.history(visit.db, visit.caller, held.idea.process_id)
    shown = [(msgspec.structs.asdict(line), kind_of(line.to_status_name.partition(" – ")[2])) for line in reversed(lines)]
    people = changes.names(visit.db, [line.user_id for line in lines if line.user_id is not None])
    may_audit = visit.may(Right.AUDIT_LOGS)
    entries = changes.entries(visit, held.idea.process_id) if may_audit else []
    return page(visit, "profile-history.html", held, "history", lines=shown, people=people, entries=entries)


@views("POST", f"{AT}/delete", rights=ANY_RIGHT)
def delete(visit: WriteVisit) -> See:
    held = held_of(visit)
    service.remove(visit.db, visit.caller, held.idea.process_id, now=visit.now)
    return See("/pipeline", visit.reader("“%s” is deleted.") % held.idea.process_name)
