"""Mails about ideas: to whom, in which words, and not to those who do not want them."""

import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in, move
from tests.support.mail import delivered
from tests.support.pages import Visitor


def test_each_step_tells_those_whom_it_concerns(hub: TestHub, owner: Client) -> None:
    approver = hub.someone((6, 1), email="approver@example.com")
    hub.someone((6, 9), email="elsewhere@example.com")
    person, _ = (hub.someone((8, 0), email=f"{n}@example.com") for n in ("person", "lead"))
    number = hand_in(
        owner,
        process_name="Pay",
        submitter="person@example.com",
        owner="lead@example.com",
        category_id=3,
    )
    assert [(to, subject) for to, subject, _ in delivered(hub)] == [
        ("approver@example.com", "A new idea waits for your review: Pay")
    ]
    person.put(f"/automations/{number}/follow")
    move(approver, number, 51)
    sent = delivered(hub)
    assert [(to, subject) for to, subject, _ in sent] == [
        ("lead@example.com", "Please assess: Pay"),
        ("person@example.com", "Approved: Pay"),
    ]
    assert f"/automation-profile/pay-{number}" in sent[0][2]
    move(owner, number, 52)
    assert [(to, subject) for to, subject, _ in delivered(hub)] == [
        ("person@example.com", "Pay: Assessment – On hold")
    ]
    hub.person((8, 0), email="new@example.com")
    owner.post(
        f"/automations/{number}/collaborators",
        {"collaborators": [{"user_email": "new@example.com", "role_ids": [4]}]},
    )
    assert [to for to, *_ in delivered(hub)] == ["new@example.com"] and delivered(hub) == []


def test_a_rejection_says_why(hub: TestHub, owner: Client) -> None:
    hub.person((8, 0), email="person@example.com")
    number = hand_in(owner, submitter="person@example.com")
    move(owner, number, 48, reason="Too rare to be worth it.")
    sent = delivered(hub)
    assert (
        len(sent) == 1
        and sent[0][0] == "person@example.com"
        and "Too rare to be worth it." in sent[0][2]
    )


def test_nobody_hears_what_they_turned_off_nor_of_their_own_doing_nor_after_leaving(
    hub: TestHub, owner: Client
) -> None:
    person = hub.someone((8, 0), email="person@example.com")
    chosen = {"off": ["account changed", "rejected"], "off_here": []}
    assert (
        person.put("/notices", {"off": ["rejected", "account changed"]}).data
        == chosen
        == person.get("/notices").data
    )
    assert person.put("/notices", {"off": ["nonsense"]}).status == 400
    number = hand_in(owner, submitter="person@example.com")
    move(owner, number, 48)
    assert delivered(hub) == []
    owner.put(f"/automations/{number}/follow")
    move(owner, number, 46)
    assert delivered(hub) == []
    second = hand_in(owner, submitter="person@example.com")
    move(owner, second, 49, duplicate_of=number)
    owner.post("/edituser", {"user_email": "person@example.com", "user_is_active": 0})
    assert delivered(hub) == []


def test_those_who_are_asked_answered_or_mentioned_are_told_if_they_may_see_the_idea(
    hub: TestHub, owner: Client
) -> None:
    asker, helper = (
        hub.someone((8, 0), email="asker@example.com"),
        hub.someone((8, 0), email="helper@example.com"),
    )
    outsider = hub.someone((8, 9), email="outsider@example.com")
    number = hand_in(owner, category_id=3)
    asker.post(
        f"/automations/{number}/comments",
        {"comment_text": "Ask @helper@example.com, @outsider@example.com and @nobody@example.com."},
    )
    helper.post(f"/automations/{number}/comments", {"comment_text": "Yes.", "parent_id": 1})

    def told(client: Client) -> list[tuple[str, str | None]]:
        from autohub.kit.query import EVERYTHING
        from autohub.notifications import store

        with hub.database.reading() as db:
            return [
                (n.notice, n.reason)
                for n in store.list_notifications(db, client.user_id or 0, EVERYTHING, sa.true())[0]
            ]

    assert told(helper) == [("mention", None)] and told(outsider) == []
    assert told(asker) == [("asked", None)] and told(owner) == [("asked", None), ("asked", None)]


def test_people_are_told_what_is_done_with_their_account_if_they_had_it_and_want_to_know(
    hub: TestHub, owner: Client
) -> None:
    hub.someone((8, 0), email="person@example.com")
    hub.someone((8, 0), email="silent@example.com").put("/notices", {"off": ["account changed"]})
    never = owner.post("/adduser", a_user()).data["user_id"]
    ids = [owner.user(f"{name}@example.com")["user_id"] for name in ("person", "silent")]
    for user_id in (*ids, never):
        owner.patch(f"/users/{user_id}", {"user_is_active": 0})
    assert [(to, subject) for to, subject, _ in delivered(hub)] == [
        ("person@example.com", "Your account is switched off")
    ]
    owner.patch(f"/users/{ids[0]}", {"user_is_active": 1})
    [(_, subject, text)] = delivered(hub)
    assert subject == "Your account is active again" and text.endswith("/sign-in\n")
    owner.delete(f"/users/{ids[0]}")
    owner.post(f"/users/{ids[0]}/restore")
    assert [subject for _, subject, _ in delivered(hub)] == [
        "Your account is deleted",
        "Your account is restored",
    ]


def test_a_new_address_is_told_at_the_old_one_too(hub: TestHub, owner: Client) -> None:
    silent = hub.someone((8, 0), email="old@example.com")
    silent.put("/notices", {"off": ["account changed"]})
    user_id = owner.user("old@example.com")["user_id"]
    assert owner.put(f"/users/{user_id}/email", {"user_email": "new@example.com"}).status == 200
    assert [to for to, *_ in delivered(hub)] == ["new@example.com", "old@example.com"]


def test_an_erasure_lets_no_mail_about_it_go_out(hub: TestHub, owner: Client) -> None:
    hub.someone((8, 0), email="person@example.com")
    user_id = owner.user("person@example.com")["user_id"]
    owner.delete(f"/users/{user_id}")
    owner.post(f"/users/{user_id}/erase")
    assert delivered(hub) == []


def test_whose_access_is_gone_hears_nothing_more_of_an_idea(hub: TestHub, owner: Client) -> None:
    follower = hub.someone((6, 1), email="follower@example.com")
    number = hand_in(owner, category_id=3, process_name="Secret plan")
    assert follower.put(f"/automations/{number}/follow").status == 200
    delivered(hub)
    body = {"user_email": "follower@example.com"}
    elsewhere = [{"role_id": 6, "category_id": 17}]
    assert owner.post("/edituser", body | {"user_roles": elsewhere}).status == 201
    delivered(hub)
    move(owner, number, 48)
    assert delivered(hub) == []
    page = Visitor(hub, follower.user_id)
    assert "Secret plan" not in page.get("/notifications").html
    assert owner.post("/edituser", body | {"user_roles": [{"role_id": 6, "category_id": 1}]})
    assert "Secret plan" in page.get("/notifications").html
