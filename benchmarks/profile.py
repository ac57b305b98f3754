"""Where the CPU time of one call goes, by function: `make profile OP=adduser`. `OP` is a part of a
name in the table of single calls."""

import argparse
import cProfile
import pstats
import tempfile
import time
from pathlib import Path

import msgspec

from autohub import settings
from autohub.kit.clock import now as clock
from autohub.server.app import Hub
from autohub.server.routes import ROUTES
from autohub.web.dispatcher import Incoming
from autohub.web.routes import Route
from benchmarks.calls import API, Work, fill_hub, works
from benchmarks.http import Call

ROWS = 1000


def prepare(headers: dict[str, str], call: Call) -> tuple[Route, Incoming]:
    """A call as the dispatcher takes it."""
    path, _, query = call.path.partition("?")
    for route in ROUTES:
        parts, wanted = (API + route.path).split("/"), path.split("/")
        named = {a.strip("{}"): b for a, b in zip(parts, wanted, strict=False) if a[:1] == "{"}
        written = [b if a[:1] == "{" else a for a, b in zip(parts, wanted, strict=False)]
        if route.method == call.method and len(parts) == len(wanted) and written == wanted:
            if named and any("{" not in r.path and API + r.path == path for r in ROUTES):
                continue
            body = b"" if call.body is None else msgspec.json.encode(call.body)
            lower = {name.lower(): value for name, value in headers.items()}
            return route, Incoming(
                headers=lower, query=query.encode(), path=named, body=body, now=clock()
            )
    raise SystemExit(f"no route answers {call.method} {path}")


def profile(work: Work, hub: Hub, headers: dict[str, str], count: int, lines: int) -> None:
    def run(numbers: range) -> float:
        calls = [prepare(headers, work.hub(number)) for number in numbers]
        started = time.process_time()
        for route, incoming in calls:
            answer = hub.dispatcher.answer(route, incoming)
            assert answer.status in (200, 201), answer.content[:300]
        return (time.process_time() - started) / len(calls)

    run(range(20))
    plain = run(range(20, 20 + count))
    watched = cProfile.Profile()
    watched.enable()
    run(range(20 + count, 20 + 2 * count))
    watched.disable()
    print(f"{work.name}: {plain * 1e6:.0f} µs CPU a call without server and threads")
    pstats.Stats(watched).sort_stats("tottime").print_stats(lines)
    pstats.Stats(watched).sort_stats("cumtime").print_stats("autohub", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operation")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--lines", type=int, default=25)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        headers = fill_hub(folder, ROWS)
        hub = Hub(
            settings.load({}, data_dir=folder, rate_limit_per_minute=10_000_000), with_worker=False
        )
        for work in works(ROWS, (1, 1)):
            if chosen.operation in work.name:
                profile(work, hub, headers, chosen.count, chosen.lines)
        hub.close()


if __name__ == "__main__":
    main()
