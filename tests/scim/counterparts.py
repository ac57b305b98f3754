"""Programs that others wrote use the hub's SCIM: scim2-server's contract, and scim2-tester.

Run by `make counterparts`: it takes longer than the suite may.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_server.storage import SearchPage
from scim2_server.testing import ScimStorageContract
from scim2_tester import Status, check_server, filling
from scim2_tester.checkers import patch_add, patch_replace
from tests.scim.model import scim_token
from tests.support.hub import TestHub

from autohub.access.model import Caller
from autohub.kit.clock import now
from autohub.scim.resources import PROVIDER
from autohub.scim.storage import Storage

_numbers = count()


class Models(Storage):
    """What a search finds as models, which the contract compares; and an address for each of its
    people, without which nobody has an account."""

    def create(self, resource_type: Any, resource: Any) -> Any:
        if resource_type.name == "User" and not resource.emails:
            resource = resource.model_copy(deep=True)
            model = type(resource)
            filled = model.model_validate(
                {"userName": "a", "emails": [{"value": f"u{next(_numbers)}@example.com"}]}
            )
            resource.emails = filled.emails
        return super().create(resource_type, resource)

    def search(self, resource_types: Any, search_request: Any, *, position: Any = None) -> Any:
        page = super().search(resource_types, search_request, position=position)
        model: Any = PROVIDER.model_for(resource_types[0])
        return SearchPage(page.total, [model.model_validate(row) for row in page.resources])


class _Undone(Exception):
    """Rolls back what a test wrote, which is quicker than emptying the hub."""


class TestStorage(ScimStorageContract):
    supports_root_search = False

    @pytest.fixture
    def provider(self) -> Any:
        return PROVIDER

    @pytest.fixture(autouse=True)
    def tolerant(self) -> Iterator[None]:
        with PROVIDER:
            yield

    @pytest.fixture
    def storage(self, hub: TestHub) -> Iterator[Storage]:
        caller = Caller(kind="scim-token", token_id=1, door="scim")
        with suppress(_Undone), hub.database.writing() as db:
            yield Models(db, caller, settings=hub.settings, now=now(), base="http://hub.test")
            raise _Undone


class Wire(httpx2.BaseTransport):
    """A client's requests, handed to the hub."""

    def __init__(self, hub: TestHub) -> None:
        self.hub = hub

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.hub.request(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            dict(request.headers),
        )
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.raw)


def _generate(context: Any, path: Any, *args: Any, **more: Any) -> Any:
    """Random values, of which those that are addresses are an account's."""
    value = _random(context, path, *args, **more)
    if value is None:
        return None
    if str(path).endswith("userName") or (isinstance(value, str) and "@" in value):
        return f"u{next(_numbers)}@example.com"
    return True if str(path).endswith("primary") else value


_random = filling.generate_random_value
KEPT = ("'name'", "'active'", "'emails'")
"""What an account always has, so that nobody can remove it."""


def test_scim2_tester_finds_nothing(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (filling, patch_add, patch_replace):
        monkeypatch.setattr(module, "generate_random_value", _generate)
    headers = scim_token(hub).headers
    http = httpx2.Client(transport=Wire(hub), base_url="http://hub.test/scim/v2", headers=headers)
    client = SyncSCIMClient(http)
    client.discover()
    found = check_server(client)
    wrong = [
        (each.title, each.reason)
        for each in found
        if each.status in (Status.ERROR, Status.CRITICAL)
        and not (each.title == "check_remove_attribute" and str(each.reason).endswith(KEPT))
    ]
    assert len(found) > 50 and not wrong
