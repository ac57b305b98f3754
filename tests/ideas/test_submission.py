"""Handing ideas in (contract 4.4, 5)."""

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, an_idea, hand_in, idea, listed, made, move


class TestAnEmployeesIdea:
    def test_it_starts_awaiting_review_and_is_read_back_as_the_contract_says(
        self, hub: TestHub, owner: Client
    ) -> None:
        answer = owner.post("/automationidea", an_idea(process_name="Check Invoices!"))
        assert (answer.status, answer.message) == (201, "Resource Created")
        assert set(answer.data) == {"process_id", "process_uuid", "process_name", "process_slug"}
        record = idea(owner, answer.data["process_id"])
        assert record["process_slug"] == f"check-invoices-{answer.data['process_id']}"
        assert record["process_phase_status"] == {
            "phase_status_id": 46,
            "phase_id": 1,
            "phase_status_key": "IDEA_AWAITING_REVIEW",
            "phase_status_name": "Awaiting review",
        }
        assert record["hierarchy"] == "1,2,3" and [
            c["category_name"] for c in record["categories"]
        ] == [
            "Finance",
            "Accounts Payable",
            "Invoices",
        ]
        assert (record["process_l1_id"], record["process_l2_id"], record["process_l3_id"]) == (
            1,
            2,
            3,
        )
        assert (
            record["process_submitter"]["user_email"]
            == record["owner"]["user_email"]
            == "owner@example.com"
        )
        ids = (
            "process_rules_id",
            "process_input_type_id",
            "process_input_structure_id",
            "process_stability_id",
        )
        assert [record[name] for name in ids] == [5, 9, 13, 17] and record[
            "process_documentation_availability_ids"
        ] == "21"
        assert (
            record["process_overall_gauge_score"] == 50
            and record["process_overall_gauge_score__display"] == "50"
        )
        assert (
            record["process_suitability_score"] == 75 and record["process_readiness_score"] == 12.5
        )
        assert (
            record["hla-rules__display"] == "Very rule based"
            and record["ovr-overview_name"] == "Check Invoices!"
        )
        assert (
            record["process_automation_score"] is None and record["process_created_epoch"] > 10**12
        )
        assert [c["roles"] for c in record["collaborators"]] == [
            [{"role_id": 1, "role_name": "Submitter"}, {"role_id": 2, "role_name": "Process Owner"}]
        ]

    def test_the_record_holds_every_key_that_the_contract_names(self, owner: Client) -> None:
        record = idea(owner, hand_in(owner))
        missing = [key for key in KEYS if key not in record]
        assert not missing and len(record) >= 100

    def test_the_slug_and_every_former_slug_lead_to_it(self, owner: Client) -> None:
        number = hand_in(owner, process_name="Old name")
        body = {
            "user_inputs": {
                "OVR": {"ah-section-ovr-0-0": {"OVR-OVERVIEW_NAME": {"value": "New name"}}}
            }
        }
        assert owner.patch(f"/automations/old-name-{number}", body).status == 200
        assert (
            owner.get(f"/automations/old-name-{number}").data["process_slug"]
            == f"new-name-{number}"
        )
        assert (
            owner.get("/automations/no-such-idea").status
            == owner.get("/automations/old-name-99").status
            == 404
        )

    @pytest.mark.parametrize("name", ["check invoices", "  CHECK   Invoices "])
    def test_a_name_that_differs_in_case_and_blanks_alone_is_taken(
        self, owner: Client, name: str
    ) -> None:
        first = hand_in(owner, process_name="Check Invoices")
        answer = owner.post("/automationidea", an_idea(process_name=name))
        assert (
            answer.status == 409
            and str(first) in answer.message
            and "process_name" in answer.details
        )
        assert move(owner, first, 50).status == 201
        assert owner.post("/automationidea", an_idea(process_name=name)).status == 409

    def test_a_name_that_only_an_idea_outside_the_reach_has_is_free(
        self, hub: TestHub, owner: Client
    ) -> None:
        hand_in(owner, process_name="Secret", category_id=3)
        elsewhere = hub.someone((6, 9))
        answer = elsewhere.post("/automationidea", an_idea(process_name="Secret", category_id=9))
        assert answer.status == 201 and "secret" in answer.data["process_slug"]

    @pytest.mark.parametrize(
        ("fields", "message", "field"),
        [
            ({"owner": "nobody@example.com"}, "Cannot identify owner by email", "owner"),
            ({"category_id": 999}, "Invalid Category Id.", "category_id"),
            (
                {"submitter": "nobody@example.com"},
                "Cannot identify submitter by email",
                "submitter",
            ),
            ({"process_name": "x" * 101}, "Some of the values are not right.", "process_name"),
            ({"process_name": "two\nlines"}, "Some of the values are not right.", "process_name"),
            ({"rules": 6}, "Some of the values are not right.", "rules"),
            ({"stability": True}, "Some of the values are not right.", "stability"),
            (
                {"process_description": '{"blocks": [{"text": 1}]}'},
                "Some of the values are not right.",
                "process_description",
            ),
            (
                {"applications": [77]},
                "Invalid Application Data. Unknown application id(s): 77.",
                "applications",
            ),
        ],
    )
    def test_each_fault_names_its_field_and_nothing_is_stored(
        self, owner: Client, fields: dict[str, object], message: str, field: str
    ) -> None:
        answer = owner.post("/automationidea", an_idea(**fields))
        assert (answer.status, answer.message) == (400, message) and field in answer.details
        assert listed(owner) == []
        if field == "owner":
            assert answer.json["localizationKey"] == "error_invalid_process_owner"

    def test_all_faults_come_at_once(self, owner: Client) -> None:
        answer = owner.post(
            "/automationidea",
            an_idea(owner="nobody@example.com", category_id=999, process_description='{"blocks":'),
        )
        assert answer.status == 400 and set(answer.details) == {
            "owner",
            "category_id",
            "process_description",
        }

    def test_faults_of_form_and_of_meaning_come_together(self, owner: Client) -> None:
        answer = owner.post(
            "/automationidea", {"process_name": "", "rules": 9, "owner": "nobody@example.com"}
        )
        missing = {
            "process_description",
            "input_type",
            "input_quality",
            "stability",
            "documentation",
        }
        assert set(answer.details) == missing | {"process_name", "rules", "owner", "category_id"}
        coe = owner.post(
            "/coe-automationidea", {"automation_goal": "x", "digital_input": 101, "category": 999}
        )
        assert {"automation_goal", "digital_input", "category_id", "process_name"} <= set(
            coe.details
        )

    def test_an_archived_category_takes_no_ideas(self, owner: Client) -> None:
        tree = owner.get("/hierarchy").data
        tree["categories"][0]["subcategories"][0]["subcategories"][0]["category_is_active"] = 0
        assert owner.put("/categories", tree).status == 200
        answer = owner.post("/automationidea", an_idea())
        assert (
            answer.message == "Invalid Category Id."
            and "archived" in answer.details["category_id"][0]
        )

    def test_a_draft_js_description_is_kept_as_sent_and_shown_as_text(self, owner: Client) -> None:
        text = '{"blocks":[{"key":"a","text":"First"},{"text":"Second"}],"entityMap":{}}'
        record = idea(owner, hand_in(owner, process_description=text))
        assert (
            record["process_description"] == text
            and record["process_description__display"] == "First\nSecond"
        )

    def test_a_submitter_other_than_the_caller_needs_the_right_to_edit(
        self, hub: TestHub, owner: Client
    ) -> None:
        other = hub.someone((8, 0), email="other@example.com")
        assert other.post("/automationidea", an_idea(submitter="owner@example.com")).status == 403
        record = idea(owner, hand_in(owner, submitter="other@example.com"))
        assert record["process_submitter"]["user_email"] == "other@example.com"

    def test_a_tenant_level_token_needs_a_submitter_whose_rights_decide(
        self, hub: TestHub, owner: Client, tenant: Client
    ) -> None:
        hub.person((8, 9), email="other@example.com")
        hub.person((8, 0), email="sleeps@example.com", invite_status=0, registered=False)
        assert tenant.post("/automationidea", an_idea()).status == 403
        assert tenant.post("/automationidea", an_idea(submitter="other@example.com")).status == 403
        assert (
            tenant.post(
                "/automationidea", an_idea(submitter="sleeps@example.com", category_id=9)
            ).status
            == 403
        )
        assert (
            tenant.post(
                "/automationidea", an_idea(submitter="other@example.com", category_id=9)
            ).status
            == 201
        )
        assert tenant.get("/automations").status == tenant.get("/automationpipeline").status == 403

    def test_the_right_is_needed_on_the_category_of_the_idea(
        self, hub: TestHub, owner: Client
    ) -> None:
        narrow = hub.someone((8, 9))
        assert narrow.post("/automationidea", an_idea(category_id=3)).status == 403
        assert narrow.post("/automationidea", an_idea(category_id=9)).status == 201


