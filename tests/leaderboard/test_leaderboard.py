"""Points for ideas, votes and answers, and the switch that takes them off."""

import re

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, visitor


@pytest.fixture
def admin(hub: TestHub, owner: Client) -> Visitor:
    return Visitor(hub, owner.user_id)


def test_the_leaderboard_counts_points_and_can_be_switched_off(
    hub: TestHub, owner: Client, admin: Visitor
) -> None:
    process_id = hand_in(owner)
    visitor(hub, (8, 0)).post(f"/automation-profile/{process_id}/vote", {"wanted": "1"})
    assert re.search(r"Ada Byron.*Starter.*First idea 1 0 11", admin.get("/leaderboard").text)
    owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 51})
    owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 91, "force": 1})
    assert re.search(r"Contributor.*1 1 131", admin.get("/leaderboard").text)
    admin.post("/admin/account", {})
    assert (
        admin.get("/leaderboard").status == 404 and "Leaderboard" not in admin.get("/explore").text
    )
