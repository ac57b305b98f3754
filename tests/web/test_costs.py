"""What a call costs: how many statements it runs, and how much CPU time beside a plain loop in the
same run. Whoever makes a call dearer finds it here, and whoever makes it cheaper writes it down."""

import itertools
import math
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
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


MOST_CPU = {
    "GET /authinfo": 0.45,
    "GET /users": 0.65,
    "GET /automations": 1.25,
    "GET /automations/{id}": 0.75,
    "POST /adduser": 2.0,
    "POST /edituser": 1.7,
    "POST /automationidea": 3.6,
    "PATCH /automations/{id}": 3.0,
}
"""The CPU time of a call, ÷ that of `_plain_loop`; a sixth more than on a machine that does nothing
else."""
WORSE, ROUNDS, ATTEMPTS = 1.25, 12, 6


def _plain_loop() -> None:
    """What any server does for a call: rows in and out of SQLite, JSON in and out."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
        for number in range(100):
            database.execute("INSERT INTO t (text) VALUES (?)", (f"text {number}",))
        rows = database.execute("SELECT id, text FROM t ORDER BY text").fetchall()
    for _ in range(5):
        rows = msgspec.json.decode(msgspec.json.encode([{"id": a, "text": b} for a, b in rows]))
        rows = [(row["id"], row["text"]) for row in rows]


def test_no_call_costs_a_quarter_more_than_it_did(sqlite_hub: TestHub) -> None:
    """The least CPU time of a few rounds, a call and the loop in turn: a busy machine makes things
    dearer and never cheaper."""
    owner = sqlite_hub.someone((1, 0), email="owner@example.com")
    calls = _calls(owner)
    found: dict[str, float] = {}
    for name, limit in MOST_CPU.items():
        for _ in range(ATTEMPTS):
            found[name] = min(found.get(name, math.inf), _ratio(sqlite_hub, calls[name]))
            if found[name] <= limit * WORSE:
                break
    dear = {n: round(ratio, 2) for n, ratio in found.items() if ratio > MOST_CPU[n] * WORSE}
    assert not dear


def _ratio(hub: TestHub, make: Callable[[], Any]) -> float:
    """The CPU time of a call within the dispatcher, without the client, ÷ that of the loop."""
    taken: list[float] = []
    plain: list[float] = []
    answer = hub.app.dispatcher.answer

    def measured(route: Route, incoming: Incoming) -> Answer:
        started = time.thread_time()
        try:
            return answer(route, incoming)
        finally:
            taken.append(time.thread_time() - started)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.app.dispatcher, "answer", measured)
        for _ in range(ROUNDS):
            make()
            started = time.thread_time()
            _plain_loop()
            plain.append(time.thread_time() - started)
    return min(taken) / min(plain)
