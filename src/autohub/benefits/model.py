"""What the cost-benefit analysis is made of, as the wire carries it (contract 5.3)."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Id
from autohub.benefits.money import Earnings
from autohub.flows.model import PHASES
from autohub.kit.sentences import say

IMPLEMENTATION_PHASES = {phase_id: name for phase_id, _, name in PHASES if 4 <= phase_id <= 8}
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)

Day = Annotated[
    str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", extra={"says": "must be a day such as 2026-01-31."})
]
Currency = Annotated[
    str,
    Meta(pattern=r"^[A-Z]{3}$", extra={"says": "must be a currency's three letters, such as USD."}),
]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
OneLine = Annotated[str, Meta(min_length=1, max_length=100)]


class PlanRow(msgspec.Struct):
    """One implementation phase. Days that are null are not known; `baseline_…` are the plan, the
    others what became of it."""

    phase_id: Id
    baseline_start: Day | None = None
    baseline_end: Day | None = None
    actual_start: Day | None = None
    actual_end: Day | None = None
    new_estimate_end: Day | None = None
    person_days: Amount | None = None
    day_rate: Amount | None = None
    currency: Currency | None = None


class ShownPlanRow(PlanRow, kw_only=True):
    """The same with what follows from it: working days of the baseline, and by how many the end
    is late (negative: early)."""

    phase_name: str
    baseline_working_days: int | None = None
    delta_working_days: int | None = None


class Plan(msgspec.Struct):
    """The plan of an idea; phases that are left out lose theirs."""

    phases: Annotated[list[PlanRow], Meta(max_length=20)]


class BaselinePhase(msgspec.Struct):
    """A phase of the plan whose baseline is set; a start that is left out is the working day
    after the phase before."""

    phase_id: Id
    end: Day
    start: Day | None = None
    person_days: Amount | None = None
    day_rate: Amount | None = None
    currency: Currency | None = None


class Baseline(msgspec.Struct):
    """The body of PUT /automations/cba/{id}/project-plan-baseline."""

    phases: Annotated[list[BaselinePhase], Meta(min_length=1, max_length=5)]
    launch_date: Day | None = None


class Cost(msgspec.Struct):
    """One cost: once, or a year. `price_id` takes price, currency and name from the Cost Setup."""

    kind: Literal["one_time", "running"]
    cost_type: Literal["licence", "infrastructure", "support", "other"] = "other"
    cost_name: Annotated[str, Meta(max_length=100)] = ""
    quantity: Amount = 1.0
    unit_price: Amount | None = None
    currency: Currency | None = None
    price_id: Id | None = None


class Costs(msgspec.Struct):
    costs: Annotated[list[Cost], Meta(max_length=200)]


class Inputs(msgspec.Struct, omit_defaults=True):
    """What people decide beside the algorithm: null leaves the algorithm's figure. A year's, in
    the default currency."""

    ease_final: Literal["Easy", "Medium", "Difficult"] | None = None
    benefit_hours_final: Amount | None = None
    benefit_currency_final: Amount | None = None
    benefit_fte_final: Amount | None = None
    launch_date: Day | None = None


class AnalysisField(msgspec.Struct):
    """A line of the analysis that GET /cba shows."""

    field_name: str
    value: str | float | None


class AnalysisSection(msgspec.Struct):
    """A section of the same, with sections or lines of its own."""

    title: str
    sections: "list[AnalysisSection] | UnsetType" = UNSET
    input_fields: list[AnalysisField] | UnsetType = UNSET


class AnalysisInSections(msgspec.Struct):
    """What GET /cba answers (contract 4.7)."""

    baseline_is_set: int
    sections: list[AnalysisSection]


class Analysis(msgspec.Struct):
    """All of it in numbers."""

    currency: str
    baseline_is_set: int
    inputs: Inputs
    plan: list[ShownPlanRow]
    costs: list[Cost]
    benefit_hours: float | None
    benefit_fte: float | None
    result: Earnings


class CostSetup(msgspec.Struct):
    """What holds for all ideas: the default currency, a person's working days a year and hours a
    day, rates and prices."""

    currency: str
    working_days: float
    working_hours: float
    rates: list["Rate"]
    prices: list["Price"]


class CostSetupChange(msgspec.Struct):
    currency: Currency | UnsetType = UNSET
    working_days: Annotated[float, Meta(gt=0, le=366)] | UnsetType = UNSET
    working_hours: Annotated[float, Meta(gt=0, le=24)] | UnsetType = UNSET


class Rate(msgspec.Struct):
    """One unit of `currency` is worth `rate` of the default currency, from `valid_from` on."""

    currency: Currency
    rate: Annotated[float, Meta(gt=0, le=1e9)]
    valid_from: Day


class Price(msgspec.Struct):
    price_id: int
    kind: str
    vendor_name: str
    price_name: str
    price: float
    currency: str


class NewPrice(msgspec.Struct):
    """A vendor's licence a year, or a day of a role's work."""

    kind: Literal["licence", "day_rate"]
    vendor_name: OneLine
    price_name: OneLine
    price: Amount
    currency: Currency


class Run(msgspec.Struct):
    """What robots did: some runs that began at `started_epoch` (seconds or milliseconds), how
    many of them failed, and what they saved. Without `minutes_saved` the Execution Assessment's
    minutes per run count. `run_key` is the caller's own name for it; sent again, it takes the
    first one's place."""

    started_epoch: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    runs: Annotated[int, Meta(ge=1, le=10**9)] = 1
    failed: Annotated[int, Meta(ge=0, le=10**9)] = 0
    minutes_saved: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    cost_saved: Amount | None = None
    currency: Currency | None = None
    run_key: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class StoredRun(msgspec.Struct):
    run_id: int
    started_epoch: int
    runs: int
    failed: int
    minutes_saved: float
    cost_saved: float | None
    currency: str | None
    run_key: str | None


class Month(msgspec.Struct):
    """A month, 'YYYY-MM', of plan and fact; planned figures begin with the launch."""

    month: str
    planned_hours: float | None
    actual_hours: float
    planned_benefit: float | None
    actual_benefit: float
    runs: int
    failed: int


class Comparison(msgspec.Struct):
    """Planned against actual, month by month and in all; amounts are in the default currency."""

    currency: str
    months: list[Month]
    planned_hours: float | None
    actual_hours: float
    planned_benefit: float | None
    actual_benefit: float
    actual_fte: float | None
    runs: int
    failed: int


def parse_day(text: str, path: str, faults: dict[str, list[str]]) -> date | None:
    """The day, or None with its fault noted: days that are none, and those before 1970 and after
    2100."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults[path] = [say("“{text}” is no day of the calendar; write 2026-01-31.", text=text)]
        return None
    if not FIRST_DAY <= day <= LAST_DAY:
        faults[path] = [
            say(
                "must be between {first_day} and {last_day}; {text} is not.",
                first_day=FIRST_DAY,
                last_day=LAST_DAY,
                text=text,
            )
        ]
        return None
    return day


def cba_field(name: str, value: Any) -> dict[str, Any]:
    """One line of GET /cba."""
    return {"field_name": name, "value": value}
