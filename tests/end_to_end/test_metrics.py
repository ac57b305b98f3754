"""Several server processes count together."""

import re
from pathlib import Path

import httpx
from tests.support.processes import serving

from autohub.web import metrics_folder


def test_each_process_tells_what_all_counted_and_ends_with_its_parent(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, workers=2) as server:
        alive = 0.0
        for answered in range(1, 200):  # until both have answered, each connection at one of them
            httpx.get(f"{server.url}/sign-in")
            told = httpx.get(f"{server.url}/metrics").text
            counted = re.search(r'calls_total\{method="GET",path="/sign-in",.*\} (\S+)', told)
            assert counted and float(counted[1]) == answered
            alive = float(re.search(r"autohub_processes (\d+)", told)[1])  # type: ignore[index]
            if alive == 2 and answered > 10:
                break
        assert alive == 2
        assert float(re.search(r"autohub_resident_bytes (\d\S+)", told)[1]) > 50e6  # type: ignore[index]
        assert 'autohub_call_seconds_bucket{le="+Inf",path="/sign-in"}' in told
        server.kill_main()
    left = [*Path("/dev/shm").glob(f"{metrics_folder.PREFIX}{server.process.pid}-*")]
    with metrics_folder.shared_folder():
        assert not any(path.exists() for path in left)
