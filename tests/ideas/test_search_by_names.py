"""An idea is found by every name under which the hub shows it (contract 1.5)."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea, listed

from autohub.ideas import store

ODD = "Fix A/B: “invoices” (EU) – R&D, 50%"
NAMES: dict[str, Callable[[dict[str, object]], str]] = {
    "number": lambda record: f"{record['process_id']}",
    "number with a hash": lambda record: f"#{record['process_id']}",
    "slug": lambda record: f"{record['process_slug']}",
    "slug with blanks": lambda record: f"{record['process_slug']}".replace("-", " "),
    "former slug": lambda record: f"what-it-was-{record['process_id']}",
    "uuid": lambda record: f"{record['process_uuid']}",
    "uuid in capitals": lambda record: f"{record['process_uuid']}".upper(),
    "name": lambda record: f"{record['process_name']}",
    "name without punctuation": lambda record: "fix a b invoices eu r d 50",
    "name with other quotes": lambda record: f"{record['process_name']}".replace("“", '"'),
    "word and number": lambda record: f"invoices {record['process_id']}",
    "words in another order": lambda record: "eu invoices 50",
}


@pytest.mark.parametrize("indexed", [False, True])
def test_every_name_finds_its_idea_and_no_other(hub: TestHub, owner: Client, indexed: bool) -> None:
    hand_in(owner, process_name="Another one")
    number = hand_in(owner, process_name=ODD)
    hand_in(owner, process_name="A third one")
    if indexed:
        hub.database.write(lambda db: store.SEARCH.index_some(db, limit=100))
    record = idea(owner, number)
    for what, name_of in NAMES.items():
        for parameter in ("s", "search"):
            query = f"{parameter}={quote(name_of(record))}"
            assert listed(owner, query) == [number], what


def test_a_uuid_that_ends_in_digits_alone_is_a_uuid_and_no_number(
    hub: TestHub, owner: Client
) -> None:
    number = hand_in(owner, process_name=ODD)
    uuid = "5c7a4f0e-3a53-4d5c-9c38-123456789012"
    change = sa.text("UPDATE idea SET process_uuid = :uuid")
    hub.database.write(lambda db: db.change(change, {"uuid": uuid}))
    assert listed(owner, f"s={uuid}") == [number]


@pytest.mark.parametrize(
    "text", ["invoices {other}", "another {number}", "covid-{number}", "fix-{other}", "x #{number}"]
)
def test_a_number_beside_words_of_another_idea_finds_nothing(owner: Client, text: str) -> None:
    other = hand_in(owner, process_name="Another one")
    number = hand_in(owner, process_name=ODD)
    assert listed(owner, f"s={quote(text.format(number=number, other=other))}") == []


@pytest.mark.parametrize("path", ["/automations", "/users"])
def test_more_words_than_anybody_types_are_refused_and_not_too_much(
    owner: Client, path: str
) -> None:
    few, many = (" ".join(f"word{n}" for n in range(count)) for count in (60, 2000))
    assert owner.get(f"{path}?s={quote(few)}").status == 200
    refused = owner.get(f"{path}?s={quote(many)}")
    assert refused.status == 400 and "at most 60 words" in refused.message


def test_no_name_leads_outside_the_reach(hub: TestHub, owner: Client) -> None:
    number = hand_in(owner, process_name=ODD)
    stranger = hub.someone((5, 5))
    record = idea(owner, number)
    for name_of in NAMES.values():
        assert listed(stranger, f"s={quote(name_of(record))}") == []
