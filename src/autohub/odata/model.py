"""The entity sets, typed by the structs that the Open API answers with."""

import types
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from autohub.access.model import ANY_RIGHT, Right
from autohub.benefits.model import StoredRun
from autohub.ideas.fields import IdeaRecord
from autohub.ideas.model import HistoryEntry
from autohub.users.model import User

NAMESPACE = "AutoHub"
SetName = Literal[
    "Users",
    "Automations",
    "Categories",
    "Answers",
    "PhaseHistory",
    "CostBenefit",
    "RobotRuns",
]
_PRIMITIVE = {int: "Edm.Int64", float: "Edm.Double", str: "Edm.String"}


OWN = {
    "parent_category_id": "The category above it; null at the top.",
    "question_field": "The question's field in the record of the Open API, such as hla-rules.",
    "answer_text": "The answer, unless it is a number: a code, a text, or a list in JSON.",
    "answer_number": "The answer, where it is a number.",
    "answer_display": "The answer as people read it.",
    "history_id": "The move's number, in the order of time.",
}
"""What fields mean that the Open API has not."""


class CategoryRow(msgspec.Struct, kw_only=True):
    """A node of the tree, with the one above it."""

    category_id: int
    parent_category_id: int | None
    category_name: str
    category_level_id: int
    category_order_number: int
    category_is_other: int
    category_is_active: int
    category_scope: str | None


class AnswerRow(msgspec.Struct, kw_only=True):
    """What an idea says to one question; `answer_number` of a number, `answer_text` of all else."""

    process_id: int
    question_field: str
    answer_text: str | None
    answer_number: float | None
    answer_display: str | None


class PhaseMove(HistoryEntry, kw_only=True):
    """One move of an idea."""

    history_id: int
    process_id: int


class CostBenefitRow(msgspec.Struct, kw_only=True):
    """An idea's cost-benefit analysis, amounts in `currency`."""

    process_id: int
    currency: str
    baseline_is_set: int
    benefit_hours: float | None
    benefit_fte: float | None
    one_time: float
    running_per_year: float
    benefit_per_year: float | None
    net_per_year: float | None
    break_even_month: int | None


class RobotRun(StoredRun, kw_only=True):
    """What robots did for an idea at one time."""

    process_id: int


class EntitySet(NamedTuple):
    """One of the feed's tables. `rights` are those of the call that answers the same records."""

    name: SetName
    record: type[msgspec.Struct]
    key: tuple[str, ...]
    rights: tuple[Right, ...] = ANY_RIGHT
    tenant_level: bool = False
    any_category: bool = False
    per_page: int = 1000
    expands: tuple[SetName, ...] = ()


SETS: dict[str, EntitySet] = {
    each.name: each
    for each in (
        EntitySet(
            name="Users",
            record=User,
            key=("user_id",),
            rights=(Right.MANAGE_USERS,),
            tenant_level=True,
        ),
        EntitySet(
            name="Automations",
            record=IdeaRecord,
            key=("process_id",),
            per_page=500,
            expands=("Answers", "PhaseHistory", "CostBenefit", "RobotRuns"),
        ),
        EntitySet(name="Categories", record=CategoryRow, key=("category_id",), tenant_level=True),
        EntitySet(
            name="Answers", record=AnswerRow, key=("process_id", "question_field"), per_page=100
        ),
        EntitySet(name="PhaseHistory", record=PhaseMove, key=("history_id",)),
        EntitySet(
            name="CostBenefit",
            record=CostBenefitRow,
            key=("process_id",),
            rights=(Right.VIEW_CBA,),
            tenant_level=True,
            any_category=True,
            per_page=200,
        ),
        EntitySet(
            name="RobotRuns",
            record=RobotRun,
            key=("run_id",),
            rights=(Right.VIEW_CBA,),
            any_category=True,
        ),
    )
}


class Property(NamedTuple):
    """A property as $metadata has it; `struct` for a complex type, `of` a field whose moment it
    is."""

    name: str
    edm: str
    nullable: bool
    struct: type[msgspec.Struct] | None = None
    of: str = ""


def properties_of(record: type[msgspec.Struct]) -> dict[str, Property]:
    """The properties of a record; each time in milliseconds has a moment beside it."""
    found: dict[str, Property] = {}
    for name, hint in get_type_hints(record, include_extras=False).items():
        found[name] = _property(name, hint)
        if name.endswith("_epoch"):
            moment = f"{name.removesuffix('_epoch')}_time"
            found[moment] = Property(
                name=moment, edm="Edm.DateTimeOffset", nullable=found[name].nullable, of=name
            )
    return found


def _property(name: str, hint: Any) -> Property:
    nullable = False
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part not in (type(None), UnsetType)]
        nullable = type(None) in get_args(hint)
        hint = float if set(parts) == {int, float} else parts[0]
    if get_origin(hint) is list:
        inner = _property(name, get_args(hint)[0])
        collection = f"Collection({inner.edm})"
        return Property(name=name, edm=collection, nullable=False, struct=inner.struct)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        complex_type = f"{NAMESPACE}.{hint.__name__}"
        return Property(name=name, edm=complex_type, nullable=nullable, struct=hint)
    if hint is Any:  # what other systems call something: read as a text, whatever it is
        return Property(name, "Edm.String", True)
    return Property(name, _PRIMITIVE[hint], nullable)


PROPERTIES: dict[str, dict[str, Property]] = {
    each.name: properties_of(each.record) for each in SETS.values()
}
