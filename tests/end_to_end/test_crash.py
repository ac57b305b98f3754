"""SIGKILL in the middle of single and bulk writes: every acknowledged change is there, and no
half batch."""

import json
import random
import threading
from pathlib import Path

import httpx
import pytest
from tests.support import postgres
from tests.support.processes import Acknowledged, Server, autohub, free_port

BATCH = 400


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_acknowledged_change_is_lost_and_no_batch_is_half(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--crash-rounds")
    more = {}
    if database == "postgresql":
        more["AUTOHUB_DATABASE_URL"] = postgres.create_database(
            request.getfixturevalue("postgres_url"), "crash"
        )
    chance, port = random.Random(rounds), free_port()
    token = autohub(
        tmp_path, "token", "create", "--name", "t", "--tenant-level", **more
    ).stdout.strip()
    sent = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
    singles: dict[str, str] = {}  # e-mail -> the location that was acknowledged
    batches: set[int] = set()
    started: list[int] = []
    acknowledged = Acknowledged()
    for number in range(rounds):
        server = Server(tmp_path, port=port, **more)
        stop = threading.Event()

        def write_singles(
            number: int = number, url: str = server.url, stop: threading.Event = stop
        ) -> None:
            step = 0
            with httpx.Client(base_url=f"{url}/api/v1/openapi", headers=sent, timeout=10) as client:
                while not stop.is_set():
                    step += 1
                    email = f"single{number}.{step}@example.com"
                    try:
                        if (
                            client.post(
                                "/adduser",
                                json={
                                    "user_email": email,
                                    "user_first_name": "S",
                                    "user_last_name": "X",
                                },
                            ).status_code
                            == 201
                        ):
                            singles[email] = ""
                        if (
                            client.post(
                                "/edituser", json={"user_email": email, "user_location": f"L{step}"}
                            ).status_code
                            == 201
                        ):
                            singles[email] = f"L{step}"
                            acknowledged.note("single")
                    except httpx.TransportError:
                        return

        def write_batches(
            number: int = number, url: str = server.url, stop: threading.Event = stop
        ) -> None:
            with httpx.Client(
                base_url=f"{url}/api/v1/openapi",
                headers=sent | {"Content-Type": "application/x-ndjson"},
                timeout=10,
            ) as client:
                while not stop.is_set():
                    batch = len(started)
                    started.append(batch)
                    rows = (
                        {
                            "user_email": f"b{batch}.{i}@example.com",
                            "user_first_name": "B",
                            "user_last_name": "Y",
                            "user_department": f"batch {batch}",
                            "user_invite_status": 2,
                        }
                        for i in range(BATCH)
                    )
                    try:
                        answer = client.post(
                            "/users/bulk?atomic=true", content="\n".join(map(json.dumps, rows))
                        )
                        if answer.status_code == 200:
                            batches.add(batch)
                            acknowledged.note("batch")
                    except httpx.TransportError:
                        return

        threads = [threading.Thread(target=write_singles), threading.Thread(target=write_batches)]
        for thread in threads:
            thread.start()
        acknowledged.wait(*([] if number else ["single", "batch"]), more=chance.randrange(1, 20))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    _check(tmp_path, more, singles, batches)
    if request.config.getoption("capture") == "no":
        told = (
            f"{len(singles)} single and {len(batches)} of {len(started)} bulk writes acknowledged,"
            " none lost, none half"
        )
        print(f"\n{database}: {rounds} kills, {told}")


def _check(folder: Path, more: dict[str, str], singles: dict[str, str], batches: set[int]) -> None:
    users = json.loads(
        autohub(folder, "users", "list", "--json", "--limit", "10000000", **more).stdout
    )
    locations = {u["user_email"]: u["user_location"] or "" for u in users}
    sizes: dict[str, int] = {}
    for user in users:
        if (user["user_department"] or "").startswith("batch"):
            sizes[user["user_department"]] = sizes.get(user["user_department"], 0) + 1
    assert singles and batches
    for email, location in singles.items():
        assert email in locations and (not location or locations[email] == location), email
    assert set(sizes.values()) <= {BATCH} and {f"batch {b}" for b in batches} <= set(sizes)
    findings = {
        f["check"]: f for f in json.loads(autohub(folder, "doctor", "--json", **more).stdout)
    }
    assert findings["counts"]["ok"]
    assert findings["outbox"]["finding"].startswith(
        f"{BATCH * len(sizes)} wait"
    )  # each invitation came with its account
