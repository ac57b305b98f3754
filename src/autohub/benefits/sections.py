"""The analysis in the nested sections that GET /cba answers (contract 4.7)."""

from typing import Any

from autohub.access.model import Caller
from autohub.assessments.scoring import Result
from autohub.benefits import service
from autohub.benefits.model import IMPLEMENTATION_PHASES, Analysis, cba_field
from autohub.db.engine import Reading
from autohub.ideas import scoring
from autohub.ideas.rights import AuthorizedIdea


def build_document(
    db: Reading, caller: Caller, held: AuthorizedIdea, *, now: int
) -> dict[str, Any]:
    """Raises Forbidden."""
    found = service.get_analysis(db, caller, held, now=now)
    results = {result.key: result for result in scoring.compute_results(db, held.idea)}
    sections = [_plan(found, results), _costs(found), _benefits(found, results), _net(found)]
    return {"baseline_is_set": found.baseline_is_set, "sections": sections}


def _estimate(title: str, by_algorithm: Any, final: Any) -> dict[str, Any]:
    shown = by_algorithm if final is None else final
    return {
        "title": title,
        "input_fields": [
            cba_field("Estimated by Algorithm", by_algorithm),
            cba_field("Final", shown),
        ],
    }


def _plan(found: Analysis, results: dict[str, Result]) -> dict[str, Any]:
    ease = results.get("ease_of_implementation")
    rows = {row.phase_id: row for row in found.plan}
    sections = [
        _estimate("Ease of Implementation", ease.band if ease else None, found.inputs.ease_final)
    ]
    for phase_id, name in IMPLEMENTATION_PHASES.items():
        row = rows.get(phase_id)
        labels = {
            "Baseline Start": "baseline_start",
            "Baseline End": "baseline_end",
            "Baseline Working Days": "baseline_working_days",
            "Actual Start": "actual_start",
            "Actual End": "actual_end",
            "New Estimate End": "new_estimate_end",
            "Delta Working Days": "delta_working_days",
            "Person Days": "person_days",
            "Day Rate": "day_rate",
            "Currency": "currency",
        }
        sections.append(
            {
                "title": name,
                "input_fields": [
                    cba_field(label, getattr(row, key) if row else None)
                    for label, key in labels.items()
                ],
            }
        )
    return {
        "title": "Project Plan",
        "sections": sections,
        "input_fields": [cba_field("Launch Date", found.inputs.launch_date)],
    }


def _costs(found: Analysis) -> dict[str, Any]:
    def lines(kind: str) -> list[dict[str, Any]]:
        return [
            cba_field(
                cost.cost_name or cost.cost_type,
                f"{cost.quantity:g} × {cost.unit_price:g} {cost.currency}",
            )
            for cost in found.costs
            if cost.kind == kind
        ]

    return {
        "title": "Costs",
        "sections": [
            {
                "title": "One-time Costs",
                "input_fields": [*lines("one_time"), cba_field("Total", found.result.one_time)],
            },
            {
                "title": "Running Costs",
                "input_fields": [
                    *lines("running"),
                    cba_field("Total per Year", found.result.running_per_year),
                ],
            },
        ],
        "input_fields": [cba_field("Currency", found.currency)],
    }


def _benefits(found: Analysis, results: dict[str, Result]) -> dict[str, Any]:
    def estimated(key: str) -> float | None:
        return results[key].value if key in results else None

    return {
        "title": "Benefits",
        "sections": [
            _estimate(
                "Benefit per Year (hours)",
                estimated("benefit_hours"),
                found.inputs.benefit_hours_final,
            ),
            _estimate(
                "Benefit per Year (currency)",
                estimated("benefit_cost"),
                found.inputs.benefit_currency_final,
            ),
            _estimate(
                "Benefit per Year (FTE)", estimated("benefit_fte"), found.inputs.benefit_fte_final
            ),
        ],
    }


def _net(found: Analysis) -> dict[str, Any]:
    result = found.result
    years = [
        cba_field(
            f"Cumulative after Year {year}",
            result.cumulative[12 * year] if result.cumulative else None,
        )
        for year in (1, 2, 3, 5)
    ]
    roi = [cba_field(f"ROI after Year {year}", result.roi.get(str(year))) for year in (1, 2, 3, 5)]
    fields = [
        cba_field("Net Benefit per Year", result.net_per_year),
        *years,
        cba_field("Break-even Month", result.break_even_month),
        *roi,
    ]
    return {"title": "Net Benefit", "input_fields": fields}
