"""Second factors: apps, passkeys, recovery codes; what a password alone opens no more."""

import re
from html import unescape

import msgspec
import pyotp
import pytest
from tests.access.test_proofs import PASSWORD, age, set_password
from tests.support.hub import Client, TestHub
from tests.support.mail import delivered
from tests.support.pages import Shown, Visitor, visitor
from tests.support.passkeys import SecurityKey

from autohub.access import factors
from autohub.kit.clock import HOUR

AT = "/account/second-factors"
ORIGIN = "http://hub.test"
NOW = 1_800_000_000_000


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time that codes are made for, which a test moves."""
    moment = [NOW]
    find_step = factors._find_step
    monkeypatch.setattr(
        factors, "_find_step", lambda secret, typed, _: find_step(secret, typed, moment[0])
    )
    return moment


@pytest.fixture
def ann(hub: TestHub) -> Visitor:
    person = visitor(hub, (8, 0), email="ann@example.com")
    set_password(hub, person.user_id)
    return person


def add_app(person: Visitor, moment: int = NOW) -> tuple[str, list[str]]:
    """The secret of a new app, and the recovery codes that came with it."""
    form = person.get(f"{AT}/app")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", form.html)
    assert secret and "<svg" in form.html
    fields = {"setup": form.value("setup"), "code": code_of(secret[1], moment), "factor_name": "x"}
    added = person.post(f"{AT}/app", fields)
    assert added.status in (200, 303), added
    return secret[1], re.findall(r"<li><code>([^<]+)</code>", added.html)


def code_of(secret: str, moment: int) -> str:
    return pyotp.TOTP(secret).at(moment // 1000)


def add_key(person: Visitor, key: SecurityKey) -> Shown:
    form = person.get(AT)
    fields = {"state": form.value("state"), "passkey": key.create(options_of(form))}
    return person.post(f"{AT}/passkey", fields)


def options_of(page: Shown) -> str:
    found = re.search(r'data-options="([^"]+)"', page.html)
    assert found
    return unescape(found[1])


def first_step(hub: TestHub, email: str = "ann@example.com") -> tuple[Visitor, Shown]:
    browser = Visitor(hub)
    shown = browser.post("/sign-in", {"user_email": email, "password": PASSWORD, "next": "/people"})
    return browser, shown


def second_step(browser: Visitor, asked: Shown, code: str) -> Shown:
    fields = {"ticket": asked.value("ticket"), "next": asked.value("next"), "code": code}
    return browser.post("/sign-in/second", fields)


def test_with_an_app_the_password_alone_opens_nothing(
    hub: TestHub, ann: Visitor, time: list[int]
) -> None:
    secret, codes = add_app(ann)
    assert len(codes) == 10
    browser, asked = first_step(hub)
    assert asked.status == 200 and asked.title.startswith("Second step")
    assert "autohub" not in browser.cookies
    assert browser.get("/account").location.startswith("/sign-in")
    used = second_step(browser, asked, code_of(secret, NOW))
    assert used.status == 401 and "was used already" in used.text  # when the app was added
    time[0] += 60_000
    wrong = second_step(browser, asked, "000000")
    assert wrong.status == 401 and wrong.value("ticket") == asked.value("ticket")
    done = second_step(browser, asked, code_of(secret, time[0]))
    assert done.location == "/people" and browser.get("/account").status == 200
    again, asked = first_step(hub)
    assert second_step(again, asked, code_of(secret, time[0])).status == 401


def test_a_mistyped_first_code_leaves_the_key_that_the_app_has_scanned(
    hub: TestHub, ann: Visitor
) -> None:
    begun = ann.get("/account/second-factors/app")
    typed = {"setup": begun.value("setup"), "factor_name": "Phone", "code": "000000"}
    again = ann.post("/account/second-factors/app", typed)
    assert again.status == 400 and again.value("setup") == begun.value("setup")
    elsewhere = Visitor(hub, hub.someone((8, 0)).user_id)
    assert elsewhere.post("/account/second-factors/app", typed).value("setup") != typed["setup"]


def test_a_recovery_code_opens_once(hub: TestHub, ann: Visitor) -> None:
    _, codes = add_app(ann)
    browser, asked = first_step(hub)
    assert second_step(browser, asked, codes[0].lower()).status == 303
    browser, asked = first_step(hub)
    assert second_step(browser, asked, codes[0]).status == 401
    assert "9 codes are left" in ann.get(AT).text
    new = re.findall(r"<li><code>([^<]+)</code>", ann.post(f"{AT}/codes").html)
    assert second_step(browser, asked, codes[1]).status == 401
    assert second_step(browser, asked, new[1]).status == 303


def test_calls_ask_for_it_too(hub: TestHub, ann: Visitor) -> None:
    _, codes = add_app(ann)
    body = {"user_email": "ann@example.com", "password": PASSWORD}
    refused = hub.anonymous().post("/sessions", body)
    assert refused.status == 401 and "code" in refused.message
    assert hub.anonymous().post("/sessions", body | {"code": "000000"}).status == 401
    assert hub.anonymous().post("/sessions", body | {"code": codes[0]}).status == 201


def test_guessing_codes_is_slowed_down_though_the_password_is_right(
    hub: TestHub, ann: Visitor
) -> None:
    _, codes = add_app(ann)
    statuses = []
    for n in range(7):
        hub.app.pages.sign_ins.clear()
        browser, asked = first_step(hub)  # a right password forgets no wrong code
        statuses.append(second_step(browser, asked, f"{n:06}").status)
    assert statuses[-1] == 429
    hub.app.pages.sign_ins.clear()
    assert second_step(browser, asked, codes[0]).status == 429


def test_the_first_step_counts_for_minutes_and_for_that_password(
    hub: TestHub, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, codes = add_app(ann)
    browser, asked = first_step(hub)
    forged = second_step(browser, asked, "")
    assert forged.status == 401
    set_password(hub, ann.user_id)  # hashed anew, as another one would be
    assert second_step(browser, asked, codes[0]).status == 401
    monkeypatch.setattr(factors, "TICKET_LIFE", -1)
    browser, asked = first_step(hub)
    assert asked.status == 401


def test_who_has_a_factor_proves_with_it_who_they_are(hub: TestHub, ann: Visitor) -> None:
    _, codes = add_app(ann)
    age(hub, "proved_epoch", HOUR)
    fields = {"token_name": "x", "kind": "personal"}
    asked = ann.post("/admin/open-api", fields)
    assert asked.title.startswith("Is it you?") and "proof_password" not in asked.html
    with_password = ann.post("/admin/open-api", fields | {"proof_password": PASSWORD})
    assert with_password.status == 401
    assert ann.post("/admin/open-api", fields | {"proof_code": codes[0]}).status == 200


def test_the_first_factor_ends_other_sessions_and_is_told_by_mail(
    hub: TestHub, ann: Visitor
) -> None:
    other = Visitor(hub, ann.user_id)
    delivered(hub)
    add_app(ann)
    assert other.get("/account").location.startswith("/sign-in")
    assert ("ann@example.com", "Your second factors changed") in [m[:2] for m in delivered(hub)]
    factor = re.search(rf"{AT}/(\d+)/remove", ann.get(AT).html)
    assert factor and ann.post(factor[0]).status == 303
    assert first_step(hub)[1].location == "/people"


def test_nobody_adds_a_factor_in_a_browser_that_was_left_open(hub: TestHub, ann: Visitor) -> None:
    form = ann.get(f"{AT}/app")
    age(hub, "proved_epoch", HOUR)
    asked = ann.post(f"{AT}/app", {"setup": form.value("setup"), "code": "000000"})
    assert asked.title.startswith("Is it you?")


def test_a_setup_of_somebody_else_is_none(hub: TestHub, ann: Visitor) -> None:
    bob = visitor(hub, (8, 0))
    form = bob.get(f"{AT}/app")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", form.html)
    assert secret
    fields = {"setup": form.value("setup"), "code": code_of(secret[1], NOW)}
    assert ann.post(f"{AT}/app", fields).status == 400
    assert bob.post(f"{AT}/app", fields | {"code": "12345"}).status == 400
    assert bob.post(f"{AT}/app", fields).status == 200


def test_an_administrator_resets_what_somebody_lost(hub: TestHub, ann: Visitor) -> None:
    add_app(ann)
    boss, helper = visitor(hub, (1, 0)), visitor(hub, (8, 0))
    path = f"/admin/access/users/{ann.user_id}/reset-factors"
    assert helper.post(path).status == 403
    assert boss.post(path).status == 303
    assert ann.get("/account").location.startswith("/sign-in")
    assert first_step(hub)[1].location == "/people"
    owner = hub.someone((1, 0))
    actions = [entry["action"] for entry in owner.get("/audit?limit=50").data["entries"]]
    assert "reset second factors" in actions


def test_a_role_can_ask_for_a_second_factor(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> None:
    require(hub, monkeypatch, ("ah-account-owner",))
    boss, person = visitor(hub, (1, 0), email="boss@example.com"), visitor(hub, (8, 0))
    set_password(hub, boss.user_id)
    assert person.get("/explore").status == 200
    assert boss.get("/explore").location == AT == boss.post("/admin/open-api").location
    assert "Your role needs a second factor" in boss.get(AT).text
    body = {"user_email": "boss@example.com", "password": PASSWORD}
    token = hub.anonymous().post("/sessions", body).data["access_token"]
    call = hub.request("GET", "/api/v1/openapi/users", None, {"Authorization": f"Bearer {token}"})
    assert call.status == 403 and "second factor" in call.message
    assert hub.token("boss@example.com").get("/users").status == 200  # its own credential
    add_app(boss)
    assert boss.get("/explore").status == 200


def test_a_weak_session_of_who_has_a_factor_ends_when_the_role_asks_for_one(
    hub: TestHub, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_app(ann)
    weak = Visitor(hub, ann.user_id)
    assert weak.get("/explore").status == 200
    require(hub, monkeypatch, ("*",))
    assert weak.get("/explore").location.startswith("/sign-in")
    assert ann.get("/explore").status == 200


def require(hub: TestHub, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...]) -> None:
    settings = msgspec.structs.replace(hub.settings, second_factor_roles=roles)
    monkeypatch.setattr(hub.app.context.authenticator, "_settings", settings)


# --- passkeys ---


def test_a_passkey_is_a_second_factor(hub: TestHub, ann: Visitor) -> None:
    key = SecurityKey(ORIGIN)
    assert add_key(ann, key).status == 200
    browser, asked = first_step(hub)
    answer = key.get(options_of(asked), verified=False)
    fields = {"ticket": asked.value("ticket"), "state": asked.value("state"), "passkey": answer}
    assert browser.post("/sign-in/second", fields).status == 303
    assert browser.get("/account").status == 200
    again, _ = first_step(hub)
    assert again.post("/sign-in/second", fields).status == 401  # the answer was used


def test_a_passkey_that_checks_its_holder_signs_in_alone(hub: TestHub, ann: Visitor) -> None:
    key = SecurityKey(ORIGIN)
    add_key(ann, key)
    assert sign_in_by(hub, key).location == "/explore"
    assert sign_in_by(hub, key, verified=False).status == 401
    assert sign_in_by(hub, SecurityKey(ORIGIN)).status == 401
    key.origin = "http://hub.test.example.com"
    assert sign_in_by(hub, key).status == 401
    key.origin, key.count = ORIGIN, 0  # as of a copy of it
    assert sign_in_by(hub, key).status == 401


def sign_in_by(hub: TestHub, key: SecurityKey, *, verified: bool = True) -> Shown:
    browser = Visitor(hub)
    form = browser.get("/sign-in")
    answer = key.get(options_of(form), verified=verified)
    fields = {"state": form.value("state"), "passkey": answer, "next": ""}
    return browser.post("/sign-in/passkey", fields)


def test_the_challenge_of_a_second_step_signs_nobody_in_alone(hub: TestHub, ann: Visitor) -> None:
    key = SecurityKey(ORIGIN)
    add_key(ann, key)
    browser, asked = first_step(hub)
    fields = {"state": asked.value("state"), "passkey": key.get(options_of(asked))}
    assert browser.post("/sign-in/passkey", fields).status == 401


def test_a_passkey_of_somebody_else_opens_no_second_step(
    hub: TestHub, ann: Visitor, owner: Client
) -> None:
    add_app(ann)
    bob = visitor(hub, (8, 0))
    key = SecurityKey(ORIGIN)
    add_key(bob, key)
    browser, asked = first_step(hub)
    form = Visitor(hub).get("/sign-in")
    fields = {"ticket": asked.value("ticket"), "state": form.value("state")}
    answer = key.get(options_of(form))
    assert browser.post("/sign-in/second", fields | {"passkey": answer}).status == 401
    assert browser.post("/sign-in/second", fields | {"passkey": "{}"}).status == 401


def test_a_passkey_is_added_once(hub: TestHub, ann: Visitor) -> None:
    key = SecurityKey(ORIGIN)
    assert add_key(ann, key).status == 200
    refused = add_key(ann, key)
    assert refused.status == 400 and "is here already" in refused.text
    assert add_key(ann, SecurityKey("http://elsewhere.test")).status == 400
