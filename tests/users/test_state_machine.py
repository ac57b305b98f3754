"""Users × statuses × roles × categories × activity against a plain dict, the same sequence on
both databases."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.support.hub import Client, TestHub

NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
GRANTS = st.lists(
    st.tuples(st.sampled_from([3, 5, 6, 8]), st.sampled_from([0, 1, 3])), min_size=1, max_size=3
)
OPTIONAL = st.none() | st.sampled_from(["Sales", "sales", "Ventes é"])
WORKING = ("user_is_active", "user_invite_status")


def edited(user: dict[str, Any], active: int | None, invite: int | None) -> tuple[int, int]:
    """Contract 2.2, edit rules; nobody in this machine ever registers."""
    if active == 0 or (user["user_is_active"] == 0 and active is None):
        return 0, 0
    if user["user_is_active"] == 0:
        return 1, 1 if invite is None else invite
    if user["user_invite_status"] == 3 or invite is None:
        return 1, user["user_invite_status"]
    return 1, invite


def what_is_sent(
    active: int | None, invite: int | None, grants: list[tuple[int, int]] | None
) -> dict[str, Any]:
    """The keys of a body that are there; None is an absent one."""
    roles = None if grants is None else [{"role_id": r, "category_id": c} for r, c in grants]
    values = {"user_is_active": active, "user_invite_status": invite, "user_roles": roles}
    return {key: value for key, value in values.items() if value is not None}


class Accounts(RuleBasedStateMachine):
    """Each rule does the same on both hubs, which must answer alike, and as the dict says."""

    hubs: tuple[TestHub, TestHub]
    trash = Bundle("trash")

    @initialize()
    def start(self) -> None:
        self.clients: list[Client] = []
        for hub in self.hubs:
            hub.reset()
            self.clients.append(hub.someone((1, 0), email="owner@example.com"))
        self.model: dict[str, dict[str, Any]] = {}
        self.trashed: dict[str, dict[str, Any]] = {}

    def both(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answers = [client.call(method, path, body) for client in self.clients]
        assert answers[0].status == answers[1].status and answers[0].raw == answers[1].raw, answers
        assert answers[0].status < 500
        return answers[0].status, answers[0].data

    @rule(
        name=NAMES,
        active=st.sampled_from([None, 0, 1]),
        invite=st.sampled_from([None, 0, 1, 2, 3]),
        grants=st.none() | GRANTS,
        department=OPTIONAL,
        path=st.sampled_from(["/adduser", "/users/bulk?mode=add"]),
    )
    def add(
        self,
        name: str,
        active: int | None,
        invite: int | None,
        grants: list[tuple[int, int]] | None,
        department: str | None,
        path: str,
    ) -> None:
        body: dict[str, Any] = {
            "user_email": f"{name}@example.com",
            "user_first_name": name.upper(),
            "user_last_name": "L",
            "user_department": department,
        }
        body |= what_is_sent(active, invite, grants)
        taken = body["user_email"] in self.model or body["user_email"] in self.trashed
        status, data = self.both("POST", path, [body] if "bulk" in path else body)
        if taken or invite == 3:
            assert status in (400, 409) or data["failed"] == 1
            return
        assert status == 201 or data["created"] == 1
        is_active = 1 if active is None else active
        roles = sorted(set(grants)) if grants is not None else [(8, 0)]
        self.model[body["user_email"]] = {
            "user_department": department,
            "user_is_active": is_active,
            "user_invite_status": (invite or 0) if is_active else 0,
            "user_roles": roles,
        }

    @rule(
        name=NAMES,
        active=st.sampled_from([None, 0, 1]),
        invite=st.sampled_from([None, 0, 1, 2, 3]),
        grants=st.none() | GRANTS,
        department=OPTIONAL,
        path=st.sampled_from(["/edituser", "/users/bulk?mode=edit"]),
    )
    def edit(
        self,
        name: str,
        active: int | None,
        invite: int | None,
        grants: list[tuple[int, int]] | None,
        department: str | None,
        path: str,
    ) -> None:
        email = f"{name}@example.com"
        body: dict[str, Any] = {"user_email": email.upper(), "user_department": department}
        body |= what_is_sent(active, invite, grants)
        status, data = self.both("POST", path, [body] if "bulk" in path else body)
        if email not in self.model:
            assert status == 404 or data["failed"] == 1
            return
        user = self.model[email]
        user["user_is_active"], user["user_invite_status"] = edited(user, active, invite)
        user["user_department"] = department
        if grants is not None:
            user["user_roles"] = sorted(set(grants))

    @rule(target=trash, name=NAMES)
    def throw_away(self, name: str) -> Any:
        email = f"{name}@example.com"
        if email not in self.model:
            return multiple()
        user_id = self.clients[0].user(email)["user_id"]
        assert self.both("DELETE", f"/users/{user_id}")[0] == 200
        self.trashed[email] = self.model.pop(email)
        return email, user_id

    @rule(thrown=consumes(trash), for_good=st.booleans())
    def restore_or_erase(self, thrown: tuple[str, int], for_good: bool) -> None:
        email, user_id = thrown
        user = self.trashed.pop(email)
        status, _ = self.both("POST", f"/users/{user_id}/{'erase' if for_good else 'restore'}")
        assert status == 200
        if not for_good:
            self.model[email] = user

    @rule()
    def index(self) -> None:
        for hub in self.hubs:
            hub.worker.round()

    @invariant()
    def the_list_is_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        _, data = self.both("GET", "/users?limit=100&s=example.com")
        found = {
            u["user_email"]: u for u in data["users"] if u["user_email"] != "owner@example.com"
        }
        assert set(found) == set(self.model)
        for email, expected in self.model.items():
            user = found[email]
            grants = [(g["role_id"], g["category_id"]) for g in user["user_roles"]]
            assert {k: user[k] for k in ("user_department", *WORKING)} | {
                "user_roles": grants
            } == expected
        assert self.both("GET", "/users?limit=1")[1]["totalItems"] == len(self.model) + 1
        pending = [
            u
            for u in self.model.values()
            if u["user_is_active"] and u["user_invite_status"] in (1, 2)
        ]
        assert self.both("GET", "/users?inviteStatus=pending")[1]["totalItems"] == len(pending)


@pytest.mark.parametrize("steps", [25])
def test_any_sequence_of_calls_leaves_both_databases_as_the_model_says(
    both: tuple[TestHub, TestHub], steps: int
) -> None:
    class Bound(Accounts):
        hubs = both

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=12,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
