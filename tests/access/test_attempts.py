"""Guessing passwords takes longer and longer, and locks nobody out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from tests.support.hub import TestHub

from autohub.access import attempts
from autohub.access.attempts import ANYBODY, ANYWHERE, HERE, Attempt, TooManyTries
from autohub.kit.clock import HOUR, MINUTE, SECOND

START = 1_800_000_000_000


def attempt(hub: TestHub, *, right: bool = False, **facts: object) -> bool:
    values = {"email": "ann@example.com", "client": "198.51.100.7", "door": "page"}
    tried = Attempt(**(values | {"user_id": None, "now": START} | facts))  # type: ignore[arg-type]
    return attempts.checked(hub.database, tried, secret="s" * 32, is_right=lambda: right)


def fail(hub: TestHub, times: int, **facts: object) -> None:
    for _ in range(times):
        assert not attempt(hub, **facts)


def test_the_pause_doubles_with_each_failure_up_to_its_longest(hub: TestHub) -> None:
    fail(hub, HERE.free)
    now, waits = START, []
    for _ in range(13):
        with pytest.raises(TooManyTries) as caught:
            attempt(hub, now=now)
        waits.append(caught.value.retry_after)
        now += (caught.value.retry_after or 0) * SECOND
        fail(hub, 1, now=now)
    assert waits == [*(2**n for n in range(10)), 900, 900, 900]


def test_a_right_password_forgets_what_went_before(hub: TestHub) -> None:
    fail(hub, HERE.free - 1)
    assert attempt(hub, right=True)
    fail(hub, HERE.free)
    with pytest.raises(TooManyTries):
        attempt(hub, right=True)
    assert attempt(hub, right=True, now=START + HOUR)


def test_who_is_guessed_at_from_elsewhere_waits_a_minute_at_most(hub: TestHub) -> None:
    for number in range(ANYWHERE.free):
        fail(hub, 1, client=f"203.0.113.{number}")
    now = START
    for number in range(30):
        with pytest.raises(TooManyTries) as caught:
            attempt(hub, client=f"192.0.2.{number}", now=now)
        now += (caught.value.retry_after or 0) * SECOND
        fail(hub, 1, client=f"192.0.2.{number}", now=now)
    assert caught.value.retry_after == 60
    assert attempt(hub, right=True, now=now + MINUTE)


def test_one_place_that_tries_many_accounts_waits_too(hub: TestHub) -> None:
    for number in range(ANYBODY.free):
        fail(hub, 1, email=f"nobody{number}@example.com", client="2001:db8::1")
    with pytest.raises(TooManyTries):
        attempt(hub, email="another@example.com", client="2001:db8::2")  # the same network
    fail(hub, 1, email="another@example.com", client="2001:db8:0:1::2")


def test_a_clock_that_was_wrong_keeps_nobody_out(hub: TestHub) -> None:
    fail(hub, HERE.free, now=START + 400 * 24 * HOUR)
    assert attempt(hub, right=True)
    fail(hub, HERE.free)
    with pytest.raises(TooManyTries):  # another machine's clock is a little ahead
        attempt(hub, now=START - SECOND)


def test_fifty_tries_at_once_are_fifty(hub: TestHub) -> None:
    def one(_: int) -> str:
        try:
            return "tried" if not attempt(hub) else "in"
        except TooManyTries:
            return "waits"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(one, range(50)))
    assert outcomes.count("tried") == HERE.free


def test_nothing_that_is_kept_says_whose_address_it_was_and_old_rows_go(hub: TestHub) -> None:
    fail(hub, 2, now=1)
    with hub.database.reading() as db:
        rows = db.rows(sa.text("SELECT * FROM sign_in_attempt"))
    assert len(rows) == 3 and not any("ann" in row.attempt_key for row in rows)
    hub.worker.sweeps.again()
    hub.worker.round()
    with hub.database.reading() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM sign_in_attempt")) == 0


@pytest.mark.parametrize("door", ["page", "api"])
def test_both_doors_count_together_and_the_audit_tells_of_it(
    hub: TestHub, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "SECOND", HOUR)  # however long these tries take
    owner = hub.someone((1, 0), email="owner@example.com")
    body = {"user_email": "owner@example.com", "password": "not the right one"}
    answers = [hub.anonymous().post("/sessions", body).status for _ in range(HERE.free + 1)]
    assert answers == [401] * HERE.free + [429]
    entries = owner.get("/audit?limit=100").data["entries"] if door == "api" else None
    if entries is not None:
        refused = [one for one in entries if one["action"] == "refuse sign-in"]
        assert len(refused) == HERE.free
        assert refused[0]["object_id"] == owner.user_id
