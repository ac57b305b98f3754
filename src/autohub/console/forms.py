"""Assessments: versions, their questions and weights, what a version would change, and setting it live."""

from typing import Any

import msgspec

from autohub.access.model import Right
from autohub.assessments import service as assessments
from autohub.assessments.model import Assessment, NewVersion, SetLive, VersionChange
from autohub.categories import store as categories
from autohub.flows.model import key_part
from autohub.ideas import rescoring
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit, read
from autohub.kit.query import Param
from autohub.pipeline.model import category_paths
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, Form, ReadVisit, See, Sent, Views, Visit, WriteVisit

views = Views()
AT = "/admin/setup/assessments"
RIGHTS = (Right.CUSTOMIZE_ASSESSMENTS,)
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
        facts=facts,
        definition=definition,
        weights=weights,
        places=[(0, visit.reader("The whole installation")), *places],
        paths=dict(places),
        effect=effect,
        typed=visit.form,
        section_options=[(section.key, section.title) for section in definition.sections],
    )


views("GET", f"{AT}/{{version}}", rights=RIGHTS, params=EFFECT)(shown)


@views("POST", f"{AT}/{{version}}", rights=RIGHTS, again=shown, params=EFFECT)
def change(visit: WriteVisit) -> See:
    """Saves what the form says of a draft's questions."""
    version = assessments.one(visit.db, visit.id)
    changed = _edited(visit, version.definition)
    wanted = VersionChange(fit({"n": visit.form.get("version_name")}, _Name).n, changed)
    assessments.change(visit.db, visit.caller, visit.id, wanted, now=visit.now)
    return See(f"{AT}/{visit.id}", visit.reader("The draft is saved."))


class _Name(msgspec.Struct):
    n: str


def _edited(visit: Visit[Any], definition: Assessment) -> Assessment:
    """The definition with the form's texts, switches and weights in the place of its own."""
    form: Form = visit.form
    raw = msgspec.to_builtins(definition)
    for section in raw["sections"]:
        for question in section["questions"]:
            key = question["key"]
            if f"{key}--title" not in form:
                continue
            question |= {"title": form.get(f"{key}--title"), "help": form.get(f"{key}--help")}
            question |= {"required": bool(form.flag(f"{key}--required")), "visible": bool(form.flag(f"{key}--visible"))}
            for option in question.get("options", ()):
                label = form.get(f"{key}--option--{option['code']}")
                option["label"] = label or option["label"]
    for score in raw["scores"]:
        for factor in score["factors"]:
            text = form.get(f"{score['key']}--{factor['question']}--weight")
            if text:
                try:
                    factor["weight"] = float(text.replace(",", "."))
                except ValueError:
                    fault = visit.reader("must be a number; “%s” is not.") % text[:20]
                    raise Invalid(visit.reader("The draft was not saved."), details={factor["question"]: [fault]}) from None
    return fit(raw, Assessment, lines=True)


KINDS = ("single", "multiple", "text", "rich_text", "number", "date")


@views("POST", f"{AT}/{{version}}/questions", rights=RIGHTS, again=shown, params=EFFECT)
def put_question(visit: WriteVisit) -> See:
    """Adds a question to a section of a draft, or takes one away that no score and no formula needs."""
    form, text = visit.form, visit.reader
    definition = assessments.one(visit.db, visit.id).definition
    raw = msgspec.to_builtins(definition)
    if form.get("drop"):
        for section in raw["sections"]:
            section["questions"] = [question for question in section["questions"] if question["key"] != form.get("drop")]
    else:
        raw_section = next((each for each in raw["sections"] if each["key"] == form.get("section")), None)
        if raw_section is None:
            raise Invalid(text("The question was not added."), details={"section": [text("is none of this assessment.")]})
        raw_section["questions"].append(_new_question(visit, definition))
    assessments.change(visit.db, visit.caller, visit.id, VersionChange(None, fit(raw, Assessment, lines=True)), now=visit.now)
    return See(f"{AT}/{visit.id}", text("The draft is saved."))


def _new_question(visit: Visit[Any], definition: Assessment) -> dict[str, Any]:
    """Its key is made of its title; answers stand one a line and count 1, 2, 3, …"""
    form = visit.form
    title = form.get("title")
    key = f"{definition.prefix}-{key_part(title)[:60]}"
    while key in definition.questions:
        key += "_2"
    kind = form.get("kind") if form.get("kind") in KINDS else "text"
    made: dict[str, Any] = {"key": key, "title": title, "kind": kind, "help": form.get("help"), "required": bool(form.flag("required"))}
    if kind in ("single", "multiple"):
        labels = [line.strip() for line in form.get("answers").split("\n") if line.strip()]
        made["options"] = [{"code": f"{key.lower()}-{n}", "label": label, "number": str(n)} for n, label in enumerate(labels, start=1)]
    return made


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
