"""Assessments: versions, a look at one as it is filled in, what it would change, and setting it live."""

from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.assessments import service as assessments
from autohub.assessments.model import Assessment, Kind, NewVersion, SetLive
from autohub.assessments.scoring import Evaluation
from autohub.categories import store as categories
from autohub.ideas import inputs, questions, rescoring
from autohub.ideas import store as ideas
from autohub.ideas.explained import explained
from autohub.kit.errors import HubError, Invalid
from autohub.kit.jsonbody import fit, read
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, See, Sent, Views, Visit, WriteVisit, stamp

views = Views()
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
"""The kinds that can be added to a draft; the others stand for fields of the idea, which every installation has once."""
COUNTABLE = ("single", "multiple", "number", "formula", "applications")
"""The kinds whose answers are numbers, or count as such."""
NEW_FIELDS = {"title": "title", "key": "title", "help": "help", "options": "answers", "formula": "formula"}
"""The fields of “Add a question” by what they fill."""
EFFECT = (Param("effect", "flag", ""), Param("category", "number", ""))


def listed(visit: ReadVisit) -> Page:
    found: dict[str, list[Any]] = {}
    for version in assessments.versions(visit.db, None):
        found.setdefault(version.assessment_key, []).append(version)
    titles = {key: assessments.one(visit.db, held[0].version_id).definition.title for key, held in found.items()}
    return visit.page("assessments.html", found=found, titles=titles, paths=category_paths(categories.all_(visit.db)))


views("GET", AT, rights=RIGHTS)(listed)


def shown(visit: ReadVisit) -> Page:
    version = assessments.one(visit.db, visit.id)
    facts = next(each for each in assessments.versions(visit.db, version.definition.key) if each.version_id == visit.id)
    definition = version.definition
    weights = {f.question: f for score in definition.scores for f in score.factors}
    places = sorted(category_paths(categories.all_(visit.db)).items(), key=lambda pair: pair[1])
    effect = rescoring.preview(visit.db, visit.id, visit.query.get("category") or 0) if visit.query.get("effect") else None
    return visit.page(
        "assessment.html",
        version=version,
        stamp=stamp((version.version_name, definition)),
        facts=facts,
        definition=definition,
        weights=weights,
        places=[(0, visit.reader("The whole installation")), *places],
        paths=dict(places),
        effect=effect,
        typed=visit.form,
        kept=lambda name, stored: visit.form.get(name) if visit.error and name in visit.form else stored,
        error=_placed(visit.error, definition),
        **_choices(visit, definition),
        titles={**{q.key: q.title for q in definition.questions.values()}, **_labels(visit, definition)},
    )


def _choices(visit: Visit[Any], definition: Assessment) -> dict[str, Any]:
    """What the selects of the draft's forms offer."""
    text = visit.reader
    kinds = {kind: text(name) for kind, name in KIND_NAMES.items()}
    return {
        "kinds": kinds,
        "new_kinds": [(kind, kinds[kind]) for kind in ADDED],
        "figures": [("weight", text("Weight")), ("worst", text("Worst")), ("best", text("Best"))],
        "section_options": [(section.key, text(section.title)) for section in definition.sections],
        "countable": [(q.key, text(q.title)) for q in definition.questions.values() if q.kind in COUNTABLE],
        "score_options": [(score.key, text(score.title)) for score in definition.scores],
    }


def _placed(error: HubError | None, definition: Assessment) -> HubError | None:
    """The error with its faults at the fields of the draft's form, whose names hold the question's key."""
    keys = {f"sections.{s}.questions.{q}": each.key for s, part in enumerate(definition.sections) for q, each in enumerate(part.questions)}
    for s, score in enumerate(definition.scores):
        keys |= {f"scores.{s}.factors.{f}": f"{score.key}--{each.question}" for f, each in enumerate(score.factors)}

    def place(path: str) -> str:
        owner, _, field = path.rpartition(".")
        if owner in keys:
            return f"{keys[owner]}--{field}"
        return NEW_FIELDS.get(field, path) if owner.startswith("sections.") else path  # the question that was to be added

    return None if error is None else Invalid(error.message, details={place(path): texts for path, texts in error.details.items()})


