"""What happens later: one job at a time, none in the way of another, mails apart from the rest."""

import socket
import threading
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in
from tests.support.mail import Postbox, delivered
from tests.support.outbound import make_mailer
from tests.support.processes import free_port

from autohub.db import outbox
from autohub.integrations import mail
from autohub.kit.clock import DAY
from autohub.kit.clock import now as clock
from autohub.server import jobs, mails
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
    lease(lambda db: outbox.renew(db, [second.outbox_id], now=now + outbox.LEASE))
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


def test_a_job_under_way_keeps_its_lease_however_long_it_takes(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(owner, 1)
    kinds = [*mails.WRITERS]

    def take_long(job: outbox.Job) -> None:
        later = clock() + outbox.LEASE - 1
        monkeypatch.setattr(jobs, "clock", lambda: later)
        hub.worker._jobs.keep_leases()
        with hub.database.reading() as db:
            assert not outbox.is_due(db, kinds=kinds, now=later + outbox.LEASE - 1)

    assert hub.worker._jobs.do_each(kinds, take_long) and states(hub)[0][1:] == ("sent", 0)


def test_a_mail_server_that_is_away_is_left_alone_and_no_mail_counts_an_attempt(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(owner, 3)
    worker = Worker(hub.database, hub.settings, hub.installation)
    worker.mailing.mailer = make_mailer(f"smtp://127.0.0.1:{free_port()}")
    tried: list[object] = []
    monkeypatch.setattr(
        worker._jobs, "_postpone", lambda *a, f=worker._jobs._postpone: (tried.append(a), f(*a))
    )
    worker.round()
    worker.round()
    assert len(tried) == 1 and {state[1:] for state in states(hub)} == {("queued", 0)}
    with hub.database.reading() as db:
        told = db.scalars(sa.text("SELECT last_error FROM outbox WHERE last_error IS NOT NULL"))
        assert outbox.get_trouble(db) == told[0]
        assert outbox.get_longest_wait(db, now=clock() + DAY) >= DAY
    assert len(told) == 1 and "Connection refused" in told[0]
    monkeypatch.setattr(jobs, "clock", lambda real=clock: real() + outbox.POSTPONED + 1)
    assert len(delivered(hub)) == 3


def test_a_mail_server_that_answers_byte_by_byte_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "SEND_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(mail.MailServerAway):  # the greeting never comes
            make_mailer(f"smtp://127.0.0.1:{port}").send(EmailMessage())


@pytest.mark.parametrize("days", [-2, 400])
def test_a_clock_that_was_wrong_holds_no_job_back(hub: TestHub, owner: Client, days: int) -> None:
    """Two jobs of a clock that ran `days` ahead or behind: one waits, one was being done."""
    people, wrong, kinds = invite(owner, 2), clock() + days * DAY, [*mails.WRITERS]
    hub.database.write(
        lambda db: db.change(sa.text("UPDATE outbox SET due_epoch = :d"), {"d": wrong})
    )
    hub.database.write(lambda db: outbox.lease(db, kinds=kinds, now=wrong))
    assert {to for to, *_ in delivered(hub)} == {*people}


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
    worker.mailing.mailer = box  # type: ignore[assignment]
    monkeypatch.setattr(worker, "_is_quiet", sending.is_set)
    monkeypatch.setattr(worker, "_index", indexed.set)
    worker.start()
    assert sending.wait(60) and indexed.wait(60)
    stopped = threading.Thread(target=worker.stop)
    stopped.start()
    go.set()
    stopped.join()
    assert len(box.mails) >= 1  # the one under way; a stop begins no other
