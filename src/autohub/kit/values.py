"""Values of settings, read from their text. Each function raises ValueError, which says what is
right."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit


def read_some_text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def read_secret(value: str) -> str:
    text = read_some_text(value)
    if len(text) < 32 or len(set(text)) < 10:
        raise ValueError(
            "must have at least 32 characters, 10 of them different; `openssl rand -hex 32` makes "
            "one"
        )
    return text


def read_token(value: str) -> str:
    text = read_some_text(value)
    if len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must have at least 16 characters, plain letters, digits and signs")
    return text


def read_sender(value: str) -> str:
    text = read_some_text(value)
    address = parseaddr(text)[1]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or not text.isprintable():
        raise ValueError("must be an address such as hub@example.com or Hub <hub@example.com>")
    return text


def read_segment(value: str) -> str:
    text = read_some_text(value)
    if any(c in text for c in "/?#%") or not text.isprintable():
        raise ValueError("stands in addresses and must hold no slash, ?, # or %")
    return text


def read_address(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"must be an address such as {schemes[0]}://host")
        return value.strip().rstrip("/")

    return read


def read_count_or_none(value: str) -> int:
    return 0 if value.strip() == "0" else read_count(value)


def split_list(value: str) -> list[str]:
    """The parts of a list, whether commas or blanks part them."""
    return re.findall(r"[^,\s]+", value)


def read_words(value: str) -> tuple[str, ...]:
    return tuple(split_list(value))


def read_networks(value: str) -> tuple[str, ...]:
    from ipaddress import ip_network

    found = []
    for part in split_list(value):
        try:
            network = ip_network(part, strict=False)
        except ValueError:
            raise ValueError(
                f"must be addresses or networks such as 10.0.0.0/8; “{part}” is neither"
            ) from None
        if network.prefixlen == 0:
            raise ValueError("must not hold every address: anybody could say who calls")
        found.append(str(network))
    return tuple(found)


def read_hosts(value: str) -> tuple[str, ...]:
    found = tuple(split_list(value))
    for part in found:
        if not re.fullmatch(r"[\w.:-]+(/\d{1,3})?", part):
            raise ValueError(
                "must be hosts, addresses or networks such as crm.intern, .intern, 10.1.0.0/16; "
                f"“{part}” is none"
            )
        if part.endswith("/0"):
            raise ValueError("must not hold every address: people could reach what is inside")
    return found


def read_file(value: str) -> Path:
    path = Path(value.strip())
    if not path.is_file():
        raise ValueError(f"must name a file; {path} is none")
    return path


def read_log_format(value: str) -> str:
    if value.strip() not in ("text", "json"):
        raise ValueError("must be text or json")
    return value.strip()


def read_mcp(value: str) -> str:
    if value.strip() not in ("off", "read", "write"):
        raise ValueError("must be read, write or off")
    return value.strip()


def read_count(value: str) -> int:
    if not value.strip().isdigit() or not 0 < int(value) < 10**9:
        raise ValueError("must be a whole number above 0")
    return int(value)


def read_seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 10**6:
        raise ValueError("must be a number of seconds above 0")
    return seconds
