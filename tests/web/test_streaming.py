"""Long answers: made aside, so many at once, and with a bound on what waits for its clients."""

import threading
from pathlib import Path

import pytest
from tests.support.hub import TestHub

from autohub.kit.errors import Unavailable
from autohub.web import streaming
from autohub.web.streaming import Answer, Room, spool


def an_answer(size: int) -> Answer:
    return Answer(200, b"", rest=iter([b"x" * size]))


def test_what_waits_for_its_clients_is_bounded_and_read_or_dropped_it_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(1000)
    monkeypatch.setattr(streaming, "ROOM", room)
    first, second = an_answer(600), an_answer(300)
    spool(first, tmp_path)
    spool(second, tmp_path)
    with pytest.raises(Unavailable):
        spool(an_answer(200), tmp_path)
    assert room.taken == 900
    assert first.rest is not None and b"".join(first.rest) == b"x" * 600 and room.taken == 300
    second.rest.close()  # type: ignore[union-attr]
    assert room.taken == 0
    third = an_answer(900)
    spool(third, tmp_path)
    third.rest = None  # a client that went before anything was sent
    assert room.taken == 0


def test_many_long_lists_at_once_leave_short_calls_alone(
    hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = hub.someone((1, 0))
    begun, go = threading.Semaphore(0), threading.Event()

    def hold(*_: object) -> None:
        begun.release()
        assert go.wait(60)

    monkeypatch.setattr(streaming, "spool", hold)
    lists = [threading.Thread(target=owner.get, args=("/automations",)) for _ in range(20)]
    for each in lists:
        each.start()
    assert begun.acquire(timeout=60)
    short = [
        owner.get("/authinfo").status,
        owner.get("/users").status,
        hub.request("GET", "/readyz", None, {}).status,
    ]
    go.set()
    for each in lists:
        each.join()
    assert short == [200, 200, 200]
