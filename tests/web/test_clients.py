"""Who calls, behind proxies that are trusted and such as are not."""

import pytest

from autohub.settings import WrongSetting, load
from autohub.web.clients import client_finder

PROXIES = ("10.0.0.0/8", "2001:db8::/32")


@pytest.mark.parametrize(
    ("connection", "forwarded", "client"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # nobody trusted says so
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what the client made up
        ("10.1.2.3", "203.0.113.9, 10.9.9.9", "203.0.113.9"),  # two proxies
        ("::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "203.0.113.9, nonsense", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_last_address_that_is_no_trusted_proxy_calls(
    connection: str, forwarded: str, client: str
) -> None:
    assert client_finder(PROXIES)(connection, forwarded) == client


def test_nobody_is_trusted_unless_it_is_said() -> None:
    assert client_finder(())("10.1.2.3", "203.0.113.9") == "10.1.2.3"


def test_a_setting_that_is_no_network_is_refused() -> None:
    with pytest.raises(WrongSetting, match="neither"):
        load({"AUTOHUB_TRUSTED_PROXIES": "10.0.0.1, proxy.example.com"})
    with pytest.raises(WrongSetting, match="every address"):
        load({"AUTOHUB_TRUSTED_PROXIES": "0.0.0.0/0"})
    for weak in ("short", "ünicode ünicode ünicode", "with blanks in between"):
        with pytest.raises(WrongSetting, match="at least 16"):
            load({"AUTOHUB_METRICS_TOKEN": weak})
    assert (
        load({"AUTOHUB_TRUSTED_PROXIES": " 10.0.0.1 ,, ::1 "}).trusted_proxies
        == load({"AUTOHUB_TRUSTED_PROXIES": "10.0.0.1 ::1"}).trusted_proxies
    )
    assert load({"AUTOHUB_TRUSTED_PROXIES": "10.0.0.1,::1"}).trusted_proxies == (
        "10.0.0.1/32",
        "::1/128",
    )
