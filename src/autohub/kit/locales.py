"""Which locales and time zones there are."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

LONGEST_TAG, LONGEST_ZONE = 35, 50
OFTEN = """
bg-BG cs-CZ da-DK de-AT de-CH de-DE el-GR en-AU en-CA en-GB en-IE en-IN en-US es-ES es-MX et-EE
fi-FI fr-BE fr-CA fr-CH fr-FR hi-IN hr-HR hu-HU it-CH it-IT ja-JP ko-KR lt-LT lv-LV nb-NO nl-BE
nl-NL pl-PL pt-BR pt-PT ro-RO sk-SK sl-SI sv-SE tr-TR uk-UA vi-VN zh-CN
"""
"""Locales that are offered while one is typed; every other that is known will do too."""


@lru_cache(maxsize=1000)
def known_locale(tag: str) -> Locale | None:
    """None for one that is not known."""
    if not tag or len(tag) > LONGEST_TAG or not tag.replace("-", "").isalnum() or not tag.isascii():
        return None
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@cache
def often() -> list[tuple[str, str]]:
    """The locales that are offered, each with its name in its own language."""
    return [(tag, str(Locale.parse(tag, sep="-").display_name)) for tag in OFTEN.split()]


@cache
def zones() -> list[str]:
    """The names of the time zones of places, such as Europe/Zurich."""
    return sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
    )


@lru_cache(maxsize=1000)
def known_zone(name: str) -> ZoneInfo | None:
    """None for one that is not known."""
    try:
        return ZoneInfo(name) if name and len(name) <= LONGEST_ZONE else None
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # what ZoneInfo raises for one that it lacks, for a path, and for a folder
        return None
