"""`make load`: a mixed load for a stated time, and whether memory, descriptors, WAL and p99 stay
flat. `python -m benchmarks.load --minutes 60 --rate 20` is the long form; `--postgres URL` runs it
on a database that is there and empty."""

import argparse
import base64
import itertools
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.support.ideas import an_idea
from tests.support.processes import Server, autohub, serving

OWNER = "olivia.owner@demo.example"
API = "/api/v1/openapi"
_numbers = itertools.count(1)

Call = Callable[[httpx.Client, random.Random, list[int]], httpx.Response]


def _add_user(client: httpx.Client, _: random.Random, __: list[int]) -> httpx.Response:
    email = f"load{next(_numbers)}@example.com"
    body = {"user_email": email, "user_first_name": "L", "user_last_name": "X"}
    return client.post(f"{API}/adduser", json=body)


def _hand_in(client: httpx.Client, chance: random.Random, ideas: list[int]) -> httpx.Response:
    name = f"Load {next(_numbers)} {chance.random()}"
    answer = client.post(f"{API}/automationidea", json=an_idea(process_name=name, owner=OWNER))
    if answer.status_code == 201:
        ideas.append(answer.json()["data"]["process_id"])
    return answer


def _move(client: httpx.Client, chance: random.Random, ideas: list[int]) -> httpx.Response:
    body = {"process_id": chance.choice(ideas), "phase_status_id": chance.choice((52, 53))}
    return client.post(f"{API}/automations/status", json=body)


def _upload(client: httpx.Client, chance: random.Random, ideas: list[int]) -> httpx.Response:
    content = base64.b64encode(chance.randbytes(50_000)).decode()
    file = {"file_name": "a.bin", "mimetype": "application/octet-stream", "file_content": content}
    body = {"document_title": "t", "document_description": "d", "document_type_id": 9}
    whole = body | {"file": file | {"file_encoding": "base64"}}
    return client.post(f"{API}/automations/{chance.choice(ideas)}/documents", json=whole)


def _read(path: str) -> Call:
    def read(client: httpx.Client, chance: random.Random, ideas: list[int]) -> httpx.Response:
        return client.get(path.format(idea=chance.choice(ideas), offset=chance.randrange(50)))

    return read


MIX: tuple[tuple[int, Call], ...] = (
    (10, _add_user),
    (6, _hand_in),
    (8, _move),
    (2, _upload),
    (30, _read(f"{API}/automations/{{idea}}")),
    (15, _read(f"{API}/automations?limit=20&offset={{offset}}")),
    (15, _read(f"{API}/users?limit=20&s=lee")),
    (8, _read("/sign-in")),
    (4, _read(f"{API}/automations?limit=500")),
    (2, _read(f"{API}/users?limit=2000")),
)
"""How often of a hundred calls each is made."""


class Minute:
    def __init__(self) -> None:
        self.times: list[float] = []
        self.statuses: Counter[int] = Counter()


def call_for(server: Server, headers: dict[str, str], ideas: list[int], rate: float) -> Minute:
    """One minute of calls, `rate` a second, on four connections."""
    until = time.monotonic() + 60
    minute, lock = Minute(), threading.Lock()
    weights, calls = [weight for weight, _ in MIX], [call for _, call in MIX]

    def work(number: int) -> None:
        chance = random.Random(f"{until} {number}")
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            while time.monotonic() < until:
                began = time.perf_counter()
                answer = chance.choices(calls, weights)[0](client, chance, ideas)
                took = time.perf_counter() - began
                with lock:
                    minute.times.append(took)
                    minute.statuses[answer.status_code] += 1
                time.sleep(max(0.0, 4 / rate - took))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return minute


def measure(server: Server, folder: Path) -> tuple[float, int, float]:
    """Resident megabytes and open descriptors of the server's processes, megabytes of the WAL."""
    memory, descriptors = 0, 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) != server.process.pid:
                continue
            status = (path / "status").read_text()
            memory += int(re.findall(r"VmRSS:\s+(\d+)", status)[0])
            descriptors += len(list((path / "fd").iterdir()))
        except (OSError, IndexError):
            continue
    wal = folder / "autohub.db-wal"
    return memory / 1024, descriptors, wal.stat().st_size / 2**20 if wal.exists() else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=20, help="calls a second")
    parser.add_argument("--users", default="5000")
    parser.add_argument("--ideas", default="500")
    parser.add_argument("--postgres", metavar="URL")
    wanted = parser.parse_args()
    more = {"AUTOHUB_DATABASE_URL": wanted.postgres} if wanted.postgres else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        autohub(folder, "demo", "--users", wanted.users, "--ideas", wanted.ideas, **more)
        made = autohub(folder, "token", "create", "--name", "t", "--user", OWNER, **more)
        token = made.stdout.strip()
        headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        with serving(folder, **more) as server:
            listed = httpx.get(f"{server.url}{API}/automations?limit=1000", headers=headers)
            ideas = [idea["process_id"] for idea in listed.json()["data"]["processes"]]
            run(server, folder, headers, ideas, minutes=wanted.minutes, rate=wanted.rate)


def run(
    server: Server,
    folder: Path,
    headers: dict[str, str],
    ideas: list[int],
    *,
    minutes: int,
    rate: float,
) -> None:
    print("| minute | calls | not 2xx | p50 ms | p99 ms | memory MB | descriptors | WAL MB |")
    print("|---|---|---|---|---|---|---|---|")
    for number in range(1, minutes + 1):
        minute = call_for(server, headers, ideas, rate)
        times = sorted(minute.times)
        failed = sum(n for status, n in minute.statuses.items() if status >= 300)
        p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
        memory, descriptors, wal = measure(server, folder)
        figures = f"{p50 * 1000:.0f} | {p99 * 1000:.0f} | {memory:.0f} | {descriptors} | {wal:.1f}"
        print(f"| {number} | {len(times)} | {failed} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
