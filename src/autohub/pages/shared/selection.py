"""One thing done to everything that is picked in a list."""

from collections.abc import Callable, Mapping, Sequence
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
    request: ChunkedPageRequest,
    ids: Sequence[int],
    work: Callable[[Writing, int], object],
    *,
    labels: Mapping[str, str],
) -> Outcome:
    """Does `work` to each in a transaction of its own, so that one refusal leaves the others
    done; it answers False where there was nothing to do. Reasons have the faults of the fields
    that `labels` names. Raises Invalid when nothing, or too much,
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
            refused[_tell(request, error, labels)] = None
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


def _tell(request: ChunkedPageRequest, error: HubError, labels: Mapping[str, str]) -> str:
    """Why one of them was refused: the message, and what else is wrong with fields of the form."""
    faults = [
        f"{request.reader(label)}: {request.reader(text)}"
        for field, label in labels.items()
        for text in error.details.get(field, ())
        if text != error.message
    ]
    return " ".join([request.reader(error.message), *faults])
