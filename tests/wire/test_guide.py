"""Each page of the guide's navigation that shows a call: its requests, what it promises."""

import itertools
import re
from typing import Any

from tests.support.hub import TestHub
from tests.support.ideas import a_coe_idea, an_idea
from tests.support.replays import GIVEN, Row, replay

PERSON = {"user_email": "jane@example.com", "user_first_name": "Jane", "user_last_name": "Doe"}
JANE = PERSON | {
    "user_job_title": "Clerk",
    "user_business_unit": "Retail",
    "user_department": "Sales",
    "user_location": "Bucharest",
    "user_is_active": 1,
    "user_invite_status": 0,
    "user_roles": [{"role_id": 6, "category_id": 0}, {"role_id": 5, "category_id": 3}],
}
APPLICATION = {"application_id": None, "application_name": "Ledger", "categoryIds": [3]}
SAMPLE = an_idea(process_name="Check invoices")
AT_1183 = {"process_id": 1, "phase_status_id": 53}
WRONG = {"statusCode": 400, "errorDetails": GIVEN}
PATTERN = re.compile


def _users(count: int) -> dict[str, Any]:
    return {"message": "Success", "statusCode": 200, "data.totalItems": count}


def _ideas(*numbers: int) -> dict[str, Any]:
    found = {f"data.processes.{at}.process_id": number for at, number in enumerate(numbers)}
    return {"message": "Success", "statusCode": 200, "data.totalItems": len(numbers)} | found


def _status(active: int, invited: int) -> dict[str, int]:
    return {"user_is_active": active, "user_invite_status": invited}


def _read(active: int, invited: int) -> dict[str, int]:
    return {f"data.{name}": value for name, value in _status(active, invited).items()}


def _status_table() -> tuple[Row, ...]:
    """By invite status and activity: what is stored when it is added."""
    stored = {(0, 1): (1, 0), (1, 1): (1, 1), (2, 1): (1, 2)}
    rows = []
    for invited, active in itertools.product(range(4), range(2)):
        person = PERSON | {"user_email": f"s{invited}{active}@example.com"}
        body = person | _status(active, invited)
        if invited == 3:
            why = {"errorDetails.user_invite_status": GIVEN}
            rows.append(Row("POST /adduser", 400, why, body))
        else:
            expected = _read(*stored.get((invited, active), (0, 0)))
            rows.append(Row("POST /adduser", 201, expected, body))
    edited = {"user_email": "s01@example.com"} | _status(1, 3)
    return (*rows, Row("POST /edituser", 201, _read(1, 3), edited))


