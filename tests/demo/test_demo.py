"""The sample organisation, as an operator makes it."""

import json
import re
from pathlib import Path

from tests.support.processes import autohub


def test_the_demo_is_the_same_for_the_same_seed_and_leaves_a_hub_with_people_alone(
    tmp_path: Path,
) -> None:
    lists = []
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        (tmp_path / name).mkdir()
        autohub(tmp_path / name, "demo", "--users", "60", "--seed", seed)
        lists.append(
            json.loads(autohub(tmp_path / name, "users", "list", "--json", "--limit", "100").stdout)
        )
        autohub(tmp_path / name, "ideas", "export", str(tmp_path / f"{name}.csv"))
    assert lists[0] == lists[1] != lists[2] and len(lists[0]) == 60
    ideas = [(tmp_path / f"{name}.csv").read_text("utf-8-sig") for name in "abc"]
    assert ideas[0] == ideas[1] != ideas[2] and all(
        f"{phase}_" in ideas[0] for phase in ("IDEA", "ASSESSMENT", "LIVE")
    )
    assert {(u["user_is_active"], u["user_invite_status"]) for u in lists[0]} == {
        (1, 3),
        (1, 2),
        (1, 1),
        (1, 0),
        (0, 0),
    }
    assert "nothing was changed" in autohub(tmp_path / "a", "demo").stderr


def test_a_demo_has_another_password_on_every_machine(tmp_path: Path) -> None:
    passwords = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        done = autohub(tmp_path / name, "demo", "--users", "5", "--ideas", "0")
        passwords.add(re.search(r"password: (\S+)", done.stdout + done.stderr)[1])
    assert len(passwords) == 2
