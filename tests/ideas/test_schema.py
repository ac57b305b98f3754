"""The schema of a flow's questions, and ideas handed in by it (contract 4.4)."""

import copy
from typing import Any

import jsonschema
import pytest
from tests.drafts.test_drafts import INPUTS
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea, made


def questions(schema: dict[str, Any], assessment: str = "OVR") -> dict[str, Any]:
    sections = schema["properties"]["schema"]["properties"][assessment]["properties"]
    return {
        key: question
        for section in sections.values()
        for key, question in section["properties"].items()
    }


def filled(schema: dict[str, Any], **answers: Any) -> dict[str, Any]:
    """The schema's own template, filled in as a generic client would."""
    inputs = copy.deepcopy(schema["user_inputs"])
    for sections in inputs.values():
        for section in sections.values():
            for key in section:
                if key in answers:
                    section[key] = (
                        {"value": answers[key]} if isinstance(section[key], dict) else answers[key]
                    )
    return inputs


BUSINESS = {
    "OVR-OVERVIEW_NAME": "Pay",
    "OVR-OVERVIEW_DESCRIPTION": "Text",
    "OVR-OVERVIEW_CATEGORY": 3,
    "OVR-PROCESS_OWNER": "owner@example.com",
    "OVR-OVERVIEW_PROCESS_SUBMITTER": "owner@example.com",
    "OVR-PROCESS_DOCUMENTS": ["ah-answer_option-ovrbp-0-3-0-1"],
}


class TestTheSchema:
    def test_it_has_the_shape_that_clients_know(self, owner: Client) -> None:
        answer = owner.get("/idea-schema?idea_flow_id=8")
        assert (
            answer.status == 200
            and set(answer.json) == {"status", "data"}
            and answer.json["status"] == "success"
        )
        asked = questions(answer.data)
        assert list(answer.data["properties"]["schema"]["properties"]["OVR"]["properties"]) == [
            f"ah-section-ovrbp-0-{i}" for i in range(5)
        ]
        expected = {
            "OVR-OVERVIEW_PROCESS_ID",
            "OVR-OVERVIEW_PAIN_POINTS",
            "OVR-SUB_PROCESSES",
            "OVR-COUNT_APPS",
            "OVR-COUNT_THIN_APPS",
        }
        expected |= {"OVR-PROCESS_DOCUMENTS", "OVR-OVERVIEW_STUDIO_WEB_LINK", *BUSINESS}
        assert expected <= set(asked)
        name = asked["OVR-OVERVIEW_NAME"]
        assert name["required"] == ["value"] and name["properties"]["comment"] == {
            "type": "string",
            "maxLength": 3000,
        }
        assert set(name["custom_properties"]) == {
            "impacted_kpis",
            "process_column",
            "child_process_columns",
            "example",
        }
        documents = asked["OVR-PROCESS_DOCUMENTS"]["properties"]["value"]
        assert (
            documents["uniqueItems"]
            and documents["items"]["enum"][7] == "ah-answer_option-ovrbp-0-3-0-7"
        )
        assert (
            documents["items"]["enumNames"][0] == "Detailed work instructions"
            and len(documents["items"]["enum"]) == 8
        )
        assert (
            asked["OVR-PROCESS_OWNER"]["type"] == "string"
            and asked["OVR-PROCESS_OWNER"]["format"] == "email"
        )

    @pytest.mark.parametrize("flow", range(1, 9))
    def test_it_is_a_true_json_schema_that_a_filled_template_fits(
        self, owner: Client, flow: int
    ) -> None:
        schema = owner.get(f"/idea-schema?idea_flow_id={flow}").data
        jsonschema.Draft202012Validator.check_schema(schema)
        answers: dict[str, Any] = dict(BUSINESS)
        for assessment in schema["properties"]["schema"]["properties"]:
            for key, question in questions(schema, assessment).items():
                value = question.get("properties", {}).get("value", {})
                if "enum" in value and key not in answers:
                    answers[key] = value["enum"][0]
                elif value.get("type") == "number" and key not in answers:
                    answers[key] = value.get("minimum", 0)
                elif value.get("type") == "string" and key not in answers:
                    answers[key] = "2026-01-31" if value.get("format") == "date" else "text"
        inputs = filled(schema, **answers)
        jsonschema.validate(inputs, schema["properties"]["schema"])
        number = made(
            owner.post("/idea-from-schema", {"idea_flow_id": flow, "user_inputs": inputs})
        )
        assert idea(owner, number)["idea_flow_id"] == flow
        back = owner.get(f"/automations/{number}/schema").data
        asked_at_first = {key: back["user_inputs"][key] for key in inputs}
        for assessment, sections in inputs.items():
            for section, given in sections.items():
                for key, value in given.items():
                    assert asked_at_first[assessment][section][key] in (
                        value,
                        {"value": None},
                    ) or value == {"value": []}, key

    def test_who_may_hand_in_nothing_of_a_flow_is_told_so(
        self, hub: TestHub, owner: Client
    ) -> None:
        answer = hub.someone((3, 0)).get("/idea-schema?idea_flow_id=8")
        assert answer.status == 200 and answer.json == {
            "message": "No process made for the given idea flow"
        }
        assert (
            owner.get("/idea-schema").status == 400
            and owner.get("/idea-schema?idea_flow_id=999").status == 404
        )

    def test_an_ideas_schema_holds_its_answers_and_may_be_sent_back(self, owner: Client) -> None:
        number = hand_in(owner)
        schema = owner.get(f"/automations/{number}/schema").data
        assert schema["user_inputs"]["OVR"]["ah-section-ovr-0-0"]["OVR-OVERVIEW_CATEGORY"] == {
            "value": 3
        }
        assert set(schema["user_inputs"]) == {"OVR", "HLA", "DA", "EX"}
        before = idea(owner, number)
        assert (
            owner.patch(f"/automations/{number}", {"user_inputs": schema["user_inputs"]}).status
            == 200
        )
        assert idea(owner, number) == before


