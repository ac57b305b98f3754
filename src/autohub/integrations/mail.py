"""Mail by SMTP. Without a server set there is no mailer, and what waits in the outbox stays
there."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from autohub.integrations.outbound import Outbound
from autohub.integrations.outbound_errors import OutboundError
from autohub.settings import Settings

TIMEOUT_SECONDS, SEND_SECONDS = 20, 40
"""How long a server may take for one answer, and for one mail."""


class MailRefused(Exception):
    """The server will never take this mail; trying again is no use."""


class MailFailed(Exception):
    """The server could not be reached or asked to be left alone for now."""


class MailServerAway(MailFailed):
    """The server could not be reached, or lets nobody in; the next mail would fare no better."""


class Mailer(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hands one mail over. Raises MailRefused, MailFailed or MailServerAway."""


class SmtpMailer:
    """Speaks to `smtp://` (with STARTTLS where the server offers it) and `smtps://`; one
    connection per mail."""

    def __init__(self, url: str, outbound: Outbound) -> None:
        self._outbound = outbound
        self._parts: SplitResult = urlsplit(url)
        self._host = self._parts.hostname or "localhost"

    def check(self) -> None:
        """Connects and signs in, and sends nothing. Raises MailServerAway."""
        with self._connected():
            pass

    def send(self, message: EmailMessage) -> None:
        with self._connected() as server:
            try:
                server.send_message(message)
            except (
                smtplib.SMTPRecipientsRefused,
                smtplib.SMTPSenderRefused,
                smtplib.SMTPDataError,
                smtplib.SMTPNotSupportedError,
            ) as error:
                if _is_final(error):
                    raise MailRefused(_plain(error)) from error
                raise MailFailed(_plain(error)) from error
            except (smtplib.SMTPException, OSError) as error:
                raise MailFailed(_plain(error)) from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._make()
        with _cut_off(server), closing(server):
            try:
                self._open(server)
            except OutboundError as error:
                raise MailServerAway(error.message) from error
            except (smtplib.SMTPException, OSError) as error:
                raise MailServerAway(_plain(error)) from error
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the mail is taken, whatever comes now

    def _make(self) -> smtplib.SMTP:
        """Not connected yet, so that the connecting too can be cut off."""
        server: smtplib.SMTP
        if self._parts.scheme == "smtps":
            server = _SmtpOverTls(self._outbound)
        else:
            server = _Smtp(self._outbound)
        server._host = self._host  # type: ignore[attr-defined]  # TLS checks the name; CPython #80275
        return server

    def _open(self, server: smtplib.SMTP) -> None:
        parts = self._parts
        is_tls = parts.scheme == "smtps"
        server.connect(self._host, parts.port or (465 if is_tls else 25))
        server.ehlo()
        if not is_tls and server.has_extn("starttls"):
            server.starttls(context=self._outbound.tls)
        elif not is_tls and parts.username and not _is_here(self._host):
            raise MailServerAway(
                "The mail server offers no STARTTLS, and the password is not sent in the clear."
            )
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))


def open_mailer(settings: Settings) -> SmtpMailer | None:
    """The mailer that the settings name; None when they name none."""
    url = settings.smtp_url
    return SmtpMailer(url, Outbound(settings, trusting=url)) if url else None


class _Smtp(smtplib.SMTP):
    """The standard library's, on a connection of the one way out."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        super().__init__(timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._outbound.open_socket(host, port, timeout)


class _SmtpOverTls(_Smtp):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = super()._get_socket(host, port, timeout)
        return self._outbound.tls.wrap_socket(line, server_hostname=host)


@contextmanager
def _cut_off(server: smtplib.SMTP) -> Iterator[None]:
    """Ends the connection after SEND_SECONDS: a server that answers each command late, or byte by
    byte, holds nobody longer."""
    timer = threading.Timer(SEND_SECONDS, _shut, [server])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(server: smtplib.SMTP) -> None:
    sock = server.sock
    with suppress(OSError):  # it may be closed already
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)


def _is_here(host: str) -> bool:
    """Whether it is this machine, to which nobody can listen in between."""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _is_final(error: Exception) -> bool:
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    return bool(codes) and all(500 <= code < 600 for code in codes)


def _plain(error: Exception) -> str:
    """The server's answer without the recipient's address, which must not outlive an erasure."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        text = (
            error.smtp_error.decode(errors="replace")
            if isinstance(error.smtp_error, bytes)
            else str(error.smtp_error)
        )
        return f"{error.smtp_code} {text}"
    return f"{type(error).__name__}: {error}"


def message(*, sender: str, to: str, subject: str, text: str, message_id: str) -> EmailMessage:
    """A plain-text mail; `message_id` is the same on every try, so that a mail sent twice is
    shown once."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = message_id
    mail.set_content(text)
    return mail
