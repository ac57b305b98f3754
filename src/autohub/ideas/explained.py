"""Scores opened for people: how each is computed, and what would raise it most."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from autohub.assessments.scoring import Result, explain_formula


class ScoreExplanation(NamedTuple):
    """One score or KPI: `way` says how it is computed, `raising` which question's best answer
    would add how many points at most."""

    result: Result
    way: str
    raising: tuple[str, float] | None


def explain_results(
    results: Iterable[Result], text: Callable[[str], str]
) -> list[ScoreExplanation]:
    """The results with their explanations in the reader's language."""
    return [
        ScoreExplanation(result, _explain_way(result, text), _question_that_raises(result))
        for result in results
    ]


def _explain_way(result: Result, text: Callable[[str], str]) -> str:
    if result.method == "mean":
        return text(
            "The weighted mean of the shares below, over the questions that are answered, from 0 "
            "to 100."
        )
    if result.method == "deduct":
        return text(
            "100, less for every answer its weight times what it lacks of the best; at least 0. "
            "What nobody answered takes nothing off."
        )
    return explain_formula(result)


def _question_that_raises(result: Result) -> tuple[str, float] | None:
    total = sum(factor.weight for factor in result.factors if factor.share is not None)
    lacking = [
        (
            factor.title,
            (factor.weight * (1 - factor.share))
            * (100 / total if factor.points is not None and factor.points >= 0 else 1),
        )
        for factor in result.factors
        if factor.share is not None and factor.share < 1 and total
    ]
    return max(lacking, key=lambda pair: pair[1], default=None)
