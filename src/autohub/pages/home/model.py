"""What waits for a person."""

from typing import NamedTuple


class TaskKind(NamedTuple):
    """One kind of thing that waits for a person: its name, what to do, the ideas, and how many
    there are."""

    key: str
    name: str
    hint: str
    ids: list[int]
    total: int
    more: str  # the list that holds them all
