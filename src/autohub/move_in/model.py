"""What became of the records of another hub."""

import hashlib
from collections import Counter
from typing import Any, Literal, NamedTuple

import msgspec

Outcome = Literal["created", "updated", "unchanged", "kept", "failed", "not given"]
"""kept: this hub has its own and keeps it, because both sides say something else. not given: the
other hub has no such call, or not for this token."""


class Entry(NamedTuple):
    """One record: `kind` is category, application, role, user, idea, document, …; `their_id` is
    its id there."""

    kind: str
    their_id: str
    name: str
    outcome: Outcome
    text: str


class MoveReport:
    """Counts by kind and outcome; `entries` are the records of which something must be said."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[Outcome]] = {}
        self.entries: list[Entry] = []

    def add(self, kind: str, their_id: object, name: str, outcome: Outcome, *texts: str) -> None:
        self.counts.setdefault(kind, Counter())[outcome] += 1
        if texts or outcome in ("kept", "failed", "not given"):
            self.entries.append(
                Entry(
                    kind=kind,
                    their_id=str(their_id),
                    name=name,
                    outcome=outcome,
                    text=" ".join(map(str, texts)),
                )
            )

    @property
    def has_gaps(self) -> bool:
        return any(counts["failed"] for counts in self.counts.values())


class KnownRecord(NamedTuple):
    """A record that came here before: `theirs` and `ours` are fingerprints of what it was there
    and of what it was here then, which is empty for one that was here before and was kept."""

    our_id: int
    theirs: str
    ours: str
    seen_epoch: int


def fingerprint(value: Any) -> str:
    """Equal for equal values, whatever the order of keys."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:32]


def decide(known: KnownRecord | None, theirs: str, ours: str | None) -> Outcome:
    """What to do with a record that is `theirs` there, and `ours` here if it is here at all: what
    did not change there stays, and so does what is or was changed here."""
    if known is not None and known.theirs == theirs:
        return "unchanged"
    if ours is None:
        return "created"
    return "updated" if known is not None and known.ours == ours else "kept"


def why_kept(outcome: Outcome, known: KnownRecord | None) -> list[str]:
    """A sentence for a record that is kept as it is here, nothing for any other."""
    if outcome != "kept":
        return []
    if known is None:
        return ["It is here already, and stays as it is."]
    return ["It was changed there and here; it stays as it is here."]


DELETED = "It was deleted here, and stays so."
