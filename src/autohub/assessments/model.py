"""What an assessment is made of, and the rules that hold for it (contract 5, product 4)."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from autohub.access.model import Id
from autohub.assessments.formula import WrongFormula, parse_formula
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import fold

MAX_QUESTIONS = 50
Kind = Literal[
    "single",
    "multiple",
    "text",
    "rich_text",
    "number",
    "date",
    "applications",
    "person",
    "category",
    "formula",
]
THIN_APPLICATIONS = "OVR-COUNT_THIN_APPS"
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        pattern=r"^[A-Z][A-Z0-9_-]*$",
        extra={"says": "must be of capital letters, digits, - and _."},
    ),
]
Number = Annotated[str, Meta(max_length=500)]


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer to choose. `number` is what it counts in formulas, itself a number or a
    formula; `holds` sends the idea On hold."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    label: Annotated[str, Meta(min_length=1, max_length=300)]
    number: Number = ""
    holds: bool = False


class Question(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """One question. `column` names the field of the record that the answer also fills; `default`
    counts where nothing was answered."""

    key: Key
    title: Annotated[str, Meta(min_length=1, max_length=150)]
    kind: Kind = "text"
    help: Annotated[str, Meta(max_length=500)] = ""
    options: Annotated[list[Option], Meta(max_length=20)] = []
    required: bool = False
    visible: bool = True
    comments: bool = True
    default: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: Annotated[int, Meta(ge=1, le=100_000)] = 5000
    formula: Number = ""
    column: str = ""

    @cached_property
    def variable(self) -> str:
        """Its name in formulas: 'DA-PROCESSING_TIME' -> 'processing_time'."""
        return variable(self.key)

    @property
    def is_inventory(self) -> bool:
        """Whether its answer is the idea's own list of applications; thin ones are another list
        (contract 4.4), which is kept with the answers."""
        return self.kind == "applications" and self.key != THIN_APPLICATIONS

    @cached_property
    def field(self) -> str:
        """Its flat key in the record (contract 4.3): 'ovr-purpose'."""
        return self.key.lower()

    @cached_property
    def twin(self) -> str:
        return f"{self.field}__display"

    @cached_property
    def labels(self) -> dict[str, str]:
        """What a person reads for each code."""
        return {option.code: option.label for option in self.options}

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code that each label, number or code stands for, as tables may write them."""
        found = {fold(option.label): option.code for option in self.options}
        found |= {option.number: option.code for option in self.options if option.number}
        return found | {fold(option.code): option.code for option in self.options}


class Section(msgspec.Struct, frozen=True):
    key: Annotated[str, Meta(min_length=1, max_length=80)]
    title: Annotated[str, Meta(min_length=1, max_length=150)]
    questions: list[Question]


class Factor(msgspec.Struct, frozen=True):
    """What one answer does to a score: its number at `worst` counts 0, at `best` 1, and evenly
    between them."""

    question: Key
    weight: Annotated[float, Meta(ge=0, le=1000)]
    worst: float
    best: float


