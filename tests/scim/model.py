"""A client that speaks SCIM, and what it sends."""

from typing import Any

from tests.support.hub import Answer, Client, TestHub

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER, GROUP = (f"urn:ietf:params:scim:schemas:core:2.0:{kind}" for kind in ("User", "Group"))
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """A client that speaks SCIM."""

    def __init__(self, hub: TestHub, headers: dict[str, str]) -> None:
        self.hub, self.headers = hub, headers

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        client = Client(self.hub, self.headers | {"Content-Type": "application/scim+json"})
        return client.call(method, f"/automationhub_/scim/v2{path}", body, headers=headers)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def add(self, **facts: Any) -> dict[str, Any]:
        answer = self.call("POST", "/Users", a_person(**facts))
        assert answer.status == 201, answer
        return dict(answer.json)

    def patch(self, path: str, *operations: dict[str, Any]) -> Answer:
        return self.call("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


def a_person(**facts: Any) -> dict[str, Any]:
    person = {
        "schemas": [USER],
        "userName": "ada@example.com",
        "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": True}],
        "active": True,
    }
    return person | facts


def scim_token(hub: TestHub) -> Directory:
    client = hub.token(None, token_kind="scim")
    return Directory(hub, {"Authorization": client.headers["Authorization"]})
