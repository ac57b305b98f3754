"""The one way out for tests, and receivers that answer it."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from autohub import settings as settings_module
from autohub.integrations.mail import SmtpMailer
from autohub.integrations.outbound import Outbound

_made: list[Outbound] = []


def make_outbound(
    *,
    trusting: str | None = None,
    transport: httpx2.BaseTransport | None = None,
    **settings: object,
) -> Outbound:
    """As an installation with these settings has it; closed with the next receiver."""
    made = Outbound(settings_module.load({}, **settings), trusting=trusting, transport=transport)
    _made.append(made)
    return made


def make_mailer(url: str) -> SmtpMailer:
    """As an installation whose AUTOHUB_SMTP_URL this is."""
    return SmtpMailer(url, make_outbound(trusting=url))


class Received(NamedTuple):
    """One request as it came: its first line, headers by names in small letters, and body."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Received, socket.socket], bytes | None]
"""What a receiver says: the bytes of an answer, or None when it dealt with the line itself."""


def plain(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    """An answer in HTTP."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Receiver:
    """A server on a free port of this machine that notes what came and answers as it is told."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self._answer, self._tls = answer, tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._speak, args=(line,), daemon=True).start()

    def _speak(self, line: socket.socket) -> None:
        try:
            if self._tls:
                line = self._tls.wrap_socket(line, server_side=True)
            with line, line.makefile("rb") as reader:
                while (received := _read(reader)) is not None:
                    self.received.append(received)
                    answer = self._answer(received, line)
                    if answer is None:
                        return
                    line.sendall(answer)
        except OSError:
            line.close()


def _read(reader: object) -> Received | None:
    first = reader.readline().decode().strip()  # type: ignore[attr-defined]
    if not first:
        return None
    headers = {}
    while text := reader.readline().decode().strip():  # type: ignore[attr-defined]
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))  # type: ignore[attr-defined]
    return Received(first, headers, body)


@contextmanager
def receiving(
    answer: Answer = lambda _, __: plain(), tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    receiver = Receiver(answer, tls)
    try:
        yield receiver
    finally:
        while _made:
            _made.pop().close()
        receiver.close()


def make_certificate(name: str, *, days: int = 1) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS that proves to be `name`, and the file of who says so; one that
    ended yesterday with `days` below 0."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = Path(tempfile.mkdtemp())
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context, folder / "ca.pem"
