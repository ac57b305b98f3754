"""The one way out: whoever speaks to another system does it through here.

Every address is looked at when the connection is made, and the connection goes to the address that
was looked at: a name that leads elsewhere the second time leads nowhere. What is not on the public
internet is refused unless the operator names it. Redirects are answers, not orders.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2
import msgspec

from autohub.integrations.addresses import Allowed
from autohub.integrations.network import (
    SILENCE_SECONDS,
    CheckedNetwork,
    connect,
    deadline,
    find_addresses,
)
from autohub.integrations.outbound_errors import (
    FAULTS,
    AddressRefused,
    BrokenReply,
    NameUnknown,
    explain,
    refuse_address,
)
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.settings import Settings

CONNECT_SECONDS = 10.0
LARGEST = 1024 * 1024
CONNECTIONS, KEPT_SECONDS = 100, 30


class Reply(msgspec.Struct, kw_only=True):
    """A whole answer; `headers` by their names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises BrokenReply."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BrokenReply(
                say("The answer (status {status}) is no JSON.", status=self.status)
            ) from None


class ReplyStream(msgspec.Struct, kw_only=True):
    """An answer whose body is still on its way."""

    status: int
    headers: dict[str, str]
    pieces: Iterator[bytes]

    def read(self, limit: int = LARGEST) -> bytes:
        """The whole body. Raises BrokenReply when it is longer than `limit`."""
        body = self.read_some(limit + 1)
        if len(body) > limit:
            raise BrokenReply(
                say("The answer is longer than {bytes} bytes.", bytes=limit),
            )
        return body

    def read_some(self, limit: int) -> bytes:
        """The first `limit` bytes of it; the rest is not waited for."""
        body = bytearray()
        for piece in self.pieces:
            body += piece
            if len(body) >= limit:
                break
        return bytes(body[:limit])


class Outbound:
    """Speaks to other systems as the settings allow. Safe for several threads at once.

    `trusting` is an address that the operator gave (a setting, a command's argument): its host is
    allowed as if AUTOHUB_OUTBOUND_ALLOW named it. `transport` answers in tests.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        trusting: str | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        named = (_host_of(trusting),) if trusting else ()
        self._allowed = Allowed.read((*settings.outbound_allow, *named))
        self._ca_file, self._proxy = settings.outbound_ca_file, settings.outbound_proxy
        self._transport = transport

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """How others prove who they are; made at the first use, because reading all authorities
        takes a while."""
        return ssl.create_default_context(cafile=str(self._ca_file) if self._ca_file else None)

    @cached_property
    def _direct(self) -> httpx2.Client:
        return _client(self._transport or _Transport(_pool(self.tls, self._allowed)))

    @cached_property
    def _proxied(self) -> httpx2.Client:
        return _client(self._transport or _Transport(_proxy_pool(self.tls, self._proxy or "")))

    def close(self) -> None:
        """Ends the connections that are kept for the next call."""
        for name in ("_direct", "_proxied"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def check(self, url: str) -> None:
        """Raises AddressRefused when nothing is ever sent there. What a name leads to is looked
        at when it is sent."""
        host = _host_of(url)
        if not host or httpx2.URL(url).scheme not in ("https", "http"):
            raise AddressRefused(say("“{url}” is no web address.", url=shorten(url)))
        parts = httpx2.URL(url)
        if parts.userinfo or parts.fragment:
            raise AddressRefused("The address must hold no user, password or #.")
        if parts.scheme == "http" and not self._allowed.names(host):
            raise AddressRefused(
                say(
                    "The address must begin with https://, unless AUTOHUB_OUTBOUND_ALLOW names "
                    "{host}.",
                    host=host,
                )
            )
        address = _literal(host)
        if address is not None and not self._allowed.permits(host, address):
            raise refuse_address(host, str(address))

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        seconds: float = SILENCE_SECONDS,
        limit: int = LARGEST,
    ) -> Reply:
        """One call and its whole answer, within `seconds` and `limit` bytes. Raises
        OutboundError; a status is no error."""
        with self.stream(
            method, url, headers=headers, params=params, content=content, seconds=seconds
        ) as reply:
            return Reply(status=reply.status, headers=reply.headers, body=reply.read(limit))

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        seconds: float = SILENCE_SECONDS,
        silence: float = SILENCE_SECONDS,
    ) -> Iterator[ReplyStream]:
        """One call whose answer is read piece by piece, within `seconds` in all and never after
        `silence` seconds without a byte. Raises OutboundError."""
        self.check(url)
        host = _host_of(url)
        client = self._direct
        if self._proxy and not self._allowed.names(host):
            _look_before_the_proxy(host, self._allowed)
            client = self._proxied
        timeout = httpx2.Timeout(silence, connect=min(CONNECT_SECONDS, seconds))
        told = deadline.set(time.monotonic() + seconds)
        try:
            with client.stream(
                method, url, headers=headers, params=params, content=content, timeout=timeout
            ) as answer:
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise BrokenReply("The answer is packed, though it was asked for as it is.")
                yield ReplyStream(
                    status=answer.status_code,
                    headers={name.lower(): value for name, value in answer.headers.items()},
                    pieces=_pieces(answer),
                )
        except FAULTS as error:
            raise explain(error, host) from error
        finally:
            deadline.reset(told)

    def open_socket(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection for what speaks no HTTP (mail). Raises OutboundError."""
        return connect(host, port, seconds, self._allowed)


def _pieces(answer: httpx2.Response) -> Iterator[bytes]:
    """Raw, so that nothing unpacks into more than was sent."""
    if answer.is_stream_consumed:  # a test's answer that is there already
        yield answer.content
    else:
        yield from answer.iter_raw()


def _client(transport: httpx2.BaseTransport) -> httpx2.Client:
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "autohub", "Accept-Encoding": "identity"},
    )


def _pool(tls: ssl.SSLContext, allowed: Allowed) -> httpcore2.ConnectionPool:
    return httpcore2.ConnectionPool(
        ssl_context=tls,
        max_connections=CONNECTIONS,
        keepalive_expiry=KEPT_SECONDS,
        network_backend=CheckedNetwork(allowed),
    )


def _proxy_pool(tls: ssl.SSLContext, proxy: str) -> httpcore2.ConnectionPool:
    parts = urlsplit(proxy)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return httpcore2.HTTPProxy(
        proxy_url=f"{parts.scheme}://{_bracketed(_host_of(proxy))}:{port}",
        proxy_auth=auth,
        ssl_context=tls,
        max_connections=CONNECTIONS,
        keepalive_expiry=KEPT_SECONDS,
        network_backend=CheckedNetwork(Allowed.read((_host_of(proxy),))),
    )


def _look_before_the_proxy(host: str, allowed: Allowed) -> None:
    """The proxy looks the name up itself; one that we can see to lead inside is not given to
    it."""
    try:
        find_addresses(host, 0, allowed)
    except NameUnknown:
        return  # only the proxy knows names outside


class _Transport(httpx2.BaseTransport):
    """httpx2's own transport, over a pool whose connections we make."""

    def __init__(self, pool: httpcore2.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        assert isinstance(request.stream, httpx2.SyncByteStream)
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer)
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _host_of(url: str) -> str:
    """As the connection is made to it; empty when there is none."""
    try:
        return httpx2.URL(url).raw_host.decode().rstrip(".")
    except httpx2.InvalidURL:
        return ""


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
