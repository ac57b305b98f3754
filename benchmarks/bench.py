"""What the benchmarks share: rows of the table, and one hub with its floor."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from tests.support import postgres
from tests.support.processes import Server

from benchmarks.commands import autohub
from benchmarks.floors import PostgresFloor, SqliteFloor

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
        token = autohub(
            folder, "token", "create", "--name", "bench", "--tenant-level", **self.more
        ).stdout.strip()
        self.headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        self.floor: Floor = (
            PostgresFloor(self.url) if postgres_url else SqliteFloor(folder / "autohub.db")
        )
        # What the server does by itself between calls would be counted to whichever row comes next.
        self.server = Server(folder, AUTOHUB_WORKER_SECONDS="0.2", **self.more)
        self.client = httpx.Client(
            base_url=f"{self.server.url}/api/v1/openapi", headers=self.headers, timeout=600
        )

    def restart(self) -> None:
        """A server that has read nothing yet, at the same address."""
        port = self.server.port
        self.server.stop()
        self.server = Server(self.folder, port=port, AUTOHUB_WORKER_SECONDS="0.2", **self.more)

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
        while (
            "autohub_search_pending 0.0\n"
            not in httpx.get(f"{self.server.url}/metrics", timeout=60).text
        ):
            time.sleep(0.05)
        return time.perf_counter() - started

    def bulk(self, body: bytes) -> dict[str, Any]:
        answer = self.client.post("/users/bulk", content=body, headers=NDJSON)
        assert answer.status_code == 200, answer.text[:500]
        return dict(answer.json()["data"])
