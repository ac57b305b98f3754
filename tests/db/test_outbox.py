"""What happens later: one job at a time, none in the way of another, mails apart from the rest."""

import threading

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in
from tests.support.mail import Postbox, delivered

from autohub.db import outbox
from autohub.kit.clock import DAY
from autohub.kit.clock import now as clock
from autohub.server import mails
from autohub.server.worker import Worker


def states(hub: TestHub) -> list[tuple[str, str, int]]:
    with hub.database.reading() as db:
        return [
            tuple(row)
            for row in db.rows(
                sa.text("SELECT kind, state, attempts FROM outbox ORDER BY outbox_id")
            )
        ]


def invite(owner: Client, count: int) -> list[str]:
    return [
        owner.post("/adduser", a_user(user_invite_status=2)).data["user_email"]
        for _ in range(count)
    ]


def test_a_worker_holds_one_job_and_a_dead_one_loses_it(hub: TestHub, owner: Client) -> None:
    invite(owner, 2)
    now, kinds = clock(), [*mails.WRITERS]
    lease = hub.database.write
    first = lease(lambda db: outbox.lease(db, kinds=kinds, now=now))
    second = lease(lambda db: outbox.lease(db, kinds=kinds, now=now))
    assert first is not None and second is not None and first.outbox_id < second.outbox_id
    assert lease(lambda db: outbox.lease(db, kinds=kinds, now=now)) is None
    lease(lambda db: outbox.renew(db, second.outbox_id, now=now + outbox.LEASE))
    taken = lease(lambda db: outbox.lease(db, kinds=kinds, now=now + outbox.LEASE + 1))
    assert (
        taken == first
        and lease(lambda db: outbox.lease(db, kinds=kinds, now=now + outbox.LEASE + 1)) is None
    )


def test_a_job_that_cannot_be_done_counts_its_attempt_and_lets_the_others_pass(
    hub: TestHub, owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    people = invite(owner, 3)
    hub.database.write(
        lambda db: db.change(
            sa.text(
                "UPDATE outbox SET payload = '{}' WHERE outbox_id = (SELECT min(outbox_id) FROM "
                "outbox)"
            )
        )
    )
    assert {to for to, *_ in delivered(hub)} == {*people[1:]}
    assert [state[1:] for state in states(hub)] == [
        ("queued", 1),
        ("sent", 0),
        ("sent", 0),
    ] and "KeyError" in caplog.text
    hub.database.write(
        lambda db: db.change(
            sa.text("UPDATE outbox SET due_epoch = 0, attempts = 7 WHERE state = 'queued'")
        )
    )
    assert delivered(hub) == [] and states(hub)[0][1:] == ("failed", 8)


def test_notices_are_news_for_a_day_and_invitations_wait(hub: TestHub, owner: Client) -> None:
    hub.someone((6, 1), email="approver@example.com")
    people = invite(owner, 1)
    hand_in(owner, process_name="Old", category_id=3)
    hub.database.write(
        lambda db: db.change(
            sa.text("UPDATE outbox SET created_epoch = created_epoch - :d"), {"d": DAY + 1}
        )
    )
    hand_in(owner, process_name="New", category_id=3)
    hub.worker.round()  # without a mail server too
    notices = [(kind, state) for kind, state, _ in states(hub) if kind == "notice"]
    assert notices == [("notice", "cancelled"), ("notice", "queued")]
    sent = {(to, subject.split(": ")[-1]) for to, subject, _ in delivered(hub)}
    assert {to for to, _ in sent} == {*people, "approver@example.com"} and (
        "approver@example.com",
        "Old",
    ) not in sent


def test_a_mail_server_that_hangs_keeps_nothing_else_waiting(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, indexed, go = threading.Event(), threading.Event(), threading.Event()

    class Hanging(Postbox):
        def send(self, message: object) -> None:
            sending.set()
            assert go.wait(60)
            super().send(message)

    invite(owner, 3)
    worker = Worker(hub.database, hub.settings, hub.installation)
    box = Hanging()
    worker._mailer = box  # type: ignore[assignment]
    monkeypatch.setattr(worker, "_is_quiet", sending.is_set)
    monkeypatch.setattr(worker, "_index", indexed.set)
    worker.start()
    assert sending.wait(60) and indexed.wait(60)
    stopped = threading.Thread(target=worker.stop)
    stopped.start()
    go.set()
    stopped.join()
    assert len(box.mails) >= 1  # the one under way; a stop begins no other
