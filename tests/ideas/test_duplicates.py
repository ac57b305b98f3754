"""Potential duplicates: ranked, explained, and within the caller's reach."""

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

OTHERS = (
    "Onboard new employees",
    "Answer customers' mails",
    "Reconcile bank statements",
    "Plan the delivery routes",
    "Read meter values",
)


def found(client: Client, name: str, description: str = "") -> list[dict[str, object]]:
    answer = client.get(f"/automations/duplicates?name={name}&description={description}")
    assert answer.status == 200, answer
    return list(answer.data)


def test_the_likeliest_comes_first_and_says_why(hub: TestHub, owner: Client) -> None:
    for name in OTHERS:
        hand_in(owner, process_name=name, description=name)
    number = hand_in(
        owner,
        process_name="Check incoming invoices",
        process_description="Invoices are compared with orders.",
    )
    for indexed in (False, True):
        if indexed:
            hub.worker.round()
        first = found(owner, "Checking of incoming invoices")[0]
        assert first["process_id"] == number and 55 <= first["similarity"] <= 100
        assert "incoming invoices" in str(first["because"])
        assert found(owner, "check INCOMING invoices")[0]["because"] == "The names are the same."
        assert found(owner, "Incomming invocies check")[0]["process_id"] == number
        assert (
            found(owner, "Something else", "Invoices are compared with orders, always.")[0][
                "process_id"
            ]
            == number
        )
        assert found(owner, "Quantum physics") == []


def test_an_idea_outside_the_reach_is_never_told(hub: TestHub, owner: Client) -> None:
    hand_in(owner, process_name="Secret layoffs", category_id=3)
    hub.worker.round()
    assert (
        found(hub.someone((6, 9)), "Secret layoffs") == []
        and len(found(owner, "Secret layoffs")) == 1
    )


def test_a_name_is_needed(owner: Client) -> None:
    answer = owner.get("/automations/duplicates")
    assert answer.status == 400 and "name" in answer.details
