"""Who left gets no part in new work, by any door, and is marked where a part is still theirs."""

import pytest
from tests.collaborators.test_collaborators import seat
from tests.imports.test_imports import send
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, an_idea, hand_in, idea, listed, move
from tests.support.pages import Visitor

GONE = "gone@example.com"
TOLD = f"{GONE} is inactive; name somebody else."


@pytest.fixture(autouse=True)
def leaver(hub: TestHub, owner: Client) -> None:
    hub.person((8, 0), (6, 0), email=GONE)
    leave(owner)


def leave(owner: Client) -> None:
    assert owner.post("/edituser", {"user_email": GONE, "user_is_active": 0}).status == 201


class TestNewWork:
    @pytest.mark.parametrize(
        ("path", "body"), [("/automationidea", an_idea), ("/coe-automationidea", a_coe_idea)]
    )
    def test_an_idea_with_an_owner_who_left_is_refused(
        self, owner: Client, path: str, body: object
    ) -> None:
        assert callable(body)
        refused = owner.post(path, body(owner=GONE))
        assert refused.status == 400 and refused.details["owner"] == [TOLD], refused

    def test_who_left_is_no_collaborator_no_project_manager_and_no_new_owner(
        self, owner: Client
    ) -> None:
        number = hand_in(owner)
        assert TOLD in str(seat(owner, number, GONE, 4).details)
        refused = move(owner, number, 56, project_manager=GONE, force=1)
        assert refused.status == 400 and TOLD in str(refused.details)
        changed = owner.patch(
            f"/automations/{number}",
            {
                "user_inputs": {
                    "OVR": {"ah-section-ovr-0-0": {"OVR-PROCESS_OWNER": {"value": GONE}}}
                }
            },
        )
        assert changed.status == 400 and TOLD in str(changed.details), changed

    def test_an_import_tells_of_the_past_and_says_so(self, owner: Client) -> None:
        table = f"Name,Description,Category,Process owner\nOld,d,Finance,{GONE}\n"
        done = send(owner, table).data
        assert done["created"] == 1 and done["results"][0]["notes"] == [TOLD]
        assert idea(owner, listed(owner)[0])["owner"]["user_email"] == GONE
        lost = send(owner, table.replace(GONE, "nobody@example.com").replace("Old", "New")).data
        assert lost["failed"] == 1 and not lost["results"][0]["notes"]


class TestWorkThatIsThere:
    def test_their_part_is_marked_and_another_owner_is_one_link_away(
        self, hub: TestHub, owner: Client
    ) -> None:
        assert owner.post("/edituser", {"user_email": GONE, "user_is_active": 1}).status == 201
        number = hand_in(owner, owner=GONE)
        visitor = Visitor(hub, owner.user_id)
        pages = [
            f"/automation-profile/{number}",
            "/pipeline",
            f"/automation-profile/{number}/collaborators",
        ]
        for page in pages:
            assert "Inactive" not in visitor.get(page).text, page
        leave(owner)
        for page in pages:
            assert "Inactive" in visitor.get(page).text, page
        assert "Choose another owner" in visitor.get(pages[0]).text
        people = owner.get(f"/automations/collaborators?collaborators={number}").data
        assert {p["user_email"]: p["user_is_active"] for p in people["collaborators"]}[GONE] == 0

    def test_it_is_changed_without_a_word_about_them(self, owner: Client) -> None:
        assert owner.post("/edituser", {"user_email": GONE, "user_is_active": 1}).status == 201
        number = hand_in(owner, owner=GONE)
        leave(owner)
        answers = {
            "OVR-PROCESS_OWNER": {"value": GONE},
            "OVR-OVERVIEW_NAME": {"value": "Another name"},
        }
        same = {"OVR": {"ah-section-ovr-0-0": answers}}
        assert owner.patch(f"/automations/{number}", {"user_inputs": same}).status == 200
        assert idea(owner, number)["process_name"] == "Another name"
