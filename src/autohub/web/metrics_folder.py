"""Where the server processes of one `autohub serve` count together. prometheus-client looks for it
when it is imported, so nothing here imports that."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER, PREFIX = "PROMETHEUS_MULTIPROC_DIR", "autohub-metrics-"


@contextmanager
def shared_folder() -> Iterator[None]:
    """The folder in which the server processes that start within count together. What a killed
    server left of one is removed."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name nobody can guess
    base = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for old in base.glob(f"{PREFIX}*-*"):
        pid = re.match(rf"{PREFIX}(\d+)-", old.name)
        with suppress(OSError):
            if pid and old.stat().st_uid == os.getuid() and not _is_alive(int(pid[1])):
                shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=base) as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True
