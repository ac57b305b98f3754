"""People sign in with the account that they have at an identity provider."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.sign_on.counterpart import Provider, running_provider
from tests.support.hub import Client, TestHub
from tests.support.pages import Shown, Visitor, visitor

from autohub.access import issuer
from autohub.pages.account import sign_on as page
from autohub.settings import Settings
from autohub.sign_on.protocol import Client as OurClient
from autohub.sign_on.protocol import Clients

SECRET = "a-secret-of-the-client"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    def make(settings: Settings, name: str) -> OurClient:
        return OurClient(msgspec.structs.replace(settings, outbound_allow=("127.0.0.1",)), name)

    monkeypatch.setattr(page, "CLIENTS", Clients(make))
    with running_provider() as found:
        found.claims = {"email": "ada@example.com", "email_verified": True}
        yield found


@pytest.fixture
def admin(hub: TestHub, provider: Provider) -> Visitor:
    """An Account Owner, who has set the provider up."""
    found = visitor(hub, (1, 0))
    assert set_up(found, provider).status == 303
    return found


def set_up(who: Visitor, provider: Provider, at: str = "/admin/sign-on", **more: Any) -> Shown:
    form = {
        "provider_name": "Contoso",
        "issuer": provider.issuer,
        "client_id": "hub",
        "client_secret": SECRET,
        "group_claim": "groups",
        "provider_is_active": "1",
    }
    return who.post(at, form | more)


def sign_on(hub: TestHub, provider: Provider, **claims: Any) -> tuple[Visitor, Shown]:
    """A browser goes there and comes back."""
    browser = Visitor(hub)
    provider.claims |= claims
    left = browser.get("/sign-in/with/1?next=/pipeline")
    assert left.status == 303, left
    return browser, browser.get(provider.authorize(left.headers["location"]))


def test_the_first_sign_on_registers_whom_the_provider_vouches_for(
    hub: TestHub, admin: Visitor, provider: Provider, owner: Client
) -> None:
    ada = hub.person(email="ada@example.com", invite_status=0, registered=False)
    assert "Sign in with Contoso" in Visitor(hub).get("/sign-in").text
    browser, back = sign_on(hub, provider)
    assert back.status == 303 and back.headers["location"] == "/pipeline"
    assert provider.asked["code_challenge_method"] == "S256"
    assert browser.get("/pipeline").status == 200
    user = owner.user("ada@example.com")
    assert (user["user_id"], user["user_invite_status"]) == (ada, 3)
    actions = [e["action"] for e in owner.get(f"/audit?object_id={ada}").data["entries"]]
    assert "register" in actions and "link sign-on" in actions


def test_a_person_is_known_by_issuer_and_subject_and_no_longer_by_the_address(
    hub: TestHub, admin: Visitor, provider: Provider
) -> None:
    hub.person(email="ada@example.com")
    hub.person(email="eve@example.com")
    sign_on(hub, provider)
    browser, _ = sign_on(hub, provider, email="eve@example.com")
    assert "ada@example.com" in browser.get("/account").html
    _, other = sign_on(hub, provider, sub="s2", email="ada@example.com")
    assert other.headers["location"] == "/sign-in"
    assert "linked to somebody else" in other.headers["set-cookie"].replace("%20", " ")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email_verified": False}, "no e-mail address"),
        ({"email_verified": None}, "no e-mail address"),
        ({"email": "nobody@example.com"}, "no account"),
        ({"nonce": "of another"}, "another attempt"),
        ({"aud": "another client"}, "not valid"),
        ({"aud": ["hub", "other"]}, "somebody else"),
        ({"iss": "https://evil.example.com"}, "not valid"),
        ({"exp": 1}, "not valid"),
    ],
)
def test_whom_nobody_vouches_for_stays_out(
    hub: TestHub, admin: Visitor, provider: Provider, claims: dict[str, Any], why: str
) -> None:
    hub.person(email="ada@example.com")
    browser, back = sign_on(hub, provider, **claims)
    assert back.headers["location"] == "/sign-in"
    assert why in back.headers["set-cookie"].replace("%20", " ")
    assert browser.get("/pipeline").status in (303, 401)


def test_who_is_switched_off_here_stays_out(
    hub: TestHub, admin: Visitor, provider: Provider, owner: Client
) -> None:
    ada = hub.person(email="ada@example.com")
    sign_on(hub, provider)
    assert owner.patch(f"/users/{ada}", {"user_is_active": 0}).status == 200
    _, back = sign_on(hub, provider)
    assert "switched off" in back.headers["set-cookie"].replace("%20", " ")


def test_a_clock_a_minute_off_and_a_new_key_are_no_trouble(
    hub: TestHub, admin: Visitor, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.person(email="ada@example.com")
    provider.skew = 50
    assert sign_on(hub, provider)[1].headers["location"] == "/pipeline"
    monkeypatch.setattr(issuer, "PAUSE_SECONDS", 0)
    provider.rotate()
    assert sign_on(hub, provider)[1].headers["location"] == "/pipeline"
    provider.skew = 90
    assert sign_on(hub, provider)[1].headers["location"] == "/sign-in"


def test_another_browser_and_a_second_use_come_to_nothing(
    hub: TestHub, admin: Visitor, provider: Provider
) -> None:
    hub.person(email="ada@example.com")
    browser = Visitor(hub)
    back = provider.authorize(browser.get("/sign-in/with/1").headers["location"])
    assert Visitor(hub).get(back).headers["location"] == "/sign-in"
    assert browser.get(back).headers["location"] == "/explore"
    assert browser.get(back).headers["location"] == "/sign-in"


def test_a_provider_that_is_down_is_told_and_the_hub_goes_on(
    hub: TestHub, admin: Visitor, provider: Provider
) -> None:
    hub.person(email="ada@example.com")
    provider.is_down = True
    left = Visitor(hub).get("/sign-in/with/1")
    assert left.headers["location"] == "/sign-in"
    assert "does not work now" in left.headers["set-cookie"].replace("%20", " ")
    provider.is_down = False
    assert sign_on(hub, provider)[1].headers["location"] == "/pipeline"


def test_groups_follow_the_claim_and_an_overage_leaves_them(
    hub: TestHub, admin: Visitor, provider: Provider, owner: Client
) -> None:
    ada = hub.person(email="ada@example.com")
    names = ("Finance", "Sales", "By hand", "Admins")
    groups = {n: owner.post("/groups", {"group_name": n}).data["group_id"] for n in names}
    grants = [{"role_id": 2, "category_id": 0}]
    assert owner.patch(f"/groups/{groups['Admins']}", {"group_roles": grants}).status == 200
    owner.patch(f"/groups/{groups['By hand']}", {"members": [ada]})
    with hub.database.writing() as db:
        for name in ("Finance", "Sales", "Admins"):
            sql = "UPDATE user_group SET group_source = 'directory' WHERE group_id = ?"
            db.driver_change(sql, (groups[name],))

    def of() -> set[str]:
        return {g["group_name"] for g in owner.get("/groups").data["groups"] if ada in g["members"]}

    sign_on(hub, provider, groups=["finance", "Admins", "unknown"])
    assert of() == {"Finance", "By hand"}
    sign_on(hub, provider, groups=["Sales"])
    assert of() == {"Sales", "By hand"}
    sign_on(hub, provider, groups=["Finance"], _claim_names={"groups": "src1"})
    assert of() == {"Sales", "By hand"}


def test_the_secret_is_kept_sealed_and_only_an_owner_sets_a_provider_up(
    hub: TestHub, admin: Visitor, provider: Provider
) -> None:
    with hub.database.reading() as db:
        kept = db.driver_rows("SELECT sealed_client_secret FROM sign_on_provider", ())[0][0]
    assert SECRET not in kept and SECRET not in admin.get("/admin/sign-on/1").html
    assert set_up(admin, provider, "/admin/sign-on/1", client_secret="").status == 303
    hub.person(email="ada@example.com")
    assert sign_on(hub, provider)[1].headers["location"] == "/pipeline"
    assert visitor(hub, (2, 0)).get("/admin/sign-on").status == 403
    assert set_up(admin, provider, "/admin/sign-on/1", provider_is_active="").status == 303
    assert Visitor(hub).get("/sign-in/with/1").status == 404


def test_who_signs_out_at_the_provider_is_signed_out_here(
    hub: TestHub, admin: Visitor, provider: Provider
) -> None:
    hub.person(email="ada@example.com")
    browser, _ = sign_on(hub, provider)
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}

    def log_out(**claims: Any) -> int:
        provider.claims = claims
        return Visitor(hub).post("/sign-in/logout/1", {"logout_token": provider.token()}).status

    assert log_out(events=event, jti="j") == 401  # a nonce makes it an ID token
    provider.asked.pop("nonce")
    assert log_out(events={}, jti="j") == 401 and log_out(events=event) == 401
    assert log_out(events=event, jti="j", iat=1) == 401
    assert browser.get("/pipeline").status == 200
    assert log_out(events=event, jti="j") == 204
    assert browser.get("/pipeline").status == 303