class TestACoeDrivenIdea:
    def test_it_starts_in_assessment_with_its_key_figures(self, owner: Client) -> None:
        record = idea(owner, made(owner.post("/coe-automationidea", a_coe_idea())))
        assert (
            record["phase_status_key"] == "ASSESSMENT_NOT_STARTED"
            and record["process_submission_type"] == 2
        )
        assert record["da-transactions_per_year"] == 2000 and record["da-hours_per_year"] == 200
        assert (
            record["process_automation_score"] == 82.5
            and record["process_estimated_benefit_score"] == 165
        )
        assert record["da-fte"] == 0.12 and record["da-benefit_hours__display"] == "165"
        assert (
            record["process_goal"] == "automation-goal-cost"
            and record["process_pain_points"] == "It takes long."
        )

    def test_a_major_change_sends_it_on_hold_by_itself(self, owner: Client) -> None:
        number = made(
            owner.post(
                "/coe-automationidea",
                a_coe_idea(task_stability="task-stability-major-change-expected"),
            )
        )
        assert idea(owner, number)["phase_status_key"] == "ASSESSMENT_ON_HOLD"
        assert [
            (m["from_status_id"], m["to_status_id"])
            for m in owner.get(f"/automations/{number}/history").data
        ] == [
            (None, 51),
            (51, 52),
        ]

    def test_unknown_codes_and_numbers_out_of_range_are_named_together(self, owner: Client) -> None:
        body = a_coe_idea(
            automation_goal="goal",
            frequency="often",
            digital_input=101,
            volumes="many",
            processing_time=-1,
            error_rate=True,
            rework_time=10**400,
        )
        answer = owner.post("/coe-automationidea", body)
        wrong = {
            "automation_goal",
            "frequency",
            "digital_input",
            "volumes",
            "processing_time",
            "error_rate",
            "rework_time",
        }
        assert answer.status == 400 and set(answer.details) == wrong
        assert (
            "automation-goal-cost" in answer.details["automation_goal"][0]
            and "from 0 to 100" in answer.details["digital_input"][0]
        )

    def test_without_working_days_or_volume_there_is_no_score_and_no_error(
        self, owner: Client
    ) -> None:
        record = idea(owner, made(owner.post("/coe-automationidea", a_coe_idea(volumes=None))))
        assert (
            record["process_estimated_benefit_score"] is None
            and record["process_automation_score"] == 82.5
        )
        record = idea(
            owner, made(owner.post("/coe-automationidea", a_coe_idea(employee_working_hours=0)))
        )
        assert record["da-fte"] is None and record["da-hours_per_year"] == 200

    def test_it_needs_the_right(self, hub: TestHub, owner: Client) -> None:
        assert hub.someone((8, 0)).post("/coe-automationidea", a_coe_idea()).status == 403
        assert hub.someone((7, 1)).post("/coe-automationidea", a_coe_idea()).status == 201

    def test_process_mining_is_a_type_of_its_own_with_its_link(self, owner: Client) -> None:
        number = made(
            owner.post(
                "/processmining-idea", a_coe_idea(source_link="https://mining.example.com/1")
            )
        )
        assert listed(owner) == [] and listed(owner, "submissionType=4") == [number]
        assert idea(owner, number)["ovr-overview_source_link"] == "https://mining.example.com/1"


