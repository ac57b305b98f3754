"""How often a caller may call: a window of one minute, counted in this process."""

import threading
import time

from autohub.kit.errors import TooManyRequests


class RateLimit:
    """Counts calls by name and refuses those beyond `per_minute`."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def check(self, name: str) -> None:
        """Raises TooManyRequests, saying after how many seconds the next window opens."""
        moment = time.monotonic()
        window = int(moment // 60)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[name] = self._counts.get(name, 0) + 1
        if count > self._per_minute:
            wait = max(1, int(60 - moment % 60))
            raise TooManyRequests(
                f"Too many calls: {self._per_minute} a minute are answered. Try again in {wait} seconds.", retry_after=wait
            )
