"""The release before this one, out of the history."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASE = "0.1.1"


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def find_release() -> str:
    """The commit of the release; empty where the checkout has no history back to it."""
    try:
        return git("log", "-1", "--format=%H", f"--grep=^release: {RELEASE}$").decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
