"""Moves through the flows, who may make them, and what they leave behind (contract 4.4, product
3)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, an_idea, hand_in, idea, made, move

from autohub.assessments import store as assessments
from autohub.flows.model import default_flow, statuses_of
from autohub.ideas import store
from autohub.ideas.scoring import with_scores

WALK = [51, 54, 56, 58, 59, 64, 65, 70, 71, 76, 77, 82, 83, 88, 91]
"""From Assessment – Not started through every phase to Live."""


class TestMoves:
    def test_an_idea_walks_from_submission_to_live_with_a_history(
        self, hub: TestHub, owner: Client
    ) -> None:
        number = hand_in(owner)
        for status in WALK:
            answer = move(owner, number, status)
            assert (answer.status, answer.message, answer.data) == (
                201,
                "Resource Updated",
                {"message": "Sync Successful."},
            ), status
        assert idea(owner, number)["phase_key"] == "LIVE"
        history = owner.get(f"/automations/{number}/history").data
        assert [entry["to_status_id"] for entry in history] == [46, *WALK]
        assert {entry["user_email"] for entry in history} == {"owner@example.com"} and not any(
            entry["forced"] for entry in history
        )

    def test_a_move_that_the_flow_lacks_is_refused_with_those_that_it_has(
        self, hub: TestHub, owner: Client
    ) -> None:
        number = hand_in(owner)
        answer = move(hub.someone((6, 0)), number, 91)
        assert (
            answer.status == 409
            and "Idea – Rejected (48)" in answer.message
            and "Assessment – Not started (51)" in answer.message
        )
        assert idea(owner, number)["phase_status_id"] == 46

    @pytest.mark.parametrize("role", [(1, 0), (2, 0), (5, 0), (5, 1)])
    def test_an_integration_sets_a_status_as_who_may_set_that_of_any_idea_there(
        self, hub: TestHub, owner: Client, role: tuple[int, int]
    ) -> None:
        number = hand_in(owner)
        client = hub.someone(role)
        assert move(client, number, 53).status == 201  # the guide's own example
        assert move(client, number, 91, reason="Was live before the hub").status == 201
        assert move(client, number, 46, force=1).status == 201
        forced = [entry["forced"] for entry in owner.get(f"/automations/{number}/history").data]
        assert forced == [0, 1, 1, 1]
        refused = move(client, number, 94)  # Business Review is in another flow
        assert refused.status == 409 and "Idea – Rejected (48)" in refused.message

    @pytest.mark.parametrize("role", [(5, 5), (6, 0), (7, 0), (8, 0), (11, 0)])
    def test_nobody_else_sets_what_is_no_move_of_the_flow(
        self, hub: TestHub, owner: Client, role: tuple[int, int]
    ) -> None:
        number = hand_in(owner)
        client = hub.someone(role)
        for force in (0, 1):
            assert move(client, number, 91, force=force).status in (403, 404, 409)
        assert idea(owner, number)["phase_status_id"] == 46

    def test_unknown_ideas_and_statuses_are_named(self, owner: Client) -> None:
        number = hand_in(owner)
        assert move(owner, 999, 48).status == 404
        answer = move(owner, number, 999)
        assert answer.status == 400 and "phase_status_id" in answer.details

    def test_who_may_move_what(self, hub: TestHub, owner: Client) -> None:
        approver, manager = hub.someone((6, 0)), hub.someone((5, 0))
        hub.person((8, 0), email="lead@example.com")
        person, lead = (
            hub.someone((8, 0), email="person@example.com"),
            hub.token("lead@example.com"),
        )
        elsewhere = hub.someone((6, 9), (8, 0))
        number = hand_in(owner, submitter="person@example.com", owner="lead@example.com")
        assert (
            move(person, number, 51).status
            == move(lead, number, 51).status
            == move(elsewhere, number, 51).status
            == 403
        )
        assert move(approver, number, 51).status == 201
        assert move(approver, number, 54).status == 403  # assessing is not reviewing
        assert move(lead, number, 53).status == 201  # the owner's own right
        assert move(person, number, 54).status == 403
        assert move(lead, number, 54).status == 201
        assert move(lead, number, 56).status == 403
        assert move(manager, number, 56).status == 201

    def test_the_submitter_withdraws_until_the_review_starts(
        self, hub: TestHub, owner: Client
    ) -> None:
        person = hub.someone((8, 0), email="person@example.com")
        number = hand_in(owner, submitter="person@example.com")
        assert [m["phase_status_id"] for m in person.get(f"/automations/{number}/moves").data] == [
            50
        ]
        assert move(person, number, 50).status == 201
        assert (
            person.get(f"/automations/{number}/history").data[-1]["reason"]
            == "Withdrawn by the submitter."
        )
        second = hand_in(owner, submitter="person@example.com")
        move(owner, second, 47)
        assert move(person, second, 50).status == 403

    def test_a_project_manager_moves_assigned_ideas_in_the_implementation_phases(
        self, hub: TestHub, owner: Client
    ) -> None:
        manager = hub.someone((11, 0), email="pm@example.com")
        number = hand_in(owner, owner="pm@example.com")
        other = hand_in(owner)
        assert move(manager, number, 48).status == 403
        for status in WALK[:5]:
            move(owner, number, status)
            move(owner, other, status)
        assert move(manager, number, 62).status == 201 and move(manager, other, 62).status == 403

    def test_a_duplicate_names_the_original(self, owner: Client) -> None:
        first, second = hand_in(owner), hand_in(owner)
        assert move(owner, second, 49, duplicate_of=999).status == 400
        assert move(owner, second, 49, duplicate_of=first).status == 201
        assert (
            owner.get(f"/automations/{second}/history").data[-1]["reason"]
            == f"Duplicate of idea {first}."
        )

    def test_without_an_owner_nothing_is_approved(self, hub: TestHub, owner: Client) -> None:
        number = hand_in(owner)
        with hub.database.writing() as db:
            db.driver_change("UPDATE idea SET owner_user_id = NULL WHERE process_id = ?", (number,))
        answer = move(owner, number, 51)
        assert answer.status == 400 and "owner" in answer.details

    def test_the_same_status_again_changes_nothing(self, owner: Client) -> None:
        number = hand_in(owner)
        assert (
            move(owner, number, 46).status == 201
            and len(owner.get(f"/automations/{number}/history").data) == 1
        )


class TestTheDetailedAssessment:
    def inputs(self, **answers: Any) -> dict[str, Any]:
        values = {
            "DA-AUTOMATION_GOAL": "automation-goal-cost",
            "DA-TASK_STABILITY": "task-stability-no-change-expected",
        }
        values |= {"DA-APPLICATION_STABILITY": "application-stability-no-change-expected"} | answers
        return {"DA": {"any": {key: {"value": value} for key, value in values.items()}}}

    def test_the_owner_completes_it_and_the_idea_waits_for_the_decision(
        self, hub: TestHub, owner: Client
    ) -> None:
        lead = hub.someone((8, 0), email="lead@example.com")
        number = hand_in(owner, owner="lead@example.com")
        move(owner, number, 51)
        short = lead.post(
            f"/automations/{number}/assessments", {"assessment": "DA", "user_inputs": {}}
        )
        assert (
            short.status == 400 and short.message == "Please fill in all the required information"
        )
        assert short.details["DA-AUTOMATION_GOAL"] == [
            "An answer selection is required for submission"
        ]
        assert (
            lead.post(
                f"/automations/{number}/assessments",
                {"assessment": "DA", "user_inputs": self.inputs()},
            ).status
            == 200
        )
        record = idea(owner, number)
        assert record["phase_status_id"] == 54 and record["da-automation_goal__display"] == "Cost"
        assert record["process_ease_of_implementation_score"] == 100

    def test_a_major_change_puts_it_on_hold(self, owner: Client) -> None:
        number = hand_in(owner)
        move(owner, number, 51)
        inputs = self.inputs(
            **{"DA-APPLICATION_STABILITY": "application-stability-major-change-expected"}
        )
        assert (
            owner.post(
                f"/automations/{number}/assessments", {"assessment": "DA", "user_inputs": inputs}
            ).status
            == 200
        )
        assert idea(owner, number)["phase_status_id"] == 52

    def test_others_may_not_and_unknown_assessments_are_named(
        self, hub: TestHub, owner: Client
    ) -> None:
        number = hand_in(owner)
        body = {"assessment": "DA", "user_inputs": self.inputs()}
        assert hub.someone((8, 0)).post(f"/automations/{number}/assessments", body).status == 403
        assert (
            owner.post(f"/automations/{number}/assessments", body | {"assessment": "XX"}).status
            == 400
        )
        assert (
            owner.post(f"/automations/{number}/assessments", body | {"assessment": "EX"}).status
            == 409
        )


class TestChangingTheFlow:
    def change(self, client: Client, number: int, flow: int, phase: str, status: str) -> Any:
        body = {"idea_flow_id": flow, "phase_variable": phase, "status_variable": status}
        return client.patch(f"/idea-flows/automations/{number}/idea-flow", body)

    def test_an_idea_goes_into_another_flow_at_one_of_its_statuses(
        self, hub: TestHub, owner: Client
    ) -> None:
        flow = owner.post("/idea-flows/1/copy", {"idea_flow_name": "Ours"}).data["idea_flow_id"]
        number = hand_in(owner)
        assert self.change(hub.someone((6, 0)), number, flow, "LIVE", "LIVE_ONGOING").status == 403
        assert self.change(owner, number, flow, "LIVE", "LIVE_ONGOING").status == 200
        record = idea(owner, number)
        assert (record["idea_flow_id"], record["phase_status_id"]) == (flow, 91)
        assert owner.delete(f"/idea-flows/{flow}").status == 409

    @pytest.mark.parametrize(
        ("flow", "phase", "status", "expected"),
        [
            (1, "LIVE", "IDEA_APPROVED", 400),
            (1, "BUSINESS_REVIEW", "BUSINESS_REVIEW_APPROVED", 400),
            (1, "IDEA", "NOPE", 400),
            (6, "IDEA", "IDEA_AWAITING_REVIEW", 400),
            (999, "IDEA", "IDEA_APPROVED", 404),
        ],
    )
    def test_a_pair_that_the_flow_lacks_is_refused(
        self, owner: Client, flow: int, phase: str, status: str, expected: int
    ) -> None:
        assert self.change(owner, hand_in(owner), flow, phase, status).status == expected

    @pytest.mark.parametrize("variable", ["NOT_STARTED", "ASSESSMENT_NOT_STARTED"])
    def test_an_idea_becomes_one_of_another_type_and_back_without_losing_an_answer(
        self, owner: Client, variable: str
    ) -> None:
        number = hand_in(owner)
        before = idea(owner, number)
        assert self.change(owner, number, 8, "ASSESSMENT", variable).status == 200
        record = idea(owner, number)
        assert record["process_submission_type"] == 8 and record["idea_flow_id"] == 8
        assert record["phase_status_id"] == 51 and record["process_rules_id"] is not None
        asked = owner.get(f"/automations/{number}/schema").json["data"]["user_inputs"]
        assert "ah-section-ovrbp-0-0" in asked["OVR"] and "HLA" not in asked
        (listed,) = owner.get("/automations?submissionType=8").data["processes"]
        assert listed["process_id"] == number
        assert self.change(owner, number, 1, "IDEA", "AWAITING_REVIEW").status == 200
        after = idea(owner, number)
        changing = ("process_updated_epoch", "process_status_epoch")
        assert {k: v for k, v in after.items() if not k.startswith(changing)} == {
            k: v for k, v in before.items() if not k.startswith(changing)
        }

    def test_a_change_request_stays_one(self, owner: Client) -> None:
        number = hand_in(owner)
        refused = self.change(owner, number, 6, "IDEA", "IDEA_AWAITING_REVIEW")
        assert refused.status == 400 and "change request" in str(refused.details)

    def test_a_flow_keeps_the_statuses_that_ideas_have(self, owner: Client) -> None:
        flow = owner.post("/idea-flows/1/copy", {"idea_flow_name": "Ours"}).data
        number = hand_in(owner)
        self.change(owner, number, flow["idea_flow_id"], "LIVE", "LIVE_ONGOING")
        short = {
            "idea_flow_name": "Ours",
            "start_status_id": 46,
            "transitions": [flow["transitions"][0]],
            "submission_type": 1,
        }
        answer = owner.put(f"/idea-flows/{flow['idea_flow_id']}", short)
        assert answer.status == 409 and "Live – In Production" in answer.message


class TestEdits:
    def test_a_patch_changes_what_it_sends_whatever_the_section_is_called(
        self, owner: Client
    ) -> None:
        number = hand_in(owner)
        before = idea(owner, number)
        body = {
            "user_inputs": {
                "OVR": {
                    "anything": {
                        "OVR-OVERVIEW_NAME": {"value": "Renamed"},
                        "OVR-PURPOSE": {"value": "Why", "comment": "c"},
                    }
                }
            }
        }
        answer = owner.patch(f"/automations/{number}", body)
        assert (answer.status, answer.message) == (200, "Resource Updated")
        after = idea(owner, number)
        changed = {key for key in after if after[key] != before[key]}
        names = {
            "process_name",
            "process_slug",
            "ovr-overview_name",
            "ovr-overview_name__display",
            "ovr-purpose",
            "ovr-purpose__display",
        }
        assert (
            changed - names <= {"process_updated_epoch", "process_updated_epoch__display"}
            and names <= changed
        )

    @pytest.mark.parametrize(
        ("question", "value", "message"),
        [
            ("OVR-OVERVIEW_NAME", "", "Automation name cannot be empty."),
            ("OVR-OVERVIEW_NAME", "x" * 101, "Some of the values are not right."),
            ("OVR-OVERVIEW_CATEGORY", 999, "Invalid Category Id."),
            ("OVR-APPLICATIONS", [55], "Invalid Application Data. Unknown application id(s): 55."),
            ("OVR-OVERVIEW_DESCRIPTION", '{"blocks":[', "Some of the values are not right."),
            ("OVR-NO_SUCH", "x", "Some of the values are not right."),
            ("OVR-OVERVIEW_CATEGORY", 10**30, "Invalid Category Id."),
            (
                "OVR-APPLICATIONS",
                [10**30],
                "Invalid Application Data. must be a list of at most 100 application ids.",
            ),
            ("OVR-DATE_RETIRED", "1969-12-31", "Some of the values are not right."),
            ("OVR-DATE_RETIRED", "31.1.2024", "Some of the values are not right."),
            ("OVR-PURPOSE", 5, "Some of the values are not right."),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_written(
        self, owner: Client, question: str, value: Any, message: str
    ) -> None:
        number = hand_in(owner)
        before = idea(owner, number)
        answer = owner.patch(
            f"/automations/{number}", {"user_inputs": {"OVR": {"s": {question: {"value": value}}}}}
        )
        assert (answer.status, answer.message) == (400, message) and answer.details
        assert idea(owner, number) == before

    def test_another_owner_is_named_by_address(self, hub: TestHub, owner: Client) -> None:
        hub.person(email="new@example.com")
        number = hand_in(owner)
        body = {"user_inputs": {"OVR": {"s": {"OVR-PROCESS_OWNER": "new@example.com"}}}}
        assert owner.patch(f"/automations/{number}", body).status == 200
        assert idea(owner, number)["owner"]["user_email"] == "new@example.com"
        body["user_inputs"]["OVR"]["s"]["OVR-PROCESS_OWNER"] = "nobody@example.com"
        answer = owner.patch(f"/automations/{number}", body)
        assert (
            answer.message == "Cannot identify owner by email"
            and answer.json["localizationKey"] == "error_invalid_process_owner"
        )

    def test_who_may_edit(self, hub: TestHub, owner: Client) -> None:
        person, lead, other = (
            hub.someone((8, 0), email=f"{name}@example.com") for name in ("person", "lead", "other")
        )
        number = hand_in(owner, submitter="person@example.com", owner="lead@example.com")
        body = {"user_inputs": {"OVR": {"s": {"OVR-PURPOSE": {"value": "x"}}}}}
        assert [
            c.patch(f"/automations/{number}", body).status
            for c in (person, lead, other, hub.someone((5, 0)))
        ] == [200, 200, 403, 200]
        move(owner, number, 51)
        assert [c.patch(f"/automations/{number}", body).status for c in (person, lead)] == [
            403,
            200,
        ]

    def test_categories_and_tags_are_replaced(self, hub: TestHub, owner: Client) -> None:
        number = hand_in(owner)
        assert owner.put(f"/automation/{number}/categories", {"category_id": 9}).status == 200
        assert idea(owner, number)["category_id"] == 9
        wrong = owner.put(f"/automation/{number}/categories", {"category_id": 999})
        assert (wrong.status, wrong.message) == (400, "Invalid Category Id.")
        assert owner.post(f"/automations/{number}/tags", {"tags": ["B", "a", "b"]}).data == {
            "tags": ["B", "a"]
        }
        assert owner.post(f"/automations/{number}/tags", {"tags": ["x"]}).data == {"tags": ["x"]}
        assert owner.post(f"/automations/{number}/tags", {"tags": ["", "y" * 51]}).status == 400
        assert idea(owner, number)["tags"] == ["x"]
        in_use = owner.get("/hierarchy").data
        in_use["categories"] = [
            node for node in in_use["categories"] if node["category_name"] == "Finance"
        ]
        answer = owner.put("/categories", in_use)
        assert answer.status == 409 and "by ideas" in answer.message

    def test_an_application_in_use_stays(self, owner: Client) -> None:
        app = owner.put(
            "/appinventory",
            [{"application_id": None, "application_name": "SAP", "categoryIds": [1]}],
        ).data["application_ids"][0]
        number = hand_in(owner, applications=[app])
        answer = owner.delete(f"/appinventory/{app}")
        assert (answer.status, answer.message) == (
            409,
            "The application is been used in ideas and/or components.",
        )
        owner.patch(
            f"/automations/{number}",
            {"user_inputs": {"OVR": {"s": {"OVR-APPLICATIONS": {"value": None}}}}},
        )
        assert owner.delete(f"/appinventory/{app}").status == 200


FORCES = (0, 1)
"""Of `callers`, those who may set the status of any idea."""


class Pipeline(RuleBasedStateMachine):
    """Any calls in any order: no idea is ever in a status that its flow does not lead to, and
    what is stored is what the columns say."""

    hub: TestHub

    @initialize()
    def start(self) -> None:
        self.hub.reset()
        self.owner = self.hub.someone((1, 0), email="owner@example.com")
        self.callers = [
            self.owner,
            self.hub.someone((5, 0)),
            self.hub.someone((6, 0)),
            self.hub.someone((8, 0)),
        ]
        self.types: dict[int, int] = {}
        self.status: dict[int, int] = {}

    @rule(coe=st.booleans())
    def submit(self, coe: bool) -> None:
        number = made(
            self.owner.post("/coe-automationidea", a_coe_idea())
            if coe
            else self.owner.post("/automationidea", an_idea())
        )
        self.types[number], self.status[number] = (2, 51) if coe else (1, 46)

    @rule(
        data=st.data(), caller=st.integers(0, 3), status=st.integers(46, 101), follows=st.booleans()
    )
    def moves(self, data: st.DataObject, caller: int, status: int, follows: bool) -> None:
        if not self.types:
            return
        number = data.draw(st.sampled_from(sorted(self.types)))
        ways = {
            t.to_status_id
            for t in default_flow(self.types[number])[1]
            if t.from_status_id == self.status[number]
        }
        if follows and ways:
            status = data.draw(st.sampled_from(sorted(ways)))
        answer = move(self.callers[caller], number, status)
        if answer.status == 201:
            inside = statuses_of(*default_flow(self.types[number]))
            assert status in (inside if caller in FORCES else ways | {self.status[number]})
            self.status[number] = status
        else:
            assert answer.status in (403, 409), answer
            assert caller != 0 or status not in ways, answer

    @rule(data=st.data(), name=st.text("abc", min_size=1, max_size=3))
    def edits(self, data: st.DataObject, name: str) -> None:
        if self.types:
            number = data.draw(st.sampled_from(sorted(self.types)))
            answer = self.owner.patch(
                f"/automations/{number}",
                {"user_inputs": {"OVR": {"s": {"OVR-OVERVIEW_NAME": {"value": name}}}}},
            )
            assert answer.status in (200, 409)

    @invariant()
    def every_status_is_one_of_the_flow_and_the_one_expected(self) -> None:
        for number, type_ in self.types.items():
            start, moves = default_flow(type_)
            assert idea(self.owner, number)["phase_status_id"] == self.status[number]
            assert self.status[number] in statuses_of(start, moves)

    @invariant()
    def documents_are_what_the_columns_say(self) -> None:
        with self.hub.database.reading() as db:
            for number, item in store.load_ideas(db, sorted(self.types)).items():
                definitions = assessments.load_definitions(db, item.assessed.values())
                assert store.load_documents(db, [number]) == [with_scores(item, definitions)[1]]


def test_no_sequence_of_calls_leaves_the_flow(hub: TestHub) -> None:
    machine = type("Machine", (Pipeline,), {"hub": hub})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
