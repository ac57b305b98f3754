"""Which locales and time zones there are."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

LONGEST_TAG, LONGEST_ZONE = 35, 50


@lru_cache(maxsize=1000)
def known_locale(tag: str) -> Locale | None:
    """None for one that is not known."""
    if not tag or len(tag) > LONGEST_TAG or not tag.replace("-", "").isalnum() or not tag.isascii():
        return None
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=1000)
def known_zone(name: str) -> ZoneInfo | None:
    """None for one that is not known."""
    try:
        return ZoneInfo(name) if name and len(name) <= LONGEST_ZONE else None
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises for one that it lacks, for a path, and for a folder
        return None
