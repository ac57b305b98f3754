"""Potential and ease from the published keys alone: what nobody answered reduces nothing (contract
5.2)."""

from tests.support.hub import Client
from tests.support.ideas import a_coe_idea, hand_in, idea, made

PUBLISHED = {
    "automation_goal": "automation-goal-cost",
    "task_stability": "task-stability-no-change-expected",
    "application_stability": "application-stability-no-change-expected",
    "employee_average_working_days": 220,
    "employee_working_hours": 8,
    "employee_average_full_cost": 50_000,
    "frequency": "frequency-daily",
    "volumes": 100,
    "processing_time": 6,
}
UNPUBLISHED = ("number_of_ways", "digital_input", "structured_input", "documentation")


def _with_published_keys(owner: Client) -> int:
    body = a_coe_idea(**PUBLISHED)
    return made(
        owner.post("/coe-automationidea", {k: v for k, v in body.items() if k not in UNPUBLISHED})
    )


def test_a_client_of_the_published_keys_gets_hours_benefit_and_ease(owner: Client) -> None:
    record = idea(owner, _with_published_keys(owner))
    assert record["da-hours_per_year"] == 2200
    assert record["process_automation_score"] == 100
    assert record["process_estimated_benefit_score"] == 2200
    assert record["process_ease_of_implementation_score"] == 100


def test_the_explanation_lists_what_was_assumed(owner: Client) -> None:
    number = _with_published_keys(owner)
    results = owner.get(f"/automations/{number}/scores").data
    potential = next(result for result in results if result["key"] == "automation_potential")
    assert potential["value"] == 100 and potential["why_not"] is None
    assert {factor["assumed"] for factor in potential["factors"]} == {1}
    answer = {"user_inputs": {"DA": {"s": {"DA-DIGITAL_INPUT": {"value": 0}}}}}
    assert owner.patch(f"/automations/{number}", answer).status == 200
    results = owner.get(f"/automations/{number}/scores").data
    potential = next(result for result in results if result["key"] == "automation_potential")
    assert potential["value"] < 100
    assert [f["question"] for f in potential["factors"] if not f["assumed"]] == ["DA-DIGITAL_INPUT"]


def test_an_idea_without_a_detailed_assessment_has_no_potential(owner: Client) -> None:
    number = hand_in(owner)
    assert idea(owner, number)["process_automation_score"] is None
    results = owner.get(f"/automations/{number}/scores").data
    potential = next(result for result in results if result["key"] == "automation_potential")
    assert potential["value"] is None and not any(f["assumed"] for f in potential["factors"])
