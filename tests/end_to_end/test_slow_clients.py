"""Clients that do not read and clients that do not send: nobody else notices, and they lose
their connection."""

import base64
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support import postgres
from tests.support.ideas import an_idea
from tests.support.processes import Server, autohub, serving

BASE = "/api/v1/openapi"
CLIENTS = 40
FILM = 12 * 1024 * 1024
OWNER = "olivia.owner@demo.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Server, dict[str, str]]]:
    more = {"AUTOHUB_CLIENT_TIMEOUT_SECONDS": "4"}
    if request.param == "postgresql":
        url = postgres.create_database(request.getfixturevalue("postgres_url"), "slow")
        more["AUTOHUB_DATABASE_URL"] = url
    autohub(tmp_path, "demo", "--users", "3", "--ideas", "0", **more)
    made = autohub(tmp_path, "token", "create", "--name", "t", "--user", OWNER, **more)
    headers = {
        "Authorization": f"Bearer {made.stdout.strip()}",
        "x-ah-openapi-auth": "openapi-token",
    }
    with serving(tmp_path, **more) as found:
        yield found, headers


def stalled(server: Server, path: str, headers: dict[str, str]) -> socket.socket:
    """A client that asks and then reads only the first line of the answer."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
    client.settimeout(60)
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


def stop_sending(server: Server, headers: dict[str, str]) -> bytes:
    """Begins a body, and waits for what the server says and for the end of the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {BASE}/adduser HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n{lines}\r\n{{"
        client.sendall(head.encode())
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer


def test_clients_that_do_not_read_keep_nobody_waiting_and_are_cut_off(
    server: tuple[Server, dict[str, str]],
) -> None:
    running, headers = server
    with httpx.Client(base_url=running.url, headers=headers, timeout=60) as http:
        number = http.post(f"{BASE}/automationidea", json=an_idea(owner=OWNER)).json()["data"][
            "process_id"
        ]
        film = {
            "file_name": "film.mp4",
            "mimetype": "video/mp4",
            "file_content": base64.b64encode(os.urandom(FILM)).decode(),
            "file_encoding": "base64",
        }
        made = http.post(f"{BASE}/automations/{number}/media", json={"file": film}).json()["data"]
        path = f"{BASE}/download/file/{made['file_id']}"
        clients = [stalled(running, path, headers) for _ in range(CLIENTS)]
        try:
            assert http.get("/readyz").status_code == 200
            assert http.get(f"{BASE}/automations").status_code == 200
            assert http.get("/sign-in").status_code == 200
            patched = http.post(f"{BASE}/automations/{number}/tags", json={"tags": ["x"]})
            assert patched.status_code == 201, patched.text
            whole = http.get(path).content
            assert len(whole) == FILM
            stop_sending(running, headers)  # waits as long as the others have not read by now
            for client in clients:
                received = 12
                while part := client.recv(1 << 20):
                    received += len(part)
                assert received < FILM
        finally:
            for client in clients:
                client.close()


def test_a_client_that_stops_sending_loses_its_connection(
    server: tuple[Server, dict[str, str]],
) -> None:
    answer = stop_sending(*server)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
