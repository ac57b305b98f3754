"""Who imports a table of the past has submitted nothing of it, and can work on all of it."""

from tests.imports.test_imports import send
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea, listed
from tests.support.pages import Visitor, form_of

PLACE, TEXT = "OVR-OVERVIEW_CATEGORY", "OVR-OVERVIEW_DESCRIPTION"
TABLE = (
    "Name;Description;Category;Status;Submitter\n"
    "Zebra;By hand;Finance > Accounts Payable > Invoices;Live – Archived;\n"
    "Sort;By hand;Finance > Accounts Payable > Invoices;Live – In Production;stella@example.com\n"
)


def test_imported_rows_give_no_points_and_are_nobodys_submissions(
    hub: TestHub, owner: Client
) -> None:
    hub.person((8, 0), email="stella@example.com")
    hand_in(owner, process_name="My own")
    answer = send(owner, TABLE)
    assert (answer.data["created"], answer.data["failed"]) == (2, 0), answer
    by_name = {each["process_name"]: each for each in (idea(owner, i) for i in listed(owner))}
    assert by_name["Zebra"]["process_submitter"] is None
    assert by_name["Sort"]["process_submitter"]["user_email"] == "stella@example.com"
    reader = Visitor(hub, owner.user_id)
    assert "stella" not in reader.get("/leaderboard").text.lower()
    workspace = reader.get("/workspace").text
    assert "My own" in workspace and "Zebra" not in workspace


def test_what_was_archived_is_not_live(hub: TestHub, owner: Client) -> None:
    hub.person((8, 0), email="stella@example.com")
    send(owner, TABLE)
    reader = Visitor(hub, owner.user_id)
    live = reader.get("/pipeline?view=live")
    assert ">Sort<" in live.html and ">Zebra<" not in live.html
    explore = reader.get("/explore").html
    running = explore.rpartition("Live automations")[2]
    assert ">Sort<" in running and ">Zebra<" not in running


def test_an_imported_idea_without_an_owner_can_be_edited(hub: TestHub, owner: Client) -> None:
    send(owner, TABLE)
    process_id = listed(owner)[0]
    at = f"/automation-profile/{process_id}"
    reader = Visitor(hub, owner.user_id)
    saved = reader.post(
        f"{at}/edit", form_of(reader, f"{at}/edit") | {"tags": "old", PLACE: "3", TEXT: "By hand"}
    )
    assert saved.status == 303, saved.text
    assert idea(owner, process_id)["tags"] == ["old"]
