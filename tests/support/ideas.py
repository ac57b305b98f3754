"""Valid ideas for the tests; what a test is about comes as keywords, None leaves a key out."""

import itertools
from typing import Any

from tests.support.hub import Answer, Client

_numbers = itertools.count(1)


def an_idea(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "process_name": f"Idea {next(_numbers)}",
        "process_description": "Something is done by hand.",
        "category_id": 3,
        "rules": 5,
        "input_type": 4,
        "input_quality": 3,
        "stability": 2,
        "documentation": 1,
        "owner": "owner@example.com",
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


def a_coe_idea(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "process_name": f"Idea {next(_numbers)}",
        "process_description": "Something is done by hand.",
        "category_id": 3,
        "process_pain_points": "It takes long.",
        "process_negative_impact": "Customers wait.",
        "automation_goal": "automation-goal-cost",
        "task_stability": "task-stability-minor-change-expected",
        "application_stability": "application-stability-no-change-expected",
        "employee_average_working_days": 200,
        "employee_working_hours": 8,
        "employee_average_full_cost": 50000,
        "frequency": "frequency-daily",
        "volumes": 10,
        "processing_time": 6,
        "digital_input": 100,
        "structured_input": 50,
        "number_of_ways": 1,
        "owner": "owner@example.com",
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


def hand_in(client: Client, **fields: Any) -> int:
    """Hands an employee-driven idea in and returns its id."""
    return made(client.post("/automationidea", an_idea(**fields)))


def made(answer: Answer) -> int:
    assert answer.status == 201, answer
    return int(answer.data["process_id"])


def idea(client: Client, process_id: int) -> dict[str, Any]:
    answer = client.get(f"/automations/{process_id}")
    assert answer.status == 200, answer
    return dict(answer.data)


def listed(client: Client, query: str = "") -> list[int]:
    """The ids that a list shows."""
    answer = client.get(f"/automations?limit=30000&{query}")
    assert answer.status == 200, answer
    return [record["process_id"] for record in answer.data["processes"]]


def move(client: Client, process_id: int, status: int, **fields: Any) -> Answer:
    return client.post(
        "/automations/status", {"process_id": process_id, "phase_status_id": status} | fields
    )
