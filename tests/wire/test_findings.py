"""What real clients of the Open API once stumbled over here, as they send it."""

import re
from typing import Any

from tests.ideas.test_schema import INPUTS
from tests.support.hub import TestHub
from tests.support.ideas import a_coe_idea, an_idea
from tests.support.replays import GIVEN, Row, replay

EMPLOYEE, PUNCTUATED, COE, PROCESS, OTHER, GONE = range(1, 7)
"""The ideas, in the order in which the first rows hand them in."""

NAMES = {
    EMPLOYEE: "Onboarding of new employee",
    PUNCTUATED: "Fix A/B: invoices (EU) – R&D, 50%",
}


def _one(found: int) -> dict[str, Any]:
    return {"data.totalItems": 1, "data.processes.0.process_id": found}


def _inputs(**questions: Any) -> dict[str, Any]:
    return {"user_inputs": {"OVR": {"ah-section-ovr-0-0": questions}}}


def _published(name: str, **questions: Any) -> dict[str, Any]:
    answers = INPUTS["OVR"]["s"] | {"OVR-OVERVIEW_NAME": {"value": name}}
    return {"idea_flow_id": 8, "user_inputs": {"OVR": {"s": answers | questions}}}


def _status(process_id: int | str, status: int, **more: Any) -> dict[str, Any]:
    return {"process_id": process_id, "phase_status_id": status} | more


def _flow(phase: str, status: str, flow: int = 8) -> dict[str, Any]:
    return {"idea_flow_id": flow, "phase_variable": phase, "status_variable": status}


LEDGER = [{"application_id": None, "application_name": "Ledger", "categoryIds": [3]}]
FILE = {
    "file_name": "a.docx",
    "mimetype": "application/octet-stream",
    "file_content": "aGk=",
    "file_encoding": "base64",
}
TCD = {
    "document_title": "T",
    "document_description": "D",
    "document_type_id": 10,
    "file": FILE,
}
BLANK_ROLE = {"role_id": "", "category_id": ""}
PERSON = {"user_email": "mia@example.com", "user_first_name": "Mia", "user_last_name": "Berg"}
CSV = {"Accept": "text/csv"}

