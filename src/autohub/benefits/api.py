"""The calls about plans, costs, benefits and runs (contract 4.7, 5.3)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.benefits import sections, service, setup, store
from autohub.benefits.model import (
    Analysis,
    AnalysisInSections,
    Baseline,
    Comparison,
    Costs,
    CostSetup,
    CostSetupChange,
    Inputs,
    NewPrice,
    Plan,
    Price,
    Rate,
    Run,
    StoredRun,
)
from autohub.ideas.rights import find_idea, need_edit
from autohub.kit.errors import Invalid
from autohub.kit.query import PAGING, Param
from autohub.kit.text import number_at_end
from autohub.web.routes import Paged, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Costs and benefits")
VIEW = (Right.VIEW_CBA,)
SETUP = (Right.MANAGE_PLATFORM_SETUP,)

_PHASE = {
    "phase_id": 4,
    "start": "2026-01-05",
    "end": "2026-01-30",
    "person_days": 12,
    "day_rate": 800,
    "currency": "USD",
}
_ROW = {
    "phase_id": 4,
    "baseline_start": "2026-01-05",
    "baseline_end": "2026-01-30",
    "new_estimate_end": "2026-02-06",
    "person_days": 12,
}
_COST = {
    "kind": "running",
    "cost_type": "licence",
    "cost_name": "Robot licence",
    "quantity": 2,
    "unit_price": 8000,
    "currency": "USD",
}
_ANALYSIS: dict[str, Any] = {
    "currency": "USD",
    "baseline_is_set": 1,
    "inputs": {"launch_date": "2026-06-01"},
    "plan": [
        _ROW | {"phase_name": "Analysis", "baseline_working_days": 20, "delta_working_days": 5}
    ],
    "costs": [_COST],
    "benefit_hours": 1650,
    "benefit_fte": 1.03,
    "result": {
        "one_time": 9600,
        "running_per_year": 16000,
        "benefit_per_year": 51562.5,
        "net_per_year": 35562.5,
        "cumulative": [-9600, -6636.46],
        "break_even_month": 4,
        "roi": {"1": 1.0141},
    },
}
_CBA = {
    "baseline_is_set": 1,
    "sections": [
        {
            "title": "Project Plan",
            "sections": [
                {
                    "title": "Ease of Implementation",
                    "input_fields": [
                        {"field_name": "Estimated by Algorithm", "value": "Easy"},
                        {"field_name": "Final", "value": "Easy"},
                    ],
                }
            ],
        }
    ],
}
_SETUP = {
    "currency": "USD",
    "working_days": 220,
    "working_hours": 8,
    "rates": [{"currency": "EUR", "rate": 1.1, "valid_from": "2026-01-01"}],
    "prices": [
        {
            "price_id": 1,
            "kind": "licence",
            "vendor_name": "UiPath",
            "price_name": "Robot",
            "price": 8000,
            "currency": "USD",
        }
    ],
}
_RUN = {
    "started_epoch": 1767225600000,
    "runs": 40,
    "failed": 1,
    "minutes_saved": 195,
    "run_key": "2026-01-01",
}
_WRITE: dict[str, Any] = {"rights": ANY_RIGHT, "answer": Analysis, "example": _ANALYSIS}


@routes(
    "GET",
    "/cba",
    rights=VIEW,
    any_category=True,
    tenant_level=True,
    params=(Param("id", "text", "The idea's number or slug.", required=True),),
    answer=AnalysisInSections,
    example=_CBA,
    errors=(404,),
)
def get_cba(request: ReadApiRequest) -> Any:
    """Shows an idea's cost-benefit analysis in its sections"""
    text = (request.query.get("id") or "").rstrip(
        "'"
    )  # the guide's own sample ends in a stray quote
    process_id = number_at_end(text)
    if process_id is None:
        raise Invalid(
            "Say of which idea.", details={"id": ["is required: the idea's number or slug."]}
        )
    held = find_idea(request.db, request.caller, process_id)
    return sections.build_document(request.db, request.caller, held, now=request.now)


@routes(
    "GET",
    "/automations/{process_id}/cba",
    rights=VIEW,
    any_category=True,
    tenant_level=True,
    answer=Analysis,
    example=_ANALYSIS,
)
def get_analysis(request: ReadApiRequest) -> Analysis:
    """Shows the same in numbers, with every input"""
    held = find_idea(request.db, request.caller, request.id)
    return service.get_analysis(
        request.db,
        request.caller,
        held,
        now=request.now,
    )


@routes(
    "PUT",
    "/automations/cba/{process_id}/project-plan-baseline",
    subject_path="/automations/{process_id}/cba",
    body=Baseline,
    body_example={"phases": [_PHASE]},
    **_WRITE,
)
def put_baseline(request: WriteApiRequest) -> Analysis:
    """Stores the project plan and sets its baseline

    A start that is left out is the working day after the phase before.
    """
    held = find_idea(request.db, request.caller, request.id)
    return service.set_baseline(request.db, request.caller, held, request.body, now=request.now)


