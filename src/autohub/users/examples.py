"""One believable value for each call, shown in the API reference and checked against the types
by a test."""

GRANT = {"role_id": 5, "category_id": 3}
NEW = {
    "user_email": "jane.doe@example.com",
    "user_first_name": "Jane",
    "user_last_name": "Doe",
    "user_job_title": "Controller",
    "user_business_unit": "Finance",
    "user_department": "Accounting",
    "user_location": "Lyon",
    "user_is_active": 1,
    "user_invite_status": 2,
    "user_roles": [GRANT],
}
USER = {"user_id": 7} | NEW
EDIT = {"user_email": "jane.doe@example.com", "user_department": "Treasury", "user_is_active": 1}
PATCH = {"user_job_title": "Head of Treasury", "user_department": None}
PAGE = {"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "users": [USER]}
DETAIL = USER | {
    "user_is_trashed": 0,
    "user_has_registered": 1,
    "user_created_epoch": 1767225600000,
    "user_updated_epoch": 1767312000000,
    "user_email_aliases": ["jane.miller@example.com"],
}
REPORT = {
    "total": 2,
    "created": 0,
    "updated": 1,
    "unchanged": 0,
    "failed": 1,
    "results": [
        {
            "index": 1,
            "user_email": "jane.doe",
            "outcome": "failed",
            "errors": {"user_email": ["must be an e-mail address."]},
        }
    ],
}
ACCESS = {
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "may_sign_in": 1,
    "refusal": None,
    "rights": [
        {
            "permission": "View dashboards",
            "granted": 1,
            "by": [
                {
                    "role_id": 5,
                    "role_name": "Program Manager",
                    "category_id": 3,
                    "category_chain": [1, 3],
                    "group_id": None,
                    "group_name": None,
                    "only_where_assigned": 0,
                }
            ],
        }
    ],
}
INVITATION = {
    "invitation_id": 3,
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "invitation_state": "open",
    "delivery_state": "sent",
    "delivery_attempts": 0,
    "delivery_error": None,
    "invitation_created_epoch": 1767225600000,
    "invitation_expires_epoch": 1768435200000,
    "invitation_sent_epoch": 1767225601000,
}
INVITATIONS = {
    "page": 1,
    "pageSize": 20,
    "totalItems": 1,
    "totalPages": 1,
    "invitations": [INVITATION],
}
TABLE = (
    (
        "user_email",
        "user_first-name",
        "user_last_name",
        "user-location",
        "role_id1",
        "category_id1",
    ),
    ("jane.doe@example.com", "Jane", "Doe", "Lyon", "5", "3"),
)
