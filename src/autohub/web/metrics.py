"""What a monitoring system reads: calls and their times in the text format of Prometheus,
counted in this process."""

import threading
from collections.abc import Mapping

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
"""Upper bounds in seconds."""


class Metrics:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[float]] = {}

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Counts one call of the route `path`."""
        with self._lock:
            key = (method, path, status)
            self._calls[key] = self._calls.get(key, 0) + 1
            times = self._times.setdefault(path, [0.0] * (len(BUCKETS) + 2))
            for index, bound in enumerate(BUCKETS):
                times[index] += seconds <= bound
            times[-2] += 1
            times[-1] += seconds

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Everything counted, and `gauges` by name with what each means and its value."""
        lines = ["# HELP autohub_calls_total Calls answered.", "# TYPE autohub_calls_total counter"]
        with self._lock:
            lines += [
                f'autohub_calls_total{{method="{m}",path="{p}",status="{s}"}} {n}'
                for (m, p, s), n in sorted(self._calls.items())
            ]
            lines += [
                "# HELP autohub_call_seconds How long calls took.",
                "# TYPE autohub_call_seconds histogram",
            ]
            for path, times in sorted(self._times.items()):
                lines += [
                    f'autohub_call_seconds_bucket{{path="{path}",le="{b}"}} {int(n)}'
                    for b, n in zip(BUCKETS, times, strict=False)
                ]
                lines.append(
                    f'autohub_call_seconds_bucket{{path="{path}",le="+Inf"}} {int(times[-2])}'
                )
                lines += [
                    f'autohub_call_seconds_count{{path="{path}"}} {int(times[-2])}',
                    f'autohub_call_seconds_sum{{path="{path}"}} {times[-1]:.6f}',
                ]
        for name, (doc, value) in gauges.items():
            lines += [
                f"# HELP autohub_{name} {doc}",
                f"# TYPE autohub_{name} gauge",
                f"autohub_{name} {value:g}",
            ]
        return "\n".join(lines) + "\n"
