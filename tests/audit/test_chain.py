"""The audit's chain: what was sealed and is changed, removed or slipped in is found."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in
from tests.support.processes import autohub

from autohub.audit import chain, chain_store
from autohub.kit.clock import DAY

NOW = 1_800_000_000_000


def seal_all(hub: TestHub, *, now: int = NOW) -> None:
    while chain.seal_entries(hub.database, now=now):
        pass


def verdict(hub: TestHub, *, deleted_before: int | None = None) -> chain.Verdict:
    with hub.database.reading() as db:
        return chain.verify_chain(db, deleted_before=deleted_before)


def run(hub: TestHub, sql: str) -> None:
    hub.database.write(lambda db: db.change(sa.text(sql)))


@pytest.fixture
def sealed(hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch) -> TestHub:
    """Ten seals over what was done, and one entry that is not sealed yet."""
    monkeypatch.setattr(chain_store, "AT_ONCE", 5)
    monkeypatch.setattr(chain, "AT_ONCE", 5)
    for number in range(40):
        hand_in(owner, process_name=f"Idea {number}")
    seal_all(hub)
    hand_in(owner, process_name="Not sealed yet")
    return hub


def test_what_nobody_touched_is_as_it_was_sealed(sealed: TestHub) -> None:
    found = verdict(sealed)
    assert not found.broken and found.unsealed == 1
    assert found.seals >= 8 and found.entries >= 40
    before = found.head
    seal_all(sealed)
    after = verdict(sealed)
    assert after.unsealed == 0 and not after.broken and after.head != before
    assert before in after.heads


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET actor_user_id = 99 WHERE audit_id = (SELECT max(audit_id) - 12 "
        "FROM audit)",
        "UPDATE audit SET at_epoch = at_epoch - 1 WHERE audit_id = (SELECT max(audit_id) - 12 "
        "FROM audit)",
        "DELETE FROM audit WHERE audit_id = (SELECT max(audit_id) - 12 FROM audit)",
        "UPDATE audit_seal SET entries = entries + 1 WHERE last_audit_id = "
        "(SELECT min(last_audit_id) FROM audit_seal)",
        "DELETE FROM audit_seal WHERE last_audit_id = (SELECT min(last_audit_id) FROM audit_seal)",
        "UPDATE audit_seal SET is_pruned = 1 WHERE last_audit_id = "
        "(SELECT min(last_audit_id) FROM audit_seal)",
    ],
)
def test_what_was_changed_is_found_and_where(sealed: TestHub, sql: str) -> None:
    run(sealed, sql)
    broken = verdict(sealed).broken
    assert broken
    first, last = broken[0]
    assert last - first < 11, broken


def test_a_chain_that_was_made_anew_lacks_the_head_that_the_log_named(sealed: TestHub) -> None:
    head = verdict(sealed).head
    run(sealed, "UPDATE audit SET action = 'nothing' WHERE audit_id = 3")
    run(sealed, "DELETE FROM audit_seal")
    seal_all(sealed)
    found = verdict(sealed)
    assert not found.broken and head not in found.heads


def test_two_workers_make_one_chain(hub: TestHub, owner: Client) -> None:
    for number in range(30):
        hand_in(owner, process_name=f"Idea {number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: seal_all(hub), range(4)))
    found = verdict(hub)
    assert not found.broken and found.unsealed == 0


def test_a_writer_who_is_not_done_keeps_the_seal_waiting(both: tuple[TestHub, TestHub]) -> None:
    hub = both[1]
    hub.someone((1, 0))
    seal_all(hub)
    with hub.database.writing() as db:
        db.driver_change(
            "INSERT INTO audit (at_epoch, door, action, object_type) VALUES (1, 'api', 'x', 'y')",
            (),
        )
        assert chain.seal_entries(hub.database, now=NOW) is None
    assert chain.seal_entries(hub.database, now=NOW) is not None
    assert not verdict(hub).broken


def test_what_is_kept_for_its_days_leaves_a_chain_that_holds(sealed: TestHub) -> None:
    before = verdict(sealed)
    assert chain.prune(sealed.database, before=NOW) == 0
    assert chain.prune(sealed.database, before=NOW + DAY) == before.entries
    assert chain.prune(sealed.database, before=NOW + DAY) == 0
    after = verdict(sealed, deleted_before=NOW + DAY)
    assert (after.entries, after.broken, after.head) == (0, [], before.head)
    assert after.deleted_to > 40
    assert verdict(sealed).broken  # where nothing is ever deleted
    assert verdict(sealed, deleted_before=NOW).broken  # and before its days were over
    run(
        sealed,
        "INSERT INTO audit (audit_id, at_epoch, door, action, object_type) "
        "VALUES (2, 1, 'api', 'slipped in', 'idea')",
    )
    assert verdict(sealed, deleted_before=NOW + DAY).broken


def test_a_seal_in_the_middle_is_not_said_to_be_old(sealed: TestHub) -> None:
    with sealed.database.reading() as db:
        seals = list(chain_store.list_seals(db))
    first, last = seals[2].last_audit_id, seals[3].last_audit_id
    run(sealed, f"UPDATE audit_seal SET is_pruned = 1 WHERE last_audit_id = {last}")
    run(sealed, f"DELETE FROM audit WHERE audit_id > {first} AND audit_id <= {last}")
    assert verdict(sealed, deleted_before=NOW + DAY).broken == [(first + 1, last)]


def test_that_a_seal_is_older_than_it_was_breaks_the_next_one(sealed: TestHub) -> None:
    run(sealed, "UPDATE audit_seal SET sealed_epoch = 1")
    assert verdict(sealed).broken


def test_nothing_slips_in_before_the_first_entry(sealed: TestHub) -> None:
    for number in (0, -7):
        run(
            sealed,
            "INSERT INTO audit (audit_id, at_epoch, door, action, object_type) "
            f"VALUES ({number}, 1, 'api', 'slipped in', 'idea')",
        )
    assert verdict(sealed).broken


def test_which_rights_a_person_had_is_told_after_they_were_erased(
    hub: TestHub, owner: Client
) -> None:
    made = owner.post("/adduser", a_user(user_email="gone@example.com")).data
    body = {"user_email": "gone@example.com", "user_roles": [{"role_id": 2, "category_id": 0}]}
    assert owner.post("/edituser", body).status == 201
    path = f"/users/{made['user_id']}"
    assert owner.delete(path).status == 200
    assert owner.post(f"{path}/erase").status == 200
    entries = owner.get(f"/audit?object_type=user&object_id={made['user_id']}").data["entries"]
    edited = next(one for one in entries if one["action"] == "edit user")
    assert edited["after"] == {"user_roles": [{"role_id": 2, "category_id": 0}]}
    with hub.database.reading() as db:
        assert b"gone@example.com" not in repr(db.rows(sa.text("SELECT * FROM audit"))).encode()


def test_the_command_verifies_and_exports(tmp_path: Path) -> None:
    autohub(tmp_path, "demo", "--users", "5", "--ideas", "5")
    from autohub.db.engine import Database

    database = Database(f"sqlite:///{tmp_path / 'autohub.db'}")
    while chain.seal_entries(database, now=NOW):
        pass
    done = autohub(tmp_path, "audit", "verify", "--json")
    assert done.returncode == 0 and "as they were sealed" in done.stderr
    head = json.loads(done.stdout)["head"]
    assert autohub(tmp_path, "audit", "verify", "--head", head).returncode == 0
    assert autohub(tmp_path, "audit", "verify", "--head", f"{head[:12]}…").returncode == 0
    assert autohub(tmp_path, "audit", "verify", "--head", "00" * 32).returncode == 1
    for nonsense in ("", "35d9", "not a seal"):
        assert autohub(tmp_path, "audit", "verify", "--head", nonsense).returncode == 2
    assert autohub(tmp_path, "audit", "export", "audit.ndjson").returncode == 0
    lines = (tmp_path / "audit.ndjson").read_text().splitlines()
    assert len(lines) == json.loads(done.stdout)["entries"]
    before = (tmp_path / "autohub.db").stat().st_size
    again = autohub(tmp_path, "audit", "export", "autohub.db")
    assert again.returncode == 2 and "is there already" in again.stderr
    assert (tmp_path / "autohub.db").stat().st_size == before
    database.write(lambda db: db.change(sa.text("UPDATE audit SET door = 'cli2'")))
    broken = autohub(tmp_path, "audit", "verify")
    assert broken.returncode == 1 and "not what was sealed" in broken.stderr
    database.close()
