"""Signing in, the forgotten password, sessions, one's own choices."""

import re
from pathlib import Path

import pytest
from tests.support.hub import Client, TestHub
from tests.support.mail import delivered
from tests.support.pages import Visitor

from autohub.access import sessions
from autohub.access.credential_store import set_password
from autohub.access.sessions import hash_password
from autohub.kit.clock import HOUR
from autohub.kit.clock import now as clock
from autohub.kit.locales import known_locale, known_zone, often, zones
from autohub.web.forms import PASSWORDS

PASSWORD = "correct horse battery"
SOURCE = Path(__file__).parent.parent.parent / "src" / "autohub"


@pytest.fixture
def person(hub: TestHub) -> int:
    user_id = hub.person((8, 0), email="jane@example.com")
    hashed = hash_password(PASSWORD)
    hub.database.write(lambda db: set_password(db, user_id, hashed))
    hub.app.pages.sign_ins.clear()
    return user_id


def sign_in(
    hub: TestHub, email: str = "jane@example.com", password: str = PASSWORD, **more: str
) -> tuple[Visitor, object]:
    reader = Visitor(hub)
    return reader, reader.post("/sign-in", {"user_email": email, "password": password} | more)


def test_the_right_password_opens_a_session_and_leads_where_one_wanted_to_go(
    hub: TestHub, person: int
) -> None:
    reader, led = sign_in(hub, next="/pipeline?view=live")
    assert (led.status, led.location) == (303, "/pipeline?view=live") and reader.get(
        "/account"
    ).status == 200
    for elsewhere in (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        assert sign_in(hub, next=elsewhere)[1].location == "/explore"
    cookie = led.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_over_https_the_cookie_is_bound_to_this_host(
    hub: TestHub, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.app.pages, "_is_secure", True)
    _, led = sign_in(hub)
    assert (
        led.headers["set-cookie"].startswith("__Host-autohub=")
        and "; Secure" in led.headers["set-cookie"]
    )


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(
    hub: TestHub, person: int
) -> None:
    pages = [
        sign_in(hub, email=email, password="wrong wrong wrong")[1]
        for email in ("jane@example.com", "john@example.com")
    ]
    assert [page.status for page in pages] == [401, 401]
    challenge = r'data-options="[^"]*"|name="state" value="[^"]*"'  # another one each time
    one, other = (
        re.sub(f"jane@example.com|john@example.com|{challenge}", "?", page.html) for page in pages
    )
    assert (
        one == other
        and "not right" in pages[0].text
        and pages[0].value("user_email") == "jane@example.com"
    )


def test_sign_ins_are_limited(hub: TestHub, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # however long the sign-ins take
    monkeypatch.setattr("autohub.web.limits.monotonic", lambda: 1000.0)
    started = clock()
    monkeypatch.setattr("autohub.web.dispatcher.clock", lambda: started)
    hub.app.pages.sign_ins.clear()
    statuses = [
        sign_in(hub, password="wrong wrong wrong")[1].status
        for _ in range(hub.settings.sign_in_limit_per_minute + 1)
    ]
    assert statuses == [401] * 5 + [429] * (len(statuses) - 5)
    assert int(sign_in(hub)[1].headers["retry-after"]) > 0
    hub.app.pages.sign_ins.clear()


def test_signing_out_ends_the_session_itself(hub: TestHub, person: int) -> None:
    reader, _ = sign_in(hub)
    kept = dict(reader.cookies)
    assert reader.post("/sign-out").location == "/sign-in"
    thief = Visitor(hub)
    thief.cookies = kept
    assert thief.get("/explore").status == 303


def test_a_session_that_was_ended_elsewhere_asks_to_sign_in_and_keeps_what_was_sent(
    hub: TestHub, person: int
) -> None:
    here, _ = sign_in(hub)
    there, _ = sign_in(hub)
    page = there.get("/account")
    number = re.search(r'name="session_id" value="(\d+)"', page.html)
    assert number and "this one" in page.text
    assert there.post("/account/sessions/end", {"session_id": number[1]}).status == 303
    lost = here.post("/account/notices", {"mail": "approved", "here": "rejected"})
    assert lost.status == 401 and "not lost" in lost.text
    assert (
        lost.value("mail") == "approved"
        and lost.value("here") == "rejected"
        and 'action="/account/notices"' in lost.html
    )
    assert there.get("/account").status == 200


def test_all_other_sessions_end_at_once_and_with_a_new_password(hub: TestHub, person: int) -> None:
    first, _ = sign_in(hub)
    second, _ = sign_in(hub)
    second.post("/account/sessions/end", {"others": "1"})
    assert first.get("/account").status == 303 and second.get("/account").status == 200
    third, _ = sign_in(hub)
    wrong = third.post(
        "/account/password", {"current": "nonsense", "password": "another horse battery"}
    )
    assert wrong.status == 400 and "Present password is not your present password" in wrong.text
    assert third.post("/account/password", {"current": PASSWORD, "password": "short"}).status == 400
    assert (
        third.post(
            "/account/password", {"current": PASSWORD, "password": "another horse battery"}
        ).status
        == 303
    )
    assert second.get("/account").status == 303 and third.get("/account").status == 200
    assert (
        sign_in(hub)[1].status == 401
        and sign_in(hub, password="another horse battery")[1].status == 303
    )


def link_for(hub: TestHub) -> str:
    """The reset link that the worker mails."""
    found = (re.search(r"/reset/\S+", text) for _, _, text in delivered(hub))
    return next(link[0] for link in found if link)


def hub_now() -> int:
    from autohub.kit.clock import now

    return now()


def test_a_forgotten_password_is_reset_once_by_a_mailed_link(hub: TestHub, person: int) -> None:
    known, unknown = (
        Visitor(hub).post("/forgotten", {"user_email": email})
        for email in ("jane@example.com", "john@example.com")
    )
    assert known.status == unknown.status == 200 and known.html == unknown.html
    signed_in, _ = sign_in(hub)
    path = link_for(hub)
    reader = Visitor(hub)
    assert reader.get(path).headers["referrer-policy"] == "no-referrer"
    assert reader.post(path, {"password": "short"}).status == 400
    assert (
        reader.post(path, {"password": "new horse battery"}).status == 303
        and reader.get("/account").status == 200
    )
    assert Visitor(hub).post(path, {"password": "third horse battery"}).status == 404
    assert signed_in.get("/account").status == 303


def test_reset_links_that_are_forged_or_old_do_not_work(
    hub: TestHub, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Visitor(hub).post("/forgotten", {"user_email": "jane@example.com"})
    path = link_for(hub)
    for wrong in (
        path[:-1] + ("0" if path[-1] != "0" else "1"),
        "/reset/1-2-3",
        "/reset/x",
        "/reset/²-1-a",
        f"/reset/99-{path.split('-', 1)[1]}",
    ):
        assert Visitor(hub).get(wrong).status == 404, wrong
    import autohub.web.dispatcher as dispatcher

    real = dispatcher.clock
    monkeypatch.setattr(dispatcher, "clock", lambda: real() + 3 * HOUR)
    assert Visitor(hub).get(path).status == 404


def test_notices_and_look_are_kept_as_chosen(hub: TestHub, owner: Client, person: int) -> None:
    reader = Visitor(hub, person)
    assert (
        reader.post(
            "/account/notices", [("mail", "approved"), ("here", "approved"), ("here", "rejected")]
        ).status
        == 303
    )
    page = reader.get("/account").html
    assert re.search(r'name="mail" value="approved"[^>]*checked', page) and not re.search(
        r'name="mail" value="rejected"[^>]*checked', page
    )
    assert re.search(r'name="here" value="rejected"[^>]*checked', page)
    nonsense = reader.post("/account/look", {"locale": "klingon", "zone": "Mars/Olympus"})
    assert (
        nonsense.status == 400
        and "one such as en-GB" in nonsense.text
        and "one such as Europe/Berlin" in nonsense.text
    )
    assert nonsense.value("locale") == "klingon"
    reader.post("/account/look", {"theme": "dark", "locale": "de-DE", "zone": "Europe/Berlin"})
    dark = reader.get("/account")
    assert 'data-theme="dark"' in dark.html and "Europe/Berlin" in dark.html
    reader.post("/account/theme", {"theme": "light"})
    assert 'data-theme="light"' in reader.get("/account").html
    reader.cookies |= {"locale": "nonsense-%00", "zone": "../../etc/passwd"}
    assert reader.get("/account").status == 200


def test_locales_and_time_zones_are_offered_and_all_that_are_offered_are_known() -> None:
    assert len(often()) > 40 and all(known_locale(tag) and name for tag, name in often())
    assert "Europe/Zurich" in zones() and all(known_zone(name) for name in zones())


def test_a_passwords_blanks_count_wherever_it_is_typed(hub: TestHub, owner: Client) -> None:
    spaced, reader = "  a long passphrase  ", Visitor(hub)
    hub.person((8, 0), email="jane@example.com")
    reader.post("/forgotten", {"user_email": "jane@example.com"})
    reader.post(link_for(hub), {"password": spaced})
    signing_in = {"user_email": "jane@example.com", "password": spaced}
    assert sign_in(hub, password=spaced)[1].status == 303
    assert sign_in(hub, password=spaced.strip())[1].status == 401
    assert hub.anonymous().post("/sessions", signing_in).status == 201
    stripped = hub.anonymous().post("/sessions", signing_in | {"password": spaced.strip()})
    assert stripped.status == 401
    hub.app.pages.sign_ins.clear()
    changed = {"current": spaced.strip(), "password": "another horse battery"}
    assert reader.post("/account/password", changed).status == 400
    assert reader.post("/account/password", changed | {"current": spaced}).status == 303


def test_every_password_field_of_the_pages_is_one_whose_blanks_count() -> None:
    templates = "".join(path.read_text() for path in SOURCE.glob("**/templates/*.html"))
    fields = re.findall(r'"(\w+)",\s+_\("[^"]*"\),\s+kind="password"', templates)
    assert (
        fields
        and set(fields) <= set(PASSWORDS)
        and templates.count('kind="password"') == len(fields)
    )


def test_a_reset_ends_tokens_and_needs_the_address_that_it_was_mailed_to(
    hub: TestHub, owner: Client, person: int
) -> None:
    token, assigned = Visitor(hub, person), hub.token("jane@example.com")
    made = token.post("/admin/open-api", {"token_name": "mine"})
    assert made.status == 200 and assigned.get("/authinfo").status == 200
    Visitor(hub).post("/forgotten", {"user_email": "jane@example.com"})
    path = link_for(hub)
    moved = {"user_email": "jane.doe@example.com"}
    assert owner.put(f"/users/{person}/email", moved).status == 200
    assert Visitor(hub).get(path).status == 404
    assert Visitor(hub).post(path, {"password": "new horse battery"}).status == 404
    assert owner.put(f"/users/{person}/email", {"user_email": "jane@example.com"}).status == 200
    assert Visitor(hub).post(path, {"password": "new horse battery"}).status == 303
    assert assigned.get("/authinfo").status == 401
    mine = [t for t in owner.get("/tokens").data["tokens"] if t["user_id"] == person]
    assert len(mine) == 2 and not any(t["token_is_active"] for t in mine)


def test_no_password_is_hashed_for_a_link_that_does_not_work(
    hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(sessions, "hash_password", hashed.append)
    for path in ("/reset/1-2-3", "/register/1-2-3", "/register/first-x"):
        assert Visitor(hub).post(path, {"password": "a long passphrase"}).status == 404
    assert hashed == []
