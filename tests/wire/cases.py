"""Bodies that hold every key that a call takes, in an order in which each call succeeds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.ideas.test_schema import INPUTS
from tests.support.ideas import a_coe_idea, an_idea

PERSON = {
    "user_email": "mia@example.com",
    "user_first_name": "Mia",
    "user_last_name": "Berg",
    "user_job_title": "Clerk",
    "user_business_unit": "Retail",
    "user_department": "Sales",
    "user_location": "Rome",
    "user_is_active": 1,
    "user_invite_status": 1,
    "user_roles": [{"role_id": 5, "category_id": 3}],
}
AGAIN = {
    "user_first_name": "Mira",
    "user_last_name": "Fels",
    "user_job_title": "Head",
    "user_business_unit": "Trade",
    "user_department": "Tax",
    "user_location": "Bonn",
    "user_is_active": 1,
    "user_invite_status": 3,
    "user_roles": [{"role_id": 6, "category_id": 1}, {"role_id": 8, "category_id": 0}],
}
ANSWERS = {
    "applications": [1],
    "submitter": "mia@example.com",
    "owner": "mia@example.com",
    "category_id": 3,
}
DETAILS = {
    "orchestrator_automation_uuid": "5c7a4f0e-3a53-4d5c-9c38-6f3c5d1f0a11",
    "error_rate": 3,
    "rework_time": 7,
    "process_peaks": "In spring.",
    "review_audit_rate": 11,
    "review_audit_time": 13,
    "number_of_ways": 3,
    "number_of_applications": 5,
    "thin_applications": 2,
    "documentation": "documentation-3",
}
FILE = {
    "file_name": "a.txt",
    "mimetype": "text/plain",
    "file_content": "aGVsbG8=",
    "file_encoding": "base64",
}
NEW = [{"application_name": "Trapets", "application_version": "3"}]
COMPONENT = {
    "component_name": "Read an invoice",
    "category_id": 3,
    "component_description": "Takes the fields out.",
    "component_type": "Workflow",
    "component_version": "1.5",
    "component_link": "https://code.example.com/read",
}
DOCUMENT_TYPE = {
    "file_type_name": "Security concept",
    "accepted_extensions": ["pdf"],
    "allow_embed_link": 1,
    "template_link": "https://example.com/template",
}


def _inputs(**answers: Any) -> dict[str, Any]:
    return {"OVR": {"any": {question: {"value": value} for question, value in answers.items()}}}


def _schema_idea(name: str) -> dict[str, Any]:
    answers = INPUTS["OVR"]["s"] | {"OVR-OVERVIEW_NAME": {"value": name}}
    return {"idea_flow_id": 8, "user_inputs": {"OVR": {"s": answers}}, "new_applications": NEW}


SUBMITTER = {"submitter": ("process_submitter_user_id", 2)}
CHANGE = {
    "idea_flow_id": 6,
    "user_inputs": {
        "OVR": {
            "any": {
                "OVR-OVERVIEW_NAME": {"value": "Another bank"},
                "OVR-OVERVIEW_DESCRIPTION": {"value": "It has another file."},
                "OVR-OVERVIEW_CATEGORY": {"value": 3},
                "OVR-PROCESS_OWNER": "owner@example.com",
                "OVR-OVERVIEW_PROCESS_SUBMITTER": "owner@example.com",
            }
        },
        "CR": {
            "any": {
                "CR-KIND": {"value": "cr-kind-defect"},
                "CR-URGENCY": {"value": "cr-urgency-low"},
            }
        },
    },
    "change_of_process_id": 2,
}


class Case(NamedTuple):
    """A body that holds every key of its route, and the call that reads what became of it."""

    route: str
    body: Mapping[str, Any]
    reader: str
    numbers: tuple[int, ...] = ()
    instead: Mapping[str, tuple[str, Any]] = {}
    """By what is sent: under which other key it is read, and as what."""


CASES = (
    Case("POST /adduser", PERSON, "/users/2"),
    Case("POST /users/{user_id}/invitations", {"send_mail": 1}, "/users/2/invitations", (2,)),
    Case("PATCH /users/{user_id}", AGAIN, "/users/2", (2,)),
    Case("POST /edituser", PERSON | {"user_invite_status": 3}, "/users/2"),
    Case(
        "POST /roles",
        {"role_name": "Auditor", "permissions": ["Audit logs"], "role_description": "Reads."},
        "/roles",
    ),
    Case(
        "PATCH /roles/{role_id}",
        {
            "role_name": "Reader",
            "permissions": ["Manage Users"],
            "role_description": "Sees.",
            "role_is_active": 0,
        },
        "/roles",
        (101,),
    ),
    Case(
        "POST /groups",
        {
            "group_name": "Finance",
            "group_description": "Who decides.",
            "group_roles": [{"role_id": 6, "category_id": 1}],
            "members": [2],
        },
        "/groups/1",
    ),
    Case(
        "PATCH /groups/{group_id}",
        {
            "group_name": "Trade",
            "group_description": "Who asks.",
            "group_roles": [{"role_id": 5, "category_id": 2}],
            "group_admits_directory": 1,
            "members": [1],
        },
        "/groups/1",
        (1,),
    ),
    Case(
        "POST /tokens",
        {"token_name": "BI", "user_email": "mia@example.com", "token_expires_epoch": 4 * 10**12},
        "/tokens",
    ),
    Case(
        "PATCH /tokens/{token_id}",
        {"token_name": "PBI", "token_expires_epoch": 3 * 10**12, "token_is_active": 0},
        "/tokens",
        (2,),
    ),
    Case("POST /tokens", {"token_name": "Entra", "token_kind": "scim"}, "/tokens"),
    Case(
        "POST /automationidea",
        an_idea(**ANSWERS),
        "/automations/1",
        (),
        SUBMITTER
        | {
            "rules": ("process_rules_id", 5),
            "input_type": ("process_input_type_id", 9),
            "input_quality": ("process_input_structure_id", 13),
            "stability": ("process_stability_id", 17),
            "documentation": ("process_documentation_availability_ids", "21"),
        },
    ),
    Case(
        "POST /coe-automationidea",
        a_coe_idea(**ANSWERS, **DETAILS),
        "/automations/2",
        (),
        SUBMITTER,
    ),
    Case(
        "POST /processmining-idea",
        a_coe_idea(**ANSWERS, **DETAILS) | {"source_link": "https://mining.example.com/7"},
        "/automations/3",
        (),
        SUBMITTER | {"source_link": ("ovr-overview_source_link", "https://mining.example.com/7")},
    ),
    Case("POST /idea-from-schema", _schema_idea("Order to cash"), "/automations/4"),
    Case("POST /automations", _schema_idea("Invoice to payment"), "/automations/5"),
    Case(
        "PATCH /automations/{process_id}",
        {
            "user_inputs": _inputs(**{"OVR-OVERVIEW_NAME": "Renamed"}),
            "process_priority": "High",
            "new_applications": NEW,
        },
        "/automations/1",
        (1,),
    ),
    Case(
        "POST /automations/status",
        {"process_id": 1, "phase_status_id": 65, "reason": "As agreed", "duplicate_of": None},
        "/automations/1/history",
    ),
    Case(
        "POST /automations/status",
        {"process_id": 2, "phase_status_id": 56, "project_manager": "mia@example.com"},
        "/automations/2",
        (),
        {
            "project_manager": ("role_name", "Project Manager"),
            "phase_status_id": ("phase_status_id", 56),
        },
    ),
    Case("POST /automations", CHANGE, "/automations/6"),
    Case(
        "PATCH /idea-flows/automations/{process_id}/idea-flow",
        {"idea_flow_id": 1, "phase_variable": "IDEA", "status_variable": "IDEA_APPROVED"},
        "/automations/3",
        (3,),
    ),
    Case("POST /automations/{process_id}/tags", {"tags": ["x"]}, "/automations/1", (1,)),
    Case("POST /drafts", {"idea_flow_id": 8, "user_inputs": INPUTS}, "/drafts/1"),
    Case(
        "POST /automations/{process_id}/collaborators",
        {"collaborators": [{"user_email": "mia@example.com", "role_ids": [4]}]},
        "/automations/1",
        (1,),
    ),
    Case(
        "POST /collaborator-roles",
        {"role_name": "Tester", "role_description": "Tests.", "role_is_assignable": 1},
        "/collaborator-roles",
    ),
    Case(
        "PATCH /collaborator-roles/{role_id}",
        {
            "role_name": "Critic",
            "role_description": "Asks.",
            "role_is_assignable": 1,
            "holders": [2],
        },
        "/collaborator-roles",
        (101,),
    ),
    Case(
        "POST /automations/{process_id}/comments",
        {"comment_text": "How many?"},
        "/automations/1/comments",
        (1,),
    ),
    Case(
        "POST /automations/{process_id}/comments",
        {"comment_text": "Forty.", "parent_id": 1},
        "/automations/1/comments",
        (1,),
    ),
    Case(
        "PATCH /automations/{process_id}/comments/{comment_id}",
        {"comment_text": "How often?"},
        "/automations/1/comments",
        (1, 1),
    ),
    Case(
        "POST /automations/{process_id}/documents",
        {"document_title": "T", "document_description": "D", "document_type_id": 2, "file": FILE},
        "/automations/1/documents",
        (1,),
    ),
    Case(
        "POST /automations/{process_id}/documents",
        {
            "document_title": "L",
            "document_description": "D",
            "document_type_id": 3,
            "embed_link": "https://example.com/dsd",
        },
        "/automations/1/documents",
        (1,),
    ),
    Case(
        "PATCH /automations/{process_id}/documents/{document_id}",
        {"document_title": "T2", "document_description": "D2", "document_is_active": 0},
        "/automations/1/documents?all=1",
        (1, 1),
    ),
    Case(
        "POST /automations/{process_id}/media",
        {"file": FILE},
        "/automations/1/media",
        (1,),
    ),
    Case("POST /automations/{process_id}/media", FILE, "/automations/1/media", (1,)),
    Case("POST /document-types", DOCUMENT_TYPE, "/document-types"),
    Case(
        "PATCH /document-types/{file_type_id}",
        {
            "file_type_name": "Safety",
            "accepted_extensions": ["docx"],
            "allow_embed_link": 0,
            "document_type_is_active": 0,
            "template_link": "https://example.com/other",
        },
        "/document-types",
        (101,),
    ),
    Case("POST /components", COMPONENT, "/components/1"),
    Case(
        "PATCH /components/{component_id}",
        {key: f"{value}0" for key, value in COMPONENT.items()} | {"category_id": 4},
        "/components/1",
        (1,),
    ),
    Case(
        "POST /components/{component_id}/status",
        {"component_status": "Submitted", "reason": "It is done."},
        "/audit?limit=1",
        (1,),
    ),
    Case(
        "PATCH /cost-setup",
        {"currency": "EUR", "working_days": 213, "working_hours": 7.5},
        "/cost-setup",
    ),
    Case(
        "POST /cost-setup/rates",
        {"currency": "CHF", "rate": 1.75, "valid_from": "2026-01-01"},
        "/cost-setup",
    ),
    Case(
        "POST /cost-setup/prices",
        {
            "kind": "licence",
            "vendor_name": "V",
            "price_name": "Robot",
            "price": 8001,
            "currency": "EUR",
        },
        "/cost-setup",
    ),
    Case(
        "POST /idea-flows/{idea_flow_id}/copy",
        {"idea_flow_name": "Quick wins"},
        "/idea-flows/101",
        (1,),
    ),
    Case(
        "POST /webhooks",
        {
            "webhook_name": "Desk",
            "url": "https://desk.example.com/hooks",
            "is_mine": 1,
            "body_format": "standard",
            "event_types": ["idea.moved"],
            "category_ids": [3],
        },
        "/webhooks/1",
        (),
        {"url": ("host", "desk.example.com"), "is_mine": ("owner_user_id", 1)},
    ),
    Case(
        "PATCH /webhooks/{webhook_id}",
        {
            "webhook_name": "Help desk",
            "url": "https://help.example.com/hooks",
            "event_types": ["idea.submitted"],
            "category_ids": [4],
            "webhook_is_on": 0,
        },
        "/webhooks/1",
        (1,),
        {"url": ("host", "help.example.com"), "webhook_is_on": ("state", "off")},
    ),
    Case("POST /phases", {"phase_name": "Security check", "phase_order": 5}, "/phases"),
    Case(
        "PATCH /phases/{phase_id}",
        {"phase_target_days": 21},
        "/phases",
        (101,),
    ),
    Case(
        "POST /phase-statuses",
        {"phase_id": 101, "phase_status_name": "Passed", "waits_for": "review"},
        "/phases",
    ),
    Case(
        "POST /automations/status",
        {"process_id": 2, "phase_status_id": 91},
        "/automations/2/history",
    ),
    Case("PUT /automation-store/{process_id}", {"offer_text": "Ask."}, "/automation-store", (2,)),
    Case(
        "POST /automation-store/{process_id}/reviews",
        {"rating": 4, "review_text": "It helps."},
        "/automation-store/2/reviews",
        (2,),
    ),
)
