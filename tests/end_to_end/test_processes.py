"""Several server processes over one database, and people and requests at once."""

import json
import threading
from pathlib import Path

import httpx
import pytest
from tests.support import postgres
from tests.support.hub import a_user
from tests.support.processes import Server, autohub, serving


@pytest.fixture(params=["sqlite", "postgresql"])
def more(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment that names the database."""
    if request.param == "sqlite":
        return {}
    return {
        "AUTOHUB_DATABASE_URL": postgres.create_database(
            request.getfixturevalue("postgres_url"), "processes"
        )
    }


def headers(folder: Path, more: dict[str, str]) -> dict[str, str]:
    token = autohub(
        folder, "token", "create", "--name", "t", "--tenant-level", **more
    ).stdout.strip()
    return {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}


def test_two_processes_serve_one_database_and_no_write_is_lost(
    tmp_path: Path, more: dict[str, str]
) -> None:
    """SQLite: two workers of one server on one file. PostgreSQL: two servers besides."""
    servers = [Server(tmp_path, workers=2, **more)]
    if more:
        servers.append(Server(tmp_path, **more))
    try:
        sent = headers(tmp_path, more)
        statuses: list[int] = []

        def add(number: int) -> None:
            with httpx.Client(
                base_url=servers[number % len(servers)].url, headers=sent, timeout=30
            ) as client:
                for _ in range(10):
                    statuses.append(
                        client.post("/api/v1/openapi/adduser", json=a_user()).status_code
                    )
                body = "\n".join(json.dumps(a_user()) for _ in range(200))
                statuses.append(
                    client.post(
                        "/api/v1/openapi/users/bulk",
                        content=body,
                        headers={"Content-Type": "application/x-ndjson"},
                    ).status_code
                )

        threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses.count(201) == 40 and statuses.count(200) == 4
        for server in servers:
            answer = httpx.get(
                f"{server.url}/api/v1/openapi/users?limit=10000", headers=sent, timeout=30
            ).json()["data"]
            assert answer["totalItems"] == len(answer["users"]) == 840
    finally:
        for server in servers:
            server.stop()
    found = {
        f["check"]: f["ok"]
        for f in json.loads(autohub(tmp_path, "doctor", "--json", **more).stdout)
    }
    assert found["counts"]


def test_a_large_bulk_call_lets_others_write_and_read_meanwhile(
    tmp_path: Path, more: dict[str, str]
) -> None:
    with serving(tmp_path, **more) as server:
        sent = headers(tmp_path, more)
        body = "\n".join(json.dumps(a_user()) for _ in range(30_000))
        done: list[int] = []

        def bulk() -> None:
            answer = httpx.post(
                f"{server.url}/api/v1/openapi/users/bulk",
                content=body,
                headers=sent | {"Content-Type": "application/x-ndjson"},
                timeout=120,
            )
            done.append(answer.json()["data"]["created"])

        thread = threading.Thread(target=bulk)
        thread.start()
        meanwhile = []
        while thread.is_alive():
            meanwhile.append(
                httpx.post(
                    f"{server.url}/api/v1/openapi/adduser", json=a_user(), headers=sent, timeout=30
                ).status_code
            )
            meanwhile.append(
                httpx.get(
                    f"{server.url}/api/v1/openapi/users?limit=5", headers=sent, timeout=30
                ).status_code
            )
        thread.join()
        assert done == [30_000] and set(meanwhile) == {200, 201}


def test_a_body_beyond_the_limit_is_refused_over_the_wire(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        sent = headers(tmp_path, {})
        answer = httpx.post(
            f"{server.url}/api/v1/openapi/adduser",
            content=b" " * 10_000_000,
            headers=sent,
            timeout=30,
        )
        assert answer.status_code == 413 and answer.json()["statusCode"] == 413
        chunks = (b" " * 1_000_000 for _ in range(40))  # without a length to tell it by
        answer = httpx.post(
            f"{server.url}/api/v1/openapi/adduser", content=chunks, headers=sent, timeout=30
        )
        assert answer.status_code == 413
        assert httpx.get(f"{server.url}/healthz").status_code == 200
