"""The applications of an idea, by the keys that the vendor's clients send (contract 4.4)."""

import copy
from typing import Any

import pytest
from tests.ideas.test_schema import INPUTS
from tests.support.hub import Client
from tests.support.ideas import an_idea, idea, made

NEW = {
    "application_name": "Trapets",
    "application_version": "3",
    "application_language": "Swedish",
    "application_comments": "for sanctions",
    "application_is_citrix_client": True,
}


def _publish(owner: Client, **questions: Any) -> Any:
    inputs = copy.deepcopy(INPUTS)
    inputs["OVR"]["s"] |= questions
    return owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": inputs})


def _patch(owner: Client, number: int, question: str, answer: Any, **beside: Any) -> Any:
    body = {"user_inputs": {"OVR": {"ah-section-ovr-0-0": {question: answer}}}} | beside
    return owner.patch(f"/automations/{number}", body)


def _names(record: dict[str, Any], key: str = "applications") -> list[str]:
    return [application["application_name"] for application in record[key]]


@pytest.fixture
def ledger(owner: Client) -> int:
    body = [{"application_name": "Ledger", "application_id": None, "categoryIds": [3]}]
    return int(owner.put("/appinventory", body).data["application_ids"][0])


def test_both_lists_and_new_applications_inside_the_question_are_kept(
    owner: Client, ledger: int
) -> None:
    number = made(
        _publish(
            owner,
            **{
                "OVR-COUNT_APPS": {"value": [ledger], "new_applications": [NEW]},
                "OVR-COUNT_THIN_APPS": {
                    "value": [ledger],
                    "new_applications": [{"application_name": "Thin"}],
                },
            },
        )
    )
    record = idea(owner, number)
    assert _names(record) == ["Ledger", "Trapets"] and record["process_num_applications"] == 2
    assert record["ovr-count_apps__display"] == "Ledger, Trapets"
    assert record["ovr-count_thin_apps__display"] == "Ledger, Thin"
    apps = {app["application_name"]: app for app in owner.get("/appinventory").data["applications"]}
    for name, value in NEW.items():
        assert apps["Trapets"][name] == value


def test_a_change_adds_new_applications_and_an_empty_list_says_nothing(
    owner: Client, ledger: int
) -> None:
    number = made(owner.post("/automationidea", an_idea(category_id=3)))
    assert _patch(owner, number, "OVR-COUNT_APPS", {"value": [ledger]}).status == 200
    new = {"value": [], "new_applications": [{"application_name": " TRAPETS "}]}
    assert _patch(owner, number, "OVR-APPLICATIONS", new).status == 200
    assert _names(idea(owner, number)) == ["Ledger", "TRAPETS"]
    assert _patch(owner, number, "OVR-APPLICATIONS", {"value": []}).status == 200
    assert _names(idea(owner, number)) == ["Ledger", "TRAPETS"]
    beside = [{"application_name": "Third"}]
    assert (
        _patch(owner, number, "OVR-PURPOSE", {"value": "x"}, new_applications=beside).status == 200
    )
    assert _names(idea(owner, number)) == ["Ledger", "TRAPETS", "Third"]
    assert _patch(owner, number, "OVR-APPLICATIONS", {"value": None}).status == 200
    assert _names(idea(owner, number)) == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"value": [99]}, "Invalid Application Data. Unknown application id(s): 99."),
        (
            {"value": [], "new_applications": [{"application_name": "A", "vendor": "B"}]},
            "Invalid Application Data. new_applications.0: has unknown field(s): vendor",
        ),
        ({"value": [], "new_applications": [{}]}, "new_applications.0.application_name"),
        ({"value": [], "apps": [1]}, "Invalid Application Data. has unknown field(s): apps"),
        (
            {"new_applications": [{"application_name": str(n)} for n in range(21)]},
            "must hold at most 20",
        ),
    ],
)
@pytest.mark.parametrize("question", ["OVR-COUNT_APPS", "OVR-COUNT_THIN_APPS"])
def test_what_cannot_be_kept_is_refused_by_name(
    owner: Client, question: str, answer: Any, told: str
) -> None:
    refused = _publish(owner, **{question: answer})
    assert refused.status == 400 and told in refused.message, refused
    assert refused.message.startswith("Invalid Application Data. ")


def test_an_unknown_key_inside_any_answer_is_refused_by_name(owner: Client) -> None:
    number = made(owner.post("/automationidea", an_idea(category_id=3)))
    refused = _patch(owner, number, "OVR-PURPOSE", {"value": "x", "note": "y"})
    assert refused.status == 400
    assert refused.details["OVR-PURPOSE"] == [
        "has unknown field(s): note; known are value, comment."
    ]


def test_a_comment_is_kept_beside_every_answer(owner: Client, ledger: int) -> None:
    number = made(owner.post("/automationidea", an_idea(category_id=3)))
    answers = {
        "OVR-OVERVIEW_NAME": {"value": "Another name", "comment": "as agreed"},
        "OVR-APPLICATIONS": {"value": [ledger], "comment": "the old one"},
        "OVR-PURPOSE": {"value": "x", "comment": "why"},
    }
    body = {"user_inputs": {"OVR": {"s": answers}}}
    assert owner.patch(f"/automations/{number}", body).status == 200
    schema = owner.get(f"/automations/{number}/schema").json["data"]["user_inputs"]["OVR"]
    found = {key: answer for section in schema.values() for key, answer in section.items()}
    for key, answer in answers.items():
        assert found[key] == answer
    assert idea(owner, number)["process_name"] == "Another name"
