"""What the audit tells people: a sentence for each field that changed, with names for numbers."""

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor


def test_an_entry_tells_what_changed_in_words_and_nothing_else(hub: TestHub, owner: Client) -> None:
    reader = Visitor(hub, owner.user_id)
    user = {
        "user_email": "zoe@example.com",
        "user_first_name": "Zoe",
        "user_last_name": "Doe",
        "user_roles": [{"role_id": 6, "category_id": 3}],
    }
    owner.post("/adduser", user)
    process_id = hand_in(owner, process_name="Enter invoices")
    owner.patch(f"/automations/{process_id}", {"process_priority": "High", "user_inputs": {}})
    text = reader.get("/admin/audit").text
    assert "Roles: Idea Approver in Finance › Accounts Payable › Invoices" in text
    assert "Priority: High" in text
    assert "Type: Employee-driven" in text.replace("Submission type", "Type")
    for word in ("→ –", "– →", "yes → yes", "Forced"):
        assert word not in text, word
    assert "Priority: High" in reader.get(f"/automation-profile/{process_id}/history").text


def test_a_change_of_weights_tells_which_and_from_what_to_what(hub: TestHub, owner: Client) -> None:
    for source in range(1, 5):  # the first one with scores
        copy = owner.post("/assessments", {"version_name": "Ours", "copy_of": source}).data
        definition = owner.get(f"/assessments/{copy['version_id']}").data["definition"]
        if any(each.get("factors") for each in definition["scores"]):
            break
    score = next(each for each in definition["scores"] if each.get("factors"))
    question = score["factors"][0]["question"]
    titles = {q["key"]: q["title"] for s in definition["sections"] for q in s["questions"]}
    before = score["factors"][0]["weight"]
    score["factors"][0]["weight"] = before + 2
    changed = owner.patch(f"/assessments/{copy['version_id']}", {"definition": definition})
    assert changed.status == 200, changed
    text = Visitor(hub, owner.user_id).get("/admin/audit").text
    told = f"Weights – {score['title']}: {titles[question]}: {before:g} → {before + 2:g}"
    assert told in text, text[:3000]
