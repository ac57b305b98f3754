"""The cost-benefit analysis of one idea: plan, costs, benefits, break-even, and what was really
earned."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.benefits import service as benefits
from autohub.benefits import setup
from autohub.benefits.model import IMPLEMENTATION_PHASES, Costs, Inputs, Plan
from autohub.ideas.rights import need_edit
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.text import N_
from autohub.pages.idea import changes
from autohub.pages.idea.header import find_idea_of, idea_page
from autohub.pages.idea.pages import AT
from autohub.web.forms import NOT_RIGHT, Form, decimal
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
SPARE_COSTS = 2
COST_FIELDS = ("kind", "cost_type", "cost_name", "quantity", "unit_price", "currency")
PLAN_COLUMNS = (
    # field, heading, kind of input
    ("baseline_start", N_("Planned start"), "date"),
    ("baseline_end", N_("Planned end"), "date"),
    ("actual_start", N_("Actual start"), "date"),
    ("actual_end", N_("Actual end"), "date"),
    ("new_estimate_end", N_("New estimate"), "date"),
    ("person_days", N_("Person days"), "text"),
    ("day_rate", N_("Day rate"), "text"),
    ("currency", N_("Currency"), "text"),
)
PLAN_DAYS = tuple(name for name, _, kind in PLAN_COLUMNS if kind == "date")
COST_COLUMNS = (
    ("cost_name", N_("Name")),
    ("quantity", N_("Quantity")),
    ("unit_price", N_("Price")),
    ("currency", N_("Currency")),
)


@routes("GET", f"{AT}/cost-benefit", rights=ANY_RIGHT)
def show_benefits(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    analysis, compared = benefits.get_benefits(request.db, request.caller, held, now=request.now)
    text = request.reader
    months = compared.months[-24:]
    actual: dict[str, Any] = {
        "kind": "bars",
        "labels": [text.month(row.month) for row in months],
        "inTime": True,
        "unit": compared.currency,
        "series": [
            {
                "name": text("Planned"),
                "values": [row.planned_benefit for row in months],
                "line": True,
            },
            {"name": text("Actual"), "values": [row.actual_benefit for row in months]},
        ],
    }
    earned = analysis.result.cumulative
    ahead = {
        "kind": "bars",
        "labels": [str(month) for month in range(len(earned))],
        "inTime": True,
        "unit": analysis.currency,
        "series": [{"name": text("Earned since the launch"), "values": earned, "line": True}],
    }
    return idea_page(
        request,
        "idea-benefits.html",
        held,
        "cost-benefit",
        analysis=analysis,
        compared=compared,
        months=months,
        actual=actual,
        ahead=ahead,
        years=[
            (number, earned[number * 12])
            for number in range(len(earned) // 12 + 1)
            if number * 12 < len(earned)
        ],
    )


def show_edit_form(request: ReadPageRequest) -> RenderedPage:
    held = find_idea_of(request)
    need_edit(request.db, request.caller, held, "cba")
    analysis = benefits.get_analysis(request.db, request.caller, held, now=request.now)
    plan = {row.phase_id: row for row in analysis.plan}
    rows: list[dict[str, Any]] = []
    for phase_id, name in IMPLEMENTATION_PHASES.items():
        row = plan.get(phase_id)
        kept = {field: getattr(row, field) if row else None for field, _, _ in PLAN_COLUMNS}
        if request.error:
            kept = {field: request.form.get(f"p{phase_id}-{field}") for field in kept}
        rows.append({"phase_id": phase_id, "phase_name": name, **kept})
    costs: list[dict[str, Any]] = [
        {name: getattr(cost, name) for name in COST_FIELDS} for cost in analysis.costs
    ]
    if request.error:
        costs = _parse_costs(request.form)
    blank = {
        "kind": "one_time",
        "cost_type": "other",
        "cost_name": "",
        "quantity": "",
        "unit_price": "",
        "currency": analysis.currency,
    }
    inputs: Any = analysis.inputs
    costs += [blank] * SPARE_COSTS
    return idea_page(
        request,
        "idea-benefits-edit.html",
        held,
        "cost-benefit",
        analysis=analysis,
        plan=rows,
        costs=costs,
        columns=PLAN_COLUMNS,
        labels=_field_labels(request, len(costs)),
        inputs={
            name: request.form.get(name) if request.error else getattr(inputs, name)
            for name in Inputs.__struct_fields__
        },
        setup=setup.get_setup(request.db),
        stamp=changes.stamp_of(request, held.idea),
    )


def _field_labels(request: PageRequest[Any], costs: int) -> dict[str, str]:
    """What every field of the sheet is called, by its name."""
    text = request.reader
    found = {
        f"p{at}-{name}": f"{text(phase)}: {text(word)}"
        for at, phase in IMPLEMENTATION_PHASES.items()
        for name, word, _ in PLAN_COLUMNS
    }
    for index in range(costs):
        found |= {
            f"costs.{index}.{name}": f"{text('Cost %s') % (index + 1)}: {text(word)}"
            for name, word in COST_COLUMNS
        }
    decided = {
        "benefit_hours_final": N_("Hours saved a year"),
        "benefit_currency_final": N_("Benefit a year"),
        "benefit_fte_final": N_("FTE"),
    }
    return (
        found
        | {name: text(word) for name, word in decided.items()}
        | {"launch_date": text("Launch")}
    )


def _parse_costs(form: Form) -> list[dict[str, Any]]:
    """The rows of costs of which anything was typed."""
    columns = (form.all(f"cost-{name}") for name in COST_FIELDS)
    rows = [dict(zip(COST_FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]
    return [row for row in rows if row["cost_name"] or row["unit_price"]]


def _parse_number(text: str, path: str, faults: dict[str, list[str]]) -> float | None:
    try:
        return decimal(text, path)
    except Invalid as error:
        faults.update(error.details)
        return None


routes("GET", f"{AT}/cost-benefit/edit", rights=ANY_RIGHT)(show_edit_form)


@routes("POST", f"{AT}/cost-benefit/edit", rights=ANY_RIGHT, on_error=show_edit_form)
def edit_benefits(request: WritePageRequest) -> Redirect:
    held, form = changes.check_stamp(request), request.form
    faults: dict[str, list[str]] = {}
    phases = []
    for phase_id in IMPLEMENTATION_PHASES:
        row: dict[str, Any] = {
            name: form.get(f"p{phase_id}-{name}") or None for name in (*PLAN_DAYS, "currency")
        }
        for name in ("person_days", "day_rate"):
            row[name] = _parse_number(
                form.get(f"p{phase_id}-{name}"), f"p{phase_id}-{name}", faults
            )
        if any(value is not None for name, value in row.items() if name != "currency"):
            phases.append(row | {"phase_id": phase_id})
    costs = []
    for index, cost in enumerate(_parse_costs(form)):
        figures = {
            name: _parse_number(cost[name], f"costs.{index}.{name}", faults)
            for name in ("quantity", "unit_price")
        }
        costs.append(
            cost
            | figures
            | {"quantity": 1.0 if figures["quantity"] is None else figures["quantity"]}
        )
    decided: dict[str, Any] = {
        name: form.get(name) or None for name in ("ease_final", "launch_date")
    }
    for name in ("benefit_hours_final", "benefit_currency_final", "benefit_fte_final"):
        decided[name] = _parse_number(form.get(name), name, faults)
    works: tuple[Callable[[], Any], ...] = (
        lambda: benefits.set_plan(
            request.db,
            request.caller,
            held,
            coerce({"phases": phases}, Plan),
            now=request.now,
        ),
        lambda: benefits.set_costs(
            request.db,
            request.caller,
            held,
            coerce({"costs": costs}, Costs).costs,
            now=request.now,
        ),
        lambda: benefits.set_inputs(
            request.db, request.caller, held, coerce(decided, Inputs), now=request.now
        ),
    )
    for work in works:
        try:
            work()
        except Invalid as error:
            faults = {
                _at_field(path, phases): texts for path, texts in error.details.items()
            } | faults
    if faults:
        raise Invalid(NOT_RIGHT, details=faults)
    return Redirect(
        f"/automation-profile/{request.path['process']}/cost-benefit",
        request.reader("Plan, costs and benefits are saved."),
    )


def _at_field(path: str, phases: Sequence[dict[str, Any]]) -> str:
    """The form's field of a fault: phases are sent without those of which nothing was typed."""
    found = re.fullmatch(r"phases\.(\d+)\.(\w+)", path)
    return f"p{phases[int(found[1])]['phase_id']}-{found[2]}" if found else path
