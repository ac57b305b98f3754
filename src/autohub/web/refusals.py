"""Refused calls that somebody may want to know of, counted until the worker writes them to the
audit: a flood of them is one entry a minute, not a write each."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from autohub.access.model import Caller
from autohub.kit.errors import Forbidden, HubError, TooManyRequests, Unauthenticated

KINDS_AT_MOST = 1000
"""How many kinds are told apart between two rounds; what comes above is counted as one."""


class Refusal(NamedTuple):
    """`why` is the class of error; `user_id` and `token_id` say who was refused, where it was
    known."""

    why: str
    call: str
    client: str
    door: str
    user_id: int | None = None
    token_id: int | None = None


class Refusals:
    """Shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[Refusal] = Counter()

    def note(
        self,
        error: HubError,
        *,
        call: str,
        door: str,
        client: str,
        headers: Mapping[str, str],
        caller: Caller | None,
    ) -> None:
        """Counts a call refused for want of rights, for a credential that is none, or for coming
        too often. That nobody is signed in yet is no refusal."""
        if isinstance(error, Unauthenticated):
            if "authorization" not in headers:
                return
            why = "credential"
        elif isinstance(error, Forbidden):
            why = "rights"
        elif isinstance(error, TooManyRequests):
            why = "too often"
        else:
            return
        refusal = Refusal(
            why=why,
            call=call,
            client=client,
            door=door,
            user_id=caller.user_id if caller else None,
            token_id=caller.token_id if caller else None,
        )
        with self._lock:
            if len(self._counted) >= KINDS_AT_MOST and refusal not in self._counted:
                refusal = Refusal(why=why, call="…", client="…", door=door)
            self._counted[refusal] += 1

    def take(self) -> list[tuple[Refusal, int]]:
        """What was counted since the last time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        return sorted(counted.items(), key=str)
