"""What is done with goes after its time, and nothing else does."""

import sqlalchemy as sa
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

from autohub.imports import store as imports
from autohub.kit.clock import DAY
from autohub.server import retention
from autohub.user_imports import store as syncs


def test_files_of_imports_go_with_their_reports_unless_they_are_under_way(
    hub: TestHub, owner: Client
) -> None:
    facts = {"user_id": owner.user_id, "file_name": "a.csv", "blob_key": "x"}
    facts |= {"created_epoch": 1, "updated_epoch": 1}
    for state in ("queued", "running", "stopping", "done", "failed"):
        for insert, more in (
            (syncs.insert_import, {"headings": "[]"}),
            (imports.insert_run, {"mapping": "{}"}),
        ):
            values = facts | more | {"state": state}
            hub.database.write(lambda db, i=insert, v=values: i(db, v))  # type: ignore[misc]
    age = hub.settings.keep_days * DAY
    retention.sweep(hub.database, hub.settings, now=age + 2, goes_on=lambda: True)
    for name in ("user_sync", "import_run"):
        with hub.database.reading() as db:
            left = db.scalars(sa.text(f"SELECT state FROM {name}"))
        assert {*left} == {"queued", "running", "stopping"}


def counts(hub: TestHub) -> dict[str, int]:
    tables = ("outbox", "session", "notification")
    with hub.database.reading() as db:
        return {name: db.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in tables}


def run(hub: TestHub, sql: str) -> None:
    hub.database.write(lambda db: db.change(sa.text(sql)))


def test_what_is_done_with_goes_after_its_days_in_parts(
    hub: TestHub, owner: Client, monkeypatch: object
) -> None:
    approver = hub.someone((6, 1), email="approver@example.com")
    for number in range(5):
        hand_in(owner, process_name=f"Idea {number}", category_id=3)
    for ended, expires in ((100, 10**13), ("NULL", 200), ("NULL", 10**13)):
        run(
            hub,
            "INSERT INTO session (user_id, door, credential_generation, created_epoch, "
            f"expires_epoch, ended_epoch) VALUES ({approver.user_id}, 'password', 0, 1, "
            f"{expires}, {ended})",
        )
    before = counts(hub)
    assert before["outbox"] == 10 and before["notification"] == 5 and before["session"] == 3
    settings, age = hub.settings, hub.settings.keep_days * DAY

    def sweep(now: int) -> dict[str, int]:
        retention.sweep(hub.database, settings, now=now, goes_on=lambda: True)
        return counts(hub)

    assert sweep(age) == before
    run(hub, "UPDATE outbox SET done_epoch = 300 WHERE done_epoch IS NOT NULL")
    run(hub, "UPDATE notification SET created_epoch = 400")
    monkeypatch.setattr(retention, "AT_ONCE", 2)  # type: ignore[attr-defined]
    after = sweep(age + 250)
    assert after == before | {"session": 1}
    after = sweep(age + 350)  # mails that wait stay, however old they are
    assert after["outbox"] == 5 and after["notification"] == 5
    assert sweep(age + 450)["notification"] == 0
