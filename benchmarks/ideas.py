"""The rows of ideas: large reads, lists, single changes, imports, scoring anew."""

import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.support.ideas import an_idea
from tests.support.processes import free_port

from autohub.assessments.defaults import DETAILED
from autohub.assessments.scoring import Evaluation
from benchmarks import pipeline
from benchmarks.bench import Bench, row, timed
from benchmarks.commands import Done, autohub

PEOPLE = (
    "user_email,user_first_name,user_last_name,role_id1,category_id1\nowner@example.com,O,W,1,"
    "0\nnarrow@example.com,N,A,6,3\n"
)
INVENTORY = Path(__file__).parents[2] / "shared" / "data" / "federal-ai-use-cases-2024.csv"
EXAMPLE = Path(__file__).parents[1] / "examples" / "federal-ai-use-cases"


class Pipeline:
    """A hub with an owner and somebody who sees one category, and as many ideas as were asked
    for last."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.there = bench, 0
        file = bench.folder / "people.csv"
        file.write_text(PEOPLE)
        self.run("users", "import", str(file))
        with httpx.Client(
            base_url=f"{bench.server.url}/api/v1/openapi", headers=bench.headers
        ) as client:
            for name in ("owner", "narrow"):
                answer = client.post(
                    "/edituser", json={"user_email": f"{name}@example.com", "user_invite_status": 3}
                )
                assert answer.status_code == 201, answer.text
        self.everything, self.narrow = (
            self._token(f"{name}@example.com") for name in ("owner", "narrow")
        )

    def run(self, *arguments: str) -> Done:
        done = autohub(self.bench.folder, *arguments, **self.bench.more)
        assert done.returncode == 0, done.stderr[-500:]
        return done

    def _token(self, email: str) -> httpx.Client:
        token = self.run("token", "create", "--name", "b", "--user", email).stdout.strip()
        headers = {
            "Authorization": f"Bearer {token}",
            "x-ah-openapi-auth": "openapi-token",
            "Accept-Encoding": "identity",
        }
        return httpx.Client(
            base_url=f"{self.bench.server.url}/api/v1/openapi", headers=headers, timeout=600
        )

    def grow(self, count: int) -> float:
        """Imports ideas until there are `count`; how long that took."""
        taken = 0.0
        while self.there < count:
            some = min(100_000, count - self.there)
            file = self.bench.folder / "ideas.csv"
            pipeline.write(file, some, first=self.there, needles=40)
            taken += timed(lambda file=file: self.run("ideas", "import", str(file)))
            self.there += some
        self.bench.settled()
        return taken


def large_read(bench: Bench, ideas: Pipeline, count: int) -> None:
    """(A) everything in one answer, cold, beside the same bytes out of one column and out of a
    file."""
    ideas.grow(count)
    bench.restart()
    client = ideas.everything
    before, peak = bench.memory(), 0.0
    started = time.perf_counter()
    parts: list[bytes] = []
    with client.stream("GET", f"/automations?limit={count}&offset=0&submissionType=all") as answer:
        first = 0.0
        for part in answer.iter_raw():
            first = first or time.perf_counter() - started
            parts.append(part)
            if len(parts) % 50 == 0:
                peak = max(peak, bench.memory())
    cold = time.perf_counter() - started
    peak = max(peak, bench.memory())
    body, tag = b"".join(parts), answer.headers["etag"]
    records = msgspec.json.decode(body)["data"]["processes"]
    assert len(records) == count and len(records[0]) >= 100
    warm = _fetched(client, f"/automations?limit={count}&offset=0&submissionType=all")
    column, file = _floors(bench.folder, records, body)
    size = f"{len(body) / 1e6:.0f} MB, {len(records[0])} keys"
    row(
        f"(A) {count:,} ideas in one answer, cold: ÷ the same bytes of one SQLite column",
        bench.database,
        cold / column,
        f"{cold:.2f} s ÷ {column:.2f} s; {size}",
    )
    row("(A) the same, warm", bench.database, warm / column, f"{warm:.2f} s ÷ {column:.2f} s")
    row(
        "(A) the same, cold: ÷ a file of the same bytes",
        bench.database,
        cold / file,
        f"{cold:.2f} s ÷ {file:.2f} s",
    )
    row("(A) first byte (aim 50 ms)", bench.database, "", f"{first * 1e3:.0f} ms")
    row("(A) memory growth (aim 100 MB)", bench.database, "", f"{peak - before:.0f} MB")
    takes = [
        timed(
            lambda: client.get(
                f"/automations?limit={count}&offset=0&submissionType=all",
                headers={"If-None-Match": tag},
            )
        )
        for _ in range(30)
    ]
    assert client.get(
        f"/automations?limit={count}&offset=0&submissionType=all", headers={"If-None-Match": tag}
    ).status_code in (200, 304)
    row(
        "(A) an unchanged answer, 304 (aim 5 ms)",
        bench.database,
        "",
        f"{statistics.median(takes) * 1e3:.1f} ms with the client",
    )
    packed = _fetched(
        client,
        f"/automations?limit={count}&offset=0&submissionType=all",
        {"Accept-Encoding": "gzip"},
    )
    row("(A) the same with gzip", bench.database, packed / column, f"{packed:.2f} s")


def _fetched(client: httpx.Client, path: str, headers: dict[str, str] | None = None) -> float:
    """Seconds to read an answer to its end without keeping it; the best of three."""
    takes = []
    for _ in range(3):
        started = time.perf_counter()
        with client.stream("GET", path, headers=headers or {}) as answer:
            for _ in answer.iter_raw():
                pass
        takes.append(time.perf_counter() - started)
    return min(takes)


def _floors(folder: Path, records: list[Any], body: bytes) -> tuple[float, float]:
    """Seconds for the same bytes out of one column, and out of a file, through a socket to the
    same client."""
    path, port = folder / "column.db", free_port()
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE whole (process_id INTEGER PRIMARY KEY, document BLOB)")
    raw.executemany(
        "INSERT INTO whole VALUES (?, ?)",
        ((n, msgspec.json.encode(record)) for n, record in enumerate(records)),
    )
    raw.commit()
    raw.close()
    Path(f"{path}.file").write_bytes(body)
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.column_server", str(path), str(port)],
        cwd=Path(__file__).parents[1],
    )
    try:
        found = []
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=600,
            transport=httpx.HTTPTransport(retries=20),
        ) as client:
            for _ in range(50):
                try:
                    client.get("/none")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            for name in ("/column", "/file"):
                found.append(_fetched(client, name))
        return found[0], found[1]
    finally:
        server.terminate()
        server.wait(10)


def lists(bench: Bench, ideas: Pipeline, sizes: tuple[int, ...]) -> None:
    """(B) twenty ideas by filters and text, with the same number of matches, over ever more
    ideas."""
    queries = {
        "text, for everything": (ideas.everything, "s=quixotical"),
        "text and filters, for everything": (
            ideas.everything,
            "s=quixotical&category=1&phase=1&tags=batch&createdStart=1",
        ),
        "text and filters, for one category": (
            ideas.narrow,
            "s=quixotical&phase=1&tags=batch&sort=process_name",
        ),
    }
    taken: dict[str, list[float]] = {name: [] for name in queries}
    for size in sizes:
        ideas.grow(size)
        for name, (client, query) in queries.items():
            takes = []
            for _ in range(30):
                started = time.perf_counter()
                answer = client.get(f"/automations?limit=20&{query}")
                takes.append(time.perf_counter() - started)
                assert answer.json()["data"]["totalItems"] == (
                    40 if name == "text, for everything" else 10
                ), answer.text[:300]
            taken[name].append(statistics.median(takes))
    for name, takes in taken.items():
        shown = ", ".join(
            f"{size:,}: {take * 1e3:.1f} ms" for size, take in zip(sizes, takes, strict=True)
        )
        row(
            f"(B) limit=20 by {name}: largest ÷ smallest",
            bench.database,
            takes[-1] / takes[0],
            shown,
        )


def single(bench: Bench, ideas: Pipeline, count: int) -> None:
    """(C) one idea made, changed, moved."""
    insert, change = bench.floor.single(), bench.floor.change()
    floor_add = timed(lambda: [insert(n) for n in range(count)]) / count
    floor_edit = timed(lambda: [change(n) for n in range(count)]) / count
    client, numbers = ideas.everything, []
    started = time.perf_counter()
    for n in range(count):
        answer = client.post("/automationidea", json=an_idea(process_name=f"Single {n}"))
        assert answer.status_code == 201, answer.text
        numbers.append(answer.json()["data"]["process_id"])
    added = (time.perf_counter() - started) / count
    body = {"user_inputs": {"OVR": {"s": {"OVR-PURPOSE": {"value": "Because"}}}}}
    edited = (
        timed(
            lambda: [
                client.patch(f"/automations/{n}", json=body).raise_for_status() for n in numbers
            ]
        )
        / count
    )
    moved = (
        timed(
            lambda: [
                client.post(
                    "/automations/status", json={"process_id": n, "phase_status_id": 51}
                ).raise_for_status()
                for n in numbers
            ]
        )
        / count
    )
    for what, taken, floor in (
        ("made", added, floor_add),
        ("changed", edited, floor_edit),
        ("moved", moved, floor_edit),
    ):
        row(
            f"(C) one idea {what}: ÷ raw write + commit",
            bench.database,
            taken / floor,
            f"{taken * 1e3:.1f} ms ÷ {floor * 1e3:.2f} ms",
        )


def importing(bench: Bench, ideas: Pipeline, count: int) -> None:
    """(D) the real inventory, and synthetic ideas."""
    file = bench.folder / "synthetic.csv"
    pipeline.write(file, count, first=ideas.there)
    above = bench.floor.highest()
    takes, peaks = [], []
    for _ in range(2):
        started = time.perf_counter()
        peaks.append(ideas.run("ideas", "import", str(file)).peak)
        takes.append(time.perf_counter() - started)
    read, written = bench.floor.rewrite(above)
    for what, floor, taken, peak in (
        ("synthetic ideas: ÷ the same rows raw", written, takes[0], peaks[0]),
        ("the same, a second time: ÷ reading them raw", read, takes[1], peaks[1]),
    ):
        row(
            f"(D) import of {count:,} {what}",
            bench.database,
            taken / floor,
            f"{taken:.1f} s ÷ {floor:.2f} s; {count / taken:,.0f} rows a second, at most "
            f"{peak:.0f} MB",
        )
    ideas.there += count
    if INVENTORY.exists():
        ideas.run("assessments", "import", str(EXAMPLE / "assessment.json"), "--live", "0")
        command = ("ideas", "import", str(INVENTORY), "--map", str(EXAMPLE / "map.toml"))
        for what in ("the real inventory", "the real inventory, a second time"):
            taken = timed(lambda: ideas.run(*command))
            row(
                f"(D) import of {what}",
                bench.database,
                "",
                f"{2133 / taken:,.0f} rows a second ({taken:.1f} s)",
            )


def rescoring(bench: Bench, ideas: Pipeline) -> None:
    """(E) every idea scored anew after a change of weights, beside a plain loop over the same
    numbers."""
    client = ideas.everything
    version = next(
        v["version_id"]
        for v in client.get("/assessments?assessment=DA").json()["data"]
        if v["category_ids"] == [0]
    )
    definition = client.get(f"/assessments/{version}").json()["data"]["definition"]
    definition["scores"][0]["factors"][0]["weight"] = 30
    made = client.post(
        "/assessments", json={"version_name": "New weights", "definition": definition}
    ).json()["data"]["version_id"]
    shown = timed(lambda: client.get(f"/assessments/{made}/preview").raise_for_status())
    client.put(f"/assessments/{made}/live", json={"category_id": 0}).raise_for_status()
    started = time.perf_counter()
    done = client.post(f"/assessments/{made}/rescore").json()["data"]
    taken = time.perf_counter() - started
    answers = [
        {
            "DA-VOLUMES": {"value": n % 500},
            "DA-FREQUENCY": {"value": "frequency-daily"},
            "DA-PROCESSING_TIME": {"value": n % 60},
            "DA-DIGITAL_INPUT": {"value": n % 100},
            "DA-STRUCTURED_INPUT": {"value": n % 90},
            "DA-NUMBER_OF_WAYS": {"value": n % 9 + 1},
        }
        for n in range(done["changed"])
    ]
    loop = timed(lambda: [Evaluation(DETAILED, given).columns() for given in answers])
    row(
        f"(E) {done['changed']:,} ideas scored anew: ÷ a plain loop over the same numbers",
        bench.database,
        taken / loop,
        f"{taken:.1f} s ÷ {loop:.1f} s",
    )
    row(
        f"(E) the preview of the same over {done['total']:,}",
        bench.database,
        shown / loop,
        f"{shown:.1f} s ÷ {loop:.1f} s",
    )


def run(bench: Bench, only: str, scale: float) -> None:
    ideas = Pipeline(bench)
    ideas.grow(int(30_000 * scale))
    if "C" in only:
        single(bench, ideas, max(100, int(500 * scale)))
    if "E" in only:
        ideas.grow(int(100_000 * scale))
        rescoring(bench, ideas)
    if "D" in only:
        importing(bench, ideas, int(100_000 * scale))


def run_lists(bench: Bench, scale: float) -> None:
    whole = int(30_000 * scale)
    lists(bench, Pipeline(bench), (max(100, whole // 30), whole, whole * 10))


def run_large(bench: Bench, scale: float) -> None:
    large_read(bench, Pipeline(bench), int(30_000 * scale))
