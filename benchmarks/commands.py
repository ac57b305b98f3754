"""The hub's commands as processes of their own, whose time and memory are theirs alone."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.processes import environment

RUN = """
import sys
from autohub.cli.main import run
code = run(sys.argv[2:])
with open("/proc/self/status") as status, open(sys.argv[1], "w") as told:
    told.write(status.read())
sys.exit(code)
"""
"""A command that says how much memory it took. What the system says of an ended process counts
that of its parent, of which it was a copy when it began."""


class Done(NamedTuple):
    """What became of a command; `peak` is the most memory that it took, in megabytes."""

    returncode: int
    stdout: str
    stderr: str
    peak: float


def autohub(folder: Path, *arguments: str, **more: str) -> Done:
    """Runs one command to its end."""
    with tempfile.NamedTemporaryFile("r") as told:
        done = subprocess.run(
            [sys.executable, "-c", RUN, told.name, *arguments],
            env=environment(folder, **more),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"VmHWM:\s+(\d+) kB", told.read())
        peak = int(found[1]) * 1024 / 1e6 if found else 0.0
        return Done(done.returncode, done.stdout, done.stderr, peak)
