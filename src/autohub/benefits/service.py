"""The cost-benefit analysis of an idea, its inputs, and what was really earned (contract 5.3)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.audit.model import Action
from autohub.benefits import money, setup, store
from autohub.benefits.model import (
    IMPLEMENTATION_PHASES,
    Analysis,
    Baseline,
    Comparison,
    Cost,
    Inputs,
    Month,
    Plan,
    PlanRow,
    Run,
    ShownPlanRow,
    parse_day,
)
from autohub.db.engine import Reading, Writing
from autohub.ideas import scoring
from autohub.ideas import service as ideas
from autohub.ideas.rights import AuthorizedIdea, may_on_idea, need_edit
from autohub.kit.errors import Forbidden, Invalid
from autohub.kit.sentences import say

Faults = dict[str, list[str]]
MAX_RUN_EPOCH = 4_133_980_800_000  # the end of 2100


def check_visible(caller: Caller, held: AuthorizedIdea) -> None:
    """Raises Forbidden unless the caller may see the idea's cost-benefit analysis."""
    if not may_on_idea(caller, Right.VIEW_CBA, held):
        raise Forbidden


def get_analysis(db: Reading, caller: Caller, held: AuthorizedIdea, *, now: int) -> Analysis:
    """All of an idea's analysis in numbers, amounts in the default currency at today's rates.
    Raises Forbidden."""
    check_visible(caller, held)
    return _analysis(db, held, setup.CurrencyConverter(db, now))


def get_benefits(
    db: Reading, caller: Caller, held: AuthorizedIdea, *, now: int
) -> tuple[Analysis, Comparison]:
    """The analysis, and planned against actual, from the launch or the first run to today.
    Raises Forbidden."""
    check_visible(caller, held)
    exchange = setup.CurrencyConverter(db, now)
    plan = _analysis(db, held, exchange)
    return plan, _compare_runs(db, held, plan, exchange, now=now)


def _analysis(db: Reading, held: AuthorizedIdea, exchange: setup.CurrencyConverter) -> Analysis:
    process_id = held.idea.process_id
    plan, costs = store.get_plan(db, process_id), store.list_costs(db, process_id)
    decided, baseline_is_set = store.get_inputs(db, process_id)
    by_algorithm = {result.key: result.value for result in scoring.compute_results(db, held.idea)}
    one_time = sum(
        exchange.to_default((row.person_days or 0) * (row.day_rate or 0), row.currency)
        for row in plan
    )
    one_time += sum(
        exchange.to_default(cost.quantity * (cost.unit_price or 0), cost.currency)
        for cost in costs
        if cost.kind == "one_time"
    )
    running = sum(
        exchange.to_default(cost.quantity * (cost.unit_price or 0), cost.currency)
        for cost in costs
        if cost.kind == "running"
    )
    benefit = _final_or_computed(decided.benefit_currency_final, by_algorithm.get("benefit_cost"))
    return Analysis(
        currency=exchange.currency,
        baseline_is_set=int(baseline_is_set),
        inputs=decided,
        plan=[_to_plan_row(row) for row in plan],
        costs=costs,
        benefit_hours=_final_or_computed(
            decided.benefit_hours_final,
            by_algorithm.get("benefit_hours", by_algorithm.get("hours_per_year")),
        ),
        benefit_fte=_final_or_computed(decided.benefit_fte_final, by_algorithm.get("benefit_fte")),
        result=money.analyze(one_time=one_time, running=running, benefit=benefit),
    )


def _final_or_computed(final: float | None, by_algorithm: float | None) -> float | None:
    return by_algorithm if final is None else final


def _to_plan_row(row: PlanRow) -> ShownPlanRow:
    start, end, real = (
        date.fromisoformat(d) if d else None
        for d in (row.baseline_start, row.baseline_end, row.actual_end or row.new_estimate_end)
    )
    return ShownPlanRow(
        **msgspec.structs.asdict(row),
        phase_name=IMPLEMENTATION_PHASES[row.phase_id],
        baseline_working_days=money.working_days(start, end) if start and end else None,
        delta_working_days=money.delay(end, real) if end and real else None,
    )


