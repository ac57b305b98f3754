"""The one way out: where it leads, where it does not, and how long it takes."""

import contextlib
import gzip
import ipaddress
import socket
from typing import Any

import pytest
from tests.support.outbound import Received, make_certificate, make_outbound, plain, receiving

from autohub import settings
from autohub.integrations import network
from autohub.integrations.addresses import is_public
from autohub.integrations.outbound_errors import (
    AddressRefused,
    BrokenReply,
    CertificateRefused,
    NameUnknown,
    NotReached,
    OutboundError,
    TooSlow,
)

HERE = "127.0.0.1"


def names(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> None:
    """What names lead to; each answer is given once, the last one for good."""
    left = {name.replace("_", "."): list(found) for name, found in answers.items()}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        if host not in left and not host[0].isdigit():
            raise socket.gaierror("no such name")
        found = left.get(host, [host])
        address = found.pop(0) if len(found) > 1 else found[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(network.socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001::1",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
    ],
)
def test_what_is_inside_or_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
def test_what_is_on_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_nothing_inside_is_reached_unless_the_operator_names_it() -> None:
    with receiving() as there:
        closed = make_outbound()
        for url in (there.url, f"http://localhost:{there.port}", f"http://2130706433:{there.port}"):
            with pytest.raises(AddressRefused):
                closed.request("GET", url)
        for url in (f"https://localhost:{there.port}", f"https://127.1:{there.port}"):
            with pytest.raises(AddressRefused, match="AUTOHUB_OUTBOUND_ALLOW"):
                closed.request("GET", url)
        assert there.received == []
        for allowed in ("127.0.0.0/8", "127.0.0.1", f"10.0.0.0/8, {HERE}"):
            assert make_outbound(outbound_allow=allowed).request("GET", there.url).status == 200
        url = f"http://localhost:{there.port}/a?b=c"
        assert make_outbound(outbound_allow="localhost").request("GET", url).status == 200
        assert make_outbound(trusting=url).request("GET", url).status == 200
        assert there.received[-1].line == "GET /a?b=c HTTP/1.1"


def test_a_name_that_leads_elsewhere_the_second_time_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tls, ca_file = make_certificate("rebound.test")
    with receiving(tls=tls) as there:
        out = make_outbound(outbound_allow="127.0.0.2", outbound_ca_file=ca_file)
        names(monkeypatch, rebound_test=["127.0.0.2", HERE])
        url = f"https://rebound.test:{there.port}/"
        with pytest.raises(NotReached):  # looked at, allowed, and nobody is there
            out.request("GET", url)
        with pytest.raises(AddressRefused, match=r"leads to 127\.0\.0\.1"):
            out.request("GET", url)
    assert there.received == []


def test_names_below_one_that_is_named_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, crm_intern=[HERE], crm_extern=[HERE])
    with receiving() as there:
        out = make_outbound(outbound_allow=".intern")
        assert out.request("GET", f"http://crm.intern:{there.port}").status == 200
        with pytest.raises(AddressRefused):
            out.request("GET", f"https://crm.extern:{there.port}")
        with pytest.raises(NameUnknown, match="no address for the name gone"):
            out.request("GET", "http://gone.intern/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "example.com",
        "https://",
        "https://[::1",
        "https://user:password@example.com/",
        "https://example.com/#part",
        "http://example.com/",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ],
)
def test_an_address_to_which_nothing_is_sent_is_refused_before_it_is_used(url: str) -> None:
    with pytest.raises(AddressRefused):
        make_outbound().check(url)


def test_a_redirect_is_an_answer() -> None:
    target = "Location: http://169.254.169.254/latest/meta-data/"
    with receiving(lambda _, __: plain(307, b"", target)) as there:
        reply = make_outbound(trusting=there.url).request("POST", there.url, content=b"x")
    assert (reply.status, len(there.received)) == (307, 1)
    assert reply.headers["location"].startswith("http://169")