@routes(
    "PUT",
    "/automations/{process_id}/cba/plan",
    body=Plan,
    body_example={"phases": [_ROW]},
    **_WRITE,
)
def put_plan(request: WriteApiRequest) -> Analysis:
    """Replaces the project plan with what became of it, without setting the baseline"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_plan(request.db, request.caller, held, request.body, now=request.now)


@routes(
    "PUT",
    "/automations/{process_id}/cba/costs",
    body=Costs,
    body_example={"costs": [_COST]},
    **_WRITE,
)
def put_costs(request: WriteApiRequest) -> Analysis:
    """Replaces an idea's costs"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_costs(request.db, request.caller, held, request.body.costs, now=request.now)


@routes(
    "PUT",
    "/automations/{process_id}/cba/benefits",
    body=Inputs,
    body_example={"launch_date": "2026-06-01"},
    **_WRITE,
)
def put_inputs(request: WriteApiRequest) -> Analysis:
    """Replaces what people decided beside the algorithm: final figures, the launch date"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_inputs(request.db, request.caller, held, request.body, now=request.now)


@routes("GET", "/cost-setup", rights=ANY_RIGHT, answer=CostSetup, example=_SETUP)
def get_setup(request: ReadApiRequest) -> CostSetup:
    """Shows the default currency, working time, currency rates with their history, and prices"""
    return setup.get_setup(request.db)


@routes(
    "PATCH",
    "/cost-setup",
    rights=SETUP,
    body=CostSetupChange,
    body_example={"working_days": 215},
    answer=CostSetup,
    example=_SETUP,
    errors=(409,),
)
def update_setup(request: WriteApiRequest) -> CostSetup:
    """Changes the default currency and the working time"""
    return setup.update_setup(request.db, request.caller, request.body, now=request.now)


@routes(
    "POST",
    "/cost-setup/rates",
    rights=SETUP,
    body=Rate,
    body_example=_SETUP["rates"][0],  # type: ignore[index]
    status=201,
    message="Resource Created",
    answer=CostSetup,
    example=_SETUP,
)
def set_rate(request: WriteApiRequest) -> CostSetup:
    """Adds a rate to a currency's history"""
    return setup.set_rate(request.db, request.caller, request.body, now=request.now)


@routes(
    "POST",
    "/cost-setup/prices",
    rights=SETUP,
    body=NewPrice,
    body_example={
        "kind": "licence",
        "vendor_name": "UiPath",
        "price_name": "Robot",
        "price": 8000,
        "currency": "USD",
    },
    status=201,
    message="Resource Created",
    answer=Price,
    example=_SETUP["prices"][0],  # type: ignore[index]
)
def add_price(request: WriteApiRequest) -> Price:
    """Adds a vendor's licence price or a day rate"""
    return setup.add_price(request.db, request.caller, request.body, now=request.now)


@routes("DELETE", "/cost-setup/prices/{price_id}", rights=SETUP, answer=None, example=None)
def delete_price(request: WriteApiRequest) -> None:
    """Deletes a price; ideas keep what they took from it"""
    setup.delete_price(request.db, request.caller, request.id, now=request.now)


@routes(
    "POST",
    "/automations/{process_id}/runs",
    rights=ANY_RIGHT,
    body=list[Run] | Run,
    body_example=[_RUN],
    status=201,
    message="Resource Created",
    answer=dict[str, int],
    example={"stored": 1},
    admits=lambda db, caller, path: need_edit(
        db, caller, find_idea(db, caller, path["process_id"]), "cba"
    ),
)
def add_runs(request: WriteApiRequest) -> dict[str, int]:
    """Reports what robots did: one entry or many"""
    runs = request.body if isinstance(request.body, list) else [request.body]
    held = find_idea(request.db, request.caller, request.id)
    return {"stored": service.add_runs(request.db, request.caller, held, runs, now=request.now)}


@routes(
    "GET",
    "/automations/{process_id}/runs",
    rights=VIEW,
    any_category=True,
    params=PAGING,
    answer=Paged("runs", StoredRun),
    example={
        "page": 1,
        "pageSize": 20,
        "totalItems": 1,
        "totalPages": 1,
        "runs": [_RUN | {"run_id": 1, "cost_saved": None, "currency": None}],
    },
)
def list_runs(request: ReadApiRequest) -> Any:
    """Lists what robots did, by time"""
    held = find_idea(request.db, request.caller, request.id)
    service.check_visible(request.caller, held)
    rows, total = store.list_runs(request.db, request.id, request.query.page)
    names = StoredRun.__struct_fields__
    return request.query.page.envelope(
        "runs", [StoredRun(**{name: getattr(row, name) for name in names}) for row in rows], total
    )


@routes(
    "GET",
    "/automations/{process_id}/benefits",
    rights=VIEW,
    any_category=True,
    answer=Comparison,
    example={
        "currency": "USD",
        "months": [
            {
                "month": "2026-06",
                "planned_hours": 137.5,
                "actual_hours": 120.25,
                "planned_benefit": 4296.88,
                "actual_benefit": 0,
                "runs": 900,
                "failed": 4,
            }
        ],
        "planned_hours": 137.5,
        "actual_hours": 120.25,
        "planned_benefit": 4296.88,
        "actual_benefit": 0,
        "actual_fte": 0.82,
        "runs": 900,
        "failed": 4,
    },
)
def get_comparison(request: ReadApiRequest) -> Comparison:
    """Compares planned with actual benefits, month by month"""
    held = find_idea(request.db, request.caller, request.id)
    return service.get_benefits(request.db, request.caller, held, now=request.now)[1]