# --- inputs ---


def set_baseline(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: Baseline, *, now: int
) -> Analysis:
    """Stores the plan and sets the baseline (contract 4.7); what became of a phase so far stays.
    Raises Forbidden, Invalid."""
    process_id = held.idea.process_id
    need_edit(db, caller, held, "cba")
    faults: Faults = {}
    before = {row.phase_id: row for row in store.get_plan(db, process_id)}
    rows: list[PlanRow] = []
    previous_end: date | None = None
    for index, phase in sorted(enumerate(wanted.phases), key=lambda pair: pair[1].phase_id):
        end = parse_day(phase.end, f"phases.{index}.end", faults)
        start = parse_day(phase.start, f"phases.{index}.start", faults) if phase.start else None
        if start is None and previous_end is not None and not phase.start:
            start = money.next_working_day(previous_end)
        row = PlanRow(
            phase.phase_id,
            str(start) if start else None,
            str(end) if end else None,
            person_days=phase.person_days,
            day_rate=phase.day_rate,
            currency=phase.currency,
        )
        if old := before.get(phase.phase_id):
            kept = ("actual_start", "actual_end", "new_estimate_end")
            row = msgspec.structs.replace(row, **{name: getattr(old, name) for name in kept})
            for name in ("person_days", "day_rate", "currency"):
                if getattr(row, name) is None:
                    row = msgspec.structs.replace(row, **{name: getattr(old, name)})
        rows.append(row)
        previous_end = end
    _check_plan(
        db,
        rows,
        [index for index, _ in sorted(enumerate(wanted.phases), key=lambda pair: pair[1].phase_id)],
        faults,
        now=now,
    )
    decided, _ = store.get_inputs(db, process_id)
    if wanted.launch_date and parse_day(wanted.launch_date, "launch_date", faults):
        decided = msgspec.structs.replace(decided, launch_date=wanted.launch_date)
    _raise_faults(faults)
    kept_rows = [
        row for phase_id, row in before.items() if phase_id not in {r.phase_id for r in rows}
    ]
    plan = sorted([*rows, *kept_rows], key=lambda row: row.phase_id)
    store.set_plan(db, process_id, plan)
    store.set_inputs(db, process_id, decided, baseline=plan, now=now)
    return _save_and_audit(
        db, caller, held, "set project plan baseline", msgspec.to_builtins(wanted), now=now
    )


def set_plan(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: Plan, *, now: int
) -> Analysis:
    """Replaces the plan, without setting the baseline. Raises Forbidden, Invalid."""
    need_edit(db, caller, held, "cba")
    faults: Faults = {}
    _check_plan(db, wanted.phases, list(range(len(wanted.phases))), faults, now=now)
    _raise_faults(faults)
    store.set_plan(db, held.idea.process_id, sorted(wanted.phases, key=lambda row: row.phase_id))
    return _save_and_audit(
        db, caller, held, "set project plan", msgspec.to_builtins(wanted), now=now
    )


def _check_plan(
    db: Reading, rows: Sequence[PlanRow], places: Sequence[int], faults: Faults, *, now: int
) -> None:
    exchange = setup.CurrencyConverter(db, now)
    seen_phases: set[int] = set()
    for row, index in zip(rows, places, strict=True):
        path = f"phases.{index}"
        if row.phase_id not in IMPLEMENTATION_PHASES:
            faults[f"{path}.phase_id"] = [
                say(
                    "must be one of {choices}.",
                    choices=", ".join(f"{i} {name}" for i, name in IMPLEMENTATION_PHASES.items()),
                )
            ]
        elif row.phase_id in seen_phases:
            faults[f"{path}.phase_id"] = [
                say(
                    "{value} stands twice.",
                    value=IMPLEMENTATION_PHASES[row.phase_id],
                )
            ]
        seen_phases.add(row.phase_id)
        names = ("baseline_start", "baseline_end", "actual_start", "actual_end", "new_estimate_end")
        days = {
            name: parse_day(getattr(row, name), f"{path}.{name}", faults)
            for name in names
            if getattr(row, name)
        }
        for first, last in (("baseline_start", "baseline_end"), ("actual_start", "actual_end")):
            start, end = days.get(first), days.get(last)
            if start and end and end < start:
                faults[f"{path}.{last}"] = [say("is before the start, {start}.", start=start)]
        exchange.check(row.currency, f"{path}.currency", faults)


