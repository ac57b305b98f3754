"""Mail by SMTP. Without a server set there is no mailer, and what waits in the outbox stays
there."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS = 20


class MailRefused(Exception):
    """The server will never take this mail; trying again is no use."""


class MailFailed(Exception):
    """The server could not be reached or asked to be left alone for now."""


class Mailer(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hands one mail over. Raises MailRefused or MailFailed."""


class SmtpMailer:
    """Speaks to `smtp://` (with STARTTLS where the server offers it) and `smtps://`; one
    connection per mail."""

    def __init__(self, url: str) -> None:
        self._parts: SplitResult = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
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

    def _connect(self) -> smtplib.SMTP:
        parts = self._parts
        host = parts.hostname or "localhost"
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(
                host,
                parts.port or 465,
                timeout=TIMEOUT_SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            elif parts.username and not _is_here(host):
                server.close()
                raise MailFailed(
                    "The mail server offers no STARTTLS, and the password is not sent in the clear."
                )
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


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
