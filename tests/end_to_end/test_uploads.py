"""Large documents through a real server: in and out with bounded memory, the same bytes, and
nothing half-written after a kill."""

import base64
import hashlib
import json
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support import postgres
from tests.support.ideas import an_idea
from tests.support.processes import Acknowledged, Server, autohub, free_port

MEGABYTES = 120
ALLOWED = 64 * 1024 * 1024


def resident(server: Server, what: str) -> int:
    """The largest resident memory of the server's processes, in bytes: now (VmRSS) or ever
    (VmHWM)."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            text = path.read_text()
            if os.getpgid(int(path.parent.name)) == server.process.pid:
                found = max(found, int(text.split(f"{what}:")[1].split()[0]) * 1024)
        except (OSError, ProcessLookupError, IndexError):
            continue
    return found


def a_body(size: int) -> Iterator[bytes]:
    """A document of `size` megabytes, made while it is sent."""
    yield (
        b'{"document_title": "Large", "document_description": "x", "document_type_id": 9, "file": '
        b'{"file_name": "a.bin",'
    )
    yield b' "mimetype": "application/octet-stream", "file_encoding": "base64", "file_content": "'
    for number in range(size):
        yield base64.b64encode(random.Random(number).randbytes(3 * 2**18))
    yield b'"}}'


def test_a_large_document_arrives_and_leaves_within_64_mb(tmp_path: Path) -> None:
    autohub(tmp_path, "demo", "--users", "3", "--ideas", "0")
    token = autohub(
        tmp_path, "token", "create", "--name", "t", "--user", "olivia.owner@demo.example"
    ).stdout.strip()
    headers = {
        "Authorization": f"Bearer {token}",
        "x-ah-openapi-auth": "openapi-token",
        "Content-Type": "application/json",
    }
    server = Server(tmp_path)
    try:
        with httpx.Client(
            base_url=f"{server.url}/api/v1/openapi", headers=headers, timeout=120
        ) as client:
            number = client.post(
                "/automationidea", json=an_idea(owner="olivia.owner@demo.example")
            ).json()["data"]["process_id"]
            client.post(f"/automations/{number}/documents", content=b"".join(a_body(1)))  # warm
            idle = resident(server, "VmRSS")
            answer = client.post(f"/automations/{number}/documents", content=a_body(MEGABYTES))
            assert answer.status_code == 201, answer.text
            wanted, size = hashlib.sha256(), 0
            for part in range(MEGABYTES):
                wanted.update(random.Random(part).randbytes(3 * 2**18))
            got = hashlib.sha256()
            with client.stream(
                "GET", f"/download/file/{answer.json()['data']['file_id']}"
            ) as download:
                for piece in download.iter_raw():
                    got.update(piece)
                    size += len(piece)
            assert size == MEGABYTES * 3 * 2**18 and got.digest() == wanted.digest()
            grown = resident(server, "VmHWM") - idle
            assert grown <= ALLOWED, f"{grown / 2**20:.0f} MB"
            too_large = client.post(f"/automations/{number}/documents", content=a_body(320))
            assert too_large.status_code == 413 and resident(server, "VmHWM") - idle <= ALLOWED
        assert not list((tmp_path / "spool").glob("spool-*"))
    finally:
        server.stop()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_acknowledged_import_or_document_is_lost_and_none_is_half(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--crash-rounds")
    more = {}
    if database == "postgresql":
        more["AUTOHUB_DATABASE_URL"] = postgres.create_database(
            request.getfixturevalue("postgres_url"), "crash_ideas"
        )
    autohub(tmp_path, "demo", "--users", "3", "--ideas", "0", **more)
    token = autohub(
        tmp_path, "token", "create", "--name", "t", "--user", "olivia.owner@demo.example", **more
    ).stdout.strip()
    sent = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
    chance, port = random.Random(rounds), free_port()
    batches: set[int] = set()
    documents: dict[int, bytes] = {}
    counter = iter(range(1_000_000))
    idea = [0]
    moves = iter(range(1_000_000))
    moved: list[int] = []
    under_way: list[int] = []  # what was sent and not acknowledged; sent again by the next round
    acknowledged = Acknowledged()

    def imports(url: str, stop: threading.Event) -> None:
        with httpx.Client(
            base_url=f"{url}/api/v1/openapi",
            headers=sent | {"Content-Type": "application/x-ndjson"},
            timeout=10,
        ) as client:
            while not stop.is_set():
                batch = next(counter)
                rows = (
                    {
                        "Name": f"b{batch} i{i}",
                        "Description": "x",
                        "Category": "Finance",
                        "Tags": f"batch {batch}",
                    }
                    for i in range(60)
                )
                try:
                    answer = client.post(
                        "/automations/import?atomic=true", content="\n".join(map(json.dumps, rows))
                    )
                    if answer.status_code == 200:
                        batches.add(batch)
                        acknowledged.note("batch")
                except httpx.TransportError:
                    return

    def uploads(url: str, stop: threading.Event) -> None:
        with httpx.Client(base_url=f"{url}/api/v1/openapi", headers=sent, timeout=10) as client:
            while not stop.is_set():
                content = random.Random(next(counter)).randbytes(200_000)
                file = {
                    "file_name": "a.bin",
                    "mimetype": "application/octet-stream",
                    "file_encoding": "base64",
                }
                body = {"document_title": "t", "document_description": "d", "document_type_id": 9}
                try:
                    whole = body | {
                        "file": file | {"file_content": base64.b64encode(content).decode()}
                    }
                    answer = client.post(f"/automations/{idea[0]}/documents", json=whole)
                    if answer.status_code == 201:
                        documents[answer.json()["data"]["file_id"]] = content
                        acknowledged.note("document")
                except httpx.TransportError:
                    return

    def move(url: str, stop: threading.Event) -> None:
        """To and fro, each move under a key of its own."""
        with httpx.Client(base_url=f"{url}/api/v1/openapi", headers=sent, timeout=10) as client:
            while not stop.is_set():
                if not under_way:
                    under_way.append(next(moves))
                step = under_way[0]
                body = {"process_id": idea[0], "phase_status_id": 52 + step % 2}
                key = {"Idempotency-Key": f"move {step}"}
                try:
                    answer = client.post("/automations/status", json=body, headers=key)
                    if answer.status_code == 201:
                        moved.append(under_way.pop())
                        acknowledged.note("move")
                except httpx.TransportError:
                    return

    for number in range(rounds):
        server = Server(tmp_path, port=port, **more)
        if not idea[0]:
            made = httpx.post(
                f"{server.url}/api/v1/openapi/automationidea",
                headers=sent,
                json=an_idea(owner="olivia.owner@demo.example"),
            )
            idea[0] = made.json()["data"]["process_id"]
        stop = threading.Event()
        threads = [
            threading.Thread(target=work, args=(server.url, stop))
            for work in (imports, uploads, move)
        ]
        for thread in threads:
            thread.start()
        first = [] if number else ["batch", "document", "move"]
        acknowledged.wait(*first, more=chance.randrange(1, 20))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    server = Server(tmp_path, port=port, **more)
    try:
        with httpx.Client(
            base_url=f"{server.url}/api/v1/openapi", headers=sent, timeout=60
        ) as client:
            sizes: dict[str, int] = {}
            for record in client.get("/automations?limit=100000").json()["data"]["processes"]:
                for tag in record["tags"]:
                    sizes[tag] = sizes.get(tag, 0) + 1
            assert (
                batches
                and set(sizes.values()) == {60}
                and {f"batch {b}" for b in batches} <= set(sizes)
            )
            history = client.get(f"/automations/{idea[0]}/history").json()["data"]
            made = [entry for entry in history if entry["to_status_id"] in (52, 53)]
            assert len(moved) <= len(made) <= len(moved) + len(under_way)  # each of them once
            listed = client.get(f"/automations/{idea[0]}/documents?limit=100000").json()["data"][
                "documents"
            ]
            assert documents and set(documents) <= {d["file_id"] for d in listed}
            for document in listed:  # also those whose answer was lost have their bytes
                content = client.get(f"/download/file/{document['file_id']}").content
                assert (
                    content == documents.get(document["file_id"], content)
                    and len(content) == 200_000
                )
    finally:
        server.stop()
