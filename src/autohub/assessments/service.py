"""Versions of assessments: making, checking, setting live, and finding the one that is asked
(product 4)."""

from collections.abc import Iterable
from typing import Any

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, actor
from autohub.assessments import store
from autohub.assessments.defaults import DEFAULTS, assessments_for
from autohub.assessments.model import (
    Assessment,
    NewVersion,
    Question,
    SetLive,
    Version,
    VersionChange,
    VersionFacts,
    check,
)
from autohub.audit import store as audit
from autohub.db.engine import Reading, Row, Writing
from autohub.db.stamps import keep
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say

_USUAL = tuple(assessment.key for assessment in DEFAULTS)
Live = dict[str, tuple[int, Assessment]]
"""By assessment key: the version that is asked, and what it holds."""


def seed_assessments(db: Writing, *, now: int) -> None:
    """Lays the default assessments down, live everywhere, unless they are there."""
    if store.has_defaults(db):
        return
    for assessment in DEFAULTS:
        check(assessment)
        version_id = _insert_version(db, Caller(kind="operator"), "Version 1", assessment, now=now)
        store.update_version(db, version_id, {"state": "live", "live_epoch": now})
        store.put_live(db, 0, assessment.key, version_id)


def live_assessments(db: Reading, category_id: int, keys: Iterable[str]) -> Live:
    """The versions asked in a category: its own, else those of the nearest category above, else
    the installation's."""
    return _live_assessments(db, category_id, tuple(keys))


@keep("assessments", "categories")
def _live_assessments(db: Reading, category_id: int, keys: tuple[str, ...]) -> Live:
    chain = [0, *access.category_chains(db, [category_id]).get(category_id, [])]
    named = store.live_versions(db, chain)
    chosen = {
        key: next((named[c, key] for c in reversed(chain) if (c, key) in named), None)
        for key in keys
    }
    found = store.load_definitions(
        db, [version_id for version_id in chosen.values() if version_id is not None]
    )
    return {
        key: (version_id, found[version_id])
        for key, version_id in chosen.items()
        if version_id is not None
    }


@keep("assessments", "categories")
def live_assessments_for(db: Reading, category_id: int, submission_type: int) -> Live:
    """Every version that ideas of this type are asked in a category, now or later, with those of
    the organisation's own."""
    own = [key for key in store.live_assessment_keys(db) if key not in _USUAL]
    found = live_assessments(db, category_id, [*assessments_for(submission_type), *own])
    return {
        key: held
        for key, held in found.items()
        if key not in own or submission_type in held[1].asked_of
    }


def build_questionnaire(db: Reading, category_id: int) -> list[dict[str, Any]]:
    """Every question asked in a category, assessment by assessment, with its answers, what it
    counts, and how scores are made."""
    keys = dict.fromkeys([*_USUAL, *store.live_assessment_keys(db)])
    return [
        _describe_assessment(assessment)
        for _, assessment in live_assessments(db, category_id, keys).values()
    ]


def _describe_assessment(assessment: Assessment) -> dict[str, Any]:
    weights: dict[str, float] = {}
    for score in assessment.scores:
        for factor in score.factors:
            weights.setdefault(factor.question, factor.weight)
    return {
        "assessment_key": assessment.key,
        "assessment_title": assessment.title,
        "sections": [
            {
                "section_key": section.key,
                "section_title": section.title,
                "questions": [
                    _describe_question(assessment, question, weights.get(question.key))
                    for question in section.questions
                ],
            }
            for section in assessment.sections
        ],
        "scores": assessment.scores,
    }


def _describe_question(
    assessment: Assessment, question: Question, weight: float | None
) -> dict[str, Any]:
    return {
        "question_key": question.key,
        "question_text": question.title,
        "question_help": question.help,
        "question_type": question.kind,
        "question_is_required": int(question.required),
        "question_is_visible": int(question.visible),
        "question_weight": weight,
        "question_formula": question.formula or None,
        "impacted_kpis": assessment.impacts[question.key],
        "answer_options": [
            {"answer_key": option.code, "answer_text": option.label, "answer_number": option.number}
            for option in question.options
        ],
    }


def list_versions(db: Reading, assessment_key: str | None) -> list[VersionFacts]:
    rows = store.list_versions(db, assessment_key)
    where = store.categories_of(db, [row.version_id for row in rows])
    return [
        VersionFacts(
            version_id=row.version_id,
            assessment_key=row.assessment_key,
            version_name=row.version_name,
            state=row.state,
            created_epoch=row.created_epoch,
            live_epoch=row.live_epoch,
            category_ids=where.get(row.version_id, []),
        )
        for row in rows
    ]


def get_version(db: Reading, version_id: int) -> Version:
    """Raises NotFound."""
    row = _find_version(db, version_id)
    return Version(
        version_id=version_id,
        version_name=row.version_name,
        state=row.state,
        definition=store.decode_assessment(bytes(row.definition)),
    )


def _find_version(db: Reading, version_id: int) -> Row:
    row = store.get_version(db, version_id)
    if row is None:
        raise NotFound(
            say(
                "There is no assessment version {version_id}; GET /assessments lists them.",
                version_id=version_id,
            )
        )
    return row


def create_version(db: Writing, caller: Caller, new: NewVersion, *, now: int) -> Version:
    """Makes a draft, from a whole definition (start fresh, upload) or as a copy. Raises Invalid
    naming every fault, NotFound."""
    if (new.definition is None) is (new.copy_of is None):
        raise Invalid(
            "Send one of definition and copy_of.",
            details={"definition": ["or copy_of is required, and not both."]},
        )
    definition = (
        new.definition
        if new.definition is not None
        else get_version(db, new.copy_of or 0).definition
    )
    _check(definition)
    version_id = _insert_version(db, caller, new.version_name, definition, now=now)
    audit.record(
        db,
        actor(caller),
        "add assessment version",
        "assessment",
        version_id,
        now=now,
        after={"version_name": new.version_name},
    )
    return get_version(db, version_id)