KEYS = [
    "process_id",
    "process_uuid",
    "process_slug",
    "process_automation_id",
    "orchestrator_automation_uuid",
    "process_name",
    "process_description",
    "process_goal",
    "process_pain_points",
    "process_negative_impact",
    "process_submission_type",
    "process_submitter_user_id",
    "process_owner_user_id",
    "process_submitter",
    "owner",
    "user_department",
    "user_business_unit",
    "process_phase_id",
    "phase_id",
    "phase_name",
    "phase_key",
    "process_phase_status_id",
    "phase_status_id",
    "phase_status_name",
    "phase_status_key",
    "process_phase",
    "process_phase_status",
    "process_created_epoch",
    "process_updated_epoch",
    "process_rules_id",
    "process_input_type_id",
    "process_input_structure_id",
    "process_stability_id",
    "process_documentation_availability_ids",
    "process_overall_gauge_score",
    "process_automation_score",
    "process_ease_of_implementation_score",
    "process_estimated_benefit_score",
    "process_num_collaborators",
    "process_num_votes",
    "process_num_documents",
    "process_num_applications",
    "process_is_deleted",
    "process_priority",
    "hierarchy",
    "process_l1_id",
    "process_l2_id",
    "process_l3_id",
    "category_id",
    "category_name",
    "category_level_id",
    "category_is_other",
    "category_other_text",
    "subcategories",
    "categories",
    "collaborators",
    "tags",
    "applications",
    "software_vendor_id",
    "software_vendor",
    "software_cost_id",
    "cost_description",
    "running_cost",
    "number_of_robots",
    "process_type_id",
    "ovr-purpose",
    "ovr-purpose__display",
    "process_created_epoch__display",
    "process_updated_epoch__display",
    "process_estimated_benefit_score__display",
]
