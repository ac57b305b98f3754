"""How many statements an import runs: no more for more rows of one part, whatever they name."""

from tests.imports.test_imports import send
from tests.support.hub import Client, TestHub

HEADINGS = "Key,Name,Description,Category,Process owner,Tags,Applications"


def table(first: int, count: int, text: str) -> str:
    lines = [
        f"K-{n},Idea {n},{text},Finance,owner@example.com,a{n % 3},App {n % 5}; App {n % 7}"
        for n in range(first, first + count)
    ]
    return "\n".join([HEADINGS, *lines, ""])


def test_they_do_not_grow_with_the_rows(hub: TestHub, owner: Client, statements: list[str]) -> None:
    send(owner, table(0, 10, "d"))
    counts = []
    for text, first in (("d", 10), ("changed", 10), ("changed", 10)):
        for start, count in ((first, 10), (first + 10, 80)):
            statements.clear()
            answer = send(owner, table(start, count, text)).data
            assert answer["failed"] == 0 and answer["total"] == count
            counts.append(len(statements))
    few, many = counts[::2], counts[1::2]
    # what is written goes out in batches, of which seventy more rows make a few more
    assert all(more <= less + 7 for less, more in zip(few, many, strict=True)), (few, many)
