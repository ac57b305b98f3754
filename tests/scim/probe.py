"""`make counterparts`: scim-sanity against a running hub, and a directory of 10,000 people in 200
groups that is sent twice: the second time nothing changes.

`python -m tests.scim.probe [PEOPLE] [GROUPS]` tries it with other numbers.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from tests.scim.model import GROUP, PATCH, a_person
from tests.support.processes import autohub, serving

PEOPLE, GROUPS = 10_000, 200


def run() -> int:
    people, groups = (int(n) for n in sys.argv[1:3]) if len(sys.argv) > 2 else (PEOPLE, GROUPS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = autohub(folder, "token", "create", "--name", "Directory", "--scim").stdout.strip()
        with serving(folder) as server:
            probe = [str(Path(sys.executable).parent / "scim-sanity"), "probe"]
            probe += [f"{server.url}/scim/v2", "--token", token, "--user-domain", "example.com"]
            wrong = subprocess.run([*probe, "--i-accept-side-effects"], check=False).returncode
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=f"{server.url}/scim/v2", headers=headers) as client:
                for turn in ("first", "second"):
                    started = time.perf_counter()
                    written = send(client, people, groups)
                    took = time.perf_counter() - started
                    print(f"{turn} run: {written} changes in {took:.0f} s")
            return wrong or written


def send(client: httpx.Client, people: int, groups: int) -> int:
    """One run of a directory, person by person and group by group; returns how many resources it
    changed."""
    written, ids = 0, []
    for number in range(people):
        email = f"p{number}@example.com"
        wanted = a_person(
            userName=email,
            externalId=f"x{number}",
            name={"givenName": f"First{number}", "familyName": "Last"},
            emails=[{"value": email, "type": "work", "primary": True}],
        )
        found = ask(client, "GET", f'/Users?filter=userName eq "{email}"')["Resources"]
        if found:
            after = ask(client, "PUT", f"/Users/{found[0]['id']}", wanted)
            written += after["meta"] != found[0]["meta"]
        else:
            after = ask(client, "POST", "/Users", wanted)
            written += 1
        ids.append(after["id"])
    for number in range(groups):
        lean = f'/Groups?excludedAttributes=members&filter=displayName eq "Group {number}"'
        found = ask(client, "GET", lean)["Resources"]
        group = found[0] if found else None
        if group is None:
            new = {"schemas": [GROUP], "displayName": f"Group {number}"}
            group = ask(client, "POST", "/Groups", new)
            written += 1
        members = [{"value": one} for one in ids[number::groups]]
        change = {"op": "replace", "path": "members", "value": members}
        body = {"schemas": [PATCH], "Operations": [change]}
        after = ask(client, "PATCH", f"/Groups/{group['id']}", body)
        written += after["meta"] != group["meta"]
    return written


def ask(client: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    answer = client.request(method, path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


if __name__ == "__main__":
    sys.exit(run())
