"""What gives somebody a way in, or an administrator's rights, is done by who proved lately who they
are: a browser that was left open, or taken over, does not do."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import argon2
import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.pages import Shown, Visitor, visitor

from autohub.kit.clock import HOUR, MINUTE

PASSWORD = "four words nobody guesses"
Act = Callable[[TestHub, Visitor], tuple[str, list[tuple[str, Any]]]]


def set_password(hub: TestHub, user_id: int | None) -> None:
    """PASSWORD, hashed so that it costs little."""
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    change = "UPDATE user_account SET password_hash = ? WHERE user_id = ?"
    hub.database.write(lambda db: db.driver_change(change, (hashed, user_id)))


def age(hub: TestHub, column: str, by: int) -> None:
    """Lets all sessions be older."""
    hub.database.write(
        lambda db: db.driver_change(f"UPDATE session SET {column} = {column} - ?", (by,))
    )


def carried_on(page: Shown) -> list[tuple[str, str]]:
    """What the page that asks sends again."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.html)
    return [(name, unescape(value)) for name, value in found]


def make_token(_: TestHub, __: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    return "/admin/open-api", [("token_name", "night & day <b>"), ("kind", "personal")]


def switch_token_on(hub: TestHub, by: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    token = hub.token("boss@example.com")
    token.patch(f"/tokens/{token.token_id}", {"token_is_active": 0})
    return f"/admin/open-api/{token.token_id}/switch", [("token_is_active", 1)]


def change_address(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    user_id = hub.person(email="ann@example.com")
    return f"/admin/access/users/{user_id}", _person("anna@example.com", (8, 0))


def add_administrator(_: TestHub, __: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    return "/admin/access/users/add", [*_person("new@example.com", (2, 0)), ("confirmed", 2)]


def give_administrators_role(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    user_id = hub.person(email="ann@example.com")
    fields = [*_person("ann@example.com", (8, 0), (2, 0)), ("confirmed", 2)]
    return f"/admin/access/users/{user_id}", fields


def add_group_of_administrators(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    hub.person(email="ann@example.com")
    roles = [("role_id", 2), ("category_id", 0), ("confirmed", 2)]
    return "/admin/access/groups/add", [("group_name", "g"), ("members", "ann@example.com"), *roles]


def widen_role(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    owner = hub.token("boss@example.com")
    body = {"role_name": "r", "permissions": ["View an Idea"]}
    made = owner.post("/roles", body)
    assert made.status == 201, made
    fields = [("role_name", "r"), ("permission", "View an Idea"), ("permission", "Manage Users")]
    return f"/admin/access/roles/{made.data['role_id']}", fields


def read_invitation(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    owner = hub.token("boss@example.com")
    made = owner.post("/adduser", a_user(user_is_active=1, user_invite_status=2))
    user_id = made.data["user_id"]
    found = owner.get(f"/invitations?user_id={user_id}").data["invitations"]
    number = found[0]["invitation_id"]
    return f"/admin/access/users/{user_id}/invitations", [("invitation_id", number)]


def erase(hub: TestHub, _: Visitor) -> tuple[str, list[tuple[str, Any]]]:
    user_id = hub.person(email="ann@example.com")
    assert hub.token("boss@example.com").delete(f"/users/{user_id}").status == 200
    return f"/admin/access/users/{user_id}/erase", []


def _person(email: str, *roles: tuple[int, int]) -> list[tuple[str, Any]]:
    fields: list[tuple[str, Any]] = [("user_email", email), ("user_first_name", "Ada")]
    fields.append(("user_last_name", "Byron"))
    for role_id, category_id in roles:
        fields += [("role_id", role_id), ("category_id", category_id)]
    return fields


ACTS: tuple[Act, ...] = (
    make_token,
    switch_token_on,
    change_address,
    add_administrator,
    give_administrators_role,
    add_group_of_administrators,
    widen_role,
    read_invitation,
    erase,
)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_who_did_not_prove_lately_who_they_are_is_asked_and_then_goes_on(
    sqlite_hub: TestHub, act: Act
) -> None:
    hub = sqlite_hub
    boss = visitor(hub, (1, 0), email="boss@example.com")
    set_password(hub, boss.user_id)
    path, fields = act(hub, boss)
    age(hub, "proved_epoch", HOUR)
    before = entries(hub)
    asked = boss.post(path, fields)
    assert asked.status == 401 and asked.title.startswith("Is it you?"), asked
    assert carried_on(asked) == [(name, str(value)) for name, value in fields]
    assert entries(hub) == before
    wrong = boss.post(path, [*carried_on(asked), ("proof_password", "something else")])
    assert wrong.status == 401 and "is not your password" in wrong.text
    assert carried_on(wrong) == carried_on(asked)
    done = boss.post(path, [*carried_on(wrong), ("proof_password", PASSWORD)])
    assert done.status in (200, 303) and entries(hub) > before, done
    if act is not erase:  # they did it already
        assert not boss.post(path, fields).title.startswith("Is it you?")


def entries(hub: TestHub) -> int:
    """How many entries of the audit tell of something that was done."""
    query = "SELECT count(*) FROM audit WHERE action <> 'refuse sign-in'"
    with hub.database.reading() as db:
        return int(db.driver_rows(query)[0][0])


def test_what_gives_nobody_more_asks_nobody(hub: TestHub) -> None:
    boss = visitor(hub, (1, 0), email="boss@example.com")
    user_id = hub.person(email="ann@example.com")
    age(hub, "proved_epoch", HOUR)
    renamed = boss.post(f"/admin/access/users/{user_id}", _person("ann@example.com", (8, 0)))
    added = boss.post("/admin/access/users/add", _person("b@example.com", (8, 0)))
    assert (renamed.status, added.status) == (303, 303)


def test_guessing_there_is_slowed_down_and_loses_nothing(hub: TestHub) -> None:
    boss = visitor(hub, (1, 0), email="boss@example.com")
    set_password(hub, boss.user_id)
    path, fields = make_token(hub, boss)
    age(hub, "proved_epoch", HOUR)
    answers = [boss.post(path, [*fields, ("proof_password", f"guess {n}")]) for n in range(7)]
    assert "Too many tries" in answers[-1].text
    assert carried_on(answers[-1]) == [(name, str(value)) for name, value in fields]


def test_tokens_of_the_open_api_are_not_asked(hub: TestHub, owner: Client) -> None:
    age(hub, "proved_epoch", HOUR)
    assert owner.post("/tokens", {"token_name": "x"}).status == 201


def test_what_a_browser_keeps_opens_no_calls_and_the_other_way_round(hub: TestHub) -> None:
    boss = visitor(hub, (1, 0), email="boss@example.com")
    set_password(hub, boss.user_id)
    bearer = {"Authorization": f"Bearer {boss.cookies['autohub']}"}
    assert hub.request("GET", "/api/v1/openapi/authinfo", None, bearer).status == 401
    body = {"user_email": "boss@example.com", "password": PASSWORD}
    token = hub.anonymous().post("/sessions", body).data["access_token"]
    boss.cookies["autohub"] = token
    assert boss.get("/account").location.startswith("/sign-in")


# --- how long a session lasts ---


def test_a_session_ends_when_nothing_comes_for_long(hub: TestHub) -> None:
    boss, idle = visitor(hub, (1, 0)), hub.settings.session_idle_minutes * MINUTE
    age(hub, "seen_epoch", idle - MINUTE)
    assert boss.get("/account").status == 200
    hub.worker.round()  # notes that it was used
    age(hub, "seen_epoch", idle - MINUTE)
    assert boss.get("/account").status == 200
    age(hub, "seen_epoch", 2 * MINUTE)
    assert boss.get("/account").location.startswith("/sign-in")


def test_a_session_ends_when_its_time_is_over_however_much_it_is_used(hub: TestHub) -> None:
    boss = visitor(hub, (1, 0))
    age(hub, "expires_epoch", 2 * HOUR)
    assert boss.get("/account").location.startswith("/sign-in")


def test_signing_in_begins_another_session_and_ends_the_one_before(hub: TestHub) -> None:
    person = visitor(hub, (8, 0), email="ann@example.com")
    set_password(hub, person.user_id)
    before = person.cookies["autohub"]
    signed_in = {"user_email": "ann@example.com", "password": PASSWORD}
    assert person.post("/sign-in", signed_in).status == 303
    assert_renewed(hub, person, before)


def test_another_password_begins_another_session(hub: TestHub) -> None:
    person = visitor(hub, (8, 0), email="ann@example.com")
    set_password(hub, person.user_id)
    before = person.cookies["autohub"]
    form = {"current": PASSWORD, "password": "four others nobody guesses"}
    assert person.post("/account/password", form).location == "/account"
    assert_renewed(hub, person, before)


def assert_renewed(hub: TestHub, person: Visitor, before: str) -> None:
    assert person.cookies["autohub"] != before
    assert person.get("/account").status == 200
    person.cookies["autohub"] = before
    assert person.get("/account").location.startswith("/sign-in")


@pytest.mark.parametrize("way", ["a role", "a group", "a role that is widened"])
def test_whoever_becomes_an_administrator_signs_in_anew(
    hub: TestHub, owner: Client, way: str
) -> None:
    user_id = hub.person((8, 0), email="ann@example.com")
    role = owner.post("/roles", {"role_name": "r", "permissions": ["View an Idea"]}).data["role_id"]
    held = [{"role_id": 8, "category_id": 0}, {"role_id": role, "category_id": 0}]
    assert owner.patch(f"/users/{user_id}", {"user_roles": held}).status == 200
    person = Visitor(hub, user_id)
    assert person.get("/account").status == 200
    if way == "a role":
        more = [*held, {"role_id": 2, "category_id": 0}]
        assert owner.patch(f"/users/{user_id}", {"user_roles": more}).status == 200
    elif way == "a group":
        group = {"group_name": "g", "members": [user_id]}
        more = [{"role_id": 2, "category_id": 0}]
        assert owner.post("/groups", group | {"group_roles": more}).status == 201
    else:
        wider = {"permissions": ["View an Idea", "Manage Users"]}
        assert owner.patch(f"/roles/{role}", wider).status == 200
    assert person.get("/account").location.startswith("/sign-in")
    assert Visitor(hub, user_id).get("/admin/access/users").status == 200
