"""The hub's own programs as processes."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from queue import Empty, SimpleQueue
from unittest.mock import patch

import httpx

from autohub.cli.main import run

AUTOHUB = Path(sys.executable).parent / "autohub"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOHUB_")}
    return kept | {"AUTOHUB_DATA_DIR": str(folder), "COLUMNS": "200"} | more


def autohub(
    folder: Path, *arguments: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end, in this process: starting Python anew costs more than most
    commands do. The interface is that of a process: arguments, environment, streams, exit code."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        patch.dict(os.environ, environment(folder, **more), clear=True),
        patch("sys.stdin", io.StringIO(stdin)),
        redirect_stdout(out),
        redirect_stderr(err),
        chdir(folder),
    ):
        code = run(list(arguments))
        out.flush()
        err.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(arguments, code, *texts)


class Acknowledged:
    """What servers acknowledged, so that they are killed after events and not after seconds."""

    def __init__(self) -> None:
        self._told: SimpleQueue[str] = SimpleQueue()

    def note(self, kind: str) -> None:
        self._told.put(kind)

    def wait(self, *kinds: str, more: int = 0, patience: float = 120) -> None:
        """Returns when each of these kinds was acknowledged, and then so many more of any kind.
        Raises queue.Empty when that does not happen in time."""
        lacking, until = set(kinds), time.monotonic() + patience
        while lacking or more > 0:
            kind = self._told.get(timeout=max(0.01, until - time.monotonic()))
            if time.monotonic() > until:
                raise Empty
            if lacking:
                lacking.discard(kind)
            else:
                more -= 1


class Server:
    """One `autohub serve`; `told` is what it printed before it answered."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        port: int | None = None,
        program: Path = AUTOHUB,
        **more: str,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (folder / f"serve-{self.port}.log").open("w+")
        command = [program, "serve", "--port", str(self.port), "--workers", str(workers)]
        self.process = subprocess.Popen(
            command,
            env=environment(folder, **more),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            cwd=folder,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(400):
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended:\n{self.told}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError(f"the server did not answer:\n{self.told}")

    @property
    def told(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text()

    @property
    def first_link(self) -> str:
        found = re.search(r"http\S+/register/\S+", self.told)
        assert found, self.told
        return found[0]

    def kill(self) -> None:
        """SIGKILL to it and to its workers, which are in a group of their own."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._log.close()

    def kill_main(self) -> None:
        """SIGKILL to the main process alone; returns when its workers are gone too."""
        self.process.kill()
        self.process.wait(30)
        for _ in range(600):
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("its workers live on")
        self._log.close()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(30)
        self._log.close()
        return code


@contextmanager
def serving(folder: Path, **options: object) -> Iterator[Server]:
    server = Server(folder, **options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
