"""What a call costs: how many statements it runs, and how many functions. Whoever makes a call
dearer finds it here, and whoever makes it cheaper writes it down."""

import cProfile
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import an_idea, hand_in, move

from autohub.web.answer_cache import AnswerCache
from autohub.web.dispatcher import Incoming
from autohub.web.routes import Route
from autohub.web.streaming import Answer

STATEMENTS = {
    # on SQLite, on PostgreSQL
    "GET /authinfo": (3, 2),
    "GET /users": (5, 4),
    "GET /users, again": (3, 2),
    "GET /automations": (6, 5),
    "GET /automations/{id}": (5, 4),
    "POST /adduser": (12, 5),
    "POST /edituser": (9, 5),
    "POST /automationidea": (18, 9),
    "PATCH /automations/{id}": (16, 6),
    "POST /automations/status": (11, 7),
}
"""How many statements each takes, besides those that begin and end its transaction. On PostgreSQL
the stamps come with BEGIN, and changes go together."""

DESCRIPTION = "OVR-OVERVIEW_DESCRIPTION"


def _calls(client: Client) -> dict[str, Callable[[], Any]]:
    """What is measured; each may be made again and again."""
    numbers = itertools.count(1)
    number = hand_in(client)
    waiting = iter([hand_in(client) for _ in range(4)])

    def patch() -> Any:
        value = {"value": f"Anew, {next(numbers)}."}
        inputs = {"OVR": {"section": {DESCRIPTION: value}}}
        return client.patch(f"/automations/{number}", {"user_inputs": inputs})

    def edit() -> Any:
        place = f"Place {next(numbers)}"
        return client.post("/edituser", {"user_email": "owner@example.com", "user_location": place})

    return {
        "GET /authinfo": lambda: client.get("/authinfo"),
        "GET /users": lambda: client.get("/users?limit=2"),
        "GET /automations": lambda: client.get("/automations?limit=2"),
        "GET /automations/{id}": lambda: client.get(f"/automations/{number}"),
        "POST /adduser": lambda: client.post("/adduser", a_user()),
        "POST /edituser": edit,
        "POST /automationidea": lambda: client.post("/automationidea", an_idea()),
        "PATCH /automations/{id}": patch,
        "POST /automations/status": lambda: move(client, next(waiting), 48),
    }


def test_a_call_takes_the_statements_that_the_table_says(
    hub: TestHub, owner: Client, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.worker, "spread_notices", lambda: None)
    calls, found = _calls(owner), dict[str, int]()
    for name, make in calls.items():
        for _ in range(3):  # what is kept in memory is there the third time
            statements.clear()
            assert make().status in (200, 201), name
        found[name] = len(statements)
    monkeypatch.setattr(hub.app.dispatcher, "cache", AnswerCache())
    for _ in range(2):
        statements.clear()
        calls["GET /users"]()
    found["GET /users, again"] = len(statements)
    column = 0 if hub.database.is_sqlite else 1
    assert found == {name: both[column] for name, both in STATEMENTS.items()}


STEPS = {
    "GET /authinfo": 292,
    "GET /users": 454,
    "GET /automations": 788,
    "GET /automations/{id}": 483,
    "POST /adduser": 871,
    "POST /edituser": 883,
    "POST /automationidea": 2235,
    "PATCH /automations/{id}": 1845,
}
"""How many functions each calls, Python's and C's, on SQLite: time in a measure that is the same on
every machine, however busy."""
WORSE = 1.25


def test_no_call_does_a_quarter_more_than_it_did(
    sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = sqlite_hub.someone((1, 0), email="owner@example.com")
    calls, found = _calls(owner), dict[str, int]()
    answer = sqlite_hub.app.dispatcher.answer
    steps: list[int] = []

    def counted(route: Route, incoming: Incoming) -> Answer:
        profile = cProfile.Profile()
        try:
            return profile.runcall(answer, route, incoming)
        finally:
            steps.append(sum(entry.callcount for entry in profile.getstats()))

    monkeypatch.setattr(sqlite_hub.app.dispatcher, "answer", counted)
    for name in STEPS:
        steps.clear()
        for _ in range(3):  # what is kept in memory is there the third time
            assert calls[name]().status in (200, 201), name
        found[name] = min(steps)
    assert not {name: n for name, n in found.items() if n > STEPS[name] * WORSE}
    assert not {name: n for name, n in found.items() if n < STEPS[name] / WORSE}, "write it down"
