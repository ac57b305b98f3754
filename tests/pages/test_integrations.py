"""Admin › Integrations: how each other system stands, and what a test of its connection finds."""

import msgspec
import pytest
from tests.support.hub import TestHub
from tests.support.mail import post_office
from tests.support.pages import Shown, visitor
from tests.support.processes import free_port


def test_a_test_of_the_connection_says_what_is_wrong_and_forgets_it_once_all_is_well(
    hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visitor(hub, (1, 0))

    def test(name: str) -> Shown:
        return page.post("/admin/integrations/test", {"integration": name})

    assert "AUTOHUB_SMTP_URL is not set" in page.get("/admin/integrations").text

    def set_up(port: int) -> None:
        settings = msgspec.structs.replace(hub.settings, smtp_url=f"smtp://127.0.0.1:{port}")
        monkeypatch.setattr(hub.app.context, "settings", settings)

    set_up(free_port())
    assert "Failing" not in page.get("/admin/integrations").text
    test("mail")
    shown = page.get("/admin/integrations").text
    assert "Failing" in shown and "Connection refused" in shown
    with post_office() as post:
        set_up(post.port)
        assert test("mail").status == 303
        assert "Mail answers as it should" in page.get("/admin/integrations").text
        assert post.mails == []
    assert "Failing" not in page.get("/admin/integrations").text
    test("files")
    assert "Failing" not in page.get("/admin/integrations").text
    assert test("made-up").status == 404
