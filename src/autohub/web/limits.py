"""How often a caller may call, counted in this process."""

import math
import threading
from time import monotonic
from typing import NamedTuple

from autohub.kit.errors import TooManyRequests
from autohub.kit.sentences import say

MINUTE = 60.0
CROWD = 10_000


class Allowance(NamedTuple):
    """How many calls a minute are answered, how many are left at once, and after how many seconds
    all of them are."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As clients know them (the IETF's draft on RateLimit header fields)."""
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset),
        }


class RateLimit:
    """Lets each name call `per_minute` times at once, and then as often as that rate gives back."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._spent_until: dict[str, float] = {}

    def check(self, name: str) -> Allowance:
        """Counts a call, and returns what is left. Raises TooManyRequests, saying after how many
        seconds the next call is welcome."""
        now = monotonic()
        with self._lock:
            if len(self._spent_until) > CROWD:
                self._spent_until = {
                    other: until for other, until in self._spent_until.items() if until > now
                }
            until = max(self._spent_until.get(name, now), now) + MINUTE / self._per_minute
            wait = math.ceil(until - now - MINUTE)
            if wait <= 0:
                self._spent_until[name] = until
        if wait > 0:
            text = say(
                "Too many calls: {per_minute} a minute are answered. Try again in {wait} seconds.",
                per_minute=self._per_minute,
                wait=wait,
            )
            raise TooManyRequests(text, retry_after=wait)
        spent = until - now
        return Allowance(
            limit=self._per_minute,
            remaining=int((MINUTE - spent) * self._per_minute / MINUTE),
            reset=math.ceil(spent),
        )

    def clear(self) -> None:
        """Forgets what everybody spent."""
        with self._lock:
            self._spent_until.clear()
