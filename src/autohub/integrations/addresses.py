"""Which addresses the hub speaks to: those on the public internet, and what the operator names."""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import msgspec

Address = IPv4Address | IPv6Address
_CARRYING_IPV4 = [
    IPv6Network(each)
    for each in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
]
"""IPv6 networks whose addresses lead to an IPv4 address inside them: compatible, mapped,
NAT64, Teredo and 6to4."""


def is_public(address: Address) -> bool:
    """Whether it is an address of one machine on the public internet."""
    if isinstance(address, IPv6Address) and (
        address.is_site_local or any(address in each for each in _CARRYING_IPV4)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Allowed(msgspec.Struct, frozen=True):
    """What the operator names: hosts, and networks of addresses."""

    hosts: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def read(cls, named: tuple[str, ...]) -> "Allowed":
        """From names, addresses and networks; names that begin with a dot hold what is below."""
        hosts, networks = set(), []
        for each in named:
            try:
                networks.append(ip_network(each, strict=False))
            except ValueError:
                hosts.add(each.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str) -> bool:
        """Whether the operator named this host, by its name or by its address."""
        host = host.lower().rstrip(".")
        below = {host[at:] for at, sign in enumerate(host) if sign == "."}
        if host in self.hosts or below & self.hosts:
            return True
        try:
            return self._holds(ip_address(host))
        except ValueError:
            return False

    def permits(self, host: str, address: Address) -> bool:
        """Whether a connection to `address`, found under the name `host`, may be made."""
        return is_public(address) or self._holds(address) or self.names(host)

    def _holds(self, address: Address) -> bool:
        return any(address in each for each in self.networks)
