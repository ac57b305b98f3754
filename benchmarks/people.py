"""Synthetic accounts and their rows, the same on every run."""

import json
from typing import Any


def user(number: int, *, department: str = "Dep") -> dict[str, Any]:
    return {
        "user_email": f"first{number}.last{number % 977}@example.com",
        "user_first_name": f"First{number % 1000}",
        "user_last_name": f"Last{number % 977}",
        "user_job_title": "Analyst",
        "user_business_unit": f"Unit {number % 20}",
        "user_department": f"{department} {number % 50}",
        "user_location": "Lyon",
        "user_is_active": 1,
        "user_invite_status": 1,
        "user_roles": [{"role_id": 6, "category_id": 3}],
    }


def ndjson(count: int, *, department: str = "Dep", first: int = 0) -> bytes:
    rows = (
        json.dumps(user(n, department=department), separators=(",", ":"))
        for n in range(first, first + count)
    )
    return "\n".join(rows).encode()