def set_costs(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: list[Cost], *, now: int
) -> Analysis:
    """Replaces the costs. Raises Forbidden, Invalid for an unknown price or a currency
    without a rate."""
    need_edit(db, caller, held, "cba")
    prices, exchange, faults = store.list_prices(db), setup.CurrencyConverter(db, now), Faults()
    rows = []
    for index, cost in enumerate(wanted):
        if cost.price_id is not None:
            price = prices.get(cost.price_id)
            if price is None:
                faults[f"costs.{index}.price_id"] = [
                    say(
                        "There is no price {price_id}; GET /cost-setup lists them.",
                        price_id=cost.price_id,
                    )
                ]
                continue
            name = cost.cost_name or f"{price.vendor_name}: {price.price_name}"
            cost = msgspec.structs.replace(
                cost, unit_price=price.price, currency=price.currency, cost_name=name
            )
        if cost.unit_price is None:
            faults[f"costs.{index}.unit_price"] = ["is required, or a price_id."]
        exchange.check(cost.currency, f"costs.{index}.currency", faults)
        rows.append(msgspec.structs.replace(cost, currency=cost.currency or exchange.currency))
    _raise_faults(faults)
    store.set_costs(db, held.idea.process_id, rows)
    return _save_and_audit(
        db, caller, held, "set costs", {"costs": msgspec.to_builtins(rows)}, now=now
    )


def set_inputs(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: Inputs, *, now: int
) -> Analysis:
    """Replaces what people decided beside the algorithm. Raises Forbidden, Invalid."""
    need_edit(db, caller, held, "cba")
    faults: Faults = {}
    if wanted.launch_date:
        parse_day(wanted.launch_date, "launch_date", faults)
    _raise_faults(faults)
    store.set_inputs(db, held.idea.process_id, wanted, baseline=None, now=now)
    return _save_and_audit(db, caller, held, "set benefits", msgspec.to_builtins(wanted), now=now)


def _raise_faults(faults: Faults) -> None:
    if faults:
        raise Invalid("Some of the values are not right.", details=faults)


def _save_and_audit(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    action: Action,
    after: dict[str, Any],
    *,
    now: int,
) -> Analysis:
    """Notes the change, and brings what the record shows of it up to date."""
    audit.record(db, actor(caller), action, "idea", held.idea.process_id, now=now, after=after)
    found = _analysis(db, held, setup.CurrencyConverter(db, now))
    licences = [
        cost for cost in found.costs if cost.kind == "running" and cost.cost_type == "licence"
    ]
    before = msgspec.to_builtins(held.idea)
    held.idea.extras = held.idea.extras | {
        "running_cost": found.result.running_per_year,
        "number_of_robots": sum(cost.quantity for cost in licences) or None,
        "software_vendor": licences[0].cost_name or None if licences else None,
        "cost_description": "; ".join(cost.cost_name for cost in found.costs if cost.cost_name)
        or None,
    }
    ideas.save_change(db, caller, held.idea, before, action, now=now, lists=False)
    return found


# --- what was really earned ---


