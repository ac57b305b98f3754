"""Ideas as one flat table to count with: labels, scores, when each phase was entered, benefit and
cost. The table that an import reads back is `export`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from autohub.applications import store as application_store
from autohub.assessments.model import Question
from autohub.benefits.setup import CurrencyConverter
from autohub.db.engine import Reading
from autohub.flows import store as flow_store
from autohub.flows.model import SUBMISSION_TYPES
from autohub.ideas import store
from autohub.ideas.model import Idea
from autohub.ideas.record import text_of
from autohub.ideas.rows import LIST_COLUMNS, IdeaRow
from autohub.ideas.rows_store import load_rows
from autohub.imports import store as records
from autohub.imports.service import list_questions
from autohub.kit import cells
from autohub.kit.tabular import Cell
from autohub.record_names.store import load_categories

CHUNK = 500
EXPORTS = {heading: value for column in LIST_COLUMNS for heading, value in column.exports.items()}
HEADINGS = (
    "Number",
    "Name",
    "Category",
    *EXPORTS,
    "Description",
    "Tags",
    "Applications",
    "Hours saved so far",
)
MONEY = ("One-time cost", "Cost a year")


class Report(NamedTuple):
    headings: list[str]
    rows: Iterator[list[Cell]]


def build_report(db: Reading, ids: Sequence[int], *, with_money: bool, now: int) -> Report:
    """A row for each of these ideas, in their order. Moments are days in UTC; costs, which only
    some may see (`with_money`), are in the default currency at today's rates."""
    phases = flow_store.list_phases(db)
    questions = {
        key: question
        for submission_type in SUBMISSION_TYPES
        for key, question in list_questions(db, submission_type).items()
    }
    exchange = CurrencyConverter(db, now) if with_money else None
    money = [f"{name} ({exchange.currency})" for name in MONEY] if exchange else []
    entered = [f"Entered {phase.phase_name}" for phase in phases]
    headings = [*HEADINGS, *money, *entered]
    for key, question in questions.items():  # each heading once, so that programs can name it
        is_taken = question.title in headings
        headings.append(f"{question.title} ({key})" if is_taken else question.title)
    writer = _Writer(db, [phase.phase_id for phase in phases], questions, exchange)
    return Report(headings, writer.rows(ids))


class _Writer:
    def __init__(
        self,
        db: Reading,
        phases: Sequence[int],
        questions: Mapping[str, Question],
        exchange: CurrencyConverter | None,
    ) -> None:
        self._db, self._phases, self._questions, self._exchange = db, phases, questions, exchange
        self._applications = application_store.versioned_names(db)

    def rows(self, ids: Sequence[int]) -> Iterator[list[Cell]]:
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            ideas = store.load_ideas(self._db, part)
            rows = load_rows(self._db, part)
            paths = load_categories(self._db, {row.category_id for row in rows})
            entered = records.first_entries(self._db, part)
            saved = records.sum_hours_saved(self._db, part)
            costs = records.sum_costs(self._db, part) if self._exchange else {}
            for row in rows:
                idea, process_id = ideas[row.process_id], row.process_id
                yield [
                    process_id,
                    row.process_name,
                    " > ".join(c["category_name"] for c in paths[row.category_id]["categories"]),
                    *(_cell(row, value) for value in EXPORTS.values()),
                    text_of(idea.process_description),
                    cells.join_cells(idea.tags),
                    cells.join_cells(self._applications[i] for i in idea.applications),
                    _rounded(saved.get(process_id)),
                    *self._costs(costs.get(process_id, [])),
                    *(_day(entered.get((process_id, phase))) for phase in self._phases),
                    *(_answer(idea, question) for question in self._questions.values()),
                ]

    def _costs(self, costs: Sequence[tuple[str, str | None, float]]) -> list[Cell]:
        """Once, and a year, of kinds, currencies and amounts."""
        if self._exchange is None:
            return []
        sums = {"one_time": 0.0, "running": 0.0}
        for kind, currency, amount in costs:
            sums[kind] += self._exchange.to_default(amount, currency)
        return [round(amount, 2) if costs else None for amount in sums.values()]


def _answer(idea: Idea, question: Question) -> Cell:
    """An answer as people read it: options by their labels, days as dates."""
    value: Any = idea.answers.get(question.key, {}).get("value")
    labels = {option.code: option.label for option in question.options}
    if isinstance(value, list):
        return cells.join_cells(str(labels.get(each, each)) for each in value)
    if value is not None and question.kind == "date":
        return date.fromisoformat(value)
    if value is None or (isinstance(value, int | float) and not labels):
        return value
    return str(labels.get(value, value))


def _cell(row: IdeaRow, name: str) -> Cell:
    value: Any = getattr(row, name)
    if name.endswith("_epoch"):
        return _day(value)
    return _rounded(value) if isinstance(value, float) else value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _day(epoch: int | None) -> date | None:
    return None if epoch is None else datetime.fromtimestamp(epoch / 1000, UTC).date()
