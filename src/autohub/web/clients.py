"""From where a request comes, behind proxies too."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

Believe = Callable[[str, str], str]


def client_finder(trusted: Sequence[str]) -> Believe:
    """A function that takes the address of the connection and the header X-Forwarded-For, and
    returns who calls: the last address in the header that is no trusted proxy, if a trusted one
    handed the request over; else the connection's own."""
    networks = [ip_network(one) for one in trusted]

    @lru_cache(maxsize=10_000)
    def is_trusted(address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in networks)

    def find(connection: str, forwarded: str) -> str:
        client = connection
        for said in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not is_trusted(client):
                break
            try:
                client = str(ip_address(said))
            except ValueError:
                break
        return client

    return find
