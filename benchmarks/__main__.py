"""`make bench`: prints the table of docs/performance.md. Every row is a ratio against a floor of
the same run."""

import argparse
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from tests.support import postgres
from tests.support.processes import Server, free_port

from benchmarks import ideas
from benchmarks.bench import Bench, row, rows, timed
from benchmarks.commands import autohub
from benchmarks.floors import TABLES
from benchmarks.people import ndjson, user


def bulk(bench: Bench, count: int) -> None:
    bodies = {
        "new": ndjson(count),
        "all changed": ndjson(count, department="Other"),
        "none changed": ndjson(count, department="Other"),
    }
    bench.floor.clear()
    bench.bulk(ndjson(2000, first=10_000_000))  # warm: compiled statements, a grown file
    bench.settled()
    bench.floor.clear()
    before, peak = bench.memory(), 0.0
    ours, states, indexing = {}, {}, {}
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, bench.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for name, body in bodies.items():
        ours[name] = timed(lambda body=body: bench.bulk(body))
        states[name] = bench.floor.rows()
        indexing[name] = bench.settled()
    done.set()
    watcher.join()
    for name in bodies:
        floor, bare = _floors(bench, name, states)
        row(
            f"(a) bulk of {count:,}, {name}: ÷ same rows, same tables, raw",
            bench.database,
            ours[name] / floor,
            f"{ours[name]:.2f} s ÷ {floor:.2f} s",
        )
        row(
            f"(a) bulk of {count:,}, {name}: ÷ the bare users table",
            bench.database,
            ours[name] / bare,
            f"{ours[name]:.2f} s ÷ {bare:.2f} s",
        )
        row(
            f"    the search index caught up after, {name}",
            bench.database,
            "",
            f"{indexing[name]:.2f} s more",
        )
    row(
        f"(a) memory growth over the three calls of {count:,}",
        bench.database,
        "",
        f"{peak - before:.0f} MB",
    )


def _floors(bench: Bench, name: str, states: dict[str, Any]) -> tuple[float, float]:
    """Seconds for the same end state by raw statements, into all tables and into the users table
    alone; the best of two."""
    order = list(states)
    found: list[float] = []
    for tables in (TABLES, TABLES[:1]):
        takes = []
        for _ in range(2):
            bench.floor.clear()
            if name != "new":
                bench.floor.write(states[order[order.index(name) - 1]], TABLES)
            takes.append(bench.floor.write(_what_is_new(name, states, order), tables))
        found.append(min(takes))
    return found[0], found[1]


def _what_is_new(name: str, states: dict[str, Any], order: Sequence[str]) -> Any:
    """The rows that this call wrote; where nothing changed, the accounts as they are, since they
    must be looked at."""
    if name == "new":
        return states[name]
    old = states[order[order.index(name) - 1]]
    fresh = {}
    for table, (columns, values) in states[name].items():
        seen = set(old[table][1])
        fresh[table] = (
            columns,
            values if table == "user_account" else [value for value in values if value not in seen],
        )
    return fresh


def single(bench: Bench, count: int) -> None:
    bench.floor.clear()
    insert, change = bench.floor.single(), bench.floor.change()
    floor_add = timed(lambda: [insert(n) for n in range(count)]) / count
    floor_edit = timed(lambda: [change(n) for n in range(count)]) / count
    for connections in (1, 8):
        added = _at_once(
            bench,
            connections,
            count,
            "/adduser",
            lambda n, c=connections: (
                user(n, department=f"c{c}") | {"user_email": f"s{c}.{n}@x.org"}
            ),
        )
        edited = _at_once(
            bench,
            connections,
            count,
            "/edituser",
            lambda n, c=connections: {"user_email": f"s{c}.{n}@x.org", "user_location": f"L{n}"},
        )
        row(
            f"(b) adduser, {connections} connections: ÷ raw insert + commit",
            bench.database,
            added / floor_add,
            f"{added * 1e3:.2f} ms ÷ {floor_add * 1e3:.2f} ms",
        )
        row(
            f"(b) edituser, {connections} connections: ÷ raw update + commit",
            bench.database,
            edited / floor_edit,
            f"{edited * 1e3:.2f} ms ÷ {floor_edit * 1e3:.2f} ms",
        )


def _at_once(
    bench: Bench, connections: int, count: int, path: str, body: Callable[[int], Any]
) -> float:
    """Seconds a call, `count` calls shared by so many connections."""

    def run(part: int) -> None:
        with httpx.Client(
            base_url=f"{bench.server.url}/api/v1/openapi", headers=bench.headers, timeout=60
        ) as client:
            for number in range(part, count, connections):
                answer = client.post(path, json=body(number))
                assert answer.status_code == 201, answer.text

    threads = [threading.Thread(target=run, args=(part,)) for part in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - started) / count


