"""`autohub move-in` between two installations, as an operator runs it."""

import csv
import re
from pathlib import Path

import pytest
from tests.support.processes import autohub, free_port, serving

OWNER = "olivia.owner@demo.example"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    assert autohub(folder, "demo", "--users", "6", "--ideas", "3").returncode == 0
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def _token(folder: Path, *arguments: str) -> str:
    told = autohub(folder, "token", "create", "--name", "move", *arguments).stdout
    found = re.search(r"[0-9a-f-]{36}/[0-9a-f-]{36}", told)
    assert found, told
    return found[0]


def test_one_installation_moves_into_another(there: Path, here: Path) -> None:
    token = _token(there, "--user", OWNER)
    with serving(there) as server:
        arguments = ("move-in", "--from", server.url, "--report", "moved.csv")
        first = autohub(here, *arguments, MOVE_IN_TOKEN=token)
        again = autohub(here, *arguments, MOVE_IN_TOKEN=token)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert "idea: 3 created" in first.stdout and "user: 6 created" in first.stdout
    assert "idea: 3 unchanged" in again.stdout and "created" not in again.stdout
    rows = list(csv.DictReader((here / "moved.csv").read_text("utf-8-sig").splitlines()))
    assert [row["kind"] for row in rows] in ([], ["vote"])
    for told in (first.stdout, first.stderr):
        assert token not in told


def test_what_is_wrong_is_said_in_a_sentence(there: Path, here: Path) -> None:
    tenant_level = _token(there, "--tenant-level")
    with serving(there) as server:
        refused = autohub(here, "move-in", "--from", server.url, "--token", "a/b")
        blind = autohub(here, "move-in", "--from", server.url, "--token", tenant_level)
    gone = autohub(here, "move-in", "--from", f"http://127.0.0.1:{free_port()}", "--token", "a/b")
    assert "refuses the token" in refused.stderr
    assert "a tenant-level token is not enough" in blind.stderr
    assert "cannot be reached" in gone.stderr
    for ended in (refused, blind, gone):
        assert ended.returncode != 0 and "Traceback" not in ended.stderr
