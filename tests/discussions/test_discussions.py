"""Votes, follows, questions and answers."""

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea


def test_a_person_votes_once_and_may_take_it_back(hub: TestHub, owner: Client) -> None:
    number, other = hand_in(owner), hub.someone((8, 0))
    for _ in range(2):
        assert owner.put(f"/automations/{number}/vote").data["process_num_votes"] == 1
    assert other.put(f"/automations/{number}/vote").data == {
        "process_num_votes": 2,
        "process_num_followers": 0,
        "voted": 1,
        "following": 0,
    }
    assert idea(owner, number)["process_num_votes"] == 2
    assert [
        other.delete(f"/automations/{number}/vote").data["process_num_votes"] for _ in range(2)
    ] == [1, 1]
    assert owner.get(f"/automations/{number}/standing").data["voted"] == 1


def test_following_is_counted_for_each_person(hub: TestHub, owner: Client) -> None:
    number = hand_in(owner)
    assert owner.put(f"/automations/{number}/follow").data["following"] == 1
    assert (
        hub.someone((8, 0)).get(f"/automations/{number}/standing").data["process_num_followers"]
        == 1
    )
    assert owner.delete(f"/automations/{number}/follow").data["process_num_followers"] == 0


def test_questions_are_asked_answered_changed_and_taken_back(hub: TestHub, owner: Client) -> None:
    number, ann = hand_in(owner), hub.someone((8, 0), email="ann@example.com")
    path = f"/automations/{number}/comments"
    question = ann.post(path, {"comment_text": "How many?\nA day?"}).data
    answer = owner.post(path, {"comment_text": "Forty.", "parent_id": question["comment_id"]})
    assert answer.status == 201 and answer.data["parent_id"] == question["comment_id"]
    assert [c["comment_text"] for c in ann.get(path).data["comments"]] == [
        "How many?\nA day?",
        "Forty.",
    ]
    assert (
        owner.post(path, {"comment_text": "x", "parent_id": 999}).status
        == owner.post(path, {"comment_text": " "}).status
        == 400
    )
    assert ann.patch(f"{path}/{answer.data['comment_id']}", {"comment_text": "Mine"}).status == 403
    changed = ann.patch(
        f"{path}/{question['comment_id']}", {"comment_text": "How many a week?"}
    ).data
    assert changed["comment_text"] == "How many a week?" and changed["comment_edited_epoch"]
    assert owner.delete(f"{path}/{question['comment_id']}").data["comment_text"] is None
    assert ann.get(path).data["totalItems"] == 2


def test_an_erased_author_stays_anonymous(hub: TestHub, owner: Client) -> None:
    number, ann = hand_in(owner), hub.someone((8, 0), email="ann@example.com")
    ann.post(f"/automations/{number}/comments", {"comment_text": "Good."})
    owner.delete(f"/users/{ann.user_id}")
    owner.post(f"/users/{ann.user_id}/erase")
    assert b"ann@" not in owner.get(f"/automations/{number}/comments").raw


def test_nobody_speaks_about_what_they_do_not_see(hub: TestHub, owner: Client) -> None:
    number, far = hand_in(owner, category_id=3), hub.someone((8, 9))
    calls = [far.get(f"/automations/{number}/{what}") for what in ("standing", "comments")]
    calls += [far.put(f"/automations/{number}/{what}") for what in ("vote", "follow")]
    calls += [far.post(f"/automations/{number}/comments", {"comment_text": "x"})]
    assert [c.status for c in calls] == [404] * 5