def listing(bench: Bench, sizes: tuple[int, int]) -> None:
    """The same page and a search with the same number of matches, over a small and a large hub."""
    bench.floor.clear()
    bench.settled()
    needles = "\n".join(
        _json(user(n) | {"user_email": f"needle{n}@x.org", "user_last_name": f"Quixotical{n}"})
        for n in range(50_000_000, 50_000_040)
    )
    bench.bulk(needles.encode())
    taken: dict[str, list[float]] = {"GET /users?limit=100": [], "GET /users?s=quixotic": []}
    there = 0
    for size in sizes:
        for first in range(there, size, 100_000):
            bench.bulk(ndjson(min(100_000, size - first), first=first))
        there = size
        bench.settled()
        for query, matches in (("limit=100", size + 40), ("s=quixotic&limit=100", 40)):
            name = "GET /users?limit=100" if query.startswith("limit") else "GET /users?s=quixotic"
            takes = []
            for _ in range(60):
                started = time.perf_counter()
                answer = bench.client.get(f"/users?{query}")
                takes.append(time.perf_counter() - started)
                assert answer.json()["data"]["totalItems"] == matches, answer.text[:200]
            taken[name].append(statistics.median(takes))
    for name, (small, large) in taken.items():
        row(
            f"(c) {name}: {sizes[1]:,} ÷ {sizes[0]:,} accounts",
            bench.database,
            large / small,
            f"{large * 1e3:.2f} ms ÷ {small * 1e3:.2f} ms",
        )


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


def starting(bench: Bench) -> None:
    takes = [timed(lambda: autohub(bench.folder, "--help")) for _ in range(7)]
    row(
        "(d) autohub --help (aim 250 ms)",
        bench.database,
        "",
        f"{statistics.median(takes) * 1e3:.0f} ms",
    )
    takes = []
    for _ in range(3):
        started = time.perf_counter()
        server = Server(bench.folder, port=free_port(), **bench.more)
        takes.append(time.perf_counter() - started)
        server.stop()
    row(
        "(d) serve answers /readyz on an existing database (aim 2 s)",
        bench.database,
        "",
        f"{statistics.median(takes):.2f} s",
    )


def importing(bench: Bench, count: int) -> None:
    bench.floor.clear()
    file = bench.folder / "people.ndjson"
    file.write_bytes(ndjson(count))
    taken = timed(lambda: autohub(bench.folder, "users", "import", str(file), **bench.more))
    states = {"new": bench.floor.rows()}
    floor, _ = _floors(bench, "new", states)
    row(
        f"(e) autohub users import of {count:,}: ÷ same rows, raw",
        bench.database,
        taken / floor,
        f"{taken:.2f} s ÷ {floor:.2f} s",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only",
        default="abcdeABCDE",
        help="which rows, by their letters; capitals are those of ideas",
    )
    parser.add_argument("--scale", type=float, default=1.0, help="smaller for a quick look")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for database in chosen.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if database == "postgresql":
                postgres.FAST = (
                    "listen_addresses=",
                    "max_connections=200",
                    "shared_buffers=512MB",
                )  # durable, unlike in the tests
                with postgres.running(folder / "pg") as url:
                    everything(database, folder, url, chosen)
            else:
                everything(database, folder, None, chosen)
    print("\n| what | database | ratio | measured |\n|---|---|---|---|")
    for cells in rows:
        print("| " + " | ".join(cell.strip() for cell in cells) + " |")


def everything(database: str, folder: Path, url: str | None, chosen: argparse.Namespace) -> None:
    """All rows of one database; ideas come in hubs of their own."""
    only, scale = chosen.only, chosen.scale
    works: list[tuple[str, Callable[[Bench], None]]] = [
        ("abcde", lambda bench: run(bench, only, int(100_000 * scale), int(1_000_000 * scale))),
        ("A", lambda bench: ideas.run_large(bench, scale)),
        ("B", lambda bench: ideas.run_lists(bench, scale)),
        ("CDE", lambda bench: ideas.run(bench, only, scale)),
    ]
    for letters, work in works:
        if set(letters) & set(only):
            own = folder / letters
            own.mkdir()
            bench = Bench(database, own, url)
            try:
                work(bench)
            finally:
                bench.close()


def run(bench: Bench, only: str, count: int, large: int) -> None:
    if "a" in only:
        bulk(bench, count)
    if "b" in only:
        single(bench, max(200, count // 100))
    if "c" in only:
        listing(bench, (large // 100, large))
    if "d" in only:
        starting(bench)
    if "e" in only:
        importing(bench, count)


if __name__ == "__main__":
    main()
