"""Assistants that speak the Model Context Protocol, through the client of the official SDK."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import hand_in

from autohub.agents.serving import UNTRUSTED, offered
from autohub.agents.tools import SHOWN

READING = ["find_ideas", "read_idea", "read_comments", "find_duplicates", "list_my_tasks"]


def ask(person: Client, work: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    """What an assistant with this person's token finds."""

    @asynccontextmanager
    async def session() -> Any:
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=person.hub.app.asgi),
            headers={"authorization": person.headers["Authorization"]},
        )
        async with (
            http,
            streamable_http_client("http://hub.test/mcp", http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as found,
        ):
            await found.initialize()
            yield found

    async def run() -> Any:
        async with session() as found:
            return await work(found)

    return asyncio.run(run())


def call(person: Client, tool: str, **arguments: Any) -> Any:
    """What a tool says: the data, or the refusal."""
    said = ask(person, lambda session: session.call_tool(tool, arguments))
    texts = [part.text for part in said.content]
    if said.is_error:
        return texts[0]
    assert texts[0] == UNTRUSTED
    return json.loads(texts[1])


@pytest.fixture
def writing(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.app.agents, "tools", offered("write"))


def test_only_reading_is_offered_unless_the_operator_allows_writing(owner: Client) -> None:
    found = ask(owner, lambda session: session.list_tools())
    assert [tool.name for tool in found.tools] == READING
    assert all(tool.annotations.read_only_hint for tool in found.tools)


def test_an_assistant_finds_and_reads_what_its_person_may_see_and_no_more(
    hub: TestHub, owner: Client
) -> None:
    mine = hand_in(owner, process_name="Check invoices", category_id=3)
    hub.person((6, 4), email="elsewhere@example.com")
    stranger = hub.token("elsewhere@example.com")
    assert [row["process_id"] for row in _ideas(owner, text="invoices")] == [mine]
    assert call(owner, "read_idea", idea=str(mine))["process_name"] == "Check invoices"
    assert call(owner, "read_comments", idea=str(mine))["comments"] == []
    assert call(owner, "find_duplicates", name="Checking invoices")[0]["process_id"] == mine
    assert _ideas(stranger, text="invoices") == []
    assert call(stranger, "read_idea", idea=str(mine)) == f"There is no idea {mine}."


def test_a_list_tells_as_few_fields_as_an_agent_needs_and_at_most_fifty_ideas(
    owner: Client,
) -> None:
    hand_in(owner)
    found = call(owner, "find_ideas", limit=5000)
    assert found["pageSize"] == 50
    assert {"process_name", "phase_name"} <= set(found["processes"][0]) < {*SHOWN.split(",")}


def test_tasks_are_those_of_the_page(owner: Client) -> None:
    waiting = hand_in(owner)
    (task,) = call(owner, "list_my_tasks")
    assert (task["task"], task["ideas"][0]["process_id"]) == ("review", waiting)
    assert owner.get("/tasks").data == [task]


@pytest.mark.usefixtures("writing")
def test_drafts_and_comments_are_written_in_the_persons_name_by_this_door(
    hub: TestHub, owner: Client
) -> None:
    process_id = hand_in(owner)
    draft = call(owner, "save_draft", name="Pay invoices", description="By hand today.")
    assert owner.get("/drafts").data["drafts"][0]["draft_id"] == draft["draft_id"]
    assert draft["process_name"] == "Pay invoices"
    said = call(owner, "add_comment", idea=str(process_id), text="How many a day?")
    assert said["comment_text"] == "How many a day?"
    logs = owner.get("/audit?limit=5").data["entries"]
    assert {"mcp"} == {entry["door"] for entry in logs if entry["action"] == "comment"}


def test_what_is_wrong_with_arguments_is_said_so_that_a_model_can_do_better(owner: Client) -> None:
    assert call(owner, "read_idea", number="7") == (
        "The arguments are not right. idea is required. number is not known; known are idea."
    )
    assert "must be a whole number." in call(owner, "find_ideas", limit="ten")
    answer = _post(
        owner,
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "add_comment", "arguments": {"idea": "1", "text": "x"}},
        },
    )
    assert json.loads(answer.raw)["error"]["message"] == "There is no tool add_comment."


def test_whoever_has_no_token_gets_401_whatever_they_ask(hub: TestHub) -> None:
    answer = hub.request("POST", "/mcp", b"{}", {})
    assert answer.status == 401 and "Bearer" in answer.headers["www-authenticate"]


def test_a_page_of_another_site_is_refused(owner: Client) -> None:
    answer = _post(owner, {}, origin="https://evil.example")
    assert answer.status == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, -32700),
        (b"[]", 400, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "prompts/list"}', 200, -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": 7}', 400, -32600),
    ],
)
def test_what_is_no_message_gets_an_error_of_the_protocol(
    owner: Client, body: bytes, status: int, code: int
) -> None:
    answer = _post(owner, body)
    assert (answer.status, json.loads(answer.raw)["error"]["code"]) == (status, code)


def test_a_notice_is_taken_without_an_answer(owner: Client) -> None:
    answer = _post(owner, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (answer.status, answer.raw) == (202, b"")


def _ideas(person: Client, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(person, "find_ideas", **arguments)["processes"]
    return found


def _post(person: Client, body: Any, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return person.hub.request("POST", "/mcp", content, person.headers | headers)
