"""One thing done to everything that is picked in a list."""

from collections.abc import Callable, Sequence

from autohub.db.engine import Writing
from autohub.kit.errors import HubError, Invalid
from autohub.web.page_requests import ChunkedPageRequest

AT_ONCE = 1000
"""How many one click may change; more is the work of an import."""
SAID = 3


def do_to_many(
    request: ChunkedPageRequest, ids: Sequence[int], work: Callable[[Writing, int], object]
) -> tuple[int, str]:
    """Does `work` to each in a transaction of its own, so that one refusal leaves the others
    done. Answers for how many it worked, and why not for the others, each reason once. Raises
    Invalid when nothing, or too much, is picked, and with the reasons when it worked for none."""
    if not ids:
        raise Invalid(request.reader("Nothing is picked; tick some rows first."))
    if len(ids) > AT_ONCE:
        raise Invalid(request.reader("More than 1,000 rows are picked; filter the list further."))
    refused: dict[str, None] = {}
    done = 0
    for number in ids:
        try:
            request.db.write(lambda db, number=number: work(db, number))  # type: ignore[misc]
            done += 1
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
    if not done:
        raise Invalid(" ".join(told))
    return done, " ".join(told)
