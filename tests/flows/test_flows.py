"""Phases, statuses and flows (contract 4.1 and 4.4, product 3)."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea, move
from tests.support.pages import Visitor

from autohub.flows import store as flow_store
from autohub.flows.model import (
    WAITS_FOR,
    NewFlow,
    StatusId,
    Transition,
    default_flow,
    find_flow_faults,
    reachable_statuses,
)
from autohub.kit.query import EVERYTHING
from autohub.notifications import store as notices

PUBLISHED = {
    46: "IDEA_AWAITING_REVIEW",
    47: "IDEA_APPROVED",
    48: "IDEA_REJECTED",
    49: "IDEA_DUPLICATE",
    50: "IDEA_ARCHIVED",
    51: "ASSESSMENT_NOT_STARTED",
    52: "ASSESSMENT_ON_HOLD",
    53: "ASSESSMENT_IN_PROGRESS",
    54: "QUALIFICATION_AWAITING_REVIEW",
    55: "QUALIFICATION_ON_HOLD",
    56: "QUALIFICATION_APPROVED",
    57: "QUALIFICATION_REJECTED",
    58: "ANALYSIS_NOT_STARTED",
    59: "ANALYSIS_ON_TRACK",
    64: "ANALYSIS_COMPLETED",
    65: "SOLUTION_DESIGN_ON_TRACK",
    70: "SOLUTION_DESIGN_COMPLETED",
    71: "DEVELOPMENT_ON_TRACK",
    77: "TESTING_ON_TRACK",
    80: "TESTING_AT_RISK",
    83: "HYPERCARE_ON_TRACK",
    88: "HYPERCARE_COMPLETED",
    89: "ASSESSMENT_ARCHIVED",
    90: "QUALIFICATION_ARCHIVED",
    91: "LIVE_ONGOING",
    92: "LIVE_ON_HOLD",
    93: "LIVE_ARCHIVED",
    94: "BUSINESS_REVIEW_AWAITING_REVIEW",
    95: "BUSINESS_REVIEW_APPROVED",
    96: "BUSINESS_REVIEW_REJECTED",
    97: "TECHNICAL_REVIEW_AWAITING_REVIEW",
    98: "TECHNICAL_REVIEW_REWORK_REQUIRED",
    99: "TECHNICAL_REVIEW_APPROVED",
    100: "TECHNICAL_REVIEW_REJECTED",
    101: "BUSINESS_REVIEW_REWORK_REQUIRED",
}


def a_flow(**fields: Any) -> dict[str, Any]:
    moves = [
        {"from_status_id": 46, "to_status_id": 71, "permission": "Review ideas"},
        {
            "from_status_id": 71,
            "to_status_id": 91,
            "permission": "Update the Phase and Status of any idea",
        },
    ]
    return {
        "idea_flow_name": "Quick wins",
        "start_status_id": 46,
        "transitions": moves,
        "submission_type": 1,
    } | fields


class TestTheDefaultFlows:
    def test_statuses_have_their_published_ids_and_keys(self, hub: TestHub) -> None:
        from autohub.flows import store

        with hub.database.reading() as db:
            statuses = store.all_statuses(db)
        assert set(statuses) == set(range(46, 102))
        assert {i: statuses[i].phase_status_key for i in PUBLISHED} == PUBLISHED
        assert (
            statuses[91].phase_status_name == "In Production"
            and statuses[75].phase_status_key == "DEVELOPMENT_DELAYED"
        )

    def test_they_are_listed_in_the_keys_that_clients_know(self, hub: TestHub) -> None:
        answer = hub.someone((8, 0)).get("/idea-flows")
        flows = {flow["Idea flow name"]: flow for flow in answer.data}
        assert (
            answer.message == "Success"
            and isinstance(answer.data, list)
            and flows["Business Process"]["Idea flow ID"] == 8
        )
        assert [flow["Idea flow type"] for flow in answer.data] == [
            "idea",
            "top-down",
            "automation",
            "process-mining",
            "task-mining",
            "change-request",
            "agentic-ai-idea",
            "business-process",
        ]
        employee = flows["Employee-driven Idea"]
        assert employee["IDEA"]["IDEA_AWAITING_REVIEW"] == {
            "phase_variable": "IDEA",
            "status_variable": "IDEA_AWAITING_REVIEW",
            "status_value": "Awaiting review",
        }
        assert list(employee)[3:] == [
            "IDEA",
            "ASSESSMENT",
            "QUALIFICATION",
            "ANALYSIS",
            "SOLUTION_DESIGN",
            "DEVELOPMENT",
            "TESTING",
            "HYPERCARE",
            "LIVE",
        ]
        assert "IDEA" not in flows["CoE-driven Idea"] and list(flows["Citizen Development"])[
            3:
        ] == [
            "LIVE",
            "BUSINESS_REVIEW",
            "TECHNICAL_REVIEW",
        ]

    @pytest.mark.parametrize("type_", range(1, 9))
    def test_every_status_of_a_default_flow_can_be_reached_and_live_among_them(
        self, type_: int
    ) -> None:
        start, moves = default_flow(type_)
        found = reachable_statuses(start, moves)
        assert 91 in found and {move.from_status_id for move in moves} <= found
        assert not find_flow_faults(
            NewFlow("x", start, moves, type_), {i: str(i) for i in range(46, 102)}
        )

    def test_implementation_goes_phase_by_phase(self) -> None:
        _, moves = default_flow(1)
        across = {
            (m.from_status_id, m.to_status_id)
            for m in moves
            if 59 <= m.from_status_id <= 88
            and (m.from_status_id - 59) // 6 != (m.to_status_id - 59) // 6
        }
        assert across == {(64, 65), (70, 71), (76, 77), (82, 83), (88, 91)}


class TestCustomFlows:
    def test_what_was_exported_can_be_imported_under_another_name(self, owner: Client) -> None:
        made = owner.post("/idea-flows", a_flow())
        assert (made.status, made.data["idea_flow_id"], made.data["idea_flow_is_default"]) == (
            201,
            101,
            0,
        )
        exported = owner.get("/idea-flows/101").data
        again = owner.post("/idea-flows", exported | {"idea_flow_name": "Other"}).data
        assert again == exported | {"idea_flow_id": 102, "idea_flow_name": "Other"}
        assert "Quick wins" in [flow["Idea flow name"] for flow in owner.get("/idea-flows").data]

    def test_a_copy_can_be_changed_and_deleted_and_a_default_flow_cannot(
        self, owner: Client
    ) -> None:
        copy = owner.post("/idea-flows/1/copy", {"idea_flow_name": "Ours"}).data
        assert copy["transitions"] == owner.get("/idea-flows/1").data["transitions"]
        path = f"/idea-flows/{copy['idea_flow_id']}"
        assert owner.put(path, a_flow()).data["transitions"] == a_flow()["transitions"]
        assert (
            owner.put("/idea-flows/1", a_flow()).status
            == owner.delete("/idea-flows/1").status
            == 409
        )
        assert (
            owner.delete(path).status == 200
            and owner.get(path).status == owner.delete(path).status == 404
        )
        actions = [e["action"] for e in owner.get("/audit?object_type=flow").data["entries"]]
        assert actions == ["delete idea flow", "change idea flow", "add idea flow"]

    def test_a_name_is_taken_once(self, owner: Client) -> None:
        owner.post("/idea-flows", a_flow())
        assert (
            owner.post("/idea-flows", a_flow(idea_flow_name="QUICK WINS")).status
            == owner.post("/idea-flows/2/copy", {"idea_flow_name": "Quick wins"}).status
            == 409
        )

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"start_status_id": 1}, "start_status_id"),
            ({"transitions": []}, "transitions"),
            (
                {
                    "transitions": [
                        {"from_status_id": 46, "to_status_id": 999, "permission": "Review ideas"}
                    ]
                },
                "transitions.0",
            ),
            (
                {
                    "transitions": [
                        {"from_status_id": 46, "to_status_id": 46, "permission": "Review ideas"}
                    ]
                },
                "transitions.0",
            ),
            (
                {"transitions": [{"from_status_id": 46, "to_status_id": 47, "permission": "Fly"}]},
                "transitions.0",
            ),
            (
                {
                    "transitions": [
                        {"from_status_id": 47, "to_status_id": 48, "permission": "Review ideas"}
                    ]
                },
                "transitions",
            ),
            ({"idea_flow_name": "x" * 51}, "idea_flow_name"),
            ({"submission_type": 9}, "submission_type"),
        ],
    )
    def test_a_wrong_flow_is_refused_at_its_place(
        self, owner: Client, fields: dict[str, Any], field: str
    ) -> None:
        answer = owner.post("/idea-flows", a_flow(**fields))
        assert (
            answer.status == 400
            and field in answer.details
            and len(owner.get("/idea-flows").data) == 8
        )


class TestCategoriesAndTheirFlows:
    def test_a_category_has_its_own_flow_or_that_of_the_nearest_above(self, owner: Client) -> None:
        first, second = (
            owner.post("/idea-flows", a_flow(idea_flow_name=n)).data["idea_flow_id"]
            for n in ("One", "Two")
        )
        flow_of = lambda category: owner.get(f"/categories/{category}/idea-flows").data["1"]  # noqa: E731
        assert flow_of(3) == 1
        owner.put("/categories/0/idea-flows", {"submission_type": 1, "idea_flow_id": first})
        owner.put("/categories/2/idea-flows", {"submission_type": 1, "idea_flow_id": second})
        assert [flow_of(category) for category in (0, 1, 2, 3, 8)] == [
            first,
            first,
            second,
            second,
            first,
        ]
        assert owner.get("/categories/3/idea-flows").data["2"] == 2
        owner.put("/categories/2/idea-flows", {"submission_type": 1, "idea_flow_id": None})
        assert (
            flow_of(3) == first
            and owner.delete(f"/idea-flows/{first}").status == 409
            and owner.delete(f"/idea-flows/{second}").status == 200
        )

    def test_a_flow_of_another_type_an_unknown_one_and_an_unknown_category_are_refused(
        self, owner: Client
    ) -> None:
        assert (
            owner.put("/categories/1/idea-flows", {"submission_type": 1, "idea_flow_id": 3}).status
            == 400
        )
        assert (
            owner.put("/categories/1/idea-flows", {"submission_type": -1, "idea_flow_id": 3}).status
            == 400
        )
        assert (
            owner.put(
                "/categories/1/idea-flows", {"submission_type": 1, "idea_flow_id": 999}
            ).status
            == 404
        )
        assert (
            owner.put(
                "/categories/999/idea-flows", {"submission_type": 1, "idea_flow_id": 1}
            ).status
            == owner.get("/categories/999/idea-flows").status
            == 404
        )

    def test_a_category_with_a_flow_of_its_own_cannot_vanish(self, owner: Client) -> None:
        owner.put("/categories/2/idea-flows", {"submission_type": 1, "idea_flow_id": 1})
        nodes = owner.get("/hierarchy").data["categories"]
        assert owner.put("/categories", {"categories": nodes[1:]}).status == 409


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_a_flow_without_faults_has_no_status_that_cannot_be_reached(
    pairs: list[tuple[int, int]],
) -> None:
    flow = NewFlow("x", 1, [Transition(a, b, "Review ideas") for a, b in pairs])
    if not find_flow_faults(flow, {i: str(i) for i in range(1, 7)}):
        assert {s for pair in pairs for s in pair} <= reachable_statuses(1, flow.transitions)


class TestPhasesOfOnesOwn:
    def test_a_new_phase_with_a_status_joins_a_flow_and_an_idea_goes_there(
        self, hub: TestHub, owner: Client
    ) -> None:
        phase = owner.post("/phases", {"phase_name": "Security check", "phase_order": 5}).data
        assert (phase["phase_id"], phase["phase_key"]) == (101, "SECURITY_CHECK")
        status = owner.post(
            "/phase-statuses", {"phase_id": 101, "phase_status_name": "Passed"}
        ).data
        assert (
            status["phase_status_id"] == 102
            and status["phase_status_key"] == "SECURITY_CHECK_PASSED"
        )
        moves = [{"from_status_id": 46, "to_status_id": 102, "permission": "Review ideas"}]
        flow = owner.post("/idea-flows", a_flow(transitions=moves)).data["idea_flow_id"]
        owner.put("/categories/1/idea-flows", {"submission_type": 1, "idea_flow_id": flow})
        number = hand_in(owner, category_id=3)
        assert (
            move(owner, number, 102).status == 201
            and idea(owner, number)["phase_name"] == "Security check"
        )
        assert owner.get("/automations?phase=101").data["totalItems"] == 1

    @pytest.mark.parametrize(("task", "view"), [("review", "review"), ("decide", "decision")])
    def test_its_status_joins_the_views_of_the_pipeline_and_the_tasks(
        self, hub: TestHub, owner: Client, task: str, view: str
    ) -> None:
        owner.post("/phases", {"phase_name": "Security check"})
        new = {"phase_id": 101, "phase_status_name": "Asked", "waits_for": task}
        status = owner.post("/phase-statuses", new).data
        assert status["waits_for"] == task
        moves = [{"from_status_id": 46, "to_status_id": 102, "permission": "Review ideas"}]
        flow = owner.post("/idea-flows", a_flow(transitions=moves)).data["idea_flow_id"]
        owner.put("/categories/1/idea-flows", {"submission_type": 1, "idea_flow_id": flow})
        reader = Visitor(hub, owner.user_id)
        number = hand_in(owner, process_name="Read the meter")
        assert "Read the meter" not in reader.get("/pipeline?view=decision").text
        assert move(owner, number, status["phase_status_id"]).status == 201
        assert "Read the meter" in reader.get(f"/pipeline?view={view}").text
        assert "Read the meter" in reader.get("/tasks").text

    @pytest.mark.parametrize(
        ("moves", "first", "times"),
        [
            ([(102, 71)], [], 1),
            ([(71, 102)], [102], 1),
            ([(71, 102), (102, 71)], [102, 71, 102], 2),
            ([(46, 102)], [102], 1),
        ],
        ids=["handed in", "moved", "moved twice", "waiting already"],
    )
    def test_those_who_review_are_asked_when_an_idea_begins_to_wait_for_them(
        self,
        hub: TestHub,
        owner: Client,
        moves: list[tuple[int, int]],
        first: list[int],
        times: int,
    ) -> None:
        approver = hub.someone((6, 0), email="approver@example.com")
        owner.post("/phases", {"phase_name": "Security check"})
        new = {"phase_id": 101, "phase_status_name": "Asked", "waits_for": "review"}
        assert owner.post("/phase-statuses", new).data["phase_status_id"] == 102
        transitions = [
            {"from_status_id": one, "to_status_id": other, "permission": "Review ideas"}
            for one, other in moves
        ]
        flow = a_flow(start_status_id=moves[0][0], transitions=transitions)
        made = owner.post("/idea-flows", flow)
        assert made.status == 201, made
        wanted = {"submission_type": 1, "idea_flow_id": made.data["idea_flow_id"]}
        owner.put("/categories/1/idea-flows", wanted)
        number = hand_in(owner)
        for status in first:
            assert move(owner, number, status).status == 201
        with hub.database.reading() as db:
            told, _ = notices.list_notifications(db, approver.user_id or 0, EVERYTHING, sa.true())
        assert [each.notice for each in told] == ["review asked"] * times

    def test_what_a_status_cannot_wait_for_is_refused(self, owner: Client) -> None:
        owner.post("/phases", {"phase_name": "Security check"})
        new = {"phase_id": 101, "phase_status_name": "Asked", "waits_for": "luck"}
        refused = owner.post("/phase-statuses", new)
        assert refused.status == 400 and "waits_for" in refused.json["errorDetails"]

    def test_names_are_taken_once(self, hub: TestHub, owner: Client) -> None:
        assert owner.post("/phases", {"phase_name": "live"}).status == 409
        assert owner.post("/phases", {"phase_name": "!!!"}).status == 409
        assert (
            owner.post("/phase-statuses", {"phase_id": 9, "phase_status_name": "ongoing"}).status
            == 409
        )
        assert (
            owner.post("/phase-statuses", {"phase_id": 99, "phase_status_name": "x"}).status == 400
        )
        assert hub.someone((5, 0)).post("/phases", {"phase_name": "x"}).status == 403


def test_every_status_on_which_something_depends_is_one_of_the_installation(hub: TestHub) -> None:
    with hub.database.reading() as db:
        keys = {i: row.phase_status_key for i, row in flow_store.all_statuses(db).items()}
    assert {int(status): status.name for status in StatusId}.items() <= keys.items()
    assert {int(status) for status in WAITS_FOR} <= keys.keys()
