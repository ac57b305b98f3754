"""Bringing an idea's scores and its document up to what its answers say."""

from collections.abc import Iterable, Sequence

from autohub.assessments import store as assessments
from autohub.assessments.defaults import assessments_of_idea
from autohub.assessments.model import Answers, Assessment
from autohub.assessments.scoring import Evaluation, Result, is_answered
from autohub.db.engine import Reading, Writing
from autohub.ideas import record_store
from autohub.ideas.model import Idea
from autohub.ideas.record import IdeaDocument, build_document


def compute_scores(answers: Answers, versions: Iterable[Assessment]) -> dict[str, float | None]:
    """What the record shows of scores and formulas: by the record's field, and formulas also by
    their question's key. Of two assessments that make the same field, the later one that has a
    value counts."""
    found: dict[str, float | None] = {}
    for assessment in versions:
        if not is_answered(assessment, answers):
            continue
        evaluation = Evaluation(assessment, answers)
        for field, value in evaluation.columns().items():
            found[field] = value if value is not None else found.get(field)
        for question in assessment.questions.values():
            if question.kind == "formula":
                value = evaluation.value(question.variable)
                found[question.key] = None if value is None else round(value, 2) + 0.0
    return found


def with_scores(idea: Idea, definitions: dict[int, Assessment]) -> tuple[Idea, IdeaDocument]:
    """The idea with its scores, and its document; `definitions` holds at least the versions that
    it names."""
    versions = [
        definitions[idea.assessed[key]]
        for key in assessments_of_idea(idea.process_submission_type, idea.assessed)
    ]
    idea.scores = compute_scores(idea.answers, versions)
    return idea, build_document(idea, versions)


def save_ideas(
    db: Writing, ideas: Sequence[Idea], *, lists: bool = True, texts: bool = True
) -> None:
    """Stores changed ideas with scores and documents made anew; see `store.update`."""
    definitions = assessments.load_definitions(
        db, {version for idea in ideas for version in idea.assessed.values()}
    )
    record_store.update_ideas(
        db, [with_scores(idea, definitions) for idea in ideas], lists=lists, texts=texts
    )


def compute_results(db: Reading, idea: Idea) -> list[Result]:
    """Every score and formula of an idea with what made it (product 4: every score explains
    itself)."""
    definitions = assessments.load_definitions(db, idea.assessed.values())
    keys = assessments_of_idea(idea.process_submission_type, idea.assessed)
    return [
        result
        for key in keys
        for result in Evaluation(definitions[idea.assessed[key]], idea.answers).results()
    ]