PAGES: dict[str, tuple[Row, ...]] = {
    "Introduction": tuple(
        Row(f"GET {path}", 200, {"message": "Success", "statusCode": 200})
        for path in (
            *("/hierarchy", "/appinventory", "/users", "/roles", "/automations", "/authinfo"),
            *("/automationpipeline", "/components", "/automation-store", "/questionnaire"),
            "/idea-flows",
        )
    ),
    "Introduction for Automation Suite and Public Sector": (
        Row("GET /automationhub_/api/v1/openapi/hierarchy"),
        Row("GET /acme/DefaultTenant/automationhub_/api/v1/openapi/hierarchy"),
        Row(
            "GET /acme/nowhere/automationhub_/api/v1/openapi/hierarchy",
            404,
            {"message": PATTERN("not found in organization")},
        ),
    ),
    "Authentication": (
        Row("GET /users", 401, headers={"x-ah-openapi-auth": ""}),
        Row("GET /users", 401, headers={"Authorization": "Bearer a/b"}),
        Row("GET /users", headers={"x-ah-openapi-app-key": ""}),
        Row("GET /users", headers={"Content-Type": "application/json"}),
        Row("GET /authinfo", 200, {"data.type": "openapi-token", "data.user.user_id": 1}),
        Row("GET /authinfo", 200, {"data.tenant.tenant_id": GIVEN}, caller="tenant"),
    ),
    "Generate your Token": (
        Row("POST /tokens", 201, {"data.token": GIVEN}, {"token_name": "Power BI"}),
        Row("GET /tokens", 200, {"data.tokens.0.token_name": GIVEN, "data.tokens.0.token": None}),
    ),
    "Add users": (
        Row(
            "POST /adduser",
            201,
            {"message": "Resource Updated", "statusCode": 201, "data.user_location": "Bucharest"},
            JANE,
        ),
        Row("POST /adduser", 409, {"statusCode": 409}, JANE | {"user_email": "JANE@example.com"}),
        Row("POST /adduser", 400, WRONG, {"user_email": "no address"}),
    ),
    "Retrieve a User Account": (
        Row(
            "GET /users?s=jane",
            200,
            _users(1) | {f"data.users.0.{key}": JANE[key] for key in JANE if key != "user_roles"},
        ),
        Row("GET /users?s=jane", 200, {"#data.users.0.user_roles": 2}, caller="tenant"),
    ),
    "Update Account Details": (
        Row(
            "POST /edituser",
            201,
            {"message": "Resource Updated", "data.user_department": "Tax", **_read(1, 0)},
            {"user_email": "jane@example.com", "user_department": "Tax"},
        ),
        Row("POST /edituser", 404, {}, {"user_email": "nobody@example.com"}),
    ),
    "Inactivate an Account": (
        Row("POST /edituser", 201, _read(0, 0), PERSON | _status(0, 1)),
        Row("POST /edituser", 400, {"message": PATTERN("line 1, column 2")}, b'{{"user_email":1}}'),
        Row("POST /edituser", 201, _read(1, 0), PERSON | _status(1, 0)),
    ),
    "Input for Users": (
        *(
            Row(f"GET /users?{key}={JANE[key]}&user_email=jane@example.com", 200, _users(1))
            for key in JANE
            if key not in ("user_roles", "user_department")
        ),
        *(
            Row(f"GET /users?inviteStatus={value}", status, {"data.totalItems": count})
            for value, status, count in (
                ("all", 200, 4),
                ("active", 200, 3),
                ("inactive", 200, 0),
                ("pending", 200, 0),
                ("wrong", 400, None),
            )
        ),
        *(
            Row(
                "POST /edituser",
                201,
                {"data.user_roles": [{"role_id": role, "category_id": category}]},
                {
                    "user_email": "jane@example.com",
                    "user_roles": [{"role_id": role, "category_id": category}],
                },
            )
            for role in (2, 3, 4, 5, 6, 8, 11)
            for category in (0, 3)
        ),
        Row("POST /edituser", 400, WRONG, PERSON | {"user_roles": [{"role_id": 99}]}),
        Row("GET /roles", 200, {"data.roles.0.role_key": PATTERN("^ah-")}),
    ),
    "User Status Table": _status_table(),
    "Input: High Level Assessment": (
        Row(
            "POST /automationidea",
            201,
            {"message": "Resource Created", "data.process_id": 1, "data.process_slug": GIVEN},
            SAMPLE,
        ),
        Row("POST /automationidea", 409, {}, SAMPLE | {"process_name": " CHECK invoices"}),
        Row("POST /automationidea", 403, {}, an_idea(), "tenant"),
        Row(
            "POST /automationidea",
            201,
            {"data.process_id": 2},
            an_idea(category_id=None, rules="4", submitter="owner@example.com") | {"category": "3"},
            "tenant",
        ),
        Row("POST /automationidea", 400, WRONG | {"#errorDetails": 2}, an_idea(rules=6, owner="x")),
    ),
    "Input: Detailed Assessment": (
        Row("POST /coe-automationidea", 201, {"data.process_id": 3}, a_coe_idea()),
        Row("POST /coe-automationidea", 400, WRONG, a_coe_idea(frequency="often")),
        Row(
            "GET /automations/3",
            200,
            {"data.phase_status_id": 51, "data.process_estimated_benefit_score": GIVEN},
        ),
    ),
    "Retrieve ideas awaiting review": (
        Row("GET /automations?category=3&phases=1&status=46", 200, _ideas(1, 2)),
        Row("GET /automations?category=717&phases=1&status=46", 200, {"data.totalPages": 1}),
    ),
    "Input: Pipeline": (
        Row("GET /automationpipeline?pre=all", 200, _ideas(1, 2, 3)),
        Row("GET /automationpipeline?pre=all", 403, {}, caller="tenant"),
    ),
    "Input: Submission Type": (
        Row("GET /automations?submissionType=2", 200, _ideas(3)),
        Row("GET /automations?submissionType=1,2", 200, _ideas(1, 2, 3)),
        Row("GET /automations?submissionType=1&submissionType=2", 200, _ideas(1, 2, 3)),
        Row("GET /automations?submissionType=all", 200, _ideas(1, 2, 3)),
        *(
            Row(f"GET /automations?submissionType={kind}", 200, _ideas())
            for kind in (3, 4, 5, 6, 7, 8, -1)
        ),
    ),
    "Input: Phase": (
        Row("GET /automations?phase=1", 200, _ideas(1, 2)),
        Row("GET /automations?phases=1,2", 200, _ideas(1, 2, 3)),
        Row("GET /automations?phase=9", 200, _ideas()),
    ),
    "Input: Status": (
        Row("GET /automations?status=46", 200, _ideas(1, 2)),
        Row("GET /automations?status=all", 200, _ideas(1, 2, 3)),
        Row("GET /automations?status=IDEA_APPROVED", 400, WRONG),
    ),
    "Input: Business Unit, Applications and Category": (
        Row("PUT /appinventory", 200, {"message": "Resource Updated"}, [APPLICATION]),
        Row("GET /appinventory?s=ledger", 200, {"data.applications.0.application_id": 1}),
        Row("GET /automations?applications=1", 200, _ideas()),
        Row("GET /automations?bu=Retail", 200, _ideas()),
        Row("GET /automations?category=1", 200, _ideas(1, 2, 3)),
        Row("GET /automations?hierarchy=3", 200, _ideas(1, 2, 3)),
        Row("GET /hierarchy", 200, {"data.categories.0.category_id": 1}),
    ),
    "Input: Creation Date": (
        Row("GET /automations?createdStart=1600000000", 200, _ideas(1, 2, 3)),
        Row("GET /automations?createdStart=1600000000000", 200, _ideas(1, 2, 3)),
        Row("GET /automations?createdEnd=1600000000", 200, _ideas()),
        Row("GET /automations?createdStart=1600000000&createdEnd=4000000000", 200, _ideas(1, 2, 3)),
        Row("GET /automations?createdStart=yesterday", 400, WRONG),
    ),
    "Input: Update Date": (
        Row("GET /automations?updatedStart=1600000000", 200, _ideas(1, 2, 3)),
        Row("GET /automations?updatedEnd=1600000000", 200, _ideas()),
    ),
    "Update Phase and Status": (
        Row("POST /automations/status", 201, {"data.message": "Sync Successful."}, AT_1183),
        Row("POST /automations/status", 201, {}, AT_1183),
        Row("POST /automations/status", 404, {}, AT_1183 | {"process_id": 1183}),
        Row("POST /automations/status", 409, {}, AT_1183 | {"phase_status_id": 59}, "approver"),
        Row("GET /automations?status=53", 200, _ideas(1)),
    ),
    "Input: Phase and Status Update": tuple(
        Row("POST /automations/status", 201, {}, {"process_id": 2, "phase_status_id": status})
        for status in (*range(46, 49), *range(50, 89))
    ),
    "Retrieve the CBA": (
        *(
            Row(
                f"GET /cba?id={number}",
                200,
                {
                    "data.baseline_is_set": 0,
                    "data.sections.0.title": "Project Plan",
                    "data.sections.0.sections.0.title": "Ease of Implementation",
                    "data.sections.0.sections.0.input_fields.0.field_name": PATTERN("^Estimated"),
                },
                caller=caller,
            )
            for number, caller in (("3", "owner"), ("3'", "owner"), ("3", "tenant"))
        ),
        Row("GET /cba", 400, WRONG),
        Row("GET /cba?id=1183", 404),
    ),
    "Input: Collaborators": (
        *(
            Row(
                "GET /automations/collaborators?collaborators=1",
                200,
                {"data.collaborators.0.user_email": "owner@example.com"},
                caller=caller,
            )
            for caller in ("owner", "tenant")
        ),
        Row("GET /automations/collaborators", 400, WRONG),
    ),
    "Power BI": (
        Row("GET /automationpipeline?limit=30000&offset=0", 200, _ideas(1, 2, 3)),
        Row("GET /automations?limit=2&page=2", 200, {"data.totalPages": 2, "#data.processes": 1}),
        Row("GET /automations?page=0", 200, {"data.page": 1}),
    ),
    "Output Dictionary": (
        Row("GET /dictionary", 200, {"data.fields.0.meaning": GIVEN}),
        Row("GET /api/v1/api-doc/dictionary", 200, {"@content-type": PATTERN("text/html")}),
    ),
}


def test_each_page_of_the_guide_runs_as_it_is_printed(hub: TestHub) -> None:
    callers = {
        "owner": hub.someone((1, 0), email="owner@example.com"),
        "approver": hub.someone((6, 0)),
        "manager": hub.someone((5, 0)),
        "tenant": hub.token(None),
    }
    rows = [(page, row) for page, some in PAGES.items() for row in some]
    assert not (wrong := replay(rows, callers)), "\n".join(wrong)
