"""Single calls against what a good team's first version does (`benchmarks/reference.py`): requests
a second and CPU a request, on one core, in one run. `python -m benchmarks.calls`."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from tests.support import postgres
from tests.support.ideas import an_idea
from tests.support.processes import Server, free_port

from benchmarks import pipeline
from benchmarks.commands import autohub
from benchmarks.http import Call, Target, drive, on_core
from benchmarks.people import ndjson, user

API = "/api/v1/openapi"
TOKEN = "reference"
IN_DEVELOPMENT = pipeline.STATUSES.index("DEVELOPMENT_ON_TRACK")
DESCRIPTION = "OVR-OVERVIEW_DESCRIPTION"
OWNER = (
    "user_email,user_first_name,user_last_name,role_id1,category_id1\nowner@example.com,O,W,1,0\n"
)


class Work(NamedTuple):
    """One row of the table: the same work, asked of the hub and of the reference."""

    name: str
    aim: float  # × the reference
    cpu_ms: float  # aim, a request
    hub: Callable[[int], Call]
    reference: Callable[[int], Call]
    share: float = 1.0  # of the usual number of calls


def works(rows: int, ids: tuple[int, int]) -> list[Work]:
    """`ids` is the first idea's id of the hub and of the reference."""
    mine, theirs = ids

    def both(
        call: Callable[[int], Call], name: str, aim: float, cpu_ms: float, share: float = 1.0
    ) -> Work:
        return Work(name, aim, cpu_ms, call, call, share)

    def added(n: int) -> Call:
        return Call("POST", f"{API}/adduser", user(n) | {"user_email": f"added{n}@example.org"})

    def edited(n: int) -> Call:
        body = {"user_email": user(n % rows)["user_email"], "user_location": f"Place {n}"}
        return Call("POST", f"{API}/edituser", body)

    def get(path: str) -> Callable[[int], Call]:
        return lambda n: Call("GET", API + path.format(n=n, page=1 + n % 50))

    return [
        both(get("/authinfo"), "GET /authinfo", 0, 0),
        both(added, "POST /adduser", 6, 1.0),
        both(edited, "POST /edituser", 6, 1.0),
        both(get("/users?limit=100&page={page}"), "GET /users?limit=100", 40, 0.7, 0.5),
        both(get("/users?s=last97&limit=100"), "GET /users?s=, rare", 50, 0.6, 0.5),
        both(get("/users?s=first&limit=100"), "GET /users?s=, common", 50, 0.6, 0.25),
        Work(
            "GET /automations?limit=20, filter and text",
            20,
            1.5,
            get("/automations?limit=20&s=invoice&phase=1"),
            get("/automations?limit=20&s=invoice&phase=Idea"),
            0.25,
        ),
        Work(
            "GET /automations/{id}",
            10,
            1.2,
            lambda n: Call("GET", f"{API}/automations/{mine + n % rows}"),
            lambda n: Call("GET", f"{API}/automations/{theirs + n % rows}"),
        ),
        Work(
            "POST /automationidea",
            5,
            2.5,
            lambda n: Call("POST", f"{API}/automationidea", an_idea(process_name=f"Made {n}")),
            lambda n: Call(
                "POST",
                f"{API}/automationidea",
                {
                    "process_name": f"Made {n}",
                    "process_description": "Something is done by hand.",
                    "category_id": 3,
                    "answers": {f"question {k}": "3" for k in range(5)},
                },
            ),
            0.5,
        ),
        Work(
            "PATCH /automations/{id}",
            5,
            2.0,
            lambda n: Call(
                "PATCH",
                f"{API}/automations/{mine + n % rows}",
                {"user_inputs": {"OVR": {"section": {DESCRIPTION: {"value": f"Anew, {n}."}}}}},
            ),
            lambda n: Call(
                "PATCH",
                f"{API}/automations/{theirs + n % rows}",
                {"process_description": f"Said anew, {n}."},
            ),
            0.5,
        ),
        Work(
            "POST /automations/status",
            5,
            1.2,
            lambda n: Call(
                "POST",
                f"{API}/automations/status",
                {
                    "process_id": mine + IN_DEVELOPMENT + 4 * (n % (rows // 4)),
                    "phase_status_id": (73, 71)[n // (rows // 4) % 2],  # on hold, on track
                },
            ),
            lambda n: Call(
                "POST",
                f"{API}/automations/status",
                {"process_id": theirs + n % rows, "phase": "Development", "status": f"Step {n}"},
            ),
            0.5,
        ),
    ]


def fill_hub(folder: Path, rows: int, **more: str) -> dict[str, str]:
    """A hub with so many people and ideas, and the headers of its owner's token."""
    tables = {"owner.csv": OWNER.encode(), "people.ndjson": ndjson(rows)}
    for name, content in tables.items():
        (folder / name).write_bytes(content)
        _run(folder, "users", "import", str(folder / name), **more)
    token = _run(folder, "token", "create", "--name", "b", "--tenant-level", **more)
    headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
    body = {"user_email": "owner@example.com", "user_invite_status": 3}
    server = Server(folder, **more)
    answer = httpx.post(f"{server.url}{API}/edituser", json=body, headers=headers)
    server.stop()
    assert answer.status_code == 201, answer.text
    owner = ("--name", "o", "--user", "owner@example.com")
    headers["Authorization"] = f"Bearer {_run(folder, 'token', 'create', *owner, **more)}"
    pipeline.write(folder / "ideas.csv", rows)
    _run(folder, "ideas", "import", str(folder / "ideas.csv"), **more)
    return headers


@contextmanager
def hub(folder: Path, rows: int, **more: str) -> Iterator[tuple[Target, int]]:
    """The hub with people and ideas, on one core, and its first idea's id."""
    headers = fill_hub(folder, rows, **more)
    settings = {"AUTOHUB_RATE_LIMIT_PER_MINUTE": "10000000", "AUTOHUB_WORKER_SECONDS": "0.5"}
    with on_core(0):
        server = Server(folder, **settings, **more)
    try:
        while "autohub_search_pending 0.0\n" not in httpx.get(f"{server.url}/metrics").text:
            time.sleep(0.1)
        query = "limit=1&sort=process_id&order=asc"
        first = httpx.get(f"{server.url}{API}/automations?{query}", headers=headers).json()["data"]
        yield (
            Target(server.port, os.getpgid(server.process.pid), headers),
            int(first["processes"][0]["process_id"]),
        )
    finally:
        server.stop()


def _run(folder: Path, *arguments: str, **more: str) -> str:
    done = autohub(folder, *arguments, **more)
    assert done.returncode == 0, done.stderr[-500:]
    return str(done.stdout).strip()


@contextmanager
def reference(rows: int, database: str) -> Iterator[Target]:
    port = free_port()
    environment = os.environ | {
        "REFERENCE_DATABASE": database,
        "REFERENCE_ROWS": str(rows),
        "REFERENCE_TOKEN": TOKEN,
    }
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "asgi"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--log-level", "warning", "benchmarks.reference:app"]
    with on_core(0):
        process = subprocess.Popen(
            command, env=environment, start_new_session=True, cwd=Path(__file__).parents[1]
        )
    try:
        target = Target(port, os.getpgid(process.pid), {"Authorization": f"Bearer {TOKEN}"})
        for _ in range(600):
            try:
                url = f"http://127.0.0.1:{port}{API}/authinfo"
                assert httpx.get(url, headers=target.headers).status_code == 200
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield target
    finally:
        process.terminate()
        process.wait(30)


def compare(database: str, folder: Path, rows: int, count: int, only: str) -> None:
    with databases(database, folder) as (ours, theirs):
        more = {"AUTOHUB_DATABASE_URL": ours} if database == "postgresql" else {}
        (folder / "hub").mkdir()
        with (
            hub(folder / "hub", rows, **more) as (mine, first),
            reference(rows, theirs) as other,
        ):
            for work in works(rows, (first, 1)):
                if only in work.name:
                    _row(work, database, mine, other, int(count * work.share))


def _row(work: Work, database: str, mine: Target, other: Target, count: int) -> None:
    few = max(20, count // 20)
    drive(mine, work.hub, few)
    drive(other, work.reference, few)
    ours = drive(mine, work.hub, count, first=few)
    theirs = drive(other, work.reference, max(50, count // 4), first=few)
    factor = ours.per_second / theirs.per_second
    print(
        f"| {work.name} | {database} | {factor:.1f} × | {ours.per_second:,.0f} ÷ "
        f"{theirs.per_second:,.0f} | {ours.cpu_ms:.2f} | {theirs.cpu_ms:.2f} | "
        f"≥ {work.aim:g} ×, ≤ {work.cpu_ms} |",
        flush=True,
    )


@contextmanager
def databases(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    if database == "sqlite":
        yield "", f"sqlite:///{folder / 'reference.db'}"
        return
    postgres.FAST = ("listen_addresses=", "max_connections=200", "shared_buffers=512MB")
    with postgres.running(folder / "pg") as url:
        ours = postgres.create_database(url, "hub")
        theirs = postgres.create_database(url, "reference")
        yield ours, theirs.replace("postgresql://", "postgresql+psycopg://")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--rows", type=int, default=10_000, help="people, and ideas")
    parser.add_argument("--count", type=int, default=4_000, help="calls a row")
    parser.add_argument("--only", default="", help="rows with this in their name")
    chosen = parser.parse_args()
    print("| work | database | × reference | a second | CPU ms | its CPU ms | aim |")
    print("|---|---|---|---|---|---|---|")
    for database in chosen.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name:
            compare(database, Path(name), chosen.rows, chosen.count, chosen.only)


if __name__ == "__main__":
    main()
