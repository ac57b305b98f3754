"""One thing done to everything that is picked in a list."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autohub.db.engine import Writing
from autohub.kit.errors import HubError, Invalid
from autohub.web.page_requests import ChunkedPageRequest

AT_ONCE = 1000
"""How many one click may change; more is the work of an import."""
SAID = 3


class Outcome(NamedTuple):
    """For how many something was done; why not for the others, each reason once, in words."""

    done: int
    others: str

    def tell(self, say_done: Callable[[int], str]) -> str:
        """The whole as one text: for whom it was done, then the others."""
        return f"{say_done(self.done) if self.done else ''} {self.others}".strip()


def do_to_many(
    request: ChunkedPageRequest, ids: Sequence[int], work: Callable[[Writing, int], object]
) -> Outcome:
    """Does `work` to each in a transaction of its own, so that one refusal leaves the others
    done; it answers False where there was nothing to do. Raises Invalid when nothing, or too much,
    is picked, and with the reasons when it was refused for all."""
    if not ids:
        raise Invalid(request.reader("Nothing is picked; tick some rows first."))
    if len(ids) > AT_ONCE:
        raise Invalid(request.reader("More than 1,000 rows are picked; filter the list further."))
    refused: dict[str, None] = {}
    done = unchanged = 0
    for number in ids:
        try:
            changed = request.db.write(lambda db, number=number: work(db, number))  # type: ignore[misc]
            done, unchanged = (done, unchanged + 1) if changed is False else (done + 1, unchanged)
        except HubError as error:
            whole = [
                text for texts in error.details.values() for text in texts if text[:1].isupper()
            ]  # the others only follow a field
            refused[" ".join(map(request.reader, [error.message, *whole]))] = None
    more = len(refused) - SAID
    told = [
        *list(refused)[:SAID],
        *([request.reader("And %s more reasons.") % more] if more > 0 else []),
    ]
    if not done and not unchanged:
        raise Invalid(" ".join(told))
    if unchanged:
        told.insert(0, request.reader("Nothing to do for %s.") % request.reader.number(unchanged))
    return Outcome(done, " ".join(told))
