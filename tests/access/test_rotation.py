"""Another secret: what was made under the one before goes on, and is sealed anew."""

from pathlib import Path

import pytest
from tests.access.test_proofs import set_password
from tests.conftest import settings_for
from tests.support.hub import TestHub, a_user, running_hub
from tests.support.pages import Visitor, visitor

from autohub.access import factor_store
from autohub.access.factors import PLACE, TOTP
from autohub.cli.main import run
from autohub.db import resealing
from autohub.db.engine import Writing
from autohub.kit.clock import now as clock
from autohub.kit.sealing import Keys, Unsealable, is_current, open_sealed, seal_text

OLD, NEW = "an old secret of the hub, long enough", "the new secret of the hub, long enough"


def keep_factor(db: Writing, user_id: int, keys: Keys) -> None:
    facts = {"user_id": user_id, "kind": TOTP, "factor_name": "x", "created_epoch": clock()}
    sealed = seal_text(keys, "ABCDEFGH", PLACE)
    factor_store.add_factor(db, facts | {"sealed_secret": sealed, "last_step": 0})


def sealed_of(hub: TestHub, user_id: int) -> str:
    with hub.database.reading() as db:
        return str(factor_store.list_factors(db, user_id)[0].sealed_secret)


def test_everything_sealed_is_sealed_under_the_new_secret(hub: TestHub) -> None:
    user_id = hub.person()
    hub.database.write(lambda db: keep_factor(db, user_id, Keys(OLD)))
    keys = Keys(NEW, (OLD,))
    assert hub.database.write(lambda db: resealing.reseal(db, keys)) == 1
    assert hub.database.write(lambda db: resealing.reseal(db, keys)) == 0
    sealed = sealed_of(hub, user_id)
    assert is_current(keys, sealed) and open_sealed(Keys(NEW), sealed, PLACE) == "ABCDEFGH"
    with hub.database.reading() as db:
        assert dict(resealing.count_by_key(db)) == {Keys(NEW).current_id: 1}


def test_what_cannot_be_opened_stops_it_and_changes_nothing(hub: TestHub) -> None:
    first, second = hub.person(), hub.person()
    hub.database.write(lambda db: keep_factor(db, first, Keys(OLD)))
    hub.database.write(lambda db: keep_factor(db, second, Keys("a secret that is gone")))
    before = sealed_of(hub, first)
    with pytest.raises(Unsealable):
        hub.database.write(lambda db: resealing.reseal(db, Keys(NEW, (OLD,))))
    assert sealed_of(hub, first) == before


def test_sessions_links_and_app_keys_outlive_a_rotation_until_the_old_secret_is_forgotten(
    tmp_path: Path,
) -> None:
    settings = settings_for(tmp_path)
    with running_hub(settings) as hub:
        boss = visitor(hub, (1, 0), email="boss@example.com")
        set_password(hub, boss.user_id)
        cookie = boss.cookies["autohub"]
        headers = hub.token("boss@example.com", app_key="a key of the app").headers
        owner = hub.token("boss@example.com")
        body = a_user(user_is_active=1, user_invite_status=2)
        user_id = owner.post("/adduser", body).data["user_id"]
        number = owner.get(f"/invitations?user_id={user_id}").data["invitations"][0]
        link = owner.post(f"/invitations/{number['invitation_id']}/link").data["link"]
        hub.database.write(lambda db: keep_factor(db, user_id, hub.installation.keys))
        before = hub.installation.keys.current_id
    assert run(["--data-dir", str(tmp_path), "secret", "rotate"]) == 0
    with running_hub(settings) as hub:
        assert hub.installation.keys.current_id != before
        assert is_current(hub.installation.keys, sealed_of(hub, user_id))
        assert works(hub, cookie, headers, link) == [200, 200, 200]
        new = Visitor(hub, boss.user_id).cookies["autohub"]
    assert run(["--data-dir", str(tmp_path), "secret", "status"]) == 0
    assert run(["--data-dir", str(tmp_path), "secret", "forget", "--yes"]) == 0
    with running_hub(settings) as hub:
        assert works(hub, cookie, headers, link) == [303, 401, 404]
        assert works(hub, new, headers, link)[0] == 200


def works(hub: TestHub, cookie: str, headers: dict[str, str], link: str) -> list[int]:
    """What a session, a token with an app key, and a link to register get."""
    browser = Visitor(hub)
    browser.cookies["autohub"] = cookie
    call = hub.request("GET", "/api/v1/openapi/authinfo", None, headers)
    path = link.removeprefix(hub.settings.base_url)
    return [browser.get("/account").status, call.status, Visitor(hub).get(path).status]


def test_secrets_before_the_one_of_the_environment_are_a_setting(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, secret=NEW, previous_secrets="one, another")
    with running_hub(settings) as hub:
        assert hub.installation.keys.secrets == (NEW, "one", "another")
