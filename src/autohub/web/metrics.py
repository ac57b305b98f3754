"""What a monitoring system reads: calls and their times, counted by all server processes of one
`autohub serve` together.

Each process counts in a file of its own, which lies in memory where the system has such a place, so
that no full disk stops a count; whoever is asked adds them up. Without a folder for them (tests) a
process counts alone.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from autohub.web.metrics_folder import FOLDER

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
"""Upper bounds in seconds."""


class Metrics:
    """Of one process."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._calls = Counter(
            "autohub_calls", "Calls answered.", ["method", "path", "status"], registry=self._own
        )
        self._times = Histogram(
            "autohub_call_seconds",
            "How long calls took.",
            ["path"],
            registry=self._own,
            buckets=BUCKETS,
        )

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Counts one call of the route `path`."""
        self._calls.labels(method, path, str(status)).inc()
        self._times.labels(path).observe(seconds)

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Everything counted, and `gauges` by name with what each means and its value."""
        counted = self._own
        if folder := os.environ.get(FOLDER):
            counted = CollectorRegistry()
            MultiProcessCollector(counted, folder)  # type: ignore[no-untyped-call]
        sizes = _sizes(folder)
        now = CollectorRegistry()
        now.register(
            _Measured(
                {
                    **gauges,
                    "processes": ("Server processes that are alive.", float(len(sizes))),
                    "resident_bytes": ("Memory of all of them together.", float(sum(sizes))),
                }
            )
        )
        return (generate_latest(counted) + generate_latest(now)).decode()


class _Measured(Collector):
    """What is measured at the moment of asking."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (doc, value) in self._gauges.items():
            yield GaugeMetricFamily(f"autohub_{name}", doc, value)


def _sizes(folder: str | None) -> list[int]:
    """The resident bytes of each process that counts there and is alive."""
    found = {int(path.stem.split("_")[-1]) for path in Path(folder).glob("*.db")} if folder else ()
    page, sizes = os.sysconf("SC_PAGE_SIZE"), []
    for pid in found or {os.getpid()}:
        with suppress(OSError):  # it has ended, or this system tells in another way
            sizes.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page)
    return sizes
