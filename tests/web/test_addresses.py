"""Which handler an address leads to, and what is said where there is none."""

from typing import Any

import pytest
from tests.support.hub import Client, TestHub

from autohub.web.addresses import Addresses, NoAddress, NoMethod
from autohub.web.asgi import Received
from autohub.web.streaming import Answer


@pytest.fixture
def addresses() -> Addresses:
    found = Addresses()
    for method, path in (
        ("GET", "/users"),
        ("GET", "/users/{user_id}"),
        ("PATCH", "/users/{user_id}"),
        ("GET", "/users/me"),
        ("GET", "/users/{user_id}/roles/{role_id}"),
        ("POST", "/groups/{group_id}"),
        ("GET", "/groups/own"),
        ("GET", "/static/{name:path}"),
    ):
        found.add(method, path, _handler(f"{method} {path}"))
    return found


def _handler(name: str) -> Any:
    async def handle(_: Received) -> Answer:
        return Answer(200, name.encode())

    handle.__name__ = name
    return handle


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/users", "GET /users", {}),
        ("GET", "/users/", "GET /users", {}),
        ("GET", "//users//7/", "GET /users/{user_id}", {"user_id": "7"}),
        ("GET", "/users/me", "GET /users/me", {}),
        ("PATCH", "/users/me", "PATCH /users/{user_id}", {"user_id": "me"}),
        (
            "GET",
            "/users/7/roles/3",
            "GET /users/{user_id}/roles/{role_id}",
            {"user_id": "7", "role_id": "3"},
        ),
        ("POST", "/groups/own", "POST /groups/{group_id}", {"group_id": "own"}),
        ("GET", "/static/css/hub.css", "GET /static/{name:path}", {"name": "css/hub.css"}),
    ],
)
def test_a_path_leads_to_its_route_and_a_written_part_comes_before_a_named_one(
    addresses: Addresses, method: str, path: str, route: str, parameters: dict[str, str]
) -> None:
    handler, found = addresses.find(method, path)
    assert (handler.__name__, dict(found)) == (route, parameters)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/", "/user", "/users/7/roles", "/users/7/roles/3/4", "/static"])
def test_nothing_is_found_at_other_paths(addresses: Addresses, path: str) -> None:
    with pytest.raises(NoAddress):
        addresses.find("GET", path)


def test_another_method_is_told_what_an_address_offers(addresses: Addresses) -> None:
    with pytest.raises(NoMethod) as caught:
        addresses.find("DELETE", "/users/me")
    assert caught.value.offered == "GET, HEAD, OPTIONS, PATCH"


def test_head_has_the_length_and_no_body_and_options_tells_the_methods(
    hub: TestHub, owner: Client
) -> None:
    path = "/api/v1/openapi/users"
    got, head = (hub.request(method, path, None, owner.headers) for method in ("GET", "HEAD"))
    assert (head.status, head.raw) == (200, b"")
    assert head.headers["content-length"] == str(len(got.raw))
    options = hub.request("OPTIONS", path, None, {})
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    wrong = hub.request("DELETE", path, None, owner.headers)
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_what_a_proxy_hides_is_found_at_one_address_alone(hub: TestHub) -> None:
    for path in ("/metrics", "/readyz", "/healthz"):
        assert hub.request("GET", path, None, {}).status == 200
        for other in (f"{path}/", f"{path}//", f"{path}%2F"):
            assert hub.request("GET", other, None, {}).status == 404, other
        assert hub.request("POST", path, None, {}).status == 405