class Band(msgspec.Struct, frozen=True):
    """The name of a score from `at_least` on."""

    at_least: float
    name: str


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number from 0 to 100. mean: the weighted mean of the factors' shares; deduct: 100 less
    each factor's weight × what it lacks. Factors without an answer are left out; without any
    there is no score. `unless_weighted`: not computed when the weights are not all alike
    (contract 5.1)."""

    key: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=80,
            pattern=r"^[a-z][a-z0-9_]*$",
            extra={"says": "must be of small letters, digits and _."},
        ),
    ]
    title: Annotated[str, Meta(min_length=1, max_length=150)]
    method: Literal["mean", "deduct"]
    factors: Annotated[list[Factor], Meta(min_length=1, max_length=MAX_QUESTIONS)]
    bands: list[Band] = []
    column: str = ""
    unless_weighted: list[Key] = []


class Assessment(msgspec.Struct, frozen=True, dict=True):
    """One questionnaire whole. `key` names it here, `prefix` is how the wire calls it and how
    its questions' keys begin. `asked_of` is for assessments of an organisation's own: the
    submission types of which they are asked besides the usual ones."""

    key: Key
    prefix: Key
    title: Annotated[str, Meta(min_length=1, max_length=150)]
    sections: list[Section]
    scores: list[Score] = []
    asked_of: list[Annotated[int, Meta(ge=-1, le=8)]] = []

    @cached_property
    def questions(self) -> dict[str, Question]:
        return {
            question.key: question for section in self.sections for question in section.questions
        }

    @cached_property
    def fills_columns(self) -> bool:
        """Whether some of its answers are kept in columns of the idea, so that it always has
        some."""
        columns = ("process_name", "process_description", "category_id", "owner", "submitter")
        return any(q.column in columns or q.is_inventory for q in self.questions.values())

    @cached_property
    def variables(self) -> dict[str, Question]:
        return {question.variable: question for question in self.questions.values()}

    @cached_property
    def impacts(self) -> dict[str, list[str]]:
        """Per question the titles of the scores and formulas that its answer moves, directly or
        through others."""
        needs = {name: set(names) for name, names in _needs(self).items()}
        titles = {s.key: s.title for s in self.scores} | {
            q.variable: q.title for q in self.questions.values() if q.kind == "formula"
        }
        found: dict[str, list[str]] = {}
        for key, question in self.questions.items():
            reached: set[str] = set()
            waiting = [question.variable]
            while waiting:
                name = waiting.pop()
                fresh = {other for other, uses in needs.items() if name in uses} - reached
                reached |= fresh
                waiting.extend(fresh)
            found[key] = [title for name, title in titles.items() if name in reached]
        return found


def variable(key: str) -> str:
    return key.partition("-")[2].lower().replace("-", "_")


def _needs(assessment: Assessment) -> dict[str, list[str]]:
    """For each variable, score and formula the names that it is computed from. Raises
    WrongFormula."""
    found: dict[str, list[str]] = {}
    for question in assessment.questions.values():
        texts = (
            [question.formula]
            if question.kind == "formula"
            else [option.number for option in question.options if option.number]
        )
        found[question.variable] = [name for text in texts for name in parse_formula(text).names]
    for score in assessment.scores:
        found[score.key] = [variable(factor.question) for factor in score.factors]
    return found


def check(assessment: Assessment) -> None:
    """Raises Invalid naming every fault: double keys, too many questions, options that lack,
    formulas that cannot be read, name what is not there or refer to themselves, scores of
    questions that are not asked."""
    faults: dict[str, list[str]] = {}
    asked = [
        (f"sections.{s}.questions.{q}", question)
        for s, section in enumerate(assessment.sections)
        for q, question in enumerate(section.questions)
    ]
    if not 1 <= len(asked) <= MAX_QUESTIONS:
        faults["sections"] = [
            say(
                "hold {count} questions; 1 to {max_questions} may be asked.",
                count=len(asked),
                max_questions=MAX_QUESTIONS,
            )
        ]
    seen: set[str] = set()
    for path, question in asked:
        for field, text in _question_faults(assessment, question, seen):
            faults.setdefault(f"{path}.{field}", []).append(text)
        seen.add(question.variable)
    known = seen | {score.key for score in assessment.scores}
    for index, score in enumerate(assessment.scores):
        if score.key in seen:
            faults[f"scores.{index}.key"] = ["is the name of a question; choose another."]
        lost = [f.question for f in score.factors if f.question not in assessment.questions]
        if lost:
            faults[f"scores.{index}.factors"] = [
                say("There is no question {key}.", key=key) for key in lost
            ]
        if any(factor.worst == factor.best for factor in score.factors):
            faults.setdefault(f"scores.{index}.factors", []).append("worst and best must differ.")
    for path, question in asked:
        if texts := list(_formula_faults(question, known)):
            faults.setdefault(f"{path}.formula", []).extend(texts)
    if not faults and (circle := _circle(_needs(assessment))):
        faults["formula"] = [say("refers to itself: {circle}.", circle=" → ".join(circle))]
    if faults:
        raise Invalid("The assessment is not right.", details=faults)


def _question_faults(
    assessment: Assessment, question: Question, seen: set[str]
) -> Iterator[tuple[str, str]]:
    if not question.key.startswith(f"{assessment.prefix}-"):
        yield "key", say("must begin with {prefix}-.", prefix=assessment.prefix)
    elif not question.variable.isidentifier():
        yield "key", "must go on with a letter, so that formulas can name it."
    if question.variable in seen:
        yield "key", say("{value} stands twice.", value=question.key)
    if question.kind in ("single", "multiple") and len(question.options) < 2:
        yield "options", "A choice needs 2 to 20 answers."
    if len({option.code for option in question.options}) < len(question.options):
        yield "options", "Two answers have one code."
    if question.kind == "person" and question.column not in ("owner", "submitter"):
        yield (
            "kind",
            "person is for the process owner and the submitter alone; others work on an idea as "
            "collaborators.",
        )
    if question.kind == "category" and question.column != "category_id":
        yield "kind", "category is for the category of the idea alone."
    if question.kind == "formula" and not question.formula.strip():
        yield "formula", "is required for a KPI formula."


def _formula_faults(question: Question, known: set[str]) -> Iterator[str]:
    texts = [question.formula] if question.kind == "formula" and question.formula.strip() else []
    for text in [*texts, *(option.number for option in question.options if option.number)]:
        try:
            names = parse_formula(text).names
        except WrongFormula as error:
            yield f"“{text[:40]}” {error}"
        else:
            yield from (
                say("names “{name}”, which is not there.", name=name)
                for name in names
                if name not in known
            )


def _circle(needs: dict[str, list[str]]) -> list[str]:
    """A chain of names that leads back to its start; empty when there is none."""
    done: set[str] = set()

    def visit(name: str, above: list[str]) -> list[str]:
        if name in above:
            return [*above[above.index(name) :], name]
        if name not in done:
            done.add(name)
            for other in needs.get(name, ()):
                if found := visit(other, [*above, name]):
                    return found
        return []

    return next((found for name in needs if (found := visit(name, []))), [])


# --- what the calls take and answer ---


class VersionFacts(msgspec.Struct):
    """One version of an assessment, without its questions."""

    version_id: int
    assessment_key: str
    version_name: str
    state: str
    created_epoch: int
    live_epoch: int | None
    category_ids: list[int]


class Version(msgspec.Struct):
    """One version whole, as it is exported and imported."""

    version_id: int
    version_name: str
    state: str
    definition: Assessment


class NewVersion(msgspec.Struct):
    """`copy_of` starts from another version of the same assessment; else `definition` is the
    whole of it."""

    version_name: Annotated[str, Meta(min_length=1, max_length=50)]
    definition: Assessment | None = None
    copy_of: Id | None = None


class VersionChange(msgspec.Struct):
    version_name: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    definition: Assessment | None = None


class SetLive(msgspec.Struct):
    """Where a version is asked from now on: a category and all below it, 0 is the whole
    installation."""

    category_id: Id = 0


Answers = dict[str, dict[str, Any]]
"""{question key: {"value": …, "comment": …}}."""
