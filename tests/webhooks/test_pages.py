"""The pages of webhooks."""

import re

import msgspec
import pytest
from tests.support.hub import TestHub
from tests.support.ideas import hand_in
from tests.support.outbound import plain, receiving
from tests.support.pages import Visitor

from autohub.server.worker import Worker


@pytest.fixture
def page(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    settings = msgspec.structs.replace(hub.settings, outbound_allow=("127.0.0.1",))
    monkeypatch.setattr(hub.app.context, "settings", settings)
    monkeypatch.setattr(hub, "worker", Worker(hub.database, settings, hub.installation))
    return Visitor(hub, hub.person((1, 0), email="owner@example.com"))


def test_a_webhook_is_made_tried_watched_and_served_again_on_its_pages(
    hub: TestHub, page: Visitor
) -> None:
    owner = hub.token("owner@example.com")
    answers = [401, 204, 500]
    with receiving(lambda *_: plain(answers.pop(0) if answers else 204)) as there:
        form = {"webhook_name": "Desk", "url": there.url, "whose": "installation"}
        made = page.post("/webhooks", form | {"event_types": "idea.submitted"})
        assert re.search(r"whsec_[\w+/]{43}=", made.text)
        at = re.findall(r'href="(/webhooks/\d+)"', page.get("/webhooks").html)[0]
        assert "whsec_" not in page.get(at).html
        assert "The receiver answered 401" in page.post(f"{at}/test").text
        assert page.post(f"{at}/test").status == 303
        hand_in(owner)
        for _ in range(2):
            hub.worker.deliveries.run()
            hub.worker.deliveries.wait()
        shown = page.get(at).text
        assert "The receiver answered 500" in shown and "Waits" in shown
        page.post(f"{at}/switch", {"webhook_is_on": "0"})
        assert "Not sent" in page.get(at).text
        page.post(f"{at}/switch", {"webhook_is_on": "1"})
        again = page.post(f"{at}/redeliver", {"since": "2020-01-01"})
        assert again.status == 303 and "1 deliveries are sent again" in page.get(at).text
        hub.worker.deliveries.run()
        hub.worker.deliveries.wait()
        assert "Delivered" in page.get(f"{at}?state=delivered").text
        assert "1 on, 0 not served" in page.get("/admin/integrations").text
        assert page.post(f"{at}/secret").status == 200
        assert page.post(f"{at}/delete").status == 303
    assert page.get(at).status == 404
    hub.worker.deliveries.close()


def test_what_was_typed_wrong_is_told_at_its_field(page: Visitor) -> None:
    form = {"webhook_name": "Desk", "url": "http://example.com/"}
    refused = page.post("/webhooks", form)
    assert refused.status == 400 and "must begin with https" in refused.text
    assert 'value="Desk"' in refused.html
