"""`make drills`: what breaks under a hub while people write, and what becomes of them.

Each drill runs a hub under load, breaks something, mends it, and prints a line: what callers were
answered, how soon writing went on after it was mended, and whether everything that was acknowledged
is there. No hub is restarted. A full disk wants an account that may mount a
tmpfs."""

import itertools
import os
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from tests.support import postgres
from tests.support.processes import Server, autohub, serving

SECONDS = 6.0
_loads = itertools.count(1)
API = "/api/v1/openapi"


class Load:
    """People who write: `answers` counts statuses, `there` is what was acknowledged."""

    def __init__(self, urls: list[str], headers: dict[str, str], writers: int = 4) -> None:
        self.answers: Counter[str] = Counter()
        self.there: set[str] = set()
        self.last_done = 0.0
        self._number = next(_loads)
        self._urls, self._headers, self._stop = urls, headers, threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(writers)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        step = 0
        while not self._stop.is_set():
            step += 1
            email = f"w{self._number}.{number}.{step}@example.com"
            body = {"user_email": email, "user_first_name": "W", "user_last_name": "X"}
            try:
                answer = httpx.post(
                    f"{self._urls[(number + step) % len(self._urls)]}{API}/adduser",
                    json=body,
                    headers=self._headers,
                    timeout=60,
                )
                told = str(answer.status_code)
            except httpx.TransportError:
                told = "cut"
            with self._lock:
                self.answers[told] += 1
                if told == "201":
                    self.there.add(email)
                    self.last_done = time.monotonic()
            if told != "201":
                time.sleep(0.05)

    def wait_for_one(self, patience: float = 60) -> float:
        """After how many seconds the next write is acknowledged."""
        since = time.monotonic()
        while self.last_done < since:
            if time.monotonic() - since > patience:
                return float("inf")
            time.sleep(0.01)
        return self.last_done - since


def headers_of(folder: Path, more: dict[str, str]) -> dict[str, str]:
    made = autohub(folder, "token", "create", "--name", "t", "--tenant-level", **more)
    return {"Authorization": f"Bearer {made.stdout.strip()}", "x-ah-openapi-auth": "openapi-token"}


def lost(load: Load, url: str, headers: dict[str, str]) -> int:
    answer = httpx.get(f"{url}{API}/users?limit=1000000", headers=headers, timeout=120)
    return len(load.there - {user["user_email"] for user in answer.json()["data"]["users"]})


def tell(what: str, load: Load, after: float, gone: int, note: str = "") -> None:
    answers = ", ".join(f"{n} × {status}" for status, n in sorted(load.answers.items()))
    print(
        f"| {what} | {answers} | {after:.1f} s | {gone} of {len(load.there)} | {note} |", flush=True
    )


def break_sqlite(what: str, folder: Path, breaking: object) -> None:
    with serving(folder) as server:
        headers = headers_of(folder, {})
        with Load([server.url], headers) as load:
            load.wait_for_one()
            with breaking(folder):  # type: ignore[operator]
                time.sleep(SECONDS)
                ready = httpx.get(f"{server.url}/readyz", timeout=30).status_code
                read = httpx.get(f"{server.url}{API}/users?limit=1", headers=headers, timeout=30)
            after = load.wait_for_one()
        named = "the log names the place" if f"{folder} has" in server.told else ""
        note = f"readyz {ready}, reading {read.status_code} meanwhile"
        tell(what, load, after, lost(load, server.url, headers), f"{note}. {named}")


@contextmanager
def full(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 65536)
    yield
    filler.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    holder = sqlite3.connect(folder / "autohub.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()


@contextmanager
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def stop_postgres(url: str, data: Path, folder: Path) -> None:
    """Stopped at once, as a machine that goes down, and started again, under load."""
    binaries = postgres.programs()
    assert binaries is not None
    control = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    control += [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-s"]
    options = f"-k {url.split('host=')[1]} -c listen_addresses= -c max_connections=200"

    def start() -> None:
        log = str(data / "log")
        subprocess.run([*control, "-o", options, "-l", log, "start"], check=True)

    def stop(mode: str) -> None:
        subprocess.run([*control, "-m", mode, "stop"], check=True)

    stop("fast")
    start()  # as it is meant to be run, not as the tests do
    more = {"AUTOHUB_DATABASE_URL": postgres.create_database(url, "drill")}
    for mode in ("fast", "immediate"):
        with serving(folder, **more) as server:
            headers = headers_of(folder, more)
            with Load([server.url], headers) as load:
                load.wait_for_one()
                stop(mode)
                time.sleep(SECONDS / 2)
                ready = httpx.get(f"{server.url}/readyz", timeout=30).status_code
                start()
                after = load.wait_for_one()
            gone = lost(load, server.url, headers)
            tell(
                f"PostgreSQL stopped ({mode}), started",
                load,
                after,
                gone,
                f"readyz {ready} meanwhile",
            )
    several(folder, more)
    stop("fast")


def several(folder: Path, more: dict[str, str]) -> None:
    """Two processes on one SQLite file, or two servers of two on one PostgreSQL; one dies."""
    servers = [Server(folder, workers=2, **more) for _ in range(2 if more else 1)]
    headers = headers_of(folder, more)
    urls = [server.url for server in servers]
    keyed = headers | {"Idempotency-Key": "once"}
    body = {"user_email": "once@example.com", "user_first_name": "O", "user_last_name": "X"}
    statuses: Counter[int] = Counter()

    def once(number: int) -> None:
        url = urls[number % len(urls)]
        answer = httpx.post(f"{url}{API}/adduser", json=body, headers=keyed, timeout=60)
        statuses[answer.status_code] += 1

    try:
        with Load(urls, headers) as load:
            threads = [threading.Thread(target=once, args=(n,)) for n in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            load.wait_for_one()
            children = Path(
                f"/proc/{servers[0].process.pid}/task/{servers[0].process.pid}/children"
            )
            os.kill(int(children.read_text().split()[-1]), signal.SIGKILL)
            after = load.wait_for_one()
            time.sleep(SECONDS)
        kind = "PostgreSQL, 2 servers × 2 processes" if more else "SQLite, 2 processes"
        note = f"20 calls with one key: {dict(statuses)}"
        gone = lost(load, urls[-1], headers)
        tell(f"{kind}, one killed", load, after, gone, note)
    finally:
        for server in servers:
            server.stop()


def main() -> None:
    print("| broken | answers | first write afterwards | lost of acknowledged | |")
    print("|---|---|---|---|---|")
    try:
        with small_disk() as folder:
            break_sqlite("disk full", folder, full)
    except subprocess.CalledProcessError as error:
        print(f"| disk full | NOT TRIED: {error} | | | |")
    with tempfile.TemporaryDirectory() as name:
        break_sqlite("database locked by another program", Path(name), locked)
    with tempfile.TemporaryDirectory() as name:
        several(Path(name), {})
    if postgres.programs() is None:
        print("| PostgreSQL | NOT TRIED: only the wheel's PostgreSQL is here | | | |")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "hub"
        folder.mkdir()
        with postgres.running(Path(name) / "postgres") as url:
            stop_postgres(url, Path(name) / "postgres/data", folder)


if __name__ == "__main__":
    main()
