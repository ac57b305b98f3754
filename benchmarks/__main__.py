"""`make bench`: prints the table of docs/performance.md. Every row is a ratio against a floor of the same run."""

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
from tests.support.processes import Server, autohub, free_port

from benchmarks.floors import TABLES, PostgresFloor, SqliteFloor
from benchmarks.people import ndjson, user

NDJSON = {"Content-Type": "application/x-ndjson"}
Floor = SqliteFloor | PostgresFloor
rows: list[tuple[str, str, str, str]] = []


def row(what: str, database: str, ratio: float | str, detail: str) -> None:
    shown = ratio if isinstance(ratio, str) else f"{ratio:.2f}"
    rows.append((what, database, shown, detail))
    print(f"{what:62} {database:10} {shown:>8}  {detail}", flush=True)


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class Bench:
    """One database, one server, and the floor beside it."""

    def __init__(self, database: str, folder: Path, postgres_url: str | None) -> None:
        self.database, self.folder = database, folder
        self.more = {}
        if postgres_url:
            self.url = postgres.create_database(postgres_url, "bench")
            self.more["AUTOHUB_DATABASE_URL"] = self.url
        token = autohub(folder, "token", "create", "--name", "bench", "--tenant-level", **self.more).stdout.strip()
        self.headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        self.floor: Floor = PostgresFloor(self.url) if postgres_url else SqliteFloor(folder / "autohub.db")
        # What the server does by itself between calls would be counted to whichever row comes next.
        self.server = Server(folder, AUTOHUB_WORKER_SECONDS="0.2", **self.more)
        self.client = httpx.Client(base_url=f"{self.server.url}/api/v1/openapi", headers=self.headers, timeout=600)

    def close(self) -> None:
        self.client.close()
        self.server.stop()

    def memory(self) -> float:
        """The server processes' resident memory in megabytes; PostgreSQL's own is not in it."""
        total = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == os.getpgid(self.server.process.pid):
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        return total / 1e6

    def settled(self) -> float:
        """Waits until the search index has caught up, and returns how long that took."""
        started = time.perf_counter()
        while "autohub_search_pending 0\n" not in httpx.get(f"{self.server.url}/metrics", timeout=60).text:
            time.sleep(0.05)
        return time.perf_counter() - started

    def bulk(self, body: bytes) -> dict[str, Any]:
        answer = self.client.post("/users/bulk", content=body, headers=NDJSON)
        assert answer.status_code == 200, answer.text[:500]
        return dict(answer.json()["data"])


def bulk(bench: Bench, count: int) -> None:
    bodies = {"new": ndjson(count), "all changed": ndjson(count, department="Other"), "none changed": ndjson(count, department="Other")}
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
        row(f"    the search index caught up after, {name}", bench.database, "", f"{indexing[name]:.2f} s more")
    row(f"(a) memory growth over the three calls of {count:,}", bench.database, "", f"{peak - before:.0f} MB")


def _floors(bench: Bench, name: str, states: dict[str, Any]) -> tuple[float, float]:
    """Seconds for the same end state by raw statements, into all tables and into the users table alone; the best of two."""
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
    """The rows that this call wrote; where nothing changed, the accounts as they are, since they must be looked at."""
    if name == "new":
        return states[name]
    old = states[order[order.index(name) - 1]]
    fresh = {}
    for table, (columns, values) in states[name].items():
        seen = set(old[table][1])
        fresh[table] = (columns, values if table == "user_account" else [value for value in values if value not in seen])
    return fresh


def single(bench: Bench, count: int) -> None:
    bench.floor.clear()
    insert, change = bench.floor.single(), bench.floor.change()
    floor_add = timed(lambda: [insert(n) for n in range(count)]) / count
    floor_edit = timed(lambda: [change(n) for n in range(count)]) / count
    for connections in (1, 8):
        added = _at_once(
            bench, connections, count, "/adduser", lambda n, c=connections: user(n, department=f"c{c}") | {"user_email": f"s{c}.{n}@x.org"}
        )
        edited = _at_once(
            bench, connections, count, "/edituser", lambda n, c=connections: {"user_email": f"s{c}.{n}@x.org", "user_location": f"L{n}"}
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


def _at_once(bench: Bench, connections: int, count: int, path: str, body: Callable[[int], Any]) -> float:
    """Seconds a call, `count` calls shared by so many connections."""

    def run(part: int) -> None:
        with httpx.Client(base_url=f"{bench.server.url}/api/v1/openapi", headers=bench.headers, timeout=60) as client:
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
        _json(user(n) | {"user_email": f"needle{n}@x.org", "user_last_name": f"Quixotical{n}"}) for n in range(50_000_000, 50_000_040)
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
    row("(d) autohub --help (aim 250 ms)", bench.database, "", f"{statistics.median(takes) * 1e3:.0f} ms")
    takes = []
    for _ in range(3):
        started = time.perf_counter()
        server = Server(bench.folder, port=free_port(), **bench.more)
        takes.append(time.perf_counter() - started)
        server.stop()
    row("(d) serve answers /readyz on an existing database (aim 2 s)", bench.database, "", f"{statistics.median(takes):.2f} s")


def importing(bench: Bench, count: int) -> None:
    bench.floor.clear()
    file = bench.folder / "people.ndjson"
    file.write_bytes(ndjson(count))
    taken = timed(lambda: autohub(bench.folder, "users", "import", str(file), **bench.more))
    states = {"new": bench.floor.rows()}
    floor, _ = _floors(bench, "new", states)
    row(f"(e) autohub users import of {count:,}: ÷ same rows, raw", bench.database, taken / floor, f"{taken:.2f} s ÷ {floor:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="abcde", help="which rows, by their letters")
    parser.add_argument("--scale", type=float, default=1.0, help="smaller for a quick look")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    chosen = parser.parse_args()
    count, large = int(100_000 * chosen.scale), int(1_000_000 * chosen.scale)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for database in chosen.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if database == "postgresql":
                postgres.FAST = ("listen_addresses=", "max_connections=200", "shared_buffers=512MB")  # durable, unlike in the tests
                with postgres.running(folder / "pg") as url:
                    run(Bench(database, folder, url), chosen.only, count, large)
            else:
                run(Bench(database, folder, None), chosen.only, count, large)
    print("\n| what | database | ratio | measured |\n|---|---|---|---|")
    for cells in rows:
        print("| " + " | ".join(cell.strip() for cell in cells) + " |")


def run(bench: Bench, only: str, count: int, large: int) -> None:
    try:
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
    finally:
        bench.close()


if __name__ == "__main__":
    main()
