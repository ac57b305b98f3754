"""What is done with goes after its time, and nothing else does."""

import sqlalchemy as sa
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in

from autohub.kit.clock import DAY
from autohub.server import retention


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
