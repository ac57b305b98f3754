"""Scores and KPI formulas of one idea, each with what made it (docs/scoring.md explains them to
people)."""

import re
from typing import Any, Literal

import msgspec

from autohub.assessments.formula import parse_formula
from autohub.assessments.model import Answers, Assessment, Factor, Question, Score, variable
from autohub.kit.sentences import say


class FactorResult(msgspec.Struct):
    """What one answer did: its `number`, the `share` of the best that it reaches (0 to 1), and
    the `points` that it brings to the score or takes from it. `assumed` 1: nobody answered, and so
    it takes nothing away (contract 5.2)."""

    question: str
    title: str
    answer: Any
    number: float | None
    weight: float
    share: float | None
    points: float | None
    assumed: int = 0


class Result(msgspec.Struct):
    """One score or KPI; `value` None when there is nothing to compute it from, and then
    `why_not` says so."""

    key: str
    title: str
    assessment: str
    value: float | None
    band: str | None
    formula: str
    factors: list[FactorResult]
    why_not: str | None = None
    method: Literal["mean", "deduct", "formula"] = "formula"


class Evaluation:
    """The numbers of one assessment under one set of answers; each is computed once."""

    def __init__(self, assessment: Assessment, answers: Answers) -> None:
        self.assessment, self._answers = assessment, answers
        self._scores = {score.key: score for score in assessment.scores}
        self._known: dict[str, float | None] = {}

    def value(self, name: str) -> float | None:
        """The number behind a name in a formula: an answer, a score, another formula."""
        if name not in self._known:
            if name in self._scores:
                self._known[name] = self._score(self._scores[name])
            else:
                self._known[name] = (
                    self._number(self.assessment.variables[name])
                    if name in self.assessment.variables
                    else None
                )
        return self._known[name]

    def columns(self) -> dict[str, float | None]:
        """What the record shows of scores and formulas, by its field."""
        found = {
            score.column: _rounded(self.value(score.key))
            for score in self.assessment.scores
            if score.column
        }
        formulas = (
            q for q in self.assessment.questions.values() if q.kind == "formula" and q.column
        )
        return found | {q.column: _rounded(self.value(q.variable)) for q in formulas}

    def results(self) -> list[Result]:
        """Every score, then every formula."""
        formulas = [q for q in self.assessment.questions.values() if q.kind == "formula"]
        return [self._score_result(s) for s in self.assessment.scores] + [
            self._formula_result(q) for q in formulas
        ]

    def _answer(self, question: Question) -> Any:
        given = self._answers.get(question.key)
        value = given.get("value") if given else None
        return question.default if value is None or value == "" or value == [] else value

    def _number(self, question: Question) -> float | None:
        if question.kind == "formula":
            return parse_formula(question.formula)(self.value)
        answer = self._answer(question)
        if answer is None:
            return None
        if question.kind == "single":
            text = next((option.number for option in question.options if option.code == answer), "")
            return parse_formula(text)(self.value) if text else None
        if question.kind in ("multiple", "applications"):
            return float(len(answer))
        return float(answer) if isinstance(answer, int | float) else None

    def _share(self, factor: Factor) -> float | None:
        number = self.value(self.assessment.questions[factor.question].variable)
        if number is None:
            return None
        return min(max((number - factor.worst) / (factor.best - factor.worst), 0.0), 1.0)

    def _score(self, score: Score) -> float | None:
        if score.unless_weighted and not _have_equal_weights(self._scores, score):
            return None
        shares = [(factor.weight, self._share(factor)) for factor in score.factors]
        counted = [(weight, share) for weight, share in shares if share is not None]
        is_answered_at_all = is_answered(self.assessment, self._answers)
        if not counted and not (score.method == "deduct" and is_answered_at_all):
            return None
        if score.method == "deduct":
            return max(0.0, 100.0 - sum(weight * (1.0 - share) for weight, share in counted))
        total = sum(weight for weight, _ in counted)
        return 100.0 * sum(weight * share for weight, share in counted) / total if total else None

    def _score_result(self, score: Score) -> Result:
        value = self.value(score.key)
        total = sum(f.weight for f in score.factors if self._share(f) is not None)
        factors = [self._factor_result(score, factor, total) for factor in score.factors]
        names = " + ".join(f"{f.weight:g} × {_share_name(score, f)}" for f in score.factors)
        formula = (
            f"100 × ({names}) ÷ sum of the weights answered"
            if score.method == "mean"
            else f"100 − ({names}), at least 0"
        )
        why_not = None
        if value is None:
            answered = any(factor.share is not None for factor in factors)
            why_not = (
                "The weights of the idea score were changed; it takes its place."
                if answered
                else "None of its questions is answered."
            )
        return Result(
            key=score.key,
            title=score.title,
            assessment=self.assessment.key,
            value=_rounded(value),
            band=band(score, value),
            formula=formula,
            factors=factors,
            why_not=why_not,
            method=score.method,
        )

    def _factor_result(self, score: Score, factor: Factor, total: float) -> FactorResult:
        question = self.assessment.questions[factor.question]
        share = self._share(factor)
        points = None
        if share is not None:
            points = (
                -factor.weight * (1 - share)
                if score.method == "deduct"
                else 100 * factor.weight * share / total
                if total
                else 0.0
            )
        answer = display_answer(question, self._answer(question))
        return FactorResult(
            question=question.key,
            title=question.title,
            answer=answer,
            number=self.value(question.variable),
            weight=factor.weight,
            share=_rounded(share, 4),
            points=_rounded(points, 4),
            assumed=int(
                score.method == "deduct"
                and share is None
                and is_answered(self.assessment, self._answers)
            ),
        )

    def _formula_result(self, question: Question) -> Result:
        value = self.value(question.variable)
        factors = []
        for name in parse_formula(question.formula).names:
            inner = self.assessment.variables.get(name)
            key, title = (inner.key, inner.title) if inner else (name, self._scores[name].title)
            answer = (
                display_answer(inner, self._answer(inner))
                if inner and inner.kind != "formula"
                else _rounded(self.value(name))
            )
            factors.append(
                FactorResult(
                    question=key,
                    title=title,
                    answer=answer,
                    number=_rounded(self.value(name), 4),
                    weight=1.0,
                    share=None,
                    points=None,
                )
            )
        missing = [factor.title for factor in factors if factor.number is None]
        why_not = None
        if value is None:
            why_not = (
                say("Not answered: {missing}.", missing=", ".join(missing))
                if missing
                else "A denominator is zero."
            )
        return Result(
            key=question.variable,
            title=question.title,
            assessment=self.assessment.key,
            value=_rounded(value),
            band=None,
            formula=question.formula,
            factors=factors,
            why_not=why_not,
        )


