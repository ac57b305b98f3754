"""Why another system could not be asked, for the administrator who reads it."""

import httpcore2
import httpx2

from autohub.kit.errors import HubError
from autohub.kit.sentences import say
from autohub.kit.text import shorten


class OutboundError(HubError):
    """Another system could not be asked; the message tells an administrator why."""

    status = 502


class AddressRefused(OutboundError):
    """The hub does not speak to that address. Trying again is no use."""


class NameUnknown(OutboundError):
    """The name leads nowhere now."""


class NotReached(OutboundError):
    """Nobody answers there, or the line broke before an answer came."""


class CertificateRefused(OutboundError):
    """Whoever answers cannot prove to be who is asked for."""


class TooSlow(OutboundError):
    """The time that was given is over; what was sent may have been received."""


class BrokenReply(OutboundError):
    """What came back is no HTTP, too long, or packed though we asked for plain."""


REASON = 120
"""Characters of what the library says that are told."""
FAULTS = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)
"""What the library raises, under its two names."""


def refuse_address(host: str, address: str) -> AddressRefused:
    """The refusal of an address that is not public."""
    return AddressRefused(
        say(
            "{host} leads to {address}, which is not on the public internet. The operator can "
            "allow it by AUTOHUB_OUTBOUND_ALLOW.",
            host=host,
            address=address,
        )
    )


def explain(error: Exception, host: str) -> OutboundError:
    """One of FAULTS in our words."""
    if isinstance(error, httpcore2.TimeoutException | httpx2.TimeoutException | TimeoutError):
        return TooSlow(say("{host} did not answer in time.", host=host))
    if isinstance(error, httpcore2.ProxyError | httpx2.ProxyError):
        return NotReached(
            say(
                "The proxy does not let the hub through to {host}: {reason}.",
                host=host,
                reason=shorten(str(error), REASON),
            )
        )
    if isinstance(error, httpcore2.ProtocolError | httpx2.ProtocolError | httpx2.InvalidURL):
        return BrokenReply(
            say(
                "{host} does not speak HTTP as it should: {reason}.",
                host=host,
                reason=shorten(str(error), REASON),
            )
        )
    return NotReached(
        say(
            "The connection to {host} broke: {reason}.",
            host=host,
            reason=shorten(str(error) or type(error).__name__, REASON),
        )
    )