class TestHandingIn:
    @pytest.mark.parametrize("path", ["/idea-from-schema", "/automations"])
    def test_both_addresses_do_the_same(self, owner: Client, path: str) -> None:
        answer = owner.post(path, {"idea_flow_id": 8, "user_inputs": INPUTS})
        assert (answer.status, answer.message) == (201, "Resource Created")
        record = idea(owner, answer.data["process_id"])
        assert (
            record["process_submission_type"] == 8
            and record["ovr-process_documents__display"] == "I don't know"
        )

    @pytest.mark.parametrize(
        ("question", "value", "message"),
        [
            ("OVR-OVERVIEW_NAME", {"value": "  "}, "Automation name cannot be empty."),
            ("OVR-OVERVIEW_CATEGORY", {"value": 999}, "Invalid Category Id."),
            ("OVR-PROCESS_OWNER", "nobody@example.com", "Cannot identify owner by email"),
            ("OVR-PROCESS_OWNER", "", "Please fill in all the required information"),
            ("OVR-OVERVIEW_PROCESS_SUBMITTER", None, "Please fill in all the required information"),
            ("OVR-PROCESS_DOCUMENTS", {"value": []}, "Please fill in all the required information"),
            (
                "OVR-COUNT_APPS",
                {"value": [99]},
                "Invalid Application Data. Unknown application id(s): 99.",
            ),
        ],
    )
    def test_the_sentences_that_clients_know(
        self, owner: Client, question: str, value: Any, message: str
    ) -> None:
        inputs = copy.deepcopy(INPUTS)
        inputs["OVR"]["s"][question] = value
        answer = owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": inputs})
        assert (answer.status, answer.message) == (400, message)
        assert question in answer.details
        if message.startswith("Please"):
            assert answer.details[question] == ["An answer selection is required for submission"]
        if "owner" in message:
            assert answer.json["localizationKey"] == "error_invalid_process_owner"

    def test_everything_that_lacks_is_named_at_once(self, owner: Client) -> None:
        answer = owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": {}})
        assert answer.message == "Please fill in all the required information"
        assert set(answer.details) == set(BUSINESS)

    def test_new_applications_join_the_inventory(self, owner: Client) -> None:
        new = [
            {
                "application_name": "Ledger",
                "application_version": "2",
                "application_is_citrix_client": True,
            }
        ]
        body = {"idea_flow_id": 8, "user_inputs": INPUTS, "new_applications": new}
        number = made(owner.post("/idea-from-schema", body))
        record = idea(owner, number)
        assert [a["application_name"] for a in record["applications"]] == ["Ledger"]
        listed = owner.get("/appinventory").data["applications"]
        assert listed[0]["application_added_by_end_user"] == 1
        again = copy.deepcopy(body) | {"new_applications": [{"application_name": "x" * 51}]}
        assert owner.post("/idea-from-schema", again).status == 400
        assert owner.post("/idea-from-schema", body | {"new_applications": new * 21}).status == 400

    def test_a_taken_name_is_a_conflict(self, owner: Client) -> None:
        made(owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": INPUTS}))
        assert (
            owner.post("/idea-from-schema", {"idea_flow_id": 8, "user_inputs": INPUTS}).status
            == 409
        )

    def test_an_idea_of_a_custom_flow_starts_where_that_flow_starts(self, owner: Client) -> None:
        flow = {"idea_flow_name": "Quick", "start_status_id": 71, "submission_type": 8}
        flow["transitions"] = [
            {"from_status_id": 71, "to_status_id": 91, "permission": "Review ideas"}
        ]
        number = owner.post("/idea-flows", flow).data["idea_flow_id"]
        process = made(
            owner.post("/idea-from-schema", {"idea_flow_id": number, "user_inputs": INPUTS})
        )
        assert idea(owner, process)["phase_status_key"] == "DEVELOPMENT_ON_TRACK"