def explain_formula(result: Result) -> str:
    """The formula of a KPI with the titles of what it names, and signs as people write them:
    'Volumes × Frequency ÷ 60'."""
    titles = {variable(factor.question): factor.title for factor in result.factors} | {
        f.question: f.title for f in result.factors
    }
    signs = {"*": "×", "/": "÷", "-": "−"}
    return re.sub(
        r"[A-Za-z_]\w*|[*/-]",
        lambda found: signs.get(found[0]) or titles.get(found[0], found[0]),
        result.formula,
    )


def band(score: Score, value: float | None) -> str | None:
    """'Easy' for what is easy; None where the score has no bands or no value."""
    if value is None:
        return None
    reached = [b for b in score.bands if value >= b.at_least]
    return max(reached, key=lambda b: b.at_least).name if reached else None


def display_answer(question: Question, value: Any) -> Any:
    """An answer as a person reads it: labels for codes."""
    if isinstance(value, list):
        return ", ".join(str(question.labels.get(item, item)) for item in value)
    return question.labels.get(value, value) if isinstance(value, str) else value


def is_answered(assessment: Assessment, answers: Answers) -> bool:
    """Whether any of its questions has an answer. Without one an assessment has no figures,
    whatever its defaults say."""
    return not assessment.questions.keys().isdisjoint(answers)


def holding_questions(assessment: Assessment, answers: Answers) -> list[Question]:
    """The questions whose answers send the idea On hold (contract 5.2, feasibility)."""
    found = []
    for question in assessment.questions.values():
        stops = {option.code for option in question.options if option.holds}
        if stops and (answers.get(question.key) or {}).get("value") in stops:
            found.append(question)
    return found


def _have_equal_weights(scores: dict[str, Score], score: Score) -> bool:
    """Whether every factor of every score that asks these questions has one weight."""
    weights = {
        f.weight for s in scores.values() for f in s.factors if f.question in score.unless_weighted
    }
    return len(weights) == 1


def _share_name(score: Score, factor: Factor) -> str:
    name = factor.question.partition("-")[2].lower()
    return f"{name} share" if score.method == "mean" else f"(1 − {name} share)"


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits) + 0.0
