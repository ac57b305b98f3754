"""An answer that is given again is the one that would be made anew, whoever changed what."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.hub import Answer as HubAnswer
from tests.support.hub import CheckedCache, Client, TestHub, a_user
from tests.support.ideas import an_idea, hand_in, move

from autohub.web.answer_cache import AnswerCache
from autohub.web.streaming import Answer

PERSON = "ada@example.com"
READS = (
    "/users?limit=50",
    "/users?s=lovelace&user_roles=5",
    "/users/{person}",
    "/automations?limit=20&submissionType=all",
    "/automations?s=paper&category=3",
    "/automations/{idea}",
)
Change = Callable[[Client, int, int], HubAnswer]


def _rename_category(client: Client, _person: int, _idea: int) -> HubAnswer:
    nodes = client.get("/hierarchy").data["categories"]
    nodes[0]["category_name"] += "!"
    return client.put("/categories", {"categories": nodes})


CHANGES: dict[str, Change] = {
    "a role given": lambda c, person, _: c.patch(
        f"/users/{person}", {"user_roles": [{"role_id": 5, "category_id": 0}]}
    ),
    "another role": lambda c, person, _: c.patch(
        f"/users/{person}", {"user_roles": [{"role_id": 6, "category_id": 3}]}
    ),
    "a name": lambda c, person, _: c.patch(f"/users/{person}", {"user_last_name": "Byron"}),
    "a name again": lambda c, person, _: c.patch(
        f"/users/{person}", {"user_last_name": "Lovelace"}
    ),
    "an account": lambda c, *_: c.post("/adduser", a_user(user_last_name="Lovelace")),
    "accounts": lambda c, *_: c.post("/users/bulk", [a_user(user_last_name="Lovelace")]),
    "an address": lambda c, person, _: c.put(
        f"/users/{person}/email", {"user_email": "other@example.com"}
    ),
    "an alias let go": lambda c, person, _: c.delete(f"/users/{person}/email?user_email={PERSON}"),
    "an account trashed": lambda c, person, _: c.delete(f"/users/{person}"),
    "an account restored": lambda c, person, _: c.post(f"/users/{person}/restore"),
    "a group's role for who asks": lambda c, *_: c.post(
        "/groups",
        {
            "group_name": "Group",
            "group_roles": [{"role_id": 2, "category_id": 3}],
            "members": [c.user_id],
        },
    ),
    "a category": _rename_category,
    "a tag": lambda c, _, idea: c.post(f"/automations/{idea}/tags", {"tags": ["paper"]}),
    "a vote": lambda c, _, idea: c.put(f"/automations/{idea}/vote"),
    "no vote": lambda c, _, idea: c.delete(f"/automations/{idea}/vote"),
    "an idea": lambda c, *_: c.post("/automationidea", an_idea(process_name="Paper")),
    "an idea's name": lambda c, _, idea: c.patch(
        f"/automations/{idea}",
        {"user_inputs": {"OVR": {"section": {"OVR-OVERVIEW_NAME": {"value": "Paper mill"}}}}},
    ),
    "a status": lambda c, _, idea: move(c, idea, 48),
    "an idea deleted": lambda c, _, idea: c.delete(f"/automations/{idea}"),
}


@pytest.fixture
def caching(hub: TestHub) -> Iterator[TestHub]:
    """The hub with the cache that it has in production."""
    hub.app.dispatcher.cache = AnswerCache()
    yield hub
    hub.app.dispatcher.cache = CheckedCache()


@pytest.fixture
def elsewhere(hub: TestHub) -> Iterator[TestHub]:
    """Another process over the same database, which makes every answer anew."""
    other = TestHub(hub.settings, hub._portal)
    yield other
    other.close()


@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=8))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_older_than_what_another_process_changed(
    caching: TestHub, elsewhere: TestHub, changes: list[str]
) -> None:
    caching.reset()
    here = caching.someone((1, 0), email="owner@example.com")
    person, idea = caching.person(email=PERSON), hand_in(here)
    there = Client(elsewhere, here.headers, user_id=here.user_id)
    for change in changes:
        for read in READS:
            here.get(read.format(person=person, idea=idea))
        CHANGES[change](there, person, idea)
        for read in READS:
            path = read.format(person=person, idea=idea)
            assert here.get(path).raw == there.get(path).raw, (change, path)


def test_every_change_of_the_property_changes_something(hub: TestHub, owner: Client) -> None:
    person, idea = hub.person(email=PERSON), hand_in(owner)
    for change, make in CHANGES.items():
        assert make(owner, person, idea).status in (200, 201), change


def test_what_is_asked_again_is_not_made_again_but_for_others_it_is(
    caching: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = caching.someone((1, 0), email="owner@example.com")
    hand_in(owner)
    made: list[str] = []
    keep = AnswerCache.keep
    monkeypatch.setattr(
        AnswerCache, "keep", lambda *args: (made.append(args[2][0]), keep(*args))[1]
    )
    one_category = caching.someone((5, 4))
    for client in (owner, owner, one_category, one_category):
        assert client.get("/automations?limit=20").status == 200
    assert len(made) == 2
    first = owner.get("/automations?limit=20")
    assert "ratelimit-remaining" in first.headers
    tag = {"If-None-Match": first.headers["etag"]}
    again = owner.get("/automations?limit=20", headers=tag)
    assert again.status == 304 and not again.raw
    assert owner.get("/automations?limit=20").raw == first.raw


def test_answers_make_room_for_others_and_long_ones_are_not_kept() -> None:
    cache = AnswerCache(room=1000)
    for number in range(5):
        cache.keep("state", number, Answer(200, b"x" * 300))
        cache.find("state", 0)
    assert [number for number in range(5) if cache.find("state", number)] == [0, 3, 4]
    cache.keep("state", "refused", Answer(404, b""))
    cache.keep("state", "long", Answer(200, b"x" * 300_000))
    cache.keep("state", "streamed", Answer(200, b"", rest=iter([b""])))
    assert not any(cache.find("state", key) for key in ("refused", "long", "streamed"))


def test_nothing_of_an_earlier_state_lingers() -> None:
    cache = AnswerCache()
    cache.keep("before", "users", Answer(200, b"Ada"))
    assert cache.find("after", "users") is None
    cache.keep("after", "ideas", Answer(200, b"Paper"))
    assert cache.find("before", "users") is None and b"Ada" not in repr(vars(cache)).encode()