ROWS: dict[str, tuple[Row, ...]] = {
    "what is there": (
        Row("PUT /appinventory", body=LEDGER),
        Row("POST /automationidea", 201, body=an_idea(process_name=NAMES[EMPLOYEE])),
        Row("POST /automationidea", 201, body=an_idea(process_name=NAMES[PUNCTUATED])),
        Row("POST /coe-automationidea", 201, body=a_coe_idea(process_name="Pay rents")),
    ),
    "applications by the vendor's keys": (
        Row(
            "POST /idea-from-schema",
            201,
            {"data.process_id": PROCESS},
            _published(
                "Skill process",
                **{
                    "OVR-COUNT_APPS": {
                        "value": [1],
                        "new_applications": [{"application_name": "Trapets"}],
                    }
                },
            ),
        ),
        Row(
            f"GET /automations/{PROCESS}",
            200,
            {
                "data.process_num_applications": 2,
                "data.applications.1.application_name": "Trapets",
            },
        ),
        Row(f"PATCH /automations/{PROCESS}", body=_inputs(**{"OVR-COUNT_APPS": {"value": []}})),
        Row(f"GET /automations/{PROCESS}", 200, {"data.process_num_applications": 2}),
        Row(
            f"PATCH /automations/{PROCESS}",
            400,
            {"message": re.compile("Unknown application id.*999")},
            _inputs(**{"OVR-COUNT_THIN_APPS": {"value": [999]}}),
        ),
        Row(
            f"PATCH /automations/{PROCESS}",
            400,
            {"message": re.compile("nonsense")},
            _inputs(
                **{
                    "OVR-COUNT_APPS": {
                        "value": [1],
                        "new_applications": [{"application_name": "X", "nonsense": 1}],
                    }
                }
            ),
        ),
        Row(
            f"PATCH /automations/{PROCESS}",
            400,
            {"errorDetails.OVR-OVERVIEW_NAME.0": re.compile("nonsense")},
            _inputs(**{"OVR-OVERVIEW_NAME": {"value": "Skill process", "nonsense": 1}}),
        ),
    ),
    "search": (
        *(
            Row(f"GET /automations?s={text}", 200, _one(EMPLOYEE))
            for text in (
                "onboarding%20of%20new%20employee%201",
                "onboarding-of-new-employee-1",
                "%231",
                "onboarding%201",
            )
        ),
        Row("GET /automations?s=fix%20a%20b%20invoices%20eu%20r%20d%2050", 200, _one(PUNCTUATED)),
        Row("GET /automations?s=fix-a-b-invoices-eu-r-d-50-2", 200, _one(PUNCTUATED)),
        Row("GET /automations?s=%22R%26D%2C%2050%25%22", 200, _one(PUNCTUATED)),
        Row("GET /automations?s=skill%20process", 200, {"data.totalItems": 0}),
        Row("GET /automations?search=skill%20process&limit=20", 200, _one(PROCESS)),
        Row("GET /automations?s=skill%20process&submissionType=8", 200, _one(PROCESS)),
        Row("GET /automations", 200, {"data.totalItems": 3}),
    ),
    "a flow's change is a change of type": (
        Row("POST /automationidea", 201, {"data.process_id": OTHER}, an_idea()),
        *(
            Row(f"PATCH /idea-flows/automations/{number}/idea-flow", status, {}, body)
            for number, status, body in (
                (OTHER, 200, _flow("ASSESSMENT", "ASSESSMENT_NOT_STARTED")),
                (OTHER, 200, _flow("ASSESSMENT", "NOT_STARTED")),
                (OTHER, 400, _flow("ASSESSMENT", "ONGOING")),
                (OTHER, 400, _flow("IDEA", "AWAITING_REVIEW", flow=6)),
                (999, 404, _flow("ASSESSMENT", "NOT_STARTED")),
            )
        ),
        Row(f"GET /automations/{OTHER}", 200, {"data.process_submission_type": 8}),
        Row(
            "GET /idea-flows",
            200,
            {
                "data.0.ASSESSMENT.ASSESSMENT_NOT_STARTED": {
                    "phase_variable": "ASSESSMENT",
                    "status_variable": "ASSESSMENT_NOT_STARTED",
                    "status_value": "Not started",
                },
            },
        ),
    ),
    "an integration sets a status": (
        Row("POST /automations/status", 409, {}, _status(EMPLOYEE, 53), "standard"),
        Row("POST /automations/status", 201, {}, _status(EMPLOYEE, 53), "manager"),
        Row("POST /automations/status", 201, {}, _status(EMPLOYEE, 53)),
        Row("POST /automations/status", 201, {}, _status(EMPLOYEE, 71, force=1)),
        Row("POST /automations/status", 403, {}, _status(EMPLOYEE, 53), "tenant"),
        Row("POST /automations/status", 400, {}, _status(EMPLOYEE, 9999)),
        Row(f"GET /automations/{EMPLOYEE}/history", 200, {"data.0.forced": 0, "data.1.forced": 1}),
    ),
    "what a tenant-level token reads": (
        Row(f"GET /automations/collaborators?collaborators={EMPLOYEE}", caller="tenant"),
        Row(f"GET /cba?id={EMPLOYEE}", caller="tenant"),
        Row("GET /automations", 403, caller="tenant"),
    ),
    "benefit of the published answers": (
        Row(
            f"GET /automations/{COE}",
            200,
            {
                "data.process_estimated_benefit_score": GIVEN,
                "data.process_ease_of_implementation_score": GIVEN,
                "data.process_automation_score": GIVEN,
            },
        ),
        Row(f"GET /automations/{COE}/scores", 200, {"data.0.factors": re.compile("assumed")}),
    ),
    "names that nobody knows": (
        Row(
            "GET /users?inviteStaus=active",
            200,
            {"@x-autohub-warnings": re.compile("Is inviteStatus")},
        ),
        Row("GET /automations?CreatedStart=4000000000", 200, {"data.totalItems": 0}),
        Row("POST /adduser", 201, {"#warnings": 1}, PERSON | {"user_departement": "Tax"}),
        Row(
            "POST /edituser",
            201,
            {"warnings.0": re.compile("user_department meant")},
            {"user_email": "mia@example.com", "user_departement": "Tax"},
        ),
    ),
    "sync": (
        Row("POST /automationidea", 201, {"data.process_id": GONE}, an_idea()),
        Row(f"DELETE /automations/{GONE}"),
        Row("GET /automations?updatedStart=1&deleted=only", 200, _one(GONE)),
        Row(
            "GET /automations?deleted=include&limit=1&sort=process_id&sortOrder=desc",
            200,
            {"data.processes.0.process_is_deleted": 1},
        ),
        Row(
            "GET /automations?fields=process_id,process_name&limit=1",
            200,
            {"#data.processes.0": 2, "@etag": GIVEN},
        ),
        Row("GET /automations?cursor=0&limit=1", 200, {"data.nextCursor": EMPLOYEE}),
        Row("GET /automations", 200, {"@content-type": re.compile("^text/csv")}, headers=CSV),
        Row("GET /automations", 200, {"@ratelimit-remaining": GIVEN}),
        Row(f"GET /automations/{EMPLOYEE}", 200, {"@etag": GIVEN}),
        Row("GET /users/1", 200, {"@etag": GIVEN}),
        Row(
            f"PATCH /automations/{EMPLOYEE}",
            412,
            {"@etag": GIVEN},
            _inputs(**{"OVR-OVERVIEW_NAME": {"value": "Another"}}),
            headers={"If-Match": '"nonsense"'},
        ),
        Row("PUT /appinventory", 200, {"data.application_ids": [1]}, LEDGER),
        Row("PUT /appinventory", 200, {"data.application_ids": [1]}, LEDGER),
    ),
    "slugs for numbers": (
        Row("GET /cba?id=onboarding-of-new-employee-1"),
        Row("POST /automations/status", 201, {}, _status("onboarding-of-new-employee-1", 72)),
        Row("GET /automations/employee", 404, {"message": re.compile("no idea “employee”")}),
    ),
    "what runners and editors do to a request": (
        Row("POST /edituser", 201, {}, b'\xef\xbb\xbf{"user_email": "mia@example.com"}'),
        Row("POST /edituser", 400, {"message": re.compile("line 1")}, b'{{"user_email": "m"}'),
        Row(
            "POST /edituser",
            201,
            {"#data.user_roles": 1},
            PERSON | {"user_roles": [{"role_id": "5", "category_id": "0"}, BLANK_ROLE]},
        ),
        Row(f"POST /automations/{COE}/media", 201, body=FILE),
        Row(f"POST /automations/{COE}/media", 201, body={"file": FILE}),
        Row(
            f"POST /automations/{COE}/documents",
            400,
            {"message": re.compile("^Invalid file.$"), "errorDetails.file": re.compile("zip.*ssp")},
            TCD,
        ),
        Row("GET /api/v1/api-doc/", 200, {"@content-type": "text/html; charset=utf-8"}),
    ),
}


def test_each_finding_is_answered_as_its_client_expects(hub: TestHub) -> None:
    callers = {
        "owner": hub.someone((1, 0), email="owner@example.com"),
        "manager": hub.someone((5, 0)),
        "standard": hub.someone((6, 0)),
        "tenant": hub.token(None),
    }
    rows = [(name, row) for name, some in ROWS.items() for row in some]
    assert not (wrong := replay(rows, callers)), "\n".join(wrong)
