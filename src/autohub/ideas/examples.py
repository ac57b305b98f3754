"""Examples of ideas for the API reference."""

PERSON = {
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "user_first_name": "Jane",
    "user_last_name": "Doe",
}
STATUS = {
    "phase_status_id": 46,
    "phase_id": 1,
    "phase_status_key": "IDEA_AWAITING_REVIEW",
    "phase_status_name": "Awaiting review",
}
IDEA = {
    "process_id": 1183,
    "process_uuid": "5c7a4f0e-3a53-4d5c-9c38-62f1d1f3f5a1",
    "process_slug": "check-invoices-1183",
    "process_name": "Check invoices",
    "process_description": "Every invoice is compared with its order.",
    "process_submission_type": 1,
    "process_submitter": PERSON,
    "owner": PERSON,
    "process_phase_status": STATUS,
    "process_created_epoch": 1767225600000,
    "process_created_epoch__display": "2026-01-01 00:00",
    "process_overall_gauge_score": 75,
    "process_overall_gauge_score__display": "75",
    "hierarchy": "1,2,3",
    "categories": [{"category_id": 1, "category_name": "Finance"}],
    "collaborators": [],
    "tags": ["quick win"],
    "applications": [],
    "hla-rules": "ah-answer_option-hla-0-0-0-4",
    "hla-rules__display": "Very rule based",
}
CREATED = {
    name: IDEA[name] for name in ("process_id", "process_uuid", "process_name", "process_slug")
}
EMPLOYEE = {
    "process_name": "Check invoices",
    "process_description": "Every invoice is compared with its order.",
    "category_id": 3,
    "rules": 5,
    "input_type": 4,
    "input_quality": 4,
    "stability": 4,
    "documentation": 3,
    "owner": "jane.doe@example.com",
}
COE = {
    "process_name": "Check invoices",
    "process_description": "Every invoice is compared with its order.",
    "category_id": 3,
    "process_pain_points": "It takes two people every morning.",
    "process_negative_impact": "Suppliers are paid late.",
    "automation_goal": "automation-goal-cost",
    "task_stability": "task-stability-minor-change-expected",
    "application_stability": "application-stability-no-change-expected",
    "employee_average_working_days": 220,
    "employee_working_hours": 8,
    "employee_average_full_cost": 52000,
    "frequency": "frequency-daily",
    "volumes": 120,
    "processing_time": 4,
    "digital_input": 90,
    "structured_input": 80,
    "number_of_ways": 2,
    "owner": "jane.doe@example.com",
}
MINED = COE | {"source_link": "https://mining.example.com/views/12"}
INPUTS = {
    "OVR": {
        "ah-section-ovrbp-0-0": {
            "OVR-OVERVIEW_NAME": {"value": "Invoice to payment"},
            "OVR-OVERVIEW_DESCRIPTION": {"value": "From the invoice's arrival to its payment."},
            "OVR-OVERVIEW_CATEGORY": {"value": 3},
        },
        "ah-section-ovrbp-0-2": {
            "OVR-PROCESS_DOCUMENTS": {"value": ["ah-answer_option-ovrbp-0-3-0-1"]}
        },
        "ah-section-ovrbp-0-3": {
            "OVR-PROCESS_OWNER": "jane.doe@example.com",
            "OVR-OVERVIEW_PROCESS_SUBMITTER": "jane.doe@example.com",
        },
    }
}
PATCH = {
    "user_inputs": {
        "OVR": {"ah-section-ovr-0-0": {"OVR-OVERVIEW_NAME": {"value": "Check all invoices"}}}
    }
}
SCHEMA = {
    "status": "success",
    "data": {"type": "object", "properties": {}, "idea_flow_id": 8, "user_inputs": INPUTS},
}
SCORE = {
    "key": "idea_score",
    "title": "Idea score",
    "assessment": "HLA",
    "value": 75.0,
    "band": None,
    "formula": "100 × (1 × rules share) ÷ sum of the weights answered",
    "factors": [
        {
            "question": "HLA-RULES",
            "title": "How rule-based is the process?",
            "answer": "Pretty rule based",
            "number": 4.0,
            "weight": 1.0,
            "share": 0.75,
            "points": 75.0,
        }
    ],
    "why_not": None,
}
MOVED = {
    "at_epoch": 1767225600000,
    "user_id": 7,
    "user_email": "jane.doe@example.com",
    "door": "api",
    "from_status_id": 46,
    "to_status_id": 51,
    "from_status_name": "Idea – Awaiting review",
    "to_status_name": "Assessment – Not started",
    "reason": None,
    "forced": 0,
}
DUPLICATE = {
    "process_id": 1183,
    "process_name": "Check invoices",
    "process_slug": "check-invoices-1183",
    "similarity": 82.0,
    "name_similarity": 90.0,
    "description_similarity": 61.0,
    "because": "The names share “invoices”.",
}
DRAFT = {
    "draft_id": 4,
    "idea_flow_id": 8,
    "process_name": "Invoice to payment",
    "user_inputs": INPUTS,
    "draft_created_epoch": 1767225600000,
    "draft_updated_epoch": 1767225600000,
}

ALLOWED_MOVE = {
    "phase_status_id": 51,
    "phase_status_name": "Assessment – Not started",
    "permission": "Review ideas",
}
