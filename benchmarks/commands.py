"""The hub's commands as processes of their own, whose time and memory are theirs alone."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.processes import AUTOHUB, environment


class Done(NamedTuple):
    """What became of a command; `peak` is the most memory that it took, in megabytes."""

    returncode: int
    stdout: str
    stderr: str
    peak: float


def autohub(folder: Path, *arguments: str, **more: str) -> Done:
    """Runs one command to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        command = [str(AUTOHUB), *arguments]
        process = subprocess.Popen(
            command, env=environment(folder, **more), cwd=folder, stdout=out, stderr=err
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(process.returncode, out.read(), err.read(), usage.ru_maxrss * 1024 / 1e6)