def update_version(
    db: Writing, caller: Caller, version_id: int, wanted: VersionChange, *, now: int
) -> Version:
    """Changes a draft. Raises NotFound, Invalid, and Conflict for a version that was live: ideas
    keep what they were scored with."""
    before = get_version(db, version_id)
    key = before.definition.key
    values: dict[str, Any] = {}
    if wanted.version_name is not None:
        values["version_name"] = wanted.version_name
    if wanted.definition is not None:
        if before.state != "draft":
            raise Conflict("A version that was live stays as it is; copy it, and change the copy.")
        _check(wanted.definition)
        if wanted.definition.key != key:
            raise Invalid(
                "A version stays with its assessment.",
                details={"definition.key": [say("must be {assessment_key}.", assessment_key=key)]},
            )
        values["definition"] = msgspec.json.encode(wanted.definition)
    if values:
        store.update_version(db, version_id, values)
        after = get_version(db, version_id)
        old, new = _describe(before), _describe(after)
        audit.record(
            db,
            actor(caller),
            "change assessment version",
            "assessment",
            version_id,
            now=now,
            before={name: fact for name, fact in old.items() if fact != new[name]},
            after={name: fact for name, fact in new.items() if fact != old[name]},
        )
        return after
    return before


def _describe(version: Version) -> dict[str, Any]:
    """What the audit tells of a version: its questions, and what counts how much."""
    definition = version.definition
    titles = {key: question.title for key, question in definition.questions.items()}
    return {
        "version_name": version.version_name,
        "questions": list(titles.values()),
        "weights": {
            f"{score.title}: {titles.get(factor.question, factor.question)}": factor.weight
            for score in definition.scores
            for factor in score.factors
        },
    }


def delete_version(db: Writing, caller: Caller, version_id: int, *, now: int) -> None:
    """Raises NotFound, and Conflict for what is no draft."""
    if _find_version(db, version_id).state != "draft":
        raise Conflict("Only a draft can be deleted; take a live version offline instead.")
    store.delete_version(db, version_id)
    audit.record(db, actor(caller), "delete assessment version", "assessment", version_id, now=now)


def put_live(
    db: Writing, caller: Caller, version_id: int, where: SetLive, *, now: int
) -> VersionFacts:
    """From now on this version is asked there. Raises NotFound, Invalid."""
    row = _find_version(db, version_id)
    if where.category_id and where.category_id not in access.category_chains(
        db, [where.category_id]
    ):
        raise Invalid(
            "The category is not there.",
            details={
                "category_id": [
                    say("There is no category {category_id}.", category_id=where.category_id)
                ]
            },
        )
    store.put_live(db, where.category_id, row.assessment_key, version_id)
    store.update_version(db, version_id, {"state": "live", "live_epoch": row.live_epoch or now})
    after = {"category_id": where.category_id}
    audit.record(
        db, actor(caller), "set assessment live", "assessment", version_id, now=now, after=after
    )
    return _facts(db, version_id)


def take_offline(db: Writing, caller: Caller, version_id: int, *, now: int) -> VersionFacts:
    """The version is asked nowhere any more; categories fall back to those above. Raises
    NotFound, and Conflict for the one of the whole installation, which needs another in its
    place."""
    _find_version(db, version_id)
    if 0 in store.categories_of(db, [version_id]).get(version_id, []):
        raise Conflict(
            "This version is that of the whole installation; set another one live there instead."
        )
    store.take_offline(db, version_id)
    store.update_version(db, version_id, {"state": "offline"})
    audit.record(db, actor(caller), "take assessment offline", "assessment", version_id, now=now)
    return _facts(db, version_id)


def _facts(db: Reading, version_id: int) -> VersionFacts:
    return next(facts for facts in list_versions(db, None) if facts.version_id == version_id)


def _check(definition: Assessment) -> None:
    """Raises Invalid. What the record and the flows build on may not be left out."""
    check(definition)
    default = next((a for a in DEFAULTS if a.key == definition.key), None)
    if default is None:
        if not definition.asked_of:
            known = ", ".join(_USUAL)
            raise Invalid(
                "The assessment is not known.",
                details={
                    "key": [
                        say(
                            "must be one of {known}, or asked_of must say of which types.",
                            known=known,
                        )
                    ]
                },
            )
        if definition.prefix in {a.prefix for a in DEFAULTS}:
            raise Invalid(
                "The prefix is taken.",
                details={
                    "prefix": [
                        say(
                            "{prefix} is the prefix of another assessment.",
                            prefix=definition.prefix,
                        )
                    ]
                },
            )
        return
    faults = {
        question.key: [say("is required; it fills {column} of the record.", column=question.column)]
        for question in default.questions.values()
        if question.column and question.required and question.key not in definition.questions
    }
    kinds = {
        key: [say("must stay of the kind {kind}, on which the record builds.", kind=question.kind)]
        for key, question in default.questions.items()
        if question.column
        and key in definition.questions
        and definition.questions[key].kind != question.kind
    }
    if faults or kinds:
        raise Invalid("The assessment lacks what the record is made of.", details=faults | kinds)


def _insert_version(
    db: Writing, caller: Caller, name: str, definition: Assessment, *, now: int
) -> int:
    values = {
        "assessment_key": definition.key,
        "version_name": name,
        "definition": msgspec.json.encode(definition),
        "created_by_user_id": caller.user_id,
        "created_epoch": now,
    }
    return store.insert_version(db, values)
