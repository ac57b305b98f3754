"""What another version of an assessment does to the pipeline: shown first, done then (product
4)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from autohub.access.model import Caller, actor
from autohub.assessments import service as assessments
from autohub.assessments import store as assessment_store
from autohub.assessments.defaults import assessments_of_idea
from autohub.assessments.model import Assessment
from autohub.audit import store as audit
from autohub.db.engine import Database, Reading, Writing
from autohub.ideas import record_store, store
from autohub.ideas.model import SCORES, Idea
from autohub.ideas.scoring import compute_scores, with_scores
from autohub.kit.errors import Conflict

CHUNK = 1000
SHOWN_AT_MOST = 50


class ScoreEffect(msgspec.Struct):
    """One idea whose scores another version would change."""

    process_id: int
    process_name: str
    before: dict[str, float | None]
    after: dict[str, float | None]


class RescorePreview(msgspec.Struct):
    """What a version would do: how many ideas it would meet and change, each score's mean before
    and after, and the ideas that it would change the most."""

    total: int
    changed: int
    means: dict[str, dict[str, float | None]]
    most_changed: list[ScoreEffect]


class RescoreResult(msgspec.Struct):
    """How many ideas have the version now, and how many of them were scored anew."""

    total: int
    changed: int


def preview_rescore(db: Reading, version_id: int, category_id: int) -> RescorePreview:
    """What setting this version live in a category (0: everywhere) and scoring its ideas anew
    would do. Raises NotFound."""
    definition = assessments.get_version(db, version_id).definition
    effects: list[ScoreEffect] = []
    sums = {name: [0.0, 0, 0.0, 0] for name in SCORES}
    total = changed = 0
    for ideas, definitions in _walk_ideas(db, definition.key, category_id):
        for idea in ideas:
            total += 1
            before, after = _scores(idea, definitions), _scores(idea, definitions, definition)
            for name in SCORES:
                for place, value in ((0, before[name]), (2, after[name])):
                    if value is not None:
                        sums[name][place] += value
                        sums[name][place + 1] += 1
            if before != after:
                changed += 1
                effects.append(
                    ScoreEffect(
                        process_id=idea.process_id,
                        process_name=idea.process_name,
                        before=before,
                        after=after,
                    )
                )
        effects = sorted(effects, key=_size_of_effect, reverse=True)[:SHOWN_AT_MOST]
    means = {
        name: {"before": _mean(s[0], s[1]), "after": _mean(s[2], s[3])} for name, s in sums.items()
    }
    return RescorePreview(total=total, changed=changed, means=means, most_changed=effects)


def _mean(total: float, count: float) -> float | None:
    return round(total / count, 2) if count else None


def _size_of_effect(effect: ScoreEffect) -> float:
    return sum(abs((effect.after[name] or 0.0) - (effect.before[name] or 0.0)) for name in SCORES)


def _walk_ideas(
    db: Reading, key: str, category_id: int
) -> Iterator[tuple[list[Idea], dict[int, Assessment]]]:
    """The ideas of a category that may be asked this assessment, some at a time, with the
    versions that they have."""
    last = 0
    while ids := store.ids_after(
        db, last, limit=CHUNK, category_ids=[category_id] if category_id else None
    ):
        last = ids[-1]
        ideas = [idea for idea in store.load_ideas(db, ids).values() if key in idea.assessed]
        yield (
            ideas,
            assessment_store.load_definitions(
                db, {version for idea in ideas for version in idea.assessed.values()}
            ),
        )


def _scores(
    idea: Idea, definitions: dict[int, Assessment], instead: Assessment | None = None
) -> dict[str, float | None]:
    keys = assessments_of_idea(idea.process_submission_type, idea.assessed)
    versions = [
        instead if instead is not None and key == instead.key else definitions[idea.assessed[key]]
        for key in keys
    ]
    found = compute_scores(idea.answers, versions)
    return {name: found.get(name) for name in SCORES}


def rescore_ideas(
    database: Database, caller: Caller, version_id: int, *, now: int
) -> RescoreResult:
    """Mass update: the ideas of the categories in which this version is live get it, and are
    scored anew by it; in parts, each in a transaction of its own, so that other writers get
    their turn. Raises NotFound, and Conflict for a version that is live nowhere."""
    with database.reading() as db:
        version = assessments.get_version(db, version_id)
        if version.state != "live":
            raise Conflict("Only a version that is live can be given to ideas; set it live first.")
    done, last = RescoreResult(0, 0), 0
    while True:
        part, last = database.write(
            lambda db, after=last: _rescore_some(  # type: ignore[misc]
                db, caller, version_id, version.definition, after, now=now
            )
        )
        done = RescoreResult(done.total + part.total, done.changed + part.changed)
        if not last:
            return done


def _rescore_some(
    db: Writing, caller: Caller, version_id: int, definition: Assessment, after: int, *, now: int
) -> tuple[RescoreResult, int]:
    """One part; the second value is the last id that was looked at, 0 at the end."""
    ids = store.ids_after(db, after, limit=CHUNK)
    if not ids:
        return RescoreResult(0, 0), 0
    ideas = [
        idea
        for idea in store.load_ideas(db, ids, lock=True).values()
        if definition.key in idea.assessed
    ]
    live: dict[int, int | None] = {}
    for category_id in {idea.category_id for idea in ideas}:
        found: Any = assessments.live_assessments(db, category_id, [definition.key]).get(
            definition.key
        )
        live[category_id] = found[0] if found else None
    ideas = [idea for idea in ideas if live[idea.category_id] == version_id]
    moved = [idea for idea in ideas if idea.assessed[definition.key] != version_id]
    for idea in moved:
        idea.assessed = idea.assessed | {definition.key: version_id}
        idea.process_updated_epoch = now
    definitions = assessment_store.load_definitions(
        db, {version for idea in moved for version in idea.assessed.values()}
    )
    if moved:
        record_store.update_ideas(
            db, [with_scores(idea, definitions) for idea in moved], lists=False, texts=False
        )
        after_ = {"version_id": version_id, "ideas": [idea.process_id for idea in moved]}
        audit.record(
            db, actor(caller), "score ideas anew", "assessment", version_id, now=now, after=after_
        )
    return RescoreResult(len(ideas), len(moved)), ids[-1]
