"""The backup and the restore of docs/operate.md, followed as written while people write."""

import base64
import json
import os
import re
import subprocess
import threading
from pathlib import Path

import httpx
from tests.support.ideas import an_idea
from tests.support.processes import AUTOHUB, autohub, serving

OWNER = "olivia.owner@demo.example"
OPERATE = Path(__file__).parents[2] / "docs/operate.md"


def commands() -> list[list[str]]:
    """The blocks of commands under Backup, a list of lines each."""
    section = OPERATE.read_text().partition("## Backup\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"(?:^    .+\n)+", section, re.MULTILINE)
    return [[line.strip() for line in block.splitlines()] for block in blocks]


def run(folder: Path, lines: list[str]) -> list[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("AUTOHUB_")}
    env["PATH"] = f"{AUTOHUB.parent}:{env['PATH']}"
    said = []
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0 or line == "autohub doctor", (line, done.stderr)
        said.append(done.stdout)
    return said


def test_a_backup_that_is_made_while_people_write_is_restored_as_written(tmp_path: Path) -> None:
    backup, restore = commands()
    assert restore.pop() == "autohub serve"
    data = tmp_path / "data"
    autohub(tmp_path, "--data-dir", str(data), "demo", "--users", "3", "--ideas", "0")
    token = autohub(
        tmp_path, "--data-dir", str(data), "token", "create", "--name", "t", "--user", OWNER
    ).stdout.strip()
    headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
    with serving(tmp_path, AUTOHUB_DATA_DIR=str(data)) as server:
        with httpx.Client(
            base_url=f"{server.url}/api/v1/openapi", headers=headers, timeout=60
        ) as client:
            number = client.post("/automationidea", json=an_idea(owner=OWNER)).json()["data"][
                "process_id"
            ]
            file = {
                "file_name": "a.txt",
                "mimetype": "text/plain",
                "file_content": base64.b64encode(b"Kept").decode(),
            }
            body = {
                "document_title": "t",
                "document_description": "d",
                "document_type_id": 9,
                "file": file | {"file_encoding": "base64"},
            }
            file_id = client.post(f"/automations/{number}/documents", json=body).json()["data"][
                "file_id"
            ]
            stop, written = threading.Event(), threading.Semaphore(0)

            def write() -> None:
                step = 0
                with httpx.Client(
                    base_url=f"{server.url}/api/v1/openapi", headers=headers, timeout=60
                ) as mine:
                    while not stop.is_set():
                        step += 1
                        person = {
                            "user_email": f"p{step}@example.com",
                            "user_first_name": "P",
                            "user_last_name": "X",
                        }
                        assert mine.post("/adduser", json=person).status_code == 201
                        written.release()

            writer = threading.Thread(target=write)
            writer.start()
            assert written.acquire(timeout=60)
            said = run(tmp_path, backup)
            stop.set()
            writer.join()
        assert len(said) == 2 and (tmp_path / "backup.zip").exists()
    said = run(tmp_path, restore)
    assert "LOOK\n" not in said[-1] and (tmp_path / "data.old/autohub.db").exists()
    found = {
        f["check"]: f
        for f in json.loads(autohub(tmp_path, "--data-dir", str(data), "doctor", "--json").stdout)
    }
    assert all(
        found[check]["ok"] for check in ("database", "writing", "counts", "files", "privacy")
    ), found
    with (
        serving(tmp_path, AUTOHUB_DATA_DIR=str(data)) as server,
        httpx.Client(headers=headers, timeout=60) as client,
    ):
        assert client.get(f"{server.url}/api/v1/openapi/download/file/{file_id}").content == b"Kept"
        users = client.get(f"{server.url}/api/v1/openapi/users?s=p1@example.com").json()["data"][
            "users"
        ]
        assert [user["user_email"] for user in users] == ["p1@example.com"]