def add_runs(
    db: Writing, caller: Caller, held: AuthorizedIdea, wanted: list[Run], *, now: int
) -> int:
    """Stores what robots did, and returns how many entries they were. Raises NotFound,
    Forbidden, Invalid naming every fault."""
    process_id = held.idea.process_id
    need_edit(db, caller, held, "cba")
    per_run = (held.idea.answers.get("EX-MINUTES_SAVED_PER_RUN") or {}).get("value")
    exchange, faults = setup.CurrencyConverter(db, now), Faults()
    rows, keys = [], set()
    for index, run in enumerate(wanted):
        started = run.started_epoch * 1000 if run.started_epoch < 10**11 else run.started_epoch
        if started > MAX_RUN_EPOCH:
            faults[f"{index}.started_epoch"] = ["must be before the end of 2100."]
        if run.failed > run.runs:
            faults[f"{index}.failed"] = [say("must be at most the {runs} runs.", runs=run.runs)]
        if run.minutes_saved is None and per_run is None:
            faults[f"{index}.minutes_saved"] = [
                "is required until the Execution Assessment says how many minutes a run saves."
            ]
        if run.run_key is not None and run.run_key in keys:
            faults[f"{index}.run_key"] = [say("“{run_key}” stands twice.", run_key=run.run_key)]
        keys.add(run.run_key)
        exchange.check(run.currency, f"{index}.currency", faults)
        minutes = (
            run.minutes_saved
            if run.minutes_saved is not None
            else (run.runs - run.failed) * (per_run or 0)
        )
        rows.append(
            (
                process_id,
                started,
                run.runs,
                run.failed,
                float(minutes),
                run.cost_saved,
                run.currency,
                run.run_key,
            )
        )
    _raise_faults(faults)
    store.save_runs(db, process_id, rows)
    ideas.touch(db, held.idea, now=now)
    audit.record(
        db,
        actor(caller),
        "add robot runs",
        "idea",
        process_id,
        now=now,
        after={"entries": len(rows)},
    )
    return len(rows)


def _compare_runs(
    db: Reading,
    held: AuthorizedIdea,
    plan: Analysis,
    exchange: setup.CurrencyConverter,
    *,
    now: int,
) -> Comparison:
    process_id = held.idea.process_id
    hourly = (held.idea.answers.get("EX-COST_SAVED_PER_RUN") or {}).get("value")
    actual: dict[str, list[float]] = {}
    for started, runs, failed, minutes, cost, currency in store.list_all_runs(db, process_id):
        sums = actual.setdefault(_month(started), [0.0, 0.0, 0, 0])
        saved = (
            exchange.to_default(cost, currency, at=started)
            if cost is not None
            else (runs - failed) * (hourly or 0)
        )
        for place, value in enumerate((minutes / 60, saved, runs, failed)):
            sums[place] += value
    launch = plan.inputs.launch_date
    months = _months(
        min([*actual, *([launch[:7]] if launch else [])], default=None), max([_month(now), *actual])
    )
    hours, benefit = plan.benefit_hours, plan.result.benefit_per_year
    rows = []
    for month in months:
        planned = launch is not None and month >= launch[:7]
        sums = actual.get(month, [0.0, 0.0, 0, 0])
        rows.append(
            Month(
                month=month,
                planned_hours=round(hours / 12, 2) if planned and hours is not None else None,
                actual_hours=round(sums[0], 2),
                planned_benefit=round(benefit / 12, 2) if planned and benefit is not None else None,
                actual_benefit=round(sums[1], 2),
                runs=int(sums[2]),
                failed=int(sums[3]),
            )
        )
    total = [sum(sums[place] for sums in actual.values()) for place in range(4)]
    year = exchange.hours_per_year
    return Comparison(
        currency=plan.currency,
        months=rows,
        planned_hours=_sum([row.planned_hours for row in rows]),
        actual_hours=round(total[0], 2),
        planned_benefit=_sum([row.planned_benefit for row in rows]),
        actual_benefit=round(total[1], 2),
        actual_fte=round(total[0] / len(actual) * 12 / year, 2) if actual else None,
        runs=int(total[2]),
        failed=int(total[3]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 2) if known else None


def _month(epoch: int) -> str:
    return datetime.fromtimestamp(epoch / 1000, UTC).strftime("%Y-%m")


def _months(first: str | None, last: str) -> list[str]:
    """Every month from the first to the last, both counted."""
    if first is None:
        return []
    year, month = (int(part) for part in first.split("-"))
    found = []
    while (text := f"{year:04}-{month:02}") <= last:
        found.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
