"""Assessments: versions, a look at one as it is filled in, what it would change, and setting it
live."""

from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.applications import store as application_store
from autohub.assessments import service as assessments
from autohub.assessments.model import Assessment, Kind, NewVersion, SetLive
from autohub.assessments.scoring import Evaluation
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.ideas import inputs, questions, rescoring
from autohub.ideas.explained import explain_results
from autohub.kit.errors import HubError, Invalid
from autohub.kit.jsonbody import coerce, read
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.web.page_requests import (
    ChunkedPageRequest,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    stamp,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT = "/admin/setup/assessments"
RIGHTS = (Right.CUSTOMIZE_ASSESSMENTS,)
KIND_NAMES: dict[Kind, str] = {
    "single": N_("One answer of several"),
    "multiple": N_("Several answers"),
    "text": N_("A line of text"),
    "rich_text": N_("A longer text"),
    "number": N_("A number"),
    "date": N_("A day"),
    "formula": N_("A KPI, computed"),
    "applications": N_("Applications"),
    "person": N_("A person"),
    "category": N_("A category"),
}
ADDED: tuple[Kind, ...] = ("single", "multiple", "text", "rich_text", "number", "date", "formula")
"""The kinds that can be added to a draft; the others stand for fields of the idea, which every
installation has once."""
COUNTABLE = ("single", "multiple", "number", "formula", "applications")
"""The kinds whose answers are numbers, or count as such."""
NEW_FIELDS = {
    "title": "title",
    "key": "title",
    "help": "help",
    "options": "answers",
    "formula": "formula",
}
"""The fields of “Add a question” by what they fill."""
EFFECT = (Param("effect", "flag", ""), Param("category", "number", ""))


def list_assessments(request: ReadPageRequest) -> RenderedPage:
    found: dict[str, list[Any]] = {}
    for version in assessments.list_versions(request.db, None):
        found.setdefault(version.assessment_key, []).append(version)
    titles = {
        key: assessments.get_version(request.db, held[0].version_id).definition.title
        for key, held in found.items()
    }
    return request.page(
        "assessments.html",
        found=found,
        titles=titles,
        paths=category_paths(categories.all_categories(request.db)),
    )


routes("GET", AT, rights=RIGHTS)(list_assessments)


def show_version(request: ReadPageRequest) -> RenderedPage:
    version = assessments.get_version(request.db, request.id)
    facts = next(
        each
        for each in assessments.list_versions(request.db, version.definition.key)
        if each.version_id == request.id
    )
    definition = version.definition
    weights = {f.question: f for score in definition.scores for f in score.factors}
    places = sorted(
        category_paths(categories.all_categories(request.db)).items(), key=lambda pair: pair[1]
    )
    effect = (
        rescoring.preview_rescore(request.db, request.id, request.query.get("category") or 0)
        if request.query.get("effect")
        else None
    )
    return request.page(
        "assessment.html",
        version=version,
        stamp=stamp((version.version_name, definition)),
        facts=facts,
        definition=definition,
        weights=weights,
        places=[(0, request.reader("The whole installation")), *places],
        paths=dict(places),
        effect=effect,
        typed=request.form,
        kept=lambda name, stored: (
            request.form.get(name) if request.error and name in request.form else stored
        ),
        error=_place_faults(request.error, definition),
        **_choices(request, definition),
        titles={
            **{q.key: q.title for q in definition.questions.values()},
            **_labels(request, definition),
        },
    )


def _choices(request: PageRequest[Any], definition: Assessment) -> dict[str, Any]:
    """What the selects of the draft's forms offer."""
    text = request.reader
    kinds = {kind: text(name) for kind, name in KIND_NAMES.items()}
    return {
        "kinds": kinds,
        "new_kinds": [(kind, kinds[kind]) for kind in ADDED],
        "figures": [("weight", text("Weight")), ("worst", text("Worst")), ("best", text("Best"))],
        "section_options": [(section.key, text(section.title)) for section in definition.sections],
        "countable": [
            (q.key, text(q.title)) for q in definition.questions.values() if q.kind in COUNTABLE
        ],
        "score_options": [(score.key, text(score.title)) for score in definition.scores],
    }


def _place_faults(error: HubError | None, definition: Assessment) -> HubError | None:
    """The error with its faults at the fields of the draft's form, whose names hold the
    question's key."""
    keys = {
        f"sections.{s}.questions.{q}": each.key
        for s, part in enumerate(definition.sections)
        for q, each in enumerate(part.questions)
    }
    for s, score in enumerate(definition.scores):
        keys |= {
            f"scores.{s}.factors.{f}": f"{score.key}--{each.question}"
            for f, each in enumerate(score.factors)
        }

    def place(path: str) -> str:
        owner, _, field = path.rpartition(".")
        if owner in keys:
            return f"{keys[owner]}--{field}"
        return (
            NEW_FIELDS.get(field, path) if owner.startswith("sections.") else path
        )  # the question that was to be added

    return (
        None
        if error is None
        else Invalid(
            error.message, details={place(path): texts for path, texts in error.details.items()}
        )
    )


def _labels(request: PageRequest[Any], definition: Assessment) -> dict[str, str]:
    """What the fields of the draft's form are called where a fault is told."""
    text = request.reader
    parts = {
        "title": text("Question"),
        "help": text("Help"),
        "formula": text("Formula"),
        "options": text("Answers"),
        "key": text("Question"),
    }
    found = {
        f"{q.key}--{name}": f"“{q.title}”, {part}:"
        for q in definition.questions.values()
        for name, part in parts.items()
    }
    found |= {field: parts[name] for name, field in NEW_FIELDS.items()}
    for number, score in enumerate(definition.scores):
        found[f"scores.{number}.factors"] = f"{score.title}:"
        for factor in score.factors:
            title = definition.questions[factor.question].title
            for name, part in (
                ("weight", text("Weight")),
                ("worst", text("Worst")),
                ("best", text("Best")),
            ):
                found[f"{score.key}--{factor.question}--{name}"] = (
                    f"{score.title}, “{title}”, {part}:"
                )
    return found


routes("GET", f"{AT}/{{version}}", rights=RIGHTS, params=EFFECT)(show_version)


def preview_version(request: ReadPageRequest) -> RenderedPage:
    """A version as those see it who fill it in; what is answered there is scored, and kept
    nowhere."""
    form = assessments.get_version(request.db, request.id).definition
    values, comments = questions.typed_answers(request.form, [form])
    given = inputs.parse_inputs(questions.parse_form(request.form, [form]), [form])
    scores = (
        explain_results(
            Evaluation(form, inputs.merge_answers({}, given.answers)).results(), request.reader
        )
        if given.answers
        else []
    )
    return request.page(
        "assessment-preview.html",
        version=assessments.get_version(request.db, request.id),
        form=form,
        groups=questions.build_groups([form], values, comments, given.faults),
        scores=scores,
        paths=category_paths(
            {
                i: row
                for i, row in categories.all_categories(request.db).items()
                if row.category_is_active
            }
        ),
        applications=application_store.application_names(request.db),
    )


routes("GET", f"{AT}/{{version}}/preview", rights=RIGHTS)(preview_version)
routes("POST", f"{AT}/{{version}}/preview", rights=RIGHTS, transaction="read")(preview_version)


@routes("POST", f"{AT}/{{version}}/copy", rights=RIGHTS, on_error=show_version, params=EFFECT)
def copy_version(request: WritePageRequest) -> Redirect:
    text = request.reader
    source = assessments.get_version(request.db, request.id)
    name = request.form.get("version_name") or text("Copy of %s") % source.version_name
    made = assessments.create_version(
        request.db,
        request.caller,
        coerce({"version_name": name[:50], "copy_of": request.id}, NewVersion),
        now=request.now,
    )
    return Redirect(
        f"{AT}/{made.version_id}",
        text("The copy is a draft; change it, look at its effect, and set it live."),
    )


@routes("POST", f"{AT}/{{version}}/live", rights=RIGHTS, on_error=show_version, params=EFFECT)
def set_version_live(request: WritePageRequest) -> Redirect:
    assessments.put_live(
        request.db,
        request.caller,
        request.id,
        SetLive(request.form.number("category_id") or 0),
        now=request.now,
    )
    return Redirect(
        f"{AT}/{request.id}",
        request.reader("The version is live. Ideas keep their scores until you score them anew."),
    )


@routes("POST", f"{AT}/{{version}}/offline", rights=RIGHTS, on_error=show_version, params=EFFECT)
def take_version_offline(request: WritePageRequest) -> Redirect:
    assessments.take_offline(request.db, request.caller, request.id, now=request.now)
    return Redirect(f"{AT}/{request.id}", request.reader("The version is offline."))


@routes("POST", f"{AT}/{{version}}/delete", rights=RIGHTS, on_error=show_version, params=EFFECT)
def delete_version(request: WritePageRequest) -> Redirect:
    assessments.delete_version(request.db, request.caller, request.id, now=request.now)
    return Redirect(AT, request.reader("The draft is deleted."))


@routes(
    "POST",
    f"{AT}/{{version}}/rescore",
    rights=RIGHTS,
    on_error=show_version,
    transaction="per_chunk",
    params=EFFECT,
)
def rescore_ideas(request: ChunkedPageRequest) -> Redirect:
    done = rescoring.rescore_ideas(request.db, request.caller, request.id, now=request.now)
    said = request.reader("%(changed)s of %(total)s ideas have new scores.")
    return Redirect(f"{AT}/{request.id}", said % {"changed": done.changed, "total": done.total})


@routes("GET", f"{AT}/{{version}}/download", rights=RIGHTS)
def download_version(request: ReadPageRequest) -> Download:
    version = assessments.get_version(request.db, request.id)
    name = f"{version.definition.key.lower()}-{request.id}.json"
    return Download(
        name,
        msgspec.json.format(msgspec.json.encode(version.definition), indent=2),
        "application/json",
    )


@routes(
    "POST",
    f"{AT}/upload",
    rights=RIGHTS,
    on_error=list_assessments,
    transaction="per_chunk",
    uploads=True,
)
def upload_version(request: ChunkedPageRequest) -> Redirect:
    sent = request.form.files.get("file")
    if sent is None:
        raise Invalid(
            request.reader("Nothing was read."), details={"file": [request.reader("is required.")]}
        )
    new = NewVersion(
        (request.form.get("version_name") or sent.name)[:50],
        read(sent.path.read_bytes(), Assessment, lines=True),
    )
    made = request.db.write(
        lambda db: assessments.create_version(db, request.caller, new, now=request.now)
    )
    return Redirect(
        f"{AT}/{made.version_id}", request.reader("The assessment is read in as a draft.")
    )
