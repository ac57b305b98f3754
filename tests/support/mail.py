"""A mail server that keeps what it gets, and what the worker would send without one."""

import email
import email.policy
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller

from autohub.integrations.mail import Mailer
from autohub.server.worker import Worker
from tests.support.hub import TestHub
from tests.support.processes import free_port


class Post:
    """Keeps what it gets; `refuse` is the answer to the next recipients."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.refuse: str | None = None
        self.port = free_port()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos[0], message.get_content()))
        return "250 OK"

    def link_to(self, address: str, kind: str, *, patience: float = 20) -> str:
        """The path of the newest link of this kind that was mailed to an address, once it is
        there."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for to, text in reversed(self.mails):
                if to == address and (found := re.search(rf"/{kind}/\S+", text)):
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no {kind} link came to {address}: {self.mails}")


@contextmanager
def post_office() -> Iterator[Post]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=post.port, enable_SMTPUTF8=True)
    controller.start()
    yield post
    controller.stop()


class Postbox:
    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    def send(self, message: object) -> None:
        self.mails.append((message["To"], message["Subject"], message.get_content()))  # type: ignore[index, attr-defined]


def delivered(hub: TestHub) -> list[tuple[str, str, str]]:
    """What the worker sends now, by recipient."""
    box: Mailer = Postbox()  # type: ignore[assignment]
    worker = Worker(hub.database, hub.settings, hub.installation)
    worker.mailing.mailer = box
    worker.round()
    return sorted(box.mails)  # type: ignore[attr-defined]
