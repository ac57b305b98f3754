"""Connections to addresses that were looked at; used by `outbound` alone."""

import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore2

from autohub.integrations.addresses import Allowed
from autohub.integrations.outbound_errors import (
    CertificateRefused,
    NameUnknown,
    NotReached,
    TooSlow,
    refuse_address,
)
from autohub.kit.sentences import say

SILENCE_SECONDS = 30.0
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the call's time is over, by the monotonic clock."""


class CheckedNetwork(httpcore2.NetworkBackend):
    """Makes connections to addresses that were looked at."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        seconds = _left(timeout)
        return _BoundedStream(connect(host, port, seconds, self._allowed), host)


class _BoundedStream(httpcore2.NetworkStream):
    """A connection on which nothing takes longer than what is left of the call's time."""

    def __init__(self, line: socket.socket, host: str) -> None:
        self._line, self._host = line, host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _mapped(httpcore2.ReadTimeout, httpcore2.ReadError):
            self._line.settimeout(_left(timeout))
            return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _mapped(httpcore2.WriteTimeout, httpcore2.WriteError):
            rest = memoryview(buffer)
            while rest:
                self._line.settimeout(_left(timeout))
                rest = rest[self._line.send(rest) :]

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        name = server_hostname or self._host
        try:
            self._line.settimeout(_left(timeout))
            return _BoundedStream(ssl_context.wrap_socket(self._line, server_hostname=name), name)
        except ssl.SSLCertVerificationError as error:
            self._line.close()
            raise CertificateRefused(
                say(
                    "The certificate of {host} is not accepted: {reason}.",
                    host=name,
                    reason=error.verify_message.rstrip("."),
                )
            ) from error
        except TimeoutError as error:
            self._line.close()
            raise httpcore2.ConnectTimeout(error) from error
        except (OSError, ValueError) as error:
            self._line.close()
            raise httpcore2.ConnectError(error) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._line if isinstance(self._line, ssl.SSLSocket) else None
        if info == "is_readable":
            return _is_readable(self._line)
        return None


@contextmanager
def _mapped(slow: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise slow(error) from error
    except OSError as error:
        raise broken(error) from error


def _is_readable(line: socket.socket) -> bool:
    """Whether a connection that should be idle has something to say: then it ended."""
    if line.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))


def _left(timeout: float | None) -> float:
    """Seconds that the next step may take. Raises TimeoutError when the call's time is over."""
    step = SILENCE_SECONDS if timeout is None else timeout
    until = deadline.get()
    if until is None:
        return step
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for the call is over")
    return min(step, left)


def connect(host: str, port: int, seconds: float, allowed: Allowed) -> socket.socket:
    """A connection to one of the addresses that `host` has and that are allowed."""
    until, fault = time.monotonic() + seconds, None
    for family, address in find_addresses(host, port, allowed):
        left = until - time.monotonic()
        if left <= 0:
            break
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(left)
            line.connect(address)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return line
        except OSError as error:
            line.close()
            fault = error
    if fault is None or isinstance(fault, TimeoutError):
        raise TooSlow(
            say("{host} does not answer at port {port} in time.", host=host, port=port)
        ) from fault
    raise NotReached(
        say(
            "{host} cannot be reached at port {port}: {reason}.",
            host=host,
            port=port,
            reason=fault.strerror or type(fault).__name__,
        )
    ) from fault


def find_addresses(host: str, port: int, allowed: Allowed) -> Sequence[tuple[int, Any]]:
    """The addresses of a name that are allowed. Raises NameUnknown, AddressRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(say("There is no address for the name {host}.", host=host)) from error
    good = [
        (family, address)
        for family, _, _, _, address in found
        if allowed.permits(host, ipaddress.ip_address(address[0]))
    ]
    if not good:
        raise refuse_address(host, str(found[0][4][0]))
    return good
