"""Answers that are given again while nothing has changed: what a call reads is asked for far more
often than it changes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

import msgspec

from autohub.web.streaming import AT_ONCE, Answer

ROOM = 16 * 1024**2
"""How many bytes of answers are kept in this process."""


class AnswerCache:
    """Answers, each under all that it depends on, so that one that is found is what the handler
    would answer, and none has to be told that it is out of date. Only the latest state's are kept:
    what was erased from the database does not linger here."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._taken = room, 0
        self._state: Hashable = None
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, state: Hashable, key: Hashable) -> Answer | None:
        """A copy, which the caller may change."""
        with self._lock:
            answer = self._answers.get(key) if state == self._state else None
            if answer is None:
                return None
            self._answers.move_to_end(key)
        return msgspec.structs.replace(answer)

    def keep(self, state: Hashable, key: Hashable, answer: Answer) -> None:
        """Keeps a whole and short answer; those that were not asked for longest make room."""
        if answer.status != 200 or answer.rest is not None or len(answer.content) > AT_ONCE:
            return
        with self._lock:
            if state != self._state:
                self._state, self._taken = state, 0
                self._answers.clear()
            if key not in self._answers:
                self._answers[key] = msgspec.structs.replace(answer)
                self._taken += len(answer.content)
            while self._taken > self._room:
                _, oldest = self._answers.popitem(last=False)
                self._taken -= len(oldest.content)