def _labels(visit: Visit[Any], definition: Assessment) -> dict[str, str]:
    """What the fields of the draft's form are called where a fault is told."""
    text = visit.reader
    parts = {
        "title": text("Question"),
        "help": text("Help"),
        "formula": text("Formula"),
        "options": text("Answers"),
        "key": text("Question"),
    }
    found = {f"{q.key}--{name}": f"“{q.title}”, {part}:" for q in definition.questions.values() for name, part in parts.items()}
    found |= {field: parts[name] for name, field in NEW_FIELDS.items()}
    for number, score in enumerate(definition.scores):
        found[f"scores.{number}.factors"] = f"{score.title}:"
        for factor in score.factors:
            title = definition.questions[factor.question].title
            for name, part in (("weight", text("Weight")), ("worst", text("Worst")), ("best", text("Best"))):
                found[f"{score.key}--{factor.question}--{name}"] = f"{score.title}, “{title}”, {part}:"
    return found


views("GET", f"{AT}/{{version}}", rights=RIGHTS, params=EFFECT)(shown)


def preview(visit: ReadVisit) -> Page:
    """A version as those see it who fill it in; what is answered there is scored, and kept nowhere."""
    form = assessments.one(visit.db, visit.id).definition
    values, comments = questions.typed(visit.form, [form])
    given = inputs.read(questions.sent(visit.form, [form]), [form])
    scores = explained(Evaluation(form, inputs.merged({}, given.answers)).results(), visit.reader) if given.answers else []
    return visit.page(
        "assessment-preview.html",
        version=assessments.one(visit.db, visit.id),
        form=form,
        groups=questions.groups([form], values, comments, given.faults),
        scores=scores,
        paths=category_paths({i: row for i, row in categories.all_(visit.db).items() if row.category_is_active}),
        applications=ideas.application_names(visit.db),
    )


views("GET", f"{AT}/{{version}}/preview", rights=RIGHTS)(preview)
views("POST", f"{AT}/{{version}}/preview", rights=RIGHTS, transaction="read")(preview)


@views("POST", f"{AT}/{{version}}/act", rights=RIGHTS, again=shown, params=EFFECT)
def act(visit: WriteVisit) -> See:
    """Copy, set live, take offline or delete a version."""
    wanted, text = visit.form.get("act"), visit.reader
    if wanted == "copy":
        name = visit.form.get("version_name") or text("Copy of %s") % assessments.one(visit.db, visit.id).version_name
        made = assessments.add(visit.db, visit.caller, fit({"version_name": name[:50], "copy_of": visit.id}, NewVersion), now=visit.now)
        return See(f"{AT}/{made.version_id}", text("The copy is a draft; change it, look at its effect, and set it live."))
    if wanted == "live":
        assessments.set_live(visit.db, visit.caller, visit.id, SetLive(visit.form.number("category_id") or 0), now=visit.now)
        return See(f"{AT}/{visit.id}", text("The version is live. Ideas keep their scores until you score them anew."))
    if wanted == "offline":
        assessments.take_offline(visit.db, visit.caller, visit.id, now=visit.now)
        return See(f"{AT}/{visit.id}", text("The version is offline."))
    if wanted == "delete":
        assessments.remove(visit.db, visit.caller, visit.id, now=visit.now)
        return See(AT, text("The draft is deleted."))
    raise Invalid(text("Choose what is to be done."))


@views("POST", f"{AT}/{{version}}/rescore", rights=RIGHTS, again=shown, transaction="chunks", params=EFFECT)
def rescore(visit: ChunkVisit) -> See:
    done = rescoring.rescore(visit.db, visit.caller, visit.id, now=visit.now)
    said = visit.reader("%(changed)s of %(total)s ideas have new scores.")
    return See(f"{AT}/{visit.id}", said % {"changed": done.changed, "total": done.total})


@views("GET", f"{AT}/{{version}}/download", rights=RIGHTS)
def download(visit: ReadVisit) -> Sent:
    version = assessments.one(visit.db, visit.id)
    name = f"{version.definition.key.lower()}-{visit.id}.json"
    return Sent(name, msgspec.json.format(msgspec.json.encode(version.definition), indent=2), "application/json")


@views("POST", f"{AT}/upload", rights=RIGHTS, again=listed, transaction="chunks", uploads=True)
def upload(visit: ChunkVisit) -> See:
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required.")]})
    new = NewVersion((visit.form.get("version_name") or sent.name)[:50], read(sent.path.read_bytes(), Assessment, lines=True))
    made = visit.db.write(lambda db: assessments.add(db, visit.caller, new, now=visit.now))
    return See(f"{AT}/{made.version_id}", visit.reader("The assessment is read in as a draft."))
