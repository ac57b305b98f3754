"""The automation store as pages: offering a live automation, finding it, and saying how useful
it is."""

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, visitor


def test_a_live_automation_is_offered_found_reviewed_and_taken_out_again(
    hub: TestHub, owner: Client
) -> None:
    process_id = hand_in(owner, process_name="Sort the post")
    reviewer, reader = visitor(hub, (10, 0)), visitor(hub, (8, 0), email="rita@example.com")
    at = f"/store/{process_id}"
    assert (
        "Offer it in the automation store"
        not in reviewer.get(f"/automation-profile/{process_id}").text
    )
    assert reviewer.post(f"{at}/offer", {"offer_text": "Ask us."}).status == 409
    owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 91, "force": 1})
    assert (
        "Offer it in the automation store" in reviewer.get(f"/automation-profile/{process_id}").text
    )
    assert "Offer it" not in reader.get(f"/automation-profile/{process_id}").text
    assert (
        reader.post(f"{at}/offer", {"offer_text": "Mine."}).status == 403
        and reader.get(at).status == 404
    )
    assert reviewer.post(f"{at}/offer", {"offer_text": "Ask <b>us</b>."}).status == 303
    assert "Sort the post" in reader.get("/store").text and "Ask <b>us</b>." in reader.get(at).text
    assert (
        reader.post(at, {"review_text": "Fine"}).status == 400
        and reader.post(at, {"rating": "6"}).status == 400
    )
    for rating in ("2", "4"):
        reader.post(at, {"rating": rating, "review_text": "Saves an hour."})
    shown = reader.get(at)
    assert "4 of 5" in shown.text and "1 review" in shown.text and "Saves an hour." in shown.text
    assert 'value="4" checked' in shown.html and "Change the offer" not in shown.text
    reviewer.post(f"{at}/offer", {"withdraw": "1"})
    assert "No automation is offered yet." in reader.get("/store").text


def test_what_one_may_not_see_is_not_in_the_store(hub: TestHub, owner: Client) -> None:
    process_id = hand_in(owner, process_name="Secret of finance", category_id=3)
    owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 91, "force": 1})
    Visitor(hub, owner.user_id).post(f"/store/{process_id}/offer", {"offer_text": ""})
    elsewhere = visitor(hub, (8, 5))
    assert (
        "Secret" not in elsewhere.get("/store").text
        and elsewhere.get(f"/store/{process_id}").status == 404
    )
    assert elsewhere.post(f"/store/{process_id}", {"rating": "5"}).status == 404