def drip(_: Received, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            line.sendall(b"x")


def test_a_receiver_that_never_ends_is_left_when_the_time_is_over() -> None:
    with receiving(drip) as there:
        out = make_outbound(trusting=there.url)
        with pytest.raises(TooSlow), out.stream("GET", there.url, seconds=0.2) as reply:
            for _ in reply.pieces:
                pass
        with pytest.raises(BrokenReply, match="longer than 1000 bytes"):
            out.request("GET", there.url, limit=1000)
        with out.stream("GET", there.url) as reply:
            assert reply.read_some(10) == b"x" * 10


def test_a_receiver_that_says_nothing_is_left_when_the_time_is_over() -> None:
    with socket.create_server((HERE, 0)) as silent:
        url = f"http://{HERE}:{silent.getsockname()[1]}/"
        with pytest.raises(TooSlow, match="did not answer in time"):
            make_outbound(trusting=url).request("GET", url, seconds=0.2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", BrokenReply),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", BrokenReply),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", BrokenReply),
        (plain(200, gzip.compress(b"0" * 10**6), "Content-Encoding: gzip"), BrokenReply),
        (b"\x15\x03\x01\x00\x02\x02\x16", BrokenReply),
    ],
)
def test_what_is_no_answer_is_told_as_such(answer: bytes, error: type[OutboundError]) -> None:
    def broken(_: Received, line: socket.socket) -> None:
        line.sendall(answer)

    with receiving(broken) as there, pytest.raises(error):
        make_outbound(trusting=there.url).request("GET", there.url)


def test_nobody_there_is_told_with_the_reason() -> None:
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotReached, match=f"at port {port}: Connection refused"):
        make_outbound(outbound_allow=HERE).request("GET", f"http://{HERE}:{port}/")


def test_who_cannot_prove_to_be_asked_for_is_not_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, mine_test=[HERE], other_test=[HERE])
    good, ca_file = make_certificate("mine.test")
    late, late_file = make_certificate("mine.test", days=-1)
    with receiving(tls=good) as there, receiving(tls=late) as ended:
        mine = f"https://mine.test:{there.port}/"
        out = make_outbound(outbound_allow=".test", outbound_ca_file=ca_file)
        assert out.request("GET", mine).status == 200
        with pytest.raises(CertificateRefused, match="Hostname mismatch"):
            out.request("GET", mine.replace("mine", "other"))
        with pytest.raises(CertificateRefused, match="self-signed"):
            make_outbound(outbound_allow=".test").request("GET", mine)
        with pytest.raises(CertificateRefused, match="expired"):
            make_outbound(outbound_allow=".test", outbound_ca_file=late_file).request(
                "GET", f"https://mine.test:{ended.port}/"
            )
    assert len(there.received) == 1 and not ended.received


def test_a_proxy_carries_what_goes_outside_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, inside_test=["10.0.0.7"])
    with receiving(lambda _, __: plain(403)) as proxy, receiving() as there:
        address = proxy.url.replace("//", "//me:p%40ss@")
        out = make_outbound(outbound_proxy=address, outbound_allow="other.test, 127.0.0.0/24")
        with pytest.raises(NotReached, match="proxy does not let the hub through to partner"):
            out.request("GET", "https://partner.test/")
        assert proxy.received[0].line.startswith("CONNECT partner.test:443")
        assert proxy.received[0].headers["proxy-authorization"] == "Basic bWU6cEBzcw=="
        with pytest.raises(AddressRefused):
            out.request("GET", "https://inside.test/")
        monkeypatch.undo()
        assert out.request("GET", there.url).status == 200
    assert len(proxy.received) == 1 and len(there.received) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outbound_allow", "0.0.0.0/0"),
        ("outbound_allow", "http://crm.intern"),
        ("outbound_proxy", "socks5://proxy"),
        ("outbound_ca_file", "/not/there.pem"),
    ],
)
def test_settings_that_are_not_right_are_refused(name: str, value: str) -> None:
    with pytest.raises(settings.WrongSetting, match=name.upper()):
        settings.load({}, **{name: value})
