"""`make newman`: Postman's own command line runs the collection's runner requests against a hub,
with quotes, accents, line ends and empty cells in the table."""

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx
from tests.support.processes import autohub, serving

ROWS = (
    {"user_email": "zoe@example.com", "user_first_name": 'Zoë "Zo"', "user_last_name": "O'Neil"},
    {"user_email": "li@example.com", "user_first_name": "李", "user_last_name": "back\\slash"},
    {"user_email": "two@example.com", "user_first_name": "Two Names", "user_last_name": "{{x}}"},
)


def run() -> int:
    newman = shutil.which("newman")
    command = [newman] if newman else ["npx", "--yes", "newman@6"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = autohub(folder, "token", "create", "--name", "Postman", "--tenant-level")
        token = made.stdout.strip()
        table = folder / "people.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            columns = [*ROWS[0], "user_job_title", "user_invite_status", "user_roles"]
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows({**row, "user_roles": "8:0"} for row in ROWS)
        with serving(folder) as server:
            collection = folder / "collection.json"
            collection.write_bytes(httpx.get(f"{server.url}/api/v1/api-doc/postman.json").content)
            for request in ("Add User", "Edit User"):
                done = subprocess.run(
                    [
                        *command,
                        "run",
                        str(collection),
                        *("--folder", request, "--iteration-data", str(table)),
                        *("--env-var", f"token={token}", "--env-var", f"base_url={server.url}"),
                    ],
                    check=False,
                )
                if done.returncode:
                    return done.returncode
            headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
            asked = f"{server.url}/api/v1/openapi/users?limit=100"
            users = httpx.get(asked, headers=headers).json()["data"]["users"]
    found = {each["user_email"]: each for each in users}
    for row in ROWS:
        for name, value in row.items():
            assert found[row["user_email"]][name] == value, (name, value)
    print(f"{len(ROWS)} people came through Postman as they were written")
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
